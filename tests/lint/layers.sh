#!/bin/sh
# layers.sh ROOT - who may include what.

. "$(dirname "$0")/lib.sh"
cd "${1:-.}" || exit 2

# base <- plat <- sync <- proc <- exec <- actor <- sup
layers="base plat sync proc exec actor sup"
allowed=
for layer in $layers; do
    allowed="$allowed${allowed:+|}$layer"
    # sync/atomic.h holds macros only, and is below everything.
    includes $(files "c h S" "runtime/$layer") | grep ':"' |
        grep -vE ":\"(($allowed)/[a-z0-9_]+\.h|sync/atomic\.h)\"$" |
        complain "$layer may include $allowed"
done
find runtime -mindepth 1 -maxdepth 1 -type d 2>/dev/null |
    grep -vE "^runtime/(include|$(echo $layers | tr ' ' '|'))$" |
    complain "a folder that is no layer"

# lock.h is about mutexes.
includes $(files h runtime/include) |
    grep -vE ':<(bastion/[a-z_]+|stddef|stdint|stdbool)\.h>$' |
    grep -vE '/lock\.h:[0-9]*:<pthread\.h>$' |
    complain "public headers include only <bastion/...> and three more"

compiler=$(files "c h" compiler)
includes $compiler $(files "re y" grammar) |
    grep -E ":(\"(\.\./|runtime/|($allowed)/)|<bastion/)" |
    complain "the compiler includes nothing of the runtime"
includes $(printf '%s\n' $compiler | grep '/emit[^/]*$') | grep ':"ast\.h"' |
    complain "an emitter knows the model, not the AST"

includes $(files "c h" examples bench) | grep ':"[^"]*/' |
    complain "examples and benchmarks include <bastion/...> and their own"

# Own header first: this proves that it is self-contained.
for source in $(files c runtime compiler); do
    header=${source%.c}.h
    [ -e "$header" ] || continue
    first=$(includes "$source" | head -n 1)
    case $first in
    *":\"${header#runtime/}\"" | *":\"${header#compiler/}\"") ;;
    *) echo "$first" | complain "the own header comes first" ;;
    esac
done
finish
