#!/bin/sh
# behaviours.sh [ROOT] - prints the table of BEHAVIOURS.md: which behaviour has
# which tests, on which clocks. It is made of behaviours.txt and of the names of
# the tests: bNN_, or bNN_bNN_ for two ids, at the beginning of
#
#   - functions of tests/unit and tests/stress,
#   - tests that a script of another folder reports by check or echo.
#
# What does not fit together is complained about on stderr, with status 1.

cd "${1:-.}" || exit 2
list=tests/behaviours.txt

# Prints "id place name clocks" for each test and each of its ids. How a test
# is listed in its program says what it runs on; one that uses neither a rig
# nor threads gets its time from the test itself.
tests() {
    find tests -name '*.c' -o -name '*.sh' | LC_ALL=C sort |
        grep -e '^tests/unit/' -e '^tests/stress/' -e '\.sh$' |
        grep -v '^tests/behaviours.sh$' | xargs awk '
    function emit(name, file, clocks,    rest, id) {
        rest = name
        while (match(rest, /^b[0-9]+_/)) {
            id = substr(rest, 2, RLENGTH - 2)
            rest = substr(rest, RLENGTH + 1)
            place = file
            sub(/^tests\//, "", place)
            print id, place, name, clocks
        }
    }
    FNR == 1 { threads = 0 }
    FILENAME ~ /\.c$/ && /#include.*(support\/|plat\/thread|task\.h|blocking\.h)/ {
        threads = 1
    }
    FILENAME ~ /^tests\/stress\// && /^static .* b[0-9]+_[a-z0-9_]*\(/ {
        match($0, /b[0-9]+_[a-z0-9_]*\(/)
        emit(substr($0, RSTART, RLENGTH - 1), FILENAME, "threads")
    }
    FILENAME ~ /^tests\/unit\// {
        rest = $0
        while (match(rest, /[A-Za-z_]+\(b[0-9]+_[a-z0-9_]+[,)]/)) {
            call = substr(rest, RSTART, RLENGTH - 1)
            rest = substr(rest, RSTART + RLENGTH)
            how = name = call
            sub(/\(.*/, "", how)
            sub(/.*\(/, "", name)
            if (how == "RIG_TEST" || how == "RIG_BOTH_WAYS")
                emit(name, FILENAME, "simulated,threads")
            else if (how == "RIG_SIM")
                emit(name, FILENAME, "simulated")
            else if (how == "RIG_THREADS")
                emit(name, FILENAME, "threads")
            else
                emit(name, FILENAME, threads ? "threads" : "given")
        }
    }
    FILENAME ~ /\.sh$/ && /(check |echo |skip |name=)"[^"]*b[0-9]+_/ {
        match($0, /b[0-9]+_[a-zA-Z0-9_]*/)
        name = substr($0, RSTART, RLENGTH)
        sub(/_$/, "_*", name) # the rest is in a variable
        emit(name, FILENAME, "threads")
    }'
}

tests | LC_ALL=C sort -u | LC_ALL=C awk -v list="$list" '
function wrong(text) {
    print text > "/dev/stderr"
    bad = 1
}
function add(clocks,    parts, n, i) {
    n = split(clocks, parts, ",")
    for (i = 1; i <= n; i++)
        on[id, parts[i]] = 1
}
function clocks_of(id,    text) {
    text = ""
    if (on[id, "simulated"]) text = "simulated"
    if (on[id, "given"]) text = text (text ? ", " : "") "given"
    if (on[id, "threads"]) text = text (text ? ", " : "") "threads"
    return text
}
function check(id) {
    if (!(id in found) && !(id in not_yet))
        wrong(list ": B-" id " has neither a test nor a reason")
    if ((id in found) && (id in not_yet))
        wrong(list ": B-" id " has a test, and is said to be not yet there")
    if (!(id in found))
        return
    if (!on[id, "simulated"] && !on[id, "given"] && !(id in no_clock))
        wrong(list ": B-" id " has no test on a simulated clock, nor a reason")
    if (real[id] && !on[id, "threads"])
        wrong(list ": B-" id " has no test on threads")
}
BEGIN {
    while ((getline line < list) > 0) {
        if (line ~ /^B-[0-9]+ [R-] ./) {
            split(line, word, " ")
            id = substr(word[1], 3)
            if (id in what)
                wrong(list ": B-" id " stands there twice")
            order[++count] = id
            real[id] = word[2] == "R"
            what[id] = substr(line, length(word[1]) + 4)
        } else if (line ~ /^ +not yet: ./) {
            not_yet[id] = line
            sub(/^ +not yet: /, "", not_yet[id])
        } else if (line ~ /^ +no clock: ./) {
            no_clock[id] = line
            sub(/^ +no clock: /, "", no_clock[id])
        } else if (line !~ /^(#.*)?$/)
            wrong(list ": not understood: " line)
    }
    if (count == 0)
        wrong(list ": there is nothing in it")
}
{
    id = $1
    if (!(id in what))
        wrong("tests/" $2 ": " $3 " names B-" id ", which is not in " list)
    if (!(id in found))
        have++
    found[id] = 1
    if (last[id] != $2)
        names[id] = names[id] (names[id] ? "<br>" : "") "`" $2 "`:"
    last[id] = $2
    names[id] = names[id] " " $3
    add($4)
}
END {
    print "# Behaviours and their tests"
    print ""
    print "Made by `make bless` from `behaviours.txt` and the names of the " \
        "tests; not to be"
    print "edited. " have " of " count " behaviours have tests. A test is " \
        "*simulated* (virtual time,"
    print "twenty seeds), runs on *threads*, or is *given* its time, as it " \
        "is about a part that"
    print "has no clock. R: it has to run on threads, too."
    print ""
    print "| id | what | tests | clocks |"
    print "|---|---|---|---|"
    for (i = 1; i <= count; i++) {
        id = order[i]
        check(id)
        printf "| B-%s%s | %s | ", id, real[id] ? " R" : "", what[id]
        if (id in found) {
            printf "%s | %s%s |\n", names[id], clocks_of(id),
                (id in no_clock) ? "; " no_clock[id] : ""
        } else
            printf "not yet: %s | |\n", not_yet[id]
    }
    exit bad
}'
