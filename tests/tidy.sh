#!/bin/sh
# tidy.sh BUILD SOURCE... - clang-tidy over the sources.

build=${1:?usage: tidy.sh BUILD SOURCE...}
shift
for source in "$@"; do
    case $source in
    *.c) echo "$source" ;;
    esac
done | xargs -r -P "$(nproc 2>/dev/null || echo 2)" -n 4 sh -c '
    build=$1
    shift
    clang-tidy --quiet "$@" -- -std=c11 -DBST_DEBUG=1 -Iruntime \
        -Iruntime/include -Icompiler -I"$build/grammar" 2>/dev/null
' tidy "$build"
