#!/bin/sh
# sizes.sh ROOT - files stay small enough to be read in one go.

. "$(dirname "$0")/lib.sh"
cd "${1:-.}" || exit 2

all=$(files "c h re y S sh mk" compiler runtime grammar tests examples bench \
    .ci)
for file in $all; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 700 ]; then
        echo "$file:$lines:" | complain "more than 700 lines"
    elif [ "$lines" -gt 500 ]; then
        echo "# warning: $file has $lines lines, more than 500"
    fi
done
if [ -e Makefile ] && [ "$(wc -l <Makefile)" -gt 150 ]; then
    echo "Makefile:150:" | complain "more than 150 lines"
fi
finish
