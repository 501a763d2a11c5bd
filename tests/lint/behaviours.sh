#!/bin/sh
# behaviours.sh ROOT - the table of behaviours fits the names of the tests.

. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")/.." && pwd)
cd "${1:-.}" || exit 2

table=$(mktemp) || exit 2
said=$(mktemp) || exit 2
trap 'rm -f "$wrong" "$table" "$said"' EXIT
if [ -e tests/behaviours.txt ]; then
    "$here/behaviours.sh" . >"$table" 2>"$said"
    complain "behaviours.txt" <"$said"
    cmp -s "$table" tests/BEHAVIOURS.md ||
        echo "tests/BEHAVIOURS.md:1:" | complain "stale: run make bless"
fi
finish
