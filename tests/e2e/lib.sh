# Shared by the end-to-end tests. Sourced with the build folder as $1, in the
# root of the tree. Afterwards the working folder is an empty one.

tree=$(pwd)
case $1 in
/*) build=$1 ;;
*) build=$tree/$1 ;;
esac
bastionc=$build/bastionc
e2e=$tree/tests/e2e
here=$build/tests/e2e/${area:?}
rm -rf "$here"
mkdir -p "$here"
cd "$here" || exit 2

# User code is compiled as the libraries of this mode need it, and strictly.
strict="-Wpedantic -Wconversion -Wshadow -Wmissing-prototypes -Werror"
user_flags="-std=c11 -Wall -Wextra $strict -I$tree/runtime/include -pthread"
user_flags="$user_flags ${MODE_CFLAGS-}"
user_libs="${MODE_LDFLAGS-} $build/libbastion.a -lhwloc -pthread"
case ${CC:=gcc} in
*clang*) cxx=clang++ ;;
*) cxx=g++ ;;
esac
command -v $cxx >/dev/null 2>&1 || cxx=clang++

status=0

# Runs a function or command and reports it under a name.
check() { # name command...
    label=$1
    shift
    if ("$@") >check.log 2>&1; then
        echo "ok $area: $label"
    else
        sed 's/^/# /' check.log
        echo "not ok $area: $label"
        status=1
    fi
}

skip() { # name why
    echo "ok $area: $1 # SKIP $2"
}

# Fails unless the command ends with this status within half a minute, or
# within ${patience} seconds.
expect_status() { # status command...
    expected=$1
    shift
    got=0
    timeout -k 5 "${patience:-30}" "$@" || got=$?
    [ $got = "$expected" ] && return
    echo "'$*' ended with status $got, expected $expected"
    return 1
}

# Compiles FOLDER/NAME.bst and the C files beside it to ./NAME. The generated
# files go to the working folder.
build_program() { # folder name [flag of bastionc]
    "$bastionc" ${3-} -o . "$1/$2.bst" || return 1
    sources=$2.bst.c
    for c in "$1"/*.c; do
        [ ! -e "$c" ] || sources="$sources $c"
    done
    $CC $user_flags -I. -I"$1" -o "$2" $sources $user_libs
}

# Makes a folder of its own for a test and goes there.
fresh() { # name
    rm -rf "${here:?}/$1"
    mkdir -p "$here/$1"
    cd "$here/$1" || exit 2
}
