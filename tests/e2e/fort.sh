#!/bin/sh
# fort.sh BUILD - programs under a guardian: what brings them back, what ends
# them both, and how.

area=fort
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

# Says when it is up, and by which process; reads a line; ends as it says.
program server <<'END'
use <stdio.h>;
use <stdlib.h>;
use <string.h>;
use <unistd.h>;

actor server {
    on start => {
        int argc;
        char **argv;
        bst_args(self, &argc, &argv);
        printf("up %d\n", (int)getpid());
        fflush(stdout);
        if (argc > 1 && access(argv[1], F_OK) == 0)
            return BST_FAIL;
    }
    every 5ms => {
        int argc;
        char **argv;
        char line[64];
        bst_args(self, &argc, &argv);
        if (argc > 0 && strcmp(argv[0], "exit") == 0)
            exit(42);
        if (argc > 0 && strcmp(argv[0], "read") == 0) {
            if (fgets(line, sizeof line, stdin))
                printf("read %s", line);
            bst_stop_system(self);
        }
    }
    on stop => { puts("down"); fflush(stdout); }
}

supervisor root { restart 12 in 60s; children server; }
END

# The same with a small budget, and with a back-off.
sed 's/restart 12 in 60s/restart 2 in 60s/' source/server.bst >small.bst
program small <small.bst
sed 's/restart 12 in 60s/restart 12 in 60s backoff linear 100ms/' \
    source/server.bst >slow.bst
program slow <slow.bst

program late <<'END'
actor late { every 5ms => { return BST_FAIL; } }
supervisor root { restart 2 in 10s; children late; }
END

program stillborn <<'END'
actor stillborn { on start => { return BST_FAIL; } }
supervisor root { restart 2 in 10s; children stillborn; }
END

# Waits until a command succeeds, for at most half a minute.
await() { # command...
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 3000 ] || return 1
        sleep 0.01
    done
}

has_ended() { # pid
    ! kill -0 "$1" 2>/dev/null
}

ups() { # number
    [ "$(grep -c '^up' out)" -ge "$1" ]
}

child() {
    sed -n 's/^up //p' out | tail -n 1
}

begin() { # program argument...
    name=$1
    shift
    : >out
    "./$name" $flags -- "$@" >out 2>err &
    guardian=$!
    await ups 1 || echo "it does not come up"
}

# The guardian ends with this status, and so has the program.
ends() { # status
    await has_ended $guardian || {
        echo "the guardian does not end"
        kill -s KILL $guardian
    }
    got=0
    wait $guardian || got=$?
    cat out err
    [ $got = "$1" ] || {
        echo "ended with status $got, expected $1"
        return 1
    }
    await has_ended "$(child)"
}

flags=--fort
nine() {
    begin server
    for i in 1 2 3 4 5 6 7 8 9 10; do
        before=$(date +%s%N)
        kill -s KILL "$(child)"
        await ups $((i + 1)) || return 1
        echo "back after $((($(date +%s%N) - before) / 1000000)) ms"
    done
    [ -z "$(ps -o stat= --ppid $guardian | grep Z)" ] || return 1
    kill -s TERM $guardian
    ends 0 && grep -qx down out && [ "$(grep -c 'was ended by SIGKILL; the ' \
        err)" = 10 ]
}
check "kill -9 brings it back, ten times" nine

stops() { # signal
    begin server
    kill -s "$1" $guardian
    ends 0 && [ "$(grep -c '^up' out)" = 1 ] && grep -qx down out
}
for signal in TERM INT; do
    check "SIG$signal stops both in order" stops $signal
done

# As `timeout` does it: the guardian, then everybody.
both() {
    begin server
    kill -s TERM $guardian
    kill -s TERM "$(child)"
    ends 0 && grep -qx down out
}
check "the same request by two ways is one" both

itself() {
    begin server
    kill -s TERM "$(child)"
    ends 0 && grep -qx down out
}
check "a program that stops in order ends its guardian" itself

passes_on() {
    begin server
    kill -s HUP $guardian
    ends 129 && [ "$(grep -c '^up' out)" = 1 ]
}
check "another signal is passed on, and ends both alike" passes_on

gives_up() { # words
    ends 3 && [ "$(grep -c '^up' out)" = 3 ] &&
        tail -n 1 err | grep -q "$1; the guardian gives up"
}
aborts() {
    begin small
    for i in 2 3; do
        kill -s ABRT "$(child)"
        await ups $i || return 1
    done
    kill -s ABRT "$(child)"
    gives_up "small was ended by SIGABRT.*"
}
exits() {
    begin small exit
    gives_up "small has ended with status 42"
}
check "deaths beyond the budget of the root end both" aborts
check "an unknown status is a death" exits

json() {
    flags="--fort --log json"
    begin small exit
    flags=--fort
    ends 3 && ! grep -v '^{"time":.*"event":"log","text":".*"}$' err
}
check "the guardian logs JSON, too" json

waits() {
    begin slow
    kill -s KILL "$(child)"
    await grep -q again err || return 1
    sleep 0.05
    ups 2 && return 1
    await ups 2 || return 1
    kill -s KILL "$(child)"
    await ups 3 || return 1
    kill -s TERM $guardian
    ends 0
}
check "it waits as long as the root says" waits

# A start that fails is a decision the first time, and a failure after that.
starts() {
    rm -f broken
    begin server stay broken
    touch broken
    kill -s KILL "$(child)"
    ends 3 && [ "$(grep -c '^up' out)" = 13 ] &&
        grep -q 'has ended with status 1; the guardian starts' err
}
check "a start that fails on the way back is counted" starts
check "a first start that fails ends both" \
    expect_status 1 ./stillborn --fort
check "a root that gives up ends both" expect_status 3 ./late --fort

orphaned() {
    begin server
    kill -s KILL $guardian
    wait $guardian
    await has_ended "$(child)" && grep -qx down out
}
check "a guardian that is killed takes it along" orphaned

streams() {
    printf 'some words\n' | ./server --fort -- read >out || return 1
    cat out
    grep -qx 'read some words' out
}
check "stdin and stdout are the program's" streams

descriptors() {
    flags=
    begin server
    alone=$(ls "/proc/$(child)/fd" | wc -l)
    kill -s TERM $guardian
    ends 0 || return 1
    flags=--fort
    begin server
    own=$(ls /proc/$guardian/fd | wc -l)
    kill -s KILL "$(child)"
    await ups 2 || return 1
    echo "$alone alone, $(ls "/proc/$(child)/fd" | wc -l) with a guardian"
    [ "$(ls "/proc/$(child)/fd" | wc -l)" = "$alone" ] &&
        [ "$(ls /proc/$guardian/fd | wc -l)" = "$own" ] &&
        [ "$own" -le "$alone" ] || return 1
    kill -s TERM $guardian
    ends 0
}
check "no descriptors are left open" descriptors

variable() {
    flags=
    BASTION_FORT=1 begin server
    flags=--fort
    kill -s KILL "$(child)"
    await ups 2 || return 1
    kill -s TERM $guardian
    ends 0
}
check "BASTION_FORT=1 does the same" variable
check "--help has it" sh -c './server --help | grep -q "^  --fort  *run under"'
exit $status
