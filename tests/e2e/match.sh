#!/bin/sh
# match.sh EXPECTED ACTUAL - compares a program's output with what is expected
# of it. In EXPECTED, `*` stands for any text within a line and a line `...`
# for any number of lines.

exec awk '
function pattern(text) {
    gsub(/[][\\.^$+?(){}|]/, "\\\\&", text)
    gsub(/\*/, ".*", text)
    return "^" text "$"
}
# Whether actual lines from j on match expected lines from i on.
function matches(i, j) {
    while (i <= expected) {
        if (want[i] == "...") {
            if (i == expected)
                return 1
            for (; j <= actual + 1; j++)
                if (matches(i + 1, j))
                    return 1
            return 0
        }
        if (j > actual || got[j] !~ pattern(want[i])) {
            if (i > reached) {
                reached = i
                at = j
            }
            return 0
        }
        i++
        j++
    }
    if (j <= actual && expected + 1 > reached) {
        reached = expected + 1
        at = j
    }
    return j == actual + 1
}
FILENAME == ARGV[1] { want[++expected] = $0; next }
{ got[++actual] = $0 }
END {
    if (matches(1, 1))
        exit 0
    print "expected: " (reached > expected ? "the end" : want[reached])
    print "found:    " (at > actual ? "the end" : got[at])
    exit 1
}' "$1" "$2"
