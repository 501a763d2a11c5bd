#!/bin/sh
# run.sh BUILD - whole chains: bastionc, C compiler, program, output.
#
# timeout: 600
# weight: 100

build=${1:?usage: run.sh BUILD}
status=0
parts="alone callbacks crash dynamic examples faults fields forced foreign fort oom"
parts="$parts overflow owned pointers scenarios sigterm status"
[ "${MODE:-release}" != release ] ||
    parts="matcher memory negative output rebuild project same $parts"
# What these do in a release build, asan sees as well; tsan would add nothing.
[ "${MODE:-release}" != tsan ] ||
    parts=$(echo " $parts " | sed 's/ oom / /; s/ sigterm / /; s/ fort / /')
for part in $parts; do
    "tests/e2e/$part.sh" "$build" || status=1
done
exit $status
