#!/bin/sh
# run.sh BUILD [bless] - the catalogue of bad inputs: what bastionc says.
#
# For each case of classes.txt the text and the JSON are compared with
# golden/CASE.txt and golden/CASE.json, which end with the exit status; `make
# bless` renews them. Statuses are 0, 1 or 2, and nothing is on standard
# output.
#
# modes: release asan cov
# weight: 6

build=${1:?usage: run.sh BUILD [bless]}
bless=${2-}
tree=$(pwd)
here=$tree/tests/bad
bastionc=$(cd "$build" && pwd)/bastionc
folder=$(cd "$build" && pwd)/tests/bad
status=0
unset NO_COLOR CLICOLOR TERM
LC_ALL=C
export LC_ALL
. "$here/cases.sh"
rm -rf "$folder"
mkdir -p "$folder/work" "$folder/out"

# Runs a case in the folder it is called in; $format is text or json.
run_case() { # case
    if [ -d "$here/$1" ]; then
        cp -R "$here/$1/." .
        says check main.bst
    elif [ -e "$here/$1.bst" ]; then
        cp "$here/$1.bst" .
        says check "$(flags_of "$1")" "$1.bst"
    elif type "make_$1" >/dev/null 2>&1; then
        [ -e "$folder/$1.bst" ] || "make_$1" >"$folder/$1.bst"
        ln -s "$folder/$1.bst" "$1.bst"
        says check "$1.bst"
    else
        "do_$1"
    fi
}

flags_of() { # case
    case $1 in
    c70_off_is_fine) echo -Wno-W0304 ;;
    *) echo -Wall ;;
    esac
}

# These take long under a sanitizer, which finds nothing that a smaller file
# does not show.
is_too_long() { # case
    [ "${MODE-}" = asan ] || return 1
    case $1 in
    c20_line | c33_* | c34_* | c87_* | c88_*) return 0 ;;
    esac
    return 1
}

check_case() { # case
    for format in text json; do
        extension=$format
        [ $format = json ] || extension=txt
        out=$folder/out/$1.$extension
        golden=$here/golden/$1.$extension
        rm -rf "$folder/work"
        mkdir "$folder/work"
        (cd "$folder/work" && run_case "$1") >"$out" 2>&1
        [ -z "$bless" ] || cp "$out" "$golden"
        diff "$golden" "$out" >"$folder/diff" 2>&1
        {
            head -n 30 "$folder/diff"
            grep -E '^exit ([3-9]|[1-9][0-9])' "$out"
            case $1 in
            *_is_fine) grep -v '^exit 0$' "$out" ;;
            esac
        } >"$folder/wrong"
        [ ! -s "$folder/wrong" ] || {
            sed 's/^/# /' "$folder/wrong"
            return 1
        }
    done
}

verdict() { # name; fails if the file `wrong` says something
    if [ -s "$folder/wrong" ]; then
        sed 's/^/# /' "$folder/wrong"
        echo "not ok bad: $1"
        status=1
    else
        echo "ok bad: $1"
    fi
}

while read -r id name rest; do
    case $id in
    C-*) ;;
    *) continue ;;
    esac
    case $name in
    see:*)
        [ -e "${name#see:}" ] || echo "there is no ${name#see:}"
        continue
        ;;
    esac >"$folder/wrong"
    if is_too_long "$name"; then
        echo "ok bad: $id $name # SKIP takes long in this mode"
    elif check_case "$name"; then
        echo "ok bad: $id $name"
    else
        echo "not ok bad: $id $name"
        status=1
    fi
done <"$here/classes.txt"

# No id, no file and no function is missing in the table.
{
    seq -f 'C-%02.0f' 90
    sed -n 's/^\(C-[0-9]*\) .*/\1/p' "$here/classes.txt" | sort -u
} | sort | uniq -u >"$folder/wrong"
sed -n 's/^C-[0-9]* \([a-z0-9_]*\) .*/\1/p' "$here/classes.txt" |
    sort >"$folder/listed"
{
    (cd "$here" && ls -d c[0-9]*) | sed 's/\.bst$//'
    sed -n 's/^\(make\|do\)_\(c[0-9a-z_]*\)() .*/\2/p' "$here/cases.sh"
} | sort | diff "$folder/listed" - >>"$folder/wrong"
(cd "$here/golden" && ls) | sed 's/\..*//' | sort -u |
    diff "$folder/listed" - >>"$folder/wrong"
verdict "the table is complete"
exit $status
