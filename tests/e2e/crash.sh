#!/bin/sh
# crash.sh BUILD - what is written about failures: functions and lines, JSON,
# and how many are not shown.

area=crash
. "$(dirname "$0")/lib.sh"
source=$e2e/crash/crash.c

# User code is compiled as users do it, by each compiler there is.
compile() { # compiler
    fresh "$1"
    "$bastionc" --main -o . "$e2e/crash/crash.bst" || return 1
    "$1" -g -O2 $user_flags -I. -o crash crash.bst.c "$source" $user_libs
}

# Runs ./crash HOW TIMES with these flags; it must end with this status.
run() { # status flags how times
    flags=$2
    expected=$1
    shift 2
    got=0
    timeout -s KILL 60 ./crash $flags -- "$@" >out 2>err || got=$?
    tail -n 30 out err
    [ $got = "$expected" ] && return
    echo "ended with status $got, expected $expected"
    return 1
}

line_of() { # function
    sed -n "/line: $1 /=" "$source"
}

# The report has these functions, in this order, each at its line.
has_frames() { # function...
    from=0
    for name in "$@"; do
        place="at $name (\(inlined, \)*[^ ]*crash\.c:$(line_of "$name"))"
        at=$(sed -n "\\|$place|=" err | awk -v from=$from '$1 > from' |
            head -n 1)
        [ -n "$at" ] || {
            echo "no frame of $name after line $from"
            return 1
        }
        from=$at
    done
}

tells_frames() { # how function...
    run 0 "" "$1" 1 || return 1
    shift
    has_frames "$@" || return 1
    # Neither the runtime nor the generated switch is shown.
    ! grep -q 'at bsti_\|_handle (' err
}

compilers=$CC
if [ "${MODE:-release}" = release ]; then
    compilers="gcc clang"
fi
for compiler in $compilers; do
    check "$compiler: the program builds" compile "$compiler"
    cd "$here/$compiler" || exit 2
    check "$compiler: a null pointer" \
        tells_frames null innermost put_into_middle middle
    check "$compiler: a panic" tells_frames panic complain
    check "$compiler: no memory" tells_frames memory exhaust
done

# One JSON object in each line, with all that is known.
object() { # pattern
    grep -Eq "^\{\"time\":\"20[0-9T:.-]*Z\",.*$1.*\}\$" err || {
        echo "no object has $1"
        return 1
    }
}
tells_json() {
    run 0 "--log json" panic 1 || return 1
    [ "$(grep -vc '^{.*}$' err)" = 0 ] || return 1
    object '"level":"warn","event":"crash","path":"/root/victims/[01]"' &&
        object '"incarnation":1,"how":"failed","reason":"BST_FAIL"' &&
        object '"text":"not \\"good\\"\\nat all \\ufffd"' &&
        object '"address":null,"kind":"go","handler":"on go"' &&
        object '"where":"crash.bst:5","supervisor":"/root"' &&
        object '"decision":"restarting","suppressed":0,"backtrace":\[\{' &&
        object "\"function\":\"complain\",\"file\":\"[^\"]*crash.c\",\"line\":$(
            line_of complain),\"inlined\":false,\"module\":\"/[^\"]*\"" &&
        grep -q '}],"left_out":0}$' err
}
tells_json_address() {
    run 0 "--log=debug,json" null 1 &&
        object '"event":"crash".*"address":"0x10"' &&
        object '"event":"log","text":"/root/victims/0#1 started"'
}
check "a crash as JSON" tells_json
check "an address as JSON" tells_json_address

# Shown and not shown make as many as there were, also for each path.
adds_up() { # how times
    run 0 "" "$1" "$2" || return 1
    awk -v times="$2" '
    / failed in / { shown++ }
    /before that, / { hidden += $4 }
    /failure(s were| was) not shown/ { hidden += $3 }
    END {
        print shown " shown, " hidden " not"
        exit !(shown + hidden == times && shown >= 10 && hidden > 0)
    }' err
}
adds_up_json() { # how times
    run 0 "--log json" "$1" "$2" || return 1
    awk -v times="$2" '
    { group = "victims" }
    /\/root\/others/ { group = "others" }
    /"event":"crash"/ { sum[group]++ }
    match($0, /"suppressed":[0-9]+/) {
        sum[group] += substr($0, RSTART + 13, RLENGTH - 13)
    }
    END {
        print sum["victims"] " and " sum["others"]
        exit !(sum["victims"] == times * 3 / 4 && sum["others"] == times / 4)
    }' err
}
many=10000
[ "${MODE:-release}" = release ] || many=1000
check "$many failures are all counted" adds_up fail $many
check "$many panics are all counted" adds_up panic $many
check "$many faults are all counted, for each group" adds_up_json null $many

silent() {
    run 0 "--log none" null 1000 && [ ! -s err ]
}
check "nothing is written at --log none" silent

# What is sent before a sudden end is written.
left() {
    run 7 "" leave 1 && has_frames innermost
}
check "a report is written before exit()" left

# Without the library there are functions and places.
without_library() {
    mkdir -p none
    echo 'extern int nothing; int nothing;' >none/none.c
    $CC -shared -fPIC -o none/libdw.so.1 none/none.c || return 1
    LD_LIBRARY_PATH=none run 0 "" null 1 || return 1
    grep -q 'at innermost ([^ ]*crash+0x[0-9a-f]*)$' err &&
        grep -q 'at middle ([^ ]*crash+0x[0-9a-f]*)$' err
}
check "without libdw functions are found" without_library

# The end of the OS process: places that addr2line knows.
fatal() { # flags
    run 139 "$1" foreign 1 || return 1
    place=$(sed -n "$2" err | head -n 1)
    addr2line -f -e crash "$place" >place
    cat place
    grep -qx foreign place && grep -q "crash.c:$(line_of foreign)\$" place
}
for way in text json; do
    name="a fault in a thread of the program, $way"
    case ${MODE:-release}:$way in
    asan:* | tsan:*) skip "$name" "sanitizers catch it first" ;;
    *:text)
        check "$name" fatal "" \
            "s/^bastion:     at [^ ]*crash+\(0x[0-9a-f]*\)\$/\1/p"
        ;;
    *:json)
        check "$name" fatal "--log json" \
            's/.*"event":"fatal".*"module":"[^"]*crash","offset":"\([^"]*\).*/\1/p'
        ;;
    esac
done
exit $status
