#!/bin/sh
# format.sh [--fix] [ROOT] - the sources are as clang-format writes them.

. "$(dirname "$0")/lib.sh"
how="--dry-run -Werror"
if [ "${1-}" = --fix ]; then
    how=-i
    shift
fi
cd "${1:-.}" || exit 2
files "c h" compiler runtime tests examples bench |
    xargs -r -P "$(nproc 2>/dev/null || echo 2)" -n 8 \
        clang-format --style=file $how 2>&1 |
    grep -E 'error:' | complain "not formatted"
finish
