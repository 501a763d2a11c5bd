#!/bin/sh
# status.sh BUILD - flags, environment, signals and exit statuses of bastionc
# and of generated programs.

area=status
. "$(dirname "$0")/lib.sh"

# Makes ./NAME out of a .bst on standard input.
program() { # name
    mkdir -p source
    cat >"source/$1.bst"
    build_program source "$1" --main >build.log 2>&1 || {
        head -n 20 build.log
        echo "not ok $area: $1 builds"
        status=1
    }
}

program server <<'END'
use <stdio.h>;

actor server {
    on start => { puts("up"); fflush(stdout); }
    every 5ms => { }
    on stop => { puts("down"); }
}

supervisor root { children server; }
END

program slow <<'END'
use <stdio.h>;

actor slow {
    on start => { puts("up"); fflush(stdout); }
    on stop => { bst_sleep(self, BST_S(20)); }
}

supervisor root { children slow { shutdown infinite; } }
END

program late <<'END'
actor late {
    every 5ms => { return BST_FAIL; }
}

supervisor root {
    restart 2 in 10s;
    children late;
}
END

program stillborn <<'END'
actor stillborn {
    on start => { return BST_FAIL; }
}

supervisor root {
    restart 2 in 10s;
    children stillborn;
}
END

program words <<'END'
use <stdio.h>;

actor words {
    on start => {
        int argc;
        char **argv;
        bst_args(self, &argc, &argv);
        for (int i = 0; i < argc; i++)
            printf("[%s]\n", argv[i]);
        bst_stop_system(self);
    }
}

supervisor root { children words; }
END

# Waits until a command succeeds, for at most ten seconds.
await() { # command...
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 1000 ] || return 1
        sleep 0.01
    done
}

has_ended() { # pid
    ! kill -0 "$1" 2>/dev/null
}

# Sends signals to a program once it is up; it must end with this status.
signalled() { # status program signal...
    expected=$1 name=$2
    shift 2
    : >up
    "./$name" >up 2>err &
    pid=$!
    await grep -q up up || echo "it does not come up"
    for signal in "$@"; do
        kill -s "$signal" $pid
        sleep 0.2
    done
    await has_ended $pid || {
        echo "it does not end"
        kill -s KILL $pid
    }
    got=0
    wait $pid || got=$?
    cat up err
    [ $got = "$expected" ] && return
    echo "ended with status $got, expected $expected"
    return 1
}

stops_in_order() { # signal
    signalled 0 server "$1" && grep -qx down up
}

# Ends with this status and says something that matches on stderr.
complains() { # status pattern command...
    expected=$1 pattern=$2
    shift 2
    expect_status "$expected" "$@" 2>err || {
        cat err
        return 1
    }
    cat err
    grep -q -e "$pattern" err
}

check "SIGINT stops in order" stops_in_order INT
check "SIGTERM stops in order" stops_in_order TERM
check "a second SIGTERM ends it at once" signalled 143 slow TERM TERM
check "a second signal counts, SIGINT" signalled 130 slow TERM INT
check "a start that fails" expect_status 1 ./stillborn
check "a root that gives up" expect_status 3 ./late
check "an unknown flag" complains 2 "--no-such-flag" ./server --no-such-flag
check "a flag with a bad value" complains 2 "threads" ./server --threads=many
check "a flag without its value" complains 2 "threads" ./server --threads
check "too many threads" complains 2 "threads" ./server --threads=1025
check "a bad environment variable" \
    complains 2 "BASTION_THREADS" env BASTION_THREADS=0x ./server
check "a bad seed" complains 2 "BASTION_SEED" env BASTION_SEED=-1 ./server
check "an unknown log level" complains 2 "log" ./server --log=loud

help_lists() {
    expect_status 0 ./server --help >help.out || return 1
    for flag in --help --threads --log --version; do
        grep -q -e "$flag" help.out || {
            echo "--help does not mention $flag"
            return 1
        }
    done
}
version() {
    expect_status 0 ./server --version >version.out || return 1
    grep "$(sed -n 's/.*BST_VERSION "\(.*\)"/\1/p' \
        "$tree/runtime/include/bastion/attr.h")" version.out
}
own_arguments() {
    expect_status 0 ./words --threads 2 one -- --two -3 >words.out || return 1
    printf '[%s]\n' one --two -3 | diff - words.out
}
check "--help" help_lists
check "--version" version
check "the program's own arguments" own_arguments

# bastionc itself.
quiet() { expect_status "$@" >/dev/null 2>&1; }
echo 'supervisor root { children ghost; }' >ghost.bst
check "bastionc check on a good file" \
    quiet 0 "$bastionc" check "$tree/examples/hello/hello.bst"
check "bastionc on a faulty file" complains 1 "ghost" \
    "$bastionc" -o . ghost.bst
check "bastionc check on a faulty file" complains 1 "ghost" \
    "$bastionc" check ghost.bst
check "bastionc on a missing file" complains 1 "absent.bst" \
    "$bastionc" absent.bst
check "bastionc with an unknown flag" \
    complains 2 "--no-such-flag" "$bastionc" --no-such-flag ghost.bst
check "bastionc without a file" complains 2 "." "$bastionc"
check "bastionc --version" quiet 0 "$bastionc" --version
check "bastionc --help" quiet 0 "$bastionc" --help
check "bastionc with an output folder that is none" \
    complains 1 "." "$bastionc" -o ghost.bst "$tree/examples/hello/hello.bst"
exit $status
