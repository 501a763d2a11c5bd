# Sourced by test scripts that look at the command line of bastionc. They set
# `area`, their name in what is printed, and `here`, a folder of their own.
# Failures go into $status, which the script exits with.
# shellcheck shell=sh disable=SC2034

# check NAME FUNCTION [ARG...]: runs the function in an empty folder.
check() {
    name=$1
    shift
    chmod -R u+w "$here/work" 2>/dev/null
    rm -rf "$here/work"
    mkdir "$here/work"
    if (cd "$here/work" && "$@") >"$here/log" 2>&1; then
        echo "ok $area: $name"
    else
        sed 's/^/# /' "$here/log"
        echo "not ok $area: $name"
        status=1
    fi
}

# gives STATUS COMMAND...: output goes to the files out and err.
gives() {
    wanted=$1
    shift
    "$@" >out 2>err
    got=$?
    [ $got = "$wanted" ] && return 0
    cat out err
    echo "status $got instead of $wanted: $*"
    return 1
}
