#!/bin/sh
# run.sh BUILD - `bastionc fix` corrects files, and leaves nothing to correct.
#
# modes: release asan cov

build=${1:?usage: run.sh BUILD}
tree=$(pwd)
bastionc=$(cd "$build" && pwd)/bastionc
here=$(cd "$build" && pwd)/tests/fix
status=0
rm -rf "$here"
mkdir -p "$here"

# shellcheck disable=SC2317 # the functions below are called through check

area=fix
. tests/commands.sh

faulty() { # a file with five mistakes, four of which have a fix
    cat >"$1" <<'END'
mesage ping { u32 n; }
actor w { on pnig => w_ping; }
actor v { every 5 s sends w.ping => v_tick; }
supervisor root : one-for-al {
    children w
    children v { mailbx 4; }
}
END
}

corrected() {
    cat <<'END'
message ping { u32 n; }
actor w { on ping => w_ping; }
actor v { every 5s sends w.ping => v_tick; }
supervisor root : one-for-all {
    children w;
    children v { mailbox 4; }
}
END
}

corrects_all_in_one_run() {
    faulty a.bst
    chmod 640 a.bst
    gives 0 "$bastionc" fix a.bst && corrected | diff a.bst - &&
        [ ! -s out ] && [ ! -s err ] && [ "$(stat -c %a a.bst)" = 640 ]
}

shows_the_difference() {
    faulty a.bst
    cp a.bst before
    gives 0 "$bastionc" fix -d a.bst && cmp a.bst before || return 1
    corrected >after
    diff -u --label a.bst.orig --label a.bst before after | diff - out
}

correct_files_are_not_touched() {
    corrected >a.bst
    touch -d 2001-01-01 a.bst
    gives 0 "$bastionc" fix a.bst && [ ! -s out ] && [ ! -s err ] &&
        [ "$(stat -c %Y a.bst)" -lt 1000000000 ]
}

rest_is_reported() {
    echo 'actor a { every 5 s => f; } supervisor root { children zzz; }' >a.bst
    gives 1 "$bastionc" fix --diagnostics=short a.bst &&
        echo 'a.bst:1:55: error: there is no actor `zzz` [E0201]' |
        diff - err && grep -q 'every 5s' a.bst
}

imports_and_links() {
    mkdir lib
    echo 'actor w { every 5 s => w_tick; }' >lib/base.bst
    ln -s base.bst lib/link.bst
    echo 'import "lib/link.bst"; supervisor root { childen w; }' >a.bst
    gives 0 "$bastionc" fix a.bst && grep -q 'every 5s' lib/base.bst &&
        grep -q 'children w' a.bst && [ -L lib/link.bst ]
}

# The folder is full after the first byte: no file has changed.
all_or_nothing() {
    mkdir lib
    faulty lib/base.bst
    echo 'import "lib/base.bst"; mesage m;' >a.bst
    cp a.bst before
    cp lib/base.bst lib/before
    # A limit of 0 would hold for the messages, too, if they were in a file.
    (
        ulimit -f 0
        "$bastionc" fix a.bst 2>&1
        echo "status $?"
    ) | grep -q 'status 1' && cmp a.bst before && cmp lib/base.bst lib/before &&
        [ "$(ls)" = "a.bst
before
lib" ]
}

refuses_standard_input() {
    gives 2 "$bastionc" fix - </dev/null
}

# Whatever file is given: afterwards no diagnostic has a fix left, a second
# run finds nothing, and there are not more mistakes that could be fixed.
leaves_no_fix() { # file
    cp "$1" a.bst
    cp "$1" before
    "$bastionc" check -Wextra --diagnostics=json -fmax-errors=1000 a.bst 2>err
    "$bastionc" fix -d a.bst >diff 2>/dev/null
    [ $? -le 1 ] && cmp a.bst before || return 1
    if grep -q '"fixes":\[{' err; then
        [ -s diff ] || echo 'a fix was not applied'
    elif [ -s diff ]; then
        echo 'there was nothing to fix'
    fi
    "$bastionc" fix -Wextra --diagnostics=json -fmax-errors=1000 a.bst 2>err
    [ $? -le 1 ] || echo "the status is $?"
    grep '"fixes":\[{' err
    "$bastionc" fix -d -Wextra a.bst 2>/dev/null
}

# All of them in release mode; sanitizers see every fourth.
over_all() {
    n=0
    for file in "$tree"/tests/bad/*.bst "$tree"/tests/diag/*.bst \
        "$tree"/examples/*/*.bst "$here"/wrong/*.bst; do
        n=$((n + 1))
        [ "${MODE-}" != asan ] || [ $((n % 4)) = 0 ] || continue
        leaves_no_fix "$file" >said 2>&1
        [ ! -s said ] || {
            echo "$file:"
            head said
            bad=1
        }
    done
    [ $n -gt 100 ] || echo "only $n files"
    [ $n -gt 100 ] && return ${bad:-0}
}

# The wrong examples of the explanations are more of them.
mkdir -p "$here/wrong"
for page in "$tree"/compiler/explain/*.md; do
    sed -n '/^```bst wrong/,/^```$/{/^```/d;p;}' "$page" \
        >"$here/wrong/$(basename "$page" .md).bst"
done

check "all mistakes in one run" corrects_all_in_one_run
check "-d shows the difference" shows_the_difference
check "a correct file is not touched" correct_files_are_not_touched
check "what is left is reported" rest_is_reported
check "imported files; links stay links" imports_and_links
check "all files or none" all_or_nothing
check "standard input: 2" refuses_standard_input
check "every faulty file of the tests" over_all
exit $status
