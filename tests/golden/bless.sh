#!/bin/sh
# bless.sh BUILD - makes the present output the expected one.

build=${1:-build}
case $build in
/*) ;;
*) build=$(pwd)/$build ;;
esac
for folder in tests/golden/*/; do
    name=$(basename "$folder")
    flags=$(cat "$folder/flags" 2> /dev/null)
    # shellcheck disable=SC2086
    (cd "$folder" && "$build/bastionc" $flags "$name.bst") || exit 1
done
"$build/bastionc" fmt - < tests/fmt/all.bst > tests/fmt/all.out
sh tests/inspect/outputs.sh "$build" "$(pwd)/tests/inspect/expected"
"$build/bastionc" --man-page > compiler/bastionc.1
compiler/explain/page.sh compiler/explain/*.md > grammar/DIAGNOSTICS.md
tests/bad/run.sh "$build" bless > "$build/bad.log" || cat "$build/bad.log"
# What does not fit is told now, and again by the lint.
tests/behaviours.sh > tests/BEHAVIOURS.md || true
