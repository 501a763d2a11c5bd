#!/bin/sh
# project.sh BUILD - `bastionc new shop && cd shop && make && ./shop`, against
# the tree and against an installed Bastion; and what is installed.

area=project
. "$(dirname "$0")/lib.sh"

# make, without what the outer make would pass on.
plain_make() {
    env -u CFLAGS -u LDFLAGS -u CC make "$@"
}

new_in_tree() {
    fresh in_tree
    "$bastionc" new shop && cd shop && export BASTION="$tree" &&
        plain_make && expect_status 0 ./shop && plain_make -q
}

# Each template builds without a warning and passes its own test; its .bst is
# formatted and no warning is due.
template() { # name
    fresh "template_$1"
    "$bastionc" new shop --template "$1" && cd shop && export BASTION="$tree" &&
        plain_make >make.log 2>&1 && ! grep -iE 'warning|error:' make.log &&
        timeout 60 env -u CFLAGS -u LDFLAGS -u CC make test >test.log &&
        grep -qx passed test.log && "$bastionc" fmt --check shop.bst &&
        "$bastionc" check -Wextra shop.bst 2>said && [ ! -s said ]
}

init_here() {
    fresh init
    mkdir shop my-shop && cd shop || return 1
    "$bastionc" init --template=pool && export BASTION="$tree" &&
        plain_make test | grep -qx passed || return 1
    echo mine >>shop.bst
    cp shop.bst before
    got=0
    "$bastionc" init || got=$?
    [ $got = 1 ] && cmp shop.bst before || return 1
    # The folder is no name, so one must be given.
    cd ../my-shop || return 1
    got=0
    "$bastionc" init || got=$?
    [ $got = 2 ] && [ -z "$(ls -A)" ] && "$bastionc" init my_shop &&
        [ -s my_shop.c ]
}

# Where there is no Bastion, make says so instead of running what is not there.
new_without() {
    fresh without
    unset BASTION BASTION_BUILD
    "$bastionc" new shop && cd shop || return 1
    export PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR="$here/none"
    for pkg_config in pkg-config no-such-command; do
        got=0
        plain_make PKG_CONFIG=$pkg_config >out.txt 2>&1 || got=$?
        [ $got != 0 ] && grep -q 'Bastion is not found: install' out.txt &&
            ! grep -q /bastionc out.txt || {
            cat out.txt
            return 1
        }
    done
    plain_make clean
}

# It does not overwrite what is there.
new_twice() {
    fresh twice
    "$bastionc" new shop || return 1
    echo mine >>shop/shop.bst
    cp -r shop before
    got=0
    "$bastionc" new shop || got=$?
    [ $got != 0 ] && diff -r before shop
}

bad_name() {
    fresh bad_name
    for name in 'a b' '../up' '7up' '' while; do
        got=0
        "$bastionc" new "$name" || got=$?
        if [ $got != 1 ] && [ $got != 2 ]; then
            echo "'$name' was taken, status $got"
            return 1
        fi
    done
    [ -z "$(ls -A)" ] && [ ! -e ../up ]
}

prefix=$here/usr
installed() {
    (cd "$tree" && make NODEPS=1 MODE=release CC="$CC" install \
        PREFIX="$prefix") || return 1
    for file in bin/bastionc lib/libbastion.a lib/libbastion-exec.a \
        lib/libbastion.so lib/libbastion.so.0 lib/pkgconfig/bastion.pc \
        lib/pkgconfig/bastion-exec.pc include/bastion/bastion.h \
        share/man/man1/bastionc.1; do
        [ -s "$prefix/$file" ] || {
            echo "$file is missing"
            return 1
        }
    done
    grep -q '^\.TH ' "$prefix/share/man/man1/bastionc.1"
}

# The programs below see the installed Bastion only.
use_installed() {
    unset BASTION BASTION_BUILD
    PATH=$prefix/bin:$PATH
    PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    export PATH PKG_CONFIG_PATH
}

pkg_config() {
    use_installed
    pkg-config --modversion bastion |
        grep -qx "$(sed -n 's/.*BST_VERSION "\(.*\)"/\1/p' \
            "$tree/runtime/include/bastion/attr.h")" &&
        pkg-config --validate bastion &&
        pkg-config --cflags bastion | grep -q -e "-I$prefix/include" &&
        pkg-config --static --libs bastion | grep -q hwloc
}

# The program in README.md that has tasks and no actors.
tasks_installed() {
    use_installed
    fresh tasks
    awk '/^```/ { shown = 0 } shown
        /^```c$/ { getline; shown = /bastion\/task.h/; if (shown) print }' \
        "$tree/README.md" >tasks.c
    pkg-config --validate bastion-exec && grep -q bst_run tasks.c &&
        $CC -o tasks tasks.c $(pkg-config --cflags --libs bastion-exec) &&
        expect_status 0 ./tasks >out.txt && grep -qx 'the square is 49' out.txt
}

new_installed() {
    use_installed
    outside=$(mktemp -d) || return 1
    (cd "$outside" && bastionc new shop && cd shop && plain_make &&
        expect_status 0 ./shop)
    got=$?
    rm -rf "$outside"
    return $got
}

example_installed() { # name static|shared
    use_installed
    fresh "installed_$1_$2"
    cp -r "$tree/examples/$1/." .
    libs=
    [ $2 = shared ] || libs="$prefix/lib/libbastion.a -lhwloc -pthread"
    plain_make B=out ${libs:+"BASTION_LIBS=$libs"} &&
        expect_status 0 "out/$1" >out.txt &&
        "$e2e/match.sh" expected.txt out.txt || return 1
    case $2-$(ldd "out/$1" | grep -c libbastion) in
    shared-1 | static-0) ;;
    *)
        echo "not linked as expected"
        return 1
        ;;
    esac
}

# DESTDIR moves the files, and nothing in them.
destdir() {
    (cd "$tree" && make NODEPS=1 MODE=release CC="$CC" install \
        PREFIX="$prefix" DESTDIR="$here/stage") || return 1
    diff -r "$prefix" "$here/stage$prefix" || return 1
    ! grep -rl "$here/stage" "$here/stage"
}

uninstalled() {
    (cd "$tree" && make NODEPS=1 MODE=release CC="$CC" uninstall \
        PREFIX="$prefix" DESTDIR="$here/stage") || return 1
    left=$(find "$here/stage" ! -type d)
    [ -z "$left" ] || {
        echo "left behind: $left"
        return 1
    }
}

check "new, against the tree" new_in_tree
check "new --template=pool" template pool
check "new --template=server" template server
check "new --template=hello" template hello
check "init" init_here
check "new, without a Bastion" new_without
check "new does not overwrite" new_twice
check "new refuses a bad name" bad_name
check "make install" installed
check "pkg-config" pkg_config
check "new, installed" new_installed
check "tasks alone, installed" tasks_installed
check "an example with the shared library" example_installed counter shared
check "an example with the static library" example_installed counter static
check "DESTDIR" destdir
check "make uninstall" uninstalled
exit $status
