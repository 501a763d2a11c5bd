#!/bin/sh
# run.sh BUILD - the command line of bastionc: statuses, outputs, files.
#
# modes: release asan cov

build=${1:?usage: run.sh BUILD}
tree=$(pwd)
case $build in
/*) ;;
*) build=$tree/$build ;;
esac
bastionc=$build/bastionc
here=$build/tests/cli
rm -rf "$here"
mkdir -p "$here" || exit 1
status=0

area=cli
. tests/commands.sh

says() { # says FILE TEXT
    grep -qF -- "$2" "$1" && return 0
    cat "$1"
    echo "no \"$2\" in $1"
    return 1
}

good() { # good NAME: a small correct file
    cat >"$1.bst" <<'END'
message greet { u32 times; }
actor greeter { on greet => greeter_greet; on start => { (void)self; } }
supervisor root { children greeter as greeters; }
outside sends greeters.greet;
END
}

bad() { echo 'supervisor root { children nobody; }' >"$1.bst"; }

nothing_but() { # nothing_but NAME...: the files of this folder, sorted
    rm -f out err
    # shellcheck disable=SC2012
    left=$(ls -A | tr '\n' ' ')
    [ "$left" = "$* " ] || [ "$left$*" = "" ] || {
        echo "there are: $left"
        return 1
    }
}

# shellcheck disable=SC2317 # the functions below are called through check

# ---- exit statuses ----------------------------------------------------------

ok_is_0() {
    good a
    gives 0 "$bastionc" a.bst && [ ! -s out ] && [ ! -s err ] &&
        nothing_but a.bst a.bst.c a.bst.h
}

# say TEXT: as a message of the language server protocol.
say() { printf 'Content-Length: %d\r\n\r\n%s' ${#1} "$1"; }

lsp_statuses() {
    good a
    gives 2 "$bastionc" lsp a.bst && says err "takes no files" || return 1
    gives 2 "$bastionc" lsp -o x && says err "means nothing to" || return 1
    gives 1 "$bastionc" lsp --stdio </dev/null && [ ! -s out ] || return 1
    {
        say '{"id":1,"method":"initialize","params":{}}'
        say '{"id":2,"method":"shutdown"}'
    } >in
    gives 0 "$bastionc" lsp -Wextra -I . <in && says out '"id":2,"result":null' ||
        return 1
    say '{"method":"exit"}' >in
    gives 1 "$bastionc" lsp <in
}

mistakes_are_1() {
    bad a
    gives 1 "$bastionc" a.bst && says err 'error[E0201]' && [ ! -s out ] &&
        nothing_but a.bst
}

missing_is_1() {
    gives 1 "$bastionc" none.bst && says err 'none.bst' && nothing_but
}

usage_is_2() { # TEXT WORD...
    text=$1
    shift
    good a
    gives 2 "$bastionc" "$@" && says err "$text" &&
        says err 'try `bastionc --help`' && [ ! -s out ] &&
        nothing_but a.bst
}

check_writes_nothing() {
    good a
    gives 0 "$bastionc" check a.bst && [ ! -s out ] && [ ! -s err ] &&
        nothing_but a.bst || return 1
    bad b
    gives 1 "$bastionc" check a.bst b.bst && says err 'b.bst:1:28' &&
        nothing_but a.bst b.bst
}

several_files() {
    good a
    good b
    bad c
    gives 1 "$bastionc" a.bst c.bst b.bst && [ -f a.bst.c ] &&
        [ -f b.bst.h ] && [ ! -e c.bst.c ]
}

same_outputs() {
    mkdir x y
    good x/a
    good y/a
    gives 2 "$bastionc" x/a.bst y/a.bst && says err 'same outputs' &&
        nothing_but x y
}

# ---- where outputs go -------------------------------------------------------

into_folder() {
    good a
    mkdir o
    gives 0 "$bastionc" -o o a.bst && [ -f o/a.bst.c ] && [ -f o/a.bst.h ] &&
        nothing_but a.bst o || return 1
    gives 0 "$bastionc" -oo a.bst && gives 0 "$bastionc" a.bst -o o/
}

to_stdout() {
    good a
    gives 0 "$bastionc" -o - a.bst && cp out both && gives 0 "$bastionc" a.bst &&
        cat a.bst.h a.bst.c | cmp - both || return 1
    gives 0 "$bastionc" --emit=h -o - a.bst && cmp out a.bst.h
}

no_folder() {
    good a
    gives 1 "$bastionc" -o none a.bst && says err 'cannot write' &&
        nothing_but a.bst || return 1
    gives 1 "$bastionc" -o a.bst a.bst && says err 'cannot write'
}

# If the second output cannot be written, the first one stays as it was.
both_or_none() {
    good a
    mkdir a.bst.h
    echo old >a.bst.c
    gives 1 "$bastionc" a.bst && says err 'cannot write `a.bst.h`' &&
        [ "$(cat a.bst.c)" = old ] && [ -z "$(ls -A a.bst.h)" ] &&
        nothing_but a.bst a.bst.c a.bst.h
}

input_is_output() {
    good a
    cp a.bst before
    gives 2 "$bastionc" -MD -MF a.bst a.bst &&
        says err 'is an input and an output' && cmp a.bst before &&
        nothing_but a.bst before
}

emits() {
    good a
    gives 0 "$bastionc" --emit=h a.bst && nothing_but a.bst a.bst.h || return 1
    rm a.bst.h
    gives 0 "$bastionc" --emit c,main a.bst &&
        nothing_but a.bst a.bst.c a.main.c || return 1
    grep -q 'bst_main(&a_app' a.main.c && ! grep -q 'int main' a.bst.c || return 1
    gives 0 "$bastionc" --main a.bst && grep -q '^int main' a.bst.c || return 1
    gives 0 "$bastionc" --emit=ast a.bst && [ -s out ] || return 1
    gives 0 "$bastionc" --emit=tokens a.bst && [ -s out ] || return 1
    rm -f a.bst.* a.main.c
    gives 0 "$bastionc" --emit=stubs a.bst && says out 'greeter_greet(' &&
        nothing_but a.bst || return 1
    gives 0 "$bastionc" --emit=stubs,h a.bst && says out 'greeter_greet(' &&
        nothing_but a.bst a.bst.h
}

no_line() {
    good a
    gives 0 "$bastionc" a.bst && grep -q '^#line 2 "a.bst"' a.bst.c || return 1
    # The way back names the line on which it goes on.
    awk '/^#line [0-9]+ "a.bst.c"/ && $2 != NR + 1 { exit 1 }' a.bst.c ||
        return 1
    gives 0 "$bastionc" --no-line a.bst && ! grep -q '^#line' a.bst.c
}

# C compilers report a mistake in C where it stands in the .bst.
columns() {
    printf 'actor a {\n    on start => { return nobody; }\n' >a.bst
    printf '\ton stop => {\n\t\tnothing;\n\t}\n}\n' >>a.bst
    printf 'supervisor r { children a; }\n' >>a.bst
    gives 0 "$bastionc" a.bst || return 1
    for cc in gcc clang; do
        command -v $cc >/dev/null || continue
        gives 1 $cc -std=c11 -ftabstop=1 -I"$tree/runtime/include" \
            -fsyntax-only a.bst.c && says err 'a.bst:2:26: error' &&
            says err 'a.bst:4:3: error' &&
            { [ $cc != gcc ] || says err '    on start => { return nobody'; } ||
            return 1
    done
}

prefix() {
    good a
    gives 0 "$bastionc" --prefix=app_ a.bst &&
        grep -q 'struct app_greeter_ref' a.bst.h &&
        grep -q 'app_greeter_tell_greet' a.bst.h &&
        grep -q ' greeter_greet(' a.bst.h || return 1
    gives 2 "$bastionc" --prefix a.bst
}

# ---- dependencies -----------------------------------------------------------

deps() {
    good a
    mkdir o lib
    echo 'message extra;' >lib/x.bst
    sed -i '1i import "lib/x.bst";' a.bst
    gives 0 "$bastionc" -MD -o o a.bst || return 1
    printf 'o/a.bst.c o/a.bst.h: a.bst \\\n lib/x.bst\n' | diff - o/a.bst.c.d ||
        return 1
    gives 0 "$bastionc" -MD -MP -o o a.bst || return 1
    printf 'o/a.bst.c o/a.bst.h: a.bst \\\n lib/x.bst\n\nlib/x.bst:\n' |
        diff - o/a.bst.c.d || return 1
    gives 0 "$bastionc" -MD -MF d -MT one -MT two -o o a.bst || return 1
    printf 'one two: a.bst \\\n lib/x.bst\n' | diff - d
}

deps_escaped() {
    mkdir 'a b#$'
    good a
    gives 0 "$bastionc" -MD -o 'a b#$' a.bst || return 1
    printf '%s\n' 'a\ b\#$$/a.bst.c a\ b\#$$/a.bst.h: a.bst' |
        diff - 'a b#$/a.bst.c.d'
}

# ---- imports ----------------------------------------------------------------

include_folder() {
    good a
    mkdir inc
    echo 'message extra;' >inc/x.bst
    sed -i '1i import "x.bst";' a.bst
    gives 1 "$bastionc" a.bst && says err 'cannot be found' || return 1
    gives 0 "$bastionc" -I inc a.bst && grep -q KIND_extra a.bst.c || return 1
    gives 0 "$bastionc" -Iinc a.bst
}

outside_roots() {
    mkdir in
    good in/a
    echo 'message extra;' >x.bst
    sed -i '1i import "../x.bst";' in/a.bst
    gives 1 "$bastionc" in/a.bst && says err 'lies outside the project' ||
        return 1
    gives 0 "$bastionc" -I . in/a.bst || return 1
    rm a.bst.c a.bst.h
    ln -s ../x.bst in/link.bst
    sed -i '1s/.*/import "link.bst";/' in/a.bst
    gives 1 "$bastionc" in/a.bst && says err 'lies outside the project'
}

import_once() {
    good a
    echo 'message extra;' >x.bst
    ln -s x.bst y.bst
    echo 'import "x.bst"; import "y.bst";' >z.bst
    sed -i '1i import "x.bst"; import "z.bst"; import "./x.bst";' a.bst
    gives 0 "$bastionc" a.bst && [ "$(grep -c KIND_extra a.bst.c)" = 1 ]
}

import_cycle() {
    good a
    echo 'import "a.bst";' >x.bst
    sed -i '1i import "x.bst";' a.bst
    gives 1 "$bastionc" a.bst && says err 'x.bst:1:8' &&
        says err 'E0207'
}

import_depth() {
    good a
    sed -i '1i import "d1.bst";' a.bst
    i=1
    while [ $i -le 40 ]; do
        echo "import \"d$((i + 1)).bst\";" >d$i.bst
        i=$((i + 1))
    done
    echo >d41.bst
    gives 1 "$bastionc" a.bst && says err 'nested too deep'
}

# ---- diagnostics ------------------------------------------------------------

diagnostics() {
    bad a
    gives 1 "$bastionc" --diagnostics=short a.bst || return 1
    printf '%s\n' 'a.bst:1:28: error: there is no actor `nobody` [E0201]' |
        diff - err || return 1
    gives 1 "$bastionc" --diagnostics text --color=always a.bst &&
        says err "$(printf '\033[')" || return 1
    gives 1 "$bastionc" --color=never a.bst &&
        ! grep -q "$(printf '\033')" err
}

# What programs read is JSON whatever went wrong.
as_json() {
    one='{"severity":"error","code":"'
    gives 2 "$bastionc" chek --diagnostics=json && says err "${one}E0910" &&
        [ "$(wc -l <err)" = 1 ] || return 1
    gives 2 "$bastionc" --no-such --diagnostics json a.bst &&
        says err "${one}E0910" && [ "$(wc -l <err)" = 1 ] || return 1
    gives 1 "$bastionc" --diagnostics=json none.bst &&
        says err "${one}E0207" && [ "$(wc -l <err)" = 1 ] || return 1
    good a
    gives 1 "$bastionc" --diagnostics=json -o none a.bst &&
        says err "${one}E0911" && [ "$(wc -l <err)" = 1 ] || return 1
    gives 0 "$bastionc" --diagnostics=json a.bst && [ ! -s err ]
}

as_sarif() {
    bad a
    bad b
    gives 1 "$bastionc" --diagnostics=sarif a.bst b.bst &&
        [ "$(wc -l <err)" = 1 ] && says err '"version":"2.1.0"' &&
        says err '"uri":"a.bst"' && says err '"uri":"b.bst"' || return 1
    gives 2 "$bastionc" -Z --diagnostics=sarif && says err '"ruleId":"E0910"'
}

max_errors() {
    i=0
    while [ $i -lt 30 ]; do
        echo "actor a$i { on unknown_$i => f$i; }"
        i=$((i + 1))
    done >a.bst
    echo 'supervisor root { children a0; }' >>a.bst
    gives 1 "$bastionc" check --diagnostics=short a.bst
    [ "$(grep -c 'E0201' err)" = 20 ] || return 1
    gives 1 "$bastionc" check --diagnostics=short -fmax-errors=3 a.bst
    [ "$(grep -c 'E0201' err)" = 3 ]
}

allow() {
    cat >a.bst <<'END'
message q =!> r;
message r;
actor a { on q =!> a_q; }
actor b { on start asks as.q => b_start; }
supervisor root { children a as as_; children b; }
END
    sed -i 's/as\.q/as_.q/' a.bst
    gives 1 "$bastionc" check a.bst && says err 'error[E0407]' || return 1
    gives 2 "$bastionc" check --allow=E0301 a.bst || return 1
    gives 0 "$bastionc" --allow=E0407 a.bst && says err 'warning[E0407]' &&
        grep -q '.within = BST_INFINITE' a.bst.c
}

verbose() {
    good a
    gives 0 "$bastionc" -v a.bst && says err 'read a.bst' &&
        says err 'wrote a.bst.c'
}

# ---- stubs ------------------------------------------------------------------

stubs() {
    cat >a.bst <<'END'
message add { i64 n; }
message get =!> total { u8 k; }
message total { i64 value; }
actor counter {
    on add => counter_add;
    on get =!> counter_get;
    on start => counter_both;
    on stop => counter_both;
    every 1s => counter_tick;
    on _ => counter_rest;
}
supervisor root { children counter; }
END
    gives 0 "$bastionc" stubs a.bst && mv out a.c &&
        gives 0 "$bastionc" a.bst || return 1
    for cc in gcc clang; do
        command -v $cc >/dev/null || continue
        $cc -std=c11 -Wall -Wextra -Werror -I"$tree/runtime/include" -c a.c ||
            return 1
    done
    # All is defined: nothing is missing.
    gives 0 "$bastionc" stubs a.bst a.c && [ ! -s out ] || return 1
    cat >b.c <<'END'
/* bst_status counter_add(struct counter *self) { } */
#define F bst_status counter_add(void) {
static const char *s = "counter_add(void) {";
bst_status counter_get(struct counter *self, const struct get *m,
                       struct total *answer); /* only declared */
static int helper(void) { counter_tick(0); if (counter_both(0)) { } }
bst_status
counter_tick(struct counter *self) /* here */
{
}
int main(int argc, char **argv) { return 0; }
END
    gives 0 "$bastionc" stubs a.bst b.c || return 1
    grep -o 'counter_[a-z]*(' out >found
    printf '%s\n' 'counter_add(' 'counter_get(' 'counter_both(' \
        'counter_rest(' | diff - found && ! grep -q main out || return 1
    gives 0 "$bastionc" stubs --main a.bst && ! grep -q 'int main' out ||
        return 1
    gives 1 "$bastionc" stubs a.bst none.c
}

# ---- other ------------------------------------------------------------------

help() {
    gives 0 "$bastionc" --help && says out 'usage: bastionc' &&
        says out '--no-line' && [ ! -s err ] || return 1
    [ "$(awk 'length($0) > 80' out)" = "" ] || {
        echo 'a line of the help is too long'
        return 1
    }
    gives 0 "$bastionc" --version && says out 'bastionc 0.1.0'
}

versions_agree() {
    version=$(sed -n 's/.*BST_VERSION "\(.*\)"/\1/p' \
        "$tree/runtime/include/bastion/attr.h")
    abi=$(sed -n 's/^#define BST_TOPOLOGY_ABI \(.*\)/\1/p' \
        "$tree/runtime/include/bastion/topology.h")
    largest=$(sed -n 's/.*BSTI_NODE_MAX_SIZE = 0x\([0-9a-f]*\),/\1/p' \
        "$tree/runtime/actor/node.h")
    [ "$(printf %d "0x$largest")" = "$(sed -n \
        's/^#define MESSAGE_MAX \([0-9]*\)u$/\1/p' \
        "$tree/compiler/check_size.c")" ] || return 1
    gives 0 "$bastionc" --version && says out "bastionc $version" || return 1
    good a
    gives 0 "$bastionc" a.bst && says a.bst.h "#if BST_TOPOLOGY_ABI != $abi"
}

man_page() {
    gives 0 "$bastionc" --man-page && cmp out "$tree/compiler/bastionc.1"
}

closed_stdout() {
    good a
    gives 1 sh -c '"$1" -o - a.bst >/dev/full' sh "$bastionc" || return 1
    gives 1 sh -c '"$1" --help >/dev/full' sh "$bastionc" &&
        says err 'standard output'
}

from_stdin() {
    good a
    gives 0 sh -c '"$1" check - <a.bst' sh "$bastionc" || return 1
    gives 0 sh -c '"$1" -o - - <a.bst' sh "$bastionc" &&
        says out 'stdin_app'
}

same_bytes() {
    good a
    gives 0 "$bastionc" a.bst || return 1
    cp a.bst.c c1
    cp a.bst.h h1
    LC_ALL=C.UTF-8 TZ=Asia/Tokyo gives 0 "$bastionc" "$(pwd)/a.bst" &&
        cmp c1 a.bst.c && cmp h1 a.bst.h
}

# A crash of the compiler would have its own status; a signal stands for it.
crash_is_70() {
    mkfifo a.bst
    "$bastionc" check - <a.bst 2>err &
    pid=$!
    exec 3>a.bst
    sleep 0.2
    kill -SEGV $pid
    wait $pid
    got=$?
    exec 3>&-
    [ $got = 70 ] && says err 'please report'
}

no_memory() {
    awk 'BEGIN {
        for (i = 0; i < 20000; i++)
            printf "actor a%d { state { u32 x; } on start => f%d; }\n", i, i
        print "supervisor root {"
        for (i = 0; i < 20000; i++)
            printf "children a%d;\n", i
        print "}"
    }' >a.bst
    gives 70 sh -c 'ulimit -v 16000; "$1" a.bst' sh "$bastionc" &&
        says err 'memory' && nothing_but a.bst || return 1
    gives 0 "$bastionc" a.bst
}

names_of_files() {
    for name in 1st my-app 'a b' __x; do
        good "$name"
        gives 1 "$bastionc" "$name.bst" && says err E0104 || return 1
    done
}

check "a correct file: 0" ok_is_0
check "mistakes: 1" mistakes_are_1
check "a missing file: 1" missing_is_1
check "no file: 2" usage_is_2 'no input file'
check "an unknown flag: 2" usage_is_2 'did you mean `--emit`?' --emti=c a.bst
check "an unknown short flag: 2" usage_is_2 'unknown flag `-q`' -q a.bst
check "an unknown verb: 2" usage_is_2 'did you mean `check`?' chek a.bst
check "a flag without its value: 2" usage_is_2 '`-o` lacks its DIR' a.bst -o
check "an unknown value: 2" usage_is_2 'did you mean `short`?' \
    --diagnostics=shrt a.bst
check "an unknown output: 2" usage_is_2 'it is one of: c, h, main' --emit=q a.bst
check "two output folders: 2" usage_is_2 '`-o` is given twice' -o x -o y a.bst
check "a bad code: 2" usage_is_2 'is no code' -Wno-x a.bst
check "a bad number: 2" usage_is_2 'needs a number' -fmax-errors=x a.bst
check "a flag of another verb: 2" usage_is_2 'means nothing to `check`' \
    check -MD a.bst
check "no .bst: 2" usage_is_2 'does not end in .bst' a.txt
check "-MF with two files: 2" usage_is_2 'needs a single' -MD -MF d a.bst b.bst
check "check writes nothing" check_writes_nothing
check "several files" several_files
check "two files with the same outputs" same_outputs
check "-o DIR" into_folder
check "-o -" to_stdout
check "no such folder" no_folder
check "both outputs or none" both_or_none
check "an input is no output" input_is_output
check "--emit" emits
check "--no-line" no_line
check "places of mistakes in C" columns
check "--prefix" prefix
check "-MD -MP -MF -MT" deps
check "-MD escapes" deps_escaped
check "-I" include_folder
check "imports outside the roots" outside_roots
check "a file is imported once" import_once
check "an import cycle" import_cycle
check "deep imports" import_depth
check "--diagnostics, --color" diagnostics
check "--diagnostics=json" as_json
check "--diagnostics=sarif" as_sarif
check "-fmax-errors" max_errors
check "--allow" allow
check "-v" verbose
check "stubs" stubs
check "--help, --version" help
check "versions agree" versions_agree
check "the manual page is up to date" man_page
check "output that cannot be written" closed_stdout
check "standard input" from_stdin
check "the language server's statuses" lsp_statuses
check "the same bytes" same_bytes
check "file names that are no C names" names_of_files
if [ "${MODE:-release}" = release ] || [ "${MODE:-}" = debug ]; then
    check "a crash: 70" crash_is_70
    check "no memory: 70" no_memory
else
    echo "ok cli: a crash: 70 # SKIP sanitizers report crashes themselves"
    echo "ok cli: no memory: 70 # SKIP sanitizers need much memory"
fi
exit $status
