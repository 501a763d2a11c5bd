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
        include/bastion/bastion.h share/man/man1/bastionc.1; do
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
check "new does not overwrite" new_twice
check "new refuses a bad name" bad_name
check "make install" installed
check "pkg-config" pkg_config
check "new, installed" new_installed
check "an example with the shared library" example_installed counter shared
check "an example with the static library" example_installed counter static
check "DESTDIR" destdir
check "make uninstall" uninstalled
exit $status
