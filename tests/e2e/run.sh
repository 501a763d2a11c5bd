#!/bin/sh
# run.sh BUILD - whole chains: bastionc, C compiler, program, output.
#
# timeout: 600
# weight: 100

build=${1:?usage: run.sh BUILD}
status=0
# These mostly wait, and so go on beside the others.
patient="examples oom scenarios"
parts="alone callbacks crash dynamic faults fields forced foreign fort"
parts="$parts overflow owned pointers sigterm status"
[ "${MODE:-release}" != release ] ||
    parts="matcher memory negative output rebuild project same $parts"
# What these do in a release build, asan sees as well; tsan would add nothing.
if [ "${MODE:-release}" = tsan ]; then
    patient="examples scenarios"
    parts=$(echo " $parts " | sed 's/ sigterm / /; s/ fort / /')
fi

logs=$build/tests/e2e.patient
rm -rf "$logs"
mkdir -p "$logs"
for part in $patient; do
    {
        "tests/e2e/$part.sh" "$build" >"$logs/$part" 2>&1 || : >"$logs/$part.bad"
    } &
done
for part in $parts; do
    "tests/e2e/$part.sh" "$build" || status=1
done
wait
for part in $patient; do
    cat "$logs/$part"
    [ ! -e "$logs/$part.bad" ] || status=1
done
exit $status
