#!/bin/sh
# runner.sh - tests/run counts what passes, and sees each way to fail.

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
export TEST_LOGS="$folder/log" TEST_LIMIT=1
echo "MODE=release" >"$folder/.test-env"
status=0

# Adds a job whose program is this shell script.
job() { # kind name script
    printf '#!/bin/sh\n%s\n' "$3" >"$folder/$2"
    chmod +x "$folder/$2"
    case $1 in
    script) echo "script $folder $folder/$2" ;;
    *) echo "$1 $folder $2" ;;
    esac >>"$folder/jobs"
}

# Runs the jobs added since the last call.
counts() { # name status "N passed, N failed"
    got=0
    "$root/tests/run" "$folder/jobs" >"$folder/said" 2>&1 || got=$?
    rm -f "$folder/jobs"
    if [ $got = "$2" ] && [ "$(tail -n 1 "$folder/said")" = "$3" ]; then
        echo "ok lint runner: $1"
    else
        cat "$folder/said"
        echo "status $got; expected status $2 and: $3"
        echo "not ok lint runner: $1"
        status=1
    fi
}

job unit a 'echo 1..2; echo "ok 1 - x"; echo "ok 2 - y"'
job stress b 'echo seed 7'
counts "counts tests, or else programs" 0 "3 passed, 0 failed"

job unit a 'echo "ok 1 - x"; echo "not ok 2 - y"; exit 1'
counts "counts a test that fails" 1 "1 passed, 1 failed"

job unit a 'echo "ok 1 - x"; echo "not ok 2 - y"'
counts "does not need the exit status" 1 "1 passed, 1 failed"

job unit a 'echo "ok 1 - x"; kill -SEGV $$'
counts "counts a crash" 1 "1 passed, 1 failed"

job stress a 'echo seed 7; exit 3'
counts "counts an exit status" 1 "0 passed, 1 failed"

job stress a 'sleep 9'
job stress b 'exit 0'
counts "ends a program that hangs" 1 "1 passed, 1 failed"

job unit a 'echo "ok 1 - x"; echo "not ok 2 # SKIP y"; echo "ok 3 # SKIP z"'
counts "does not count what is skipped" 0 "1 passed, 0 failed"

job script a '# modes: asan
echo "ok never"'
job script b '# modes: asan release
echo "ok $1"'
counts "keeps a script to its modes" 0 "1 passed, 0 failed"

job script a '# timeout: 1
echo "ok x"; sleep 9'
counts "keeps a script to its time" 1 "1 passed, 1 failed"

# nproc(1) says what this variable does, so that one job runs at a time.
export OMP_NUM_THREADS=1
for name in light middle heavy; do
    case $name in
    light) head= ;;
    middle) head='# weight: 9' ;;
    heavy) head='# weight: 30' ;;
    esac
    job script $name "$head
echo $name >>$folder/order
[ \"\$(head -n 1 $folder/order)\" = heavy ]"
done
counts "begins with what takes longest" 0 "3 passed, 0 failed"
unset OMP_NUM_THREADS

job unit missing true
rm "$folder/missing"
counts "sees a program that is missing" 1 "0 passed, 1 failed"

: >"$folder/jobs"
counts "does not call nothing a success" 1 "0 passed, 0 failed"

exit $status
