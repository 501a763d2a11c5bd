#!/bin/sh
# run.sh BUILD - what an attacker, or bad luck, may give to bastionc: names,
# strings, paths, imports, file descriptors, full disks.
#
# modes: release cov
# timeout: 300
# weight: 12
#
# HOSTILE=all tries everything; else what takes long is a sample, which depends
# on HOSTILE_SEED.

build=${1:?usage: run.sh BUILD}
status=0
: "${HOSTILE_SEED:=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}"
export HOSTILE_SEED
echo "# seed $HOSTILE_SEED"
for part in names strings canaries imports files; do
    "tests/hostile/$part.sh" "$build" || status=1
done
exit $status
