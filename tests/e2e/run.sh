#!/bin/sh
# run.sh BUILD - whole chains: bastionc, C compiler, program, output.
#
# timeout: 400

build=${1:?usage: run.sh BUILD}
status=0
parts="alone callbacks dynamic examples faults fields forced foreign oom overflow owned"
parts="$parts pointers sigterm status"
[ "${MODE:-release}" != release ] ||
    parts="matcher negative output rebuild project $parts"
for part in $parts; do
    "tests/e2e/$part.sh" "$build" || status=1
done
exit $status
