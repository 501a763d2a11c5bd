#!/bin/sh
# versions.sh ROOT - the compiler and the runtime state the same numbers.

. "$(dirname "$0")/lib.sh"
cd "${1:-.}" || exit 2

# Prints the value of a macro in one of the files.
value() { # macro file...
    macro=$1
    shift
    cat "$@" 2>/dev/null | sed -n "s/^# *define $macro  *//p" | head -n 1
}

same() { # macro of the runtime, macro of the compiler
    ours=$(value "$1" runtime/include/bastion/*.h)
    theirs=$(value "$2" compiler/*.h compiler/*.c)
    [ -n "$ours" ] && [ "$ours" = "$theirs" ] ||
        echo "$1 is ${ours:-missing}, $2 is ${theirs:-missing}" |
        complain "these must be equal"
}

same BST_VERSION BSTC_VERSION
same BST_TOPOLOGY_ABI BSTC_TOPOLOGY_ABI
if [ -e CHANGELOG.md ]; then
    version=$(value BST_VERSION runtime/include/bastion/*.h | tr -d '"')
    grep -q "^## $version" CHANGELOG.md ||
        echo "CHANGELOG.md:1:" | complain "it does not mention $version"
fi
finish
