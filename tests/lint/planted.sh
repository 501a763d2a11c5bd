#!/bin/sh
# planted.sh - each check must see a violation that is planted in a small
# tree, and must not complain about that tree without it.

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
status=0

# Makes a clean tree.
clean() {
    rm -rf "${tree:?}"/*
    cp "$root/.clang-format" "$tree/"
    mkdir -p "$tree/runtime/base" "$tree/runtime/plat" "$tree/runtime/sync" \
        "$tree/runtime/include/bastion" "$tree/compiler" "$tree/examples/x" \
        "$tree/grammar" "$tree/tests/golden/g"
    put runtime/base/alloc.h '/* malloc() is called in one file. */'
    put runtime/base/alloc.c '#include "base/alloc.h"' '' \
        '#include <stdlib.h>' '' 'void *bsti_alloc(size_t size);' \
        'void *bsti_alloc(size_t size)' '{' '    return malloc(size);' '}'
    put runtime/plat/a.c '#include "base/alloc.h"' '#include "sync/atomic.h"' \
        '' 'static _Atomic int word;' 'static const char *text = "malloc(";'
    put runtime/sync/atomic.h '#include <stdatomic.h>'
    put runtime/include/bastion/a.h '#include <bastion/b.h>' \
        '#define BST_VERSION "1.0"' '#define BST_TOPOLOGY_ABI 7'
    put compiler/emit.h '#define BSTC_VERSION "1.0"' \
        '#define BSTC_TOPOLOGY_ABI 7'
    put compiler/emit.c '#include "emit.h"' '' '#include "model.h"'
    put compiler/arena.c '#include <stdlib.h>'
    put examples/x/x.c '#include <bastion/bastion.h>' '#include "x.bst.h"' \
        '' 'static long bst_time(int n);'
    put tests/golden/g/out.c 'int   unformatted;'
}

put() { # file line...
    file=$tree/$1
    shift
    printf '%s\n' "$@" >"$file"
}

# Expects the check to fail, or to pass, on the tree.
expect() { # fails|passes check name
    if "$here/$2.sh" "$tree" >"$tree/said" 2>&1; then
        result=passes
    else
        result=fails
    fi
    if [ $result = "$1" ]; then
        echo "ok lint $2: $3"
    else
        cat "$tree/said"
        echo "not ok lint $2: $3"
        status=1
    fi
}

# Plants one file in the clean tree and expects the check to see it.
sees() { # check name file line...
    clean
    check=$1 name=$2
    shift 2
    put "$@"
    expect fails "$check" "sees $name"
}

clean
for check in layers words versions sizes format behaviours; do
    expect passes $check "is content with a clean tree"
done

sees layers "an upward include" runtime/base/b.c '#include "sync/mpscq.h"'
sees layers "an include without a folder" runtime/base/b.c '#include "list.h"'
sees layers "an indented include" runtime/base/b.c '#  include "plat/log.h"'
sees layers "a private header in a public one" \
    runtime/include/bastion/b.h '#include "base/list.h"'
sees layers "stdio in a public header" \
    runtime/include/bastion/b.h '#include <stdio.h>'
sees layers "the runtime in the compiler" \
    compiler/check.c '#include <bastion/status.h>'
sees layers "the AST in an emitter" compiler/emit_deps.c '#include "ast.h"'
sees layers "the own header in the second place" \
    runtime/base/alloc.c '#include <stdlib.h>' '#include "base/alloc.h"'
sees layers "a private header in an example" \
    examples/x/y.c '#include "base/list.h"'
mkdir -p "$tree/runtime/misc"
expect fails layers "sees a folder that is no layer"

sees words "stdio in base" runtime/base/b.c '#include <stdio.h>'
sees words "threads in sync" runtime/sync/b.c '#include <pthread.h>'
sees words "signals in base" runtime/base/b.c '#include <signal.h>'
sees words "stdatomic outside its header" \
    runtime/plat/b.c '#include <stdatomic.h>'
sees words "an unnamed atomic operation" \
    runtime/sync/b.c 'int f(void) { return atomic_load (&x); }'
sees words "a builtin atomic operation" \
    runtime/sync/b.c 'int f(void) { return __atomic_load_n(&x, 0); }'
sees words "malloc in the runtime" \
    runtime/plat/b.c 'void *p = malloc(3); /* why */'
sees words "free after a comment" runtime/plat/b.c '/* a */ void f { free (p); }'
sees words "strdup in the compiler" compiler/b.c 'char *p = strdup("a");'
sees words "the clock of libc in an example" \
    examples/x/b.c 'long t = time(NULL);'
sees words "a line comment" runtime/plat/b.c 'int a; // why'
sees words "unfinished work" runtime/plat/b.c "/* TO""DO: more */"
sees words "a path of one machine" compiler/b.c \
    "static const char *p = \"/ho""me/me/x\";"

sees versions "another version" compiler/emit.h \
    '#define BSTC_VERSION "1.1"' '#define BSTC_TOPOLOGY_ABI 7'
sees versions "another number of the tables" compiler/emit.h \
    '#define BSTC_VERSION "1.0"' '#define BSTC_TOPOLOGY_ABI 8'
sees versions "an old changelog" CHANGELOG.md '## 0.9'

clean
awk 'BEGIN { for (i = 0; i < 701; i++) print "int a" i ";" }' \
    >"$tree/runtime/plat/long.c"
expect fails sizes "sees a file of 701 lines"
clean
awk 'BEGIN { for (i = 0; i < 700; i++) print "int a" i ";" }' \
    >"$tree/runtime/plat/long.c"
expect passes sizes "lets a file of 700 lines pass"
clean
awk 'BEGIN { for (i = 0; i < 151; i++) print "#" }' >"$tree/Makefile"
expect fails sizes "sees a Makefile of 151 lines"

sees format "a wrong indentation" runtime/plat/b.c \
    'int f(void);' 'int f(void)' '{' '  return 1;' '}'
sees format "a pointer star in the wrong place" runtime/plat/b.c 'int* p;'

# Makes a tree of one behaviour, tests, and the table of them.
behave() { # line about it, line of a test
    clean
    mkdir -p "$tree/tests/unit/a"
    put tests/behaviours.txt "B-01 $1"
    put tests/unit/a/test_a.c '#include "unit/support/rig.h"' "$2"
    (cd "$tree" && "$root/tests/behaviours.sh" . >tests/BEHAVIOURS.md 2>said)
}
behave "R it works" "UNIT_MAIN(RIG_TEST(b01_it_works))"
expect passes behaviours "is content with a table that fits"
put tests/unit/a/test_a.c "UNIT_MAIN(RIG_TEST(b01_it_does_not))"
expect fails behaviours "sees a stale table"
behave "- it works" "UNIT_MAIN(RIG_TEST(it_works))"
expect fails behaviours "sees a behaviour without a test"
printf '    not yet: it is new\n' >>"$tree/tests/behaviours.txt"
(cd "$tree" && "$root/tests/behaviours.sh" . >tests/BEHAVIOURS.md)
expect passes behaviours "lets one that is not there yet pass"
behave "- it works" "UNIT_MAIN(RIG_TEST(b01_b02_it_works))"
expect fails behaviours "sees a test of an unknown behaviour"
behave "R it works" "UNIT_MAIN(RIG_SIM(b01_it_works))"
expect fails behaviours "sees a behaviour without a test on threads"
behave "- it works" "UNIT_MAIN(RIG_THREADS(b01_it_works))"
expect fails behaviours "sees a behaviour without a simulated test"

# Makes libraries that define these functions.
libraries() { # runtime's compiler's exported
    clean
    (
        cd "$tree" || exit 2
        echo "int $1(void) { return 1; }" >r.c
        echo "int $2(void) { return 1; }" >c.c
        echo "int $3(void) { return 1; }" >s.c
        gcc -c r.c c.c s.c && ar rc libbastion.a r.o && ar rc libbastionc.a c.o
        gcc -shared -fPIC -o libbastion.so s.c
    )
}
libraries bsti_a bstc_a bst_a
expect passes symbols "is content with clean libraries"
libraries mailbox bstc_a bst_a
expect fails symbols "sees a bare name in the runtime"
libraries bstc_a bstc_a bst_a
expect fails symbols "sees a name of the compiler in the runtime"
libraries bsti_a ParseAlloc bst_a
expect fails symbols "sees a name of lemon in the compiler"
libraries bsti_a bstc_a bsti_a
expect fails symbols "sees an internal name that is exported"
rm -f "$tree/libbastion.a"
expect fails symbols "sees a library that is missing"

# Makes a compiler of these two functions, the second one in a file of its own.
compiler() { # body body
    clean
    (
        cd "$tree" || exit 2
        echo "int bstc_b(int); static int f(int n) { $1 }" \
            "int bstc_a(int n) { return f(n); }" >a.c
        echo "int bstc_a(int); int bstc_b(int n) { $2 }" >b.c
        gcc -O1 -c a.c b.c && ar rc libbastionc.a a.o b.o
    )
}
compiler 'return bstc_b(n) + 1;' 'return n;'
expect passes recursion "is content with calls that end"
compiler 'return bstc_b(n) + 1;' 'return bstc_a(n) * 3;'
expect fails recursion "sees a circle through two files"
compiler 'return n > 9 ? n : f(n * 2) * f(n + 1);' 'return n;'
expect fails recursion "sees a function that calls itself"

exit $status
