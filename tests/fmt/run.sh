#!/bin/sh
# run.sh BUILD - bastionc fmt: what it writes, prints, keeps and refuses.
#
# all.bst is formatted to all.out; `make bless` renews that. What holds for
# every file is in tests/unit/compiler/test_fmt.c.
#
# modes: release asan

build=${1:?usage: run.sh BUILD}
tree=$(pwd)
case $build in
/*) ;;
*) build=$tree/$build ;;
esac
bastionc=$build/bastionc
here=$build/tests/fmt
rm -rf "$here"
mkdir -p "$here" || exit 1
status=0

area=fmt
. tests/commands.sh

bad() { printf 'message  a ;\nmessage b;\n' >"$1"; }
formatted() { printf 'message a;\nmessage b;\n' | diff - "$1"; }

golden() {
    cp "$tree/tests/fmt/all.bst" .
    gives 0 "$bastionc" fmt all.bst && [ ! -s out ] && [ ! -s err ] &&
        diff -u "$tree/tests/fmt/all.out" all.bst || return 1
    gives 0 "$bastionc" fmt --check all.bst && [ ! -s out ]
}

checks() {
    bad a.bst
    printf 'message x;\n' >b.bst
    cp a.bst before
    gives 1 "$bastionc" fmt --check a.bst b.bst && echo a.bst | diff - out &&
        cmp a.bst before || return 1
    gives 1 "$bastionc" fmt --check - <a.bst && echo '<stdin>' | diff - out
}

# The difference is one that patch(1) takes.
differs() {
    cp "$tree/tests/fmt/all.bst" .
    printf 'message  a' >>all.bst
    printf ';' >>all.bst
    cp all.bst before
    gives 0 "$bastionc" fmt -d all.bst && cmp all.bst before || return 1
    grep -q '^--- all.bst.orig$' out && grep -q '^+++ all.bst$' out || return 1
    grep -q '^. No newline at end of file$' out || return 1
    cp out difference
    patch -s all.bst difference || return 1
    cp all.bst patched
    cp before all.bst
    gives 0 "$bastionc" fmt all.bst && cmp all.bst patched || return 1
    gives 0 "$bastionc" fmt -d all.bst && [ ! -s out ] || return 1
    bad a.bst
    gives 1 "$bastionc" fmt -d --check a.bst && grep -q '^-message  a ;' out
}

through() {
    bad a.bst
    gives 0 "$bastionc" fmt - <a.bst && formatted out || return 1
    cp out twice
    gives 0 "$bastionc" fmt - <twice && cmp out twice
}

# A file that is right is not touched, one that is not is replaced.
in_place() {
    bad a.bst
    chmod 640 a.bst
    ln -s a.bst link.bst
    gives 0 "$bastionc" fmt -v link.bst && formatted a.bst &&
        grep -q 'wrote link.bst' err && [ -L link.bst ] &&
        [ "$(stat -c %a a.bst)" = 640 ] || return 1
    inode=$(stat -c %i a.bst)
    gives 0 "$bastionc" fmt -v a.bst && [ ! -s err ] &&
        [ "$(stat -c %i a.bst)" = "$inode" ] || return 1
    [ "$(ls -A)" = "$(printf 'a.bst\nerr\nlink.bst\nout')" ]
}

refuses_syntax() {
    printf 'message  a ;\nactor b { on\n' >a.bst
    bad b.bst
    cp a.bst before
    gives 1 "$bastionc" fmt a.bst b.bst && grep -q 'E0001' err &&
        cmp a.bst before && formatted b.bst || return 1
    gives 1 "$bastionc" fmt --diagnostics=short a.bst &&
        grep -q '^a.bst:2:' err || return 1
    gives 1 "$bastionc" fmt - <a.bst && [ ! -s out ]
}

takes_mistakes() {
    printf 'supervisor a { children  nobody; children nobody; }\n' >a.bst
    gives 0 "$bastionc" fmt a.bst && [ ! -s err ] &&
        grep -q 'children nobody; children nobody' a.bst
}

cannot_write() {
    gives 1 "$bastionc" fmt none.bst && grep -q 'none.bst' err || return 1
    bad a.bst
    gives 1 sh -c '"$1" fmt - <a.bst >/dev/full' sh "$bastionc" || return 1
    gives 1 sh -c '"$1" fmt -d a.bst >/dev/full' sh "$bastionc" || return 1
    [ "$(id -u)" != 0 ] || return 0
    chmod a-w .
    "$bastionc" fmt a.bst 2>"$here/err"
    got=$?
    chmod u+w .
    [ $got = 1 ] && grep -q 'cannot write' "$here/err"
}

usage() {
    gives 2 "$bastionc" fmt && gives 2 "$bastionc" fmt a.txt &&
        gives 2 "$bastionc" check --check a.bst &&
        gives 2 "$bastionc" fmt -o x a.bst &&
        gives 2 "$bastionc" fmt --chek a.bst &&
        grep -q 'did you mean `--check`' err &&
        gives 2 "$bastionc" fmr a.bst && grep -q 'did you mean `fmt`' err
}

# In the repository, what people read first looks as fmt would have it.
examples() {
    (cd "$tree" && "$bastionc" fmt -d --check examples/*/*.bst)
}

check "every construct" golden
check "--check" checks
check "-d" differs
check "standard input and output" through
check "in place" in_place
check "syntax errors" refuses_syntax
check "other mistakes" takes_mistakes
check "what cannot be written" cannot_write
check "bad usage" usage
check "the examples are formatted" examples
exit $status
