#!/bin/sh
# page.sh PAGE.md... - prints grammar/DIAGNOSTICS.md, all pages as one.

cat <<'END'
# What bastionc says

Every diagnostic has a code that never changes its meaning: `E` are errors, `W`
warnings. `bastionc explain CODE` prints what stands here. The examples are
compiled by the tests: a wrong one gives its code and nothing else, a right one
gives nothing. This page is made by `make bless` from
[compiler/explain](../compiler/explain).

| code | about |
|---|---|
END
for page in "$@"; do
    sed -n '1s/^# \([EW][0-9]*\): \(.*\)/| [\1](#\1) | \2 |/p' "$page" |
        sed 's/(#E/(#e/; s/(#W/(#w/'
done
for page in "$@"; do
    code=$(basename "$page" .md)
    echo
    echo "## $code"
    echo
    # Only headings outside of examples begin with `#`.
    sed -e "1s/^# $code: \\(.\\)\\(.*\\)/**\\1\\2.**/" -e 's/^## /### /' \
        -e 's/^```bst .*/```bst/' -e 's/^```sh .*/```sh/' "$page"
done
