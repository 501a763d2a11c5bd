#!/bin/bash
# model.sh BUILD FILE.bst... - has SPIN search the models of these programs.
#
# Nobody may wait for ever in any of them, unless a line of the file says so:
#
#     // model: somebody waits for ever

build=${1:?usage: model.sh BUILD FILE.bst...}
shift
if ! command -v spin >/dev/null; then
    echo "skipped: spin is not installed"
    echo "ok model spin # SKIP spin is not installed"
    exit 0
fi
mkdir -p "$build/tests"
here=$(mktemp -d -p "$build/tests" model.XXXXXX) || exit 2
trap 'rm -rf "$here"' EXIT
status=0

# search FILE: what SPIN finds goes to $here/said.
search() {
    "$build/bastionc" model "$1" >"$here/model.pml" 2>"$here/said" &&
        (cd "$here" && spin -a model.pml >said 2>&1 &&
            ${CC:-gcc} -O1 -w -DSAFETY -DCOLLAPSE -o pan pan.c >>said 2>&1 &&
            timeout 200 ./pan -m1000000 >>said 2>&1)
}

for file in "$@"; do
    name=$(basename "$file" .bst)
    wanted='errors: 0'
    ! grep -q '^// model: somebody waits for ever$' "$file" ||
        wanted='invalid end state (at'
    if search "$file" && grep -qF "$wanted" "$here/said" &&
        ! grep -qE 'max search depth|error:|Error:' "$here/said"; then
        states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' "$here/said")
        echo "# $name: $states states, $wanted"
        echo "ok model $name"
    else
        sed 's/^/# /' "$here/said" | tail -n 30
        echo "not ok model $name"
        status=1
    fi
done
exit $status
