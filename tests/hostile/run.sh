#!/bin/sh
# run.sh BUILD - what an attacker, or bad luck, may give to bastionc: names,
# strings, paths, imports, file descriptors, full disks.
#
# modes: release cov
# timeout: 300

build=${1:?usage: run.sh BUILD}
status=0
for part in names strings canaries imports files; do
    "tests/hostile/$part.sh" "$build" || status=1
done
exit $status
