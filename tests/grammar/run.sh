#!/bin/sh
# run.sh BUILD - the examples of grammar/GRAMMAR.md are what they say.
#
# A block marked `bst` is a program without a mistake, a block marked
# `bst-later` has no mistake but things that are not supported yet (E0900).
#
# modes: release asan

build=${1:?usage: run.sh BUILD}
compiler=$build/bastionc
page=grammar/GRAMMAR.md
folder=$build/tests/grammar
status=0
rm -rf "$folder"
mkdir -p "$folder"

# Each block goes to a file that is named after its line and its mark.
awk -v folder="$folder" '
/^```bst$/ { file = folder "/line" NR ".bst"; next }
/^```bst-later$/ { file = folder "/later" NR ".bst"; next }
/^```/ { if (file) close(file); file = "" }
file { print > file }' "$page"

verdict() { # good or bad, name
    if [ "$1" = good ]; then
        echo "ok grammar $2"
    else
        sed 's/^/# /' "$folder/messages"
        echo "not ok grammar $2"
        status=1
    fi
}

count=0
for file in "$folder"/line*.bst; do
    [ -e "$file" ] || continue
    count=$((count + 1))
    "$compiler" check --diagnostics=short "$file" >"$folder/messages" 2>&1
    result=$?
    if [ $result = 0 ] && [ ! -s "$folder/messages" ]; then
        verdict good "$(basename "$file")"
    else
        verdict bad "$(basename "$file")"
    fi
done
for file in "$folder"/later*.bst; do
    [ -e "$file" ] || continue
    count=$((count + 1))
    "$compiler" check --diagnostics=short -fmax-errors=1000 "$file" \
        >"$folder/messages" 2>&1
    result=$?
    if [ $result = 1 ] && grep -q '\[E0900\]$' "$folder/messages" &&
        ! grep -qv '\[E0900\]$' "$folder/messages"; then
        verdict good "$(basename "$file")"
    else
        verdict bad "$(basename "$file")"
    fi
done
if [ $count -lt 5 ]; then
    echo "only $count examples" >"$folder/messages"
    verdict bad "number of examples"
fi

# Every code that the compiler can report is in the table of codes.
sed -n 's/^| \([EW][0-9]*\) |.*/\1/p' "$page" | sort -u >"$folder/listed"
cat compiler/*.c compiler/cli/*.c | grep -o '"[EW]0[0-9][0-9][0-9]"' |
    tr -d '"' | sort -u >"$folder/used"
comm -3 "$folder/listed" "$folder/used" >"$folder/messages"
if [ -s "$folder/messages" ]; then
    verdict bad "table of error codes"
else
    verdict good "table of error codes"
fi
exit $status
