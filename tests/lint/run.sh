#!/bin/sh
# run.sh BUILD - the lint checks on the tree, and the tests of the checks.
#
# modes: release
# weight: 15

build=${1:?usage: run.sh BUILD}
status=0
for check in layers words versions sizes format behaviours; do
    if "tests/lint/$check.sh" .; then
        echo "ok lint $check"
    else
        echo "not ok lint $check"
        status=1
    fi
done
for check in symbols recursion; do
    if "tests/lint/$check.sh" "$build"; then
        echo "ok lint $check"
    else
        echo "not ok lint $check"
        status=1
    fi
done
tests/lint/planted.sh || status=1
tests/lint/runner.sh || status=1
tests/lint/deps.sh || status=1
exit $status
