#!/bin/sh
# rebuild.sh BUILD - depfiles: what is rebuilt after an edit, and what not.

area=rebuild
. "$(dirname "$0")/lib.sh"

# Makes a project of two .bst files in the working folder. Its bastionc is a
# script that notes each run in the file `runs`.
project() { # name
    fresh "$1"
    cat >counter.bst <<'END'
import "parts/messages.bst";

actor counter {
    state { i64 sum; }
    on add => counter_add;
}

outside sends counter.add;

supervisor root {
    children counter;
}
END
    mkdir parts
    echo 'message add { i64 n; }' >parts/messages.bst
    cat >counter.c <<'END'
#include "counter.bst.h"

bst_status counter_add(struct counter *self, const struct add *m)
{
    self->sum += m->n;
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bst_main(&counter_app, argc, argv);
}
END
    cp "$tree/examples/counter/Makefile" .
    printf '#!/bin/sh\necho "run" >>runs\nexec "%s" "$@"\n' "$bastionc" \
        >bastionc
    chmod +x bastionc
    : >runs
}

# Builds; afterwards bastionc has run `count` times since the last build.
builds() { # count
    make -j4 BASTION="$tree" BASTION_BUILD="$build" BASTIONC=./bastionc \
        CC="$CC" LDFLAGS="${MODE_LDFLAGS-}" CFLAGS="${MODE_CFLAGS-}" \
        >make.log 2>&1 || {
        cat make.log
        return 1
    }
    runs=$(wc -l <runs)
    : >runs
    [ "$runs" = "$1" ] && return
    echo "bastionc ran $runs times, expected $1:"
    cat make.log
    return 1
}

idle() {
    builds 0 && ! grep -v 'up to date' make.log
}

# Ensures that what is edited next is younger than all that was built.
later() {
    sleep 0.02
}

one_run() {
    project one_run
    builds 1 && idle
}

edited_import() {
    project edited_import
    builds 1 || return 1
    later
    echo 'message add { i64 n; u32 more; }' >parts/messages.bst
    builds 1 && grep -q ' counter\.c$' make.log && idle &&
        grep -q 'uint32_t more;' build/counter.bst.h
}

edited_root() {
    project edited_root
    builds 1 || return 1
    later
    echo '// nothing' >>counter.bst
    builds 1 && idle
}

edited_handler() {
    project edited_handler
    builds 1 || return 1
    later
    echo '/* nothing */' >>counter.c
    builds 0 && grep -q 'counter\.c' make.log &&
        ! grep -q 'counter\.bst\.c' make.log && idle
}

# An import that is gone does not stop make: -MP sees to it.
removed_import() {
    project removed_import
    builds 1 || return 1
    later
    sed -i 's/^import.*/message add { i64 n; }/' counter.bst
    rm -r parts
    builds 1 && idle
}

removed_output() {
    project removed_output
    builds 1 || return 1
    rm build/counter.bst.c build/counter.bst.h
    builds 1 && idle
}

# The depfile lists both outputs, the .c first, and ends with a newline.
depfile() {
    project depfile
    mkdir build
    "$bastionc" -MD -o build counter.bst || return 1
    cat build/counter.bst.c.d
    head -n 1 build/counter.bst.c.d |
        grep -q '^build/counter\.bst\.c build/counter\.bst\.h:' || return 1
    grep -q 'parts/messages\.bst' build/counter.bst.c.d || return 1
    [ -z "$(tail -c 1 build/counter.bst.c.d)" ]
}

depfile_named() {
    project depfile_named
    mkdir out
    "$bastionc" -MD -MF deps -MT here -MP -o out counter.bst || return 1
    cat deps
    grep -q '^here:.*counter\.bst' deps &&
        grep -q '^parts/messages\.bst:$' deps && [ ! -e out/counter.bst.c.d ]
}

check "one run for both outputs under -j4" one_run
check "an edited import" edited_import
check "an edited root file" edited_root
check "an edited handler" edited_handler
check "an import that is gone" removed_import
check "outputs that are gone" removed_output
check "the depfile" depfile
check "-MF, -MT and -MP" depfile_named
exit $status
