#!/bin/sh
# matcher.sh BUILD - the matcher of expected output accepts and refuses.

area=matcher
. "$(dirname "$0")/lib.sh"

compare() { # expected actual, with | for the ends of lines
    printf '%s' "$1" | tr '|' '\n' >want
    printf '%s' "$2" | tr '|' '\n' >got
    "$e2e/match.sh" want got
}
refuses() { ! compare "$@"; }

check "equal text" compare 'a|b|' 'a|b|'
check "other text is refused" refuses 'a|b|' 'a|c|'
check "a missing line is refused" refuses 'a|b|' 'a|'
check "a line too many is refused" refuses 'a|' 'a|b|'
check "a star is any text" compare 'a * c|' 'a bbb c|'
check "a star does not hide other text" refuses 'a * c|' 'a b d|'
check "a dot is a dot" refuses 'a.c|' 'abc|'
check "brackets and plus are themselves" compare 'a[b]+(c)?|' 'a[b]+(c)?|'
check "dots are any lines" compare '...|z|' 'a|b|z|'
check "dots are no line, too" compare 'a|...|z|' 'a|z|'
check "dots at the end" compare 'a|...|' 'a|b|c|'
check "dots do not hide what follows" refuses '...|z|' 'a|b|'
check "dots look further" compare '...|y|z|' 'y|a|y|z|'
check "text after the end is refused" refuses '...|z|' 'a|z|b|'
exit $status
