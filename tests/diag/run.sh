#!/bin/sh
# run.sh BUILD - every faulty file gets exactly the diagnostics it expects.
#
# A file NAME.bst says what is to be reported on one of its lines:
#
#     mailbox 4 KB;   // expect error[E0106] 13: right behind its number
#
# that is severity, code, column in bytes, and a part of the message. Where a
# comment cannot stand on the line itself, `expect@12` names the line. What is
# reported and not expected fails the test as well, and so does a wrong exit
# status: 1 if there is an error, else 0. A line `// flags: -Wextra` gives the
# compiler further flags.
#
# modes: release asan

build=${1:?usage: run.sh BUILD}
compiler=$build/bastionc
here=tests/diag
folder=$build/tests/diag
status=0
mkdir -p "$folder"

# Prints "line:column: severity: [code] part" for each annotation of a file.
expected() {
    awk '
    {
        rest = $0
        while (match(rest,
            /\/\/ expect(@[0-9]+)? (error|warning)\[[EW][0-9]+\] [0-9]+: /)) {
            mark = substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RSTART + RLENGTH)
            part = rest
            sub(/ *\/\/ expect.*$/, "", part)
            line = NR
            if (match(mark, /@[0-9]+/))
                line = substr(mark, RSTART + 1, RLENGTH - 1)
            match(mark, /(error|warning)/)
            severity = substr(mark, RSTART, RLENGTH)
            match(mark, /\[[EW][0-9]+\]/)
            code = substr(mark, RSTART, RLENGTH)
            match(mark, /[0-9]+: $/)
            column = substr(mark, RSTART, RLENGTH - 2)
            print line ":" column ": " severity ": " code " " part
        }
    }' "$1"
}

# Compares annotations and diagnostics; prints what does not match.
compare() { # expected, reported, name of the file as it is reported
    awk -v name="$3" '
    function place(text) { # "line:column: severity:"
        match(text, /^[0-9]+:[0-9]+: [a-z]+:/)
        return substr(text, 1, RLENGTH)
    }
    NR == FNR { wanted[++count] = $0; next }
    {
        text = $0
        if (index(text, name ":") == 1)
            text = substr(text, length(name) + 2)
        found = 0
        for (i = 1; i <= count && !found; i++) {
            if (i in used)
                continue
            where = place(wanted[i])
            rest = substr(wanted[i], length(where) + 2)
            code = substr(rest, 1, index(rest, "]"))
            part = substr(rest, length(code) + 2)
            if (place(text) == where && index(text, part) &&
                substr(text, length(text) - length(code) + 1) == code) {
                used[i] = 1
                found = 1
            }
        }
        if (!found) {
            print "# not expected: " $0
            bad = 1
        }
    }
    END {
        for (i = 1; i <= count; i++)
            if (!(i in used)) {
                print "# not reported: " wanted[i]
                bad = 1
            }
        exit bad
    }' "$1" "$2"
}

check() { # file
    name=$(basename "$1" .bst)
    expected "$1" >"$folder/$name.expected"
    # shellcheck disable=SC2046 # the flags of a file are words
    timeout 10 "$compiler" check --diagnostics=short -fmax-errors=1000 \
        $(sed -n 's|^// flags: ||p' "$1") "$1" \
        >"$folder/$name.stdout" 2>"$folder/$name.stderr"
    result=$?
    wanted=0
    grep -q ': error: ' "$folder/$name.expected" && wanted=1
    good=1
    [ -s "$folder/$name.expected" ] || case $name in
    ok_*) ;;
    *) good=0 && echo "# no annotation in $1" ;;
    esac
    compare "$folder/$name.expected" "$folder/$name.stderr" "$1" || good=0
    if [ "$result" != "$wanted" ]; then
        echo "# exit status $result instead of $wanted"
        good=0
    fi
    if [ -s "$folder/$name.stdout" ]; then
        echo "# something on standard output"
        good=0
    fi
    if [ $good = 1 ]; then
        echo "ok diag $name"
    else
        echo "not ok diag $name"
        status=1
    fi
}

# The comparison itself: it must find each kind of difference.
planted() {
    printf '%s\n' '1:2: error: [E0001] part' >"$folder/planted.expected"
    for text in '1:2: error: a part [E0001]' 'x:1:2: error: a part [E0001]'; do
        echo "$text" >"$folder/planted.stderr"
        compare "$folder/planted.expected" "$folder/planted.stderr" x \
            >/dev/null || return 1
    done
    for text in '' '1:3: error: a part [E0001]' '2:2: error: a part [E0001]' \
        '1:2: warning: a part [E0001]' '1:2: error: a part [E0002]' \
        '1:2: error: other [E0001]'; do
        echo "$text" >"$folder/planted.stderr"
        compare "$folder/planted.expected" "$folder/planted.stderr" x \
            >/dev/null && return 1
    done
    return 0
}

if planted; then
    echo "ok diag comparison"
else
    echo "not ok diag comparison"
    status=1
fi
for file in "$here"/*.bst; do
    check "$file"
done
exit $status
