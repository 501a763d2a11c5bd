#!/bin/sh
# deps.sh - .ci/deps installs exactly what is missing, or says how to.

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
bin=$folder/bin
mkdir "$bin"
ln -s /bin/* /usr/bin/* "$bin/" 2>/dev/null
rm -f "$bin/re2c" "$bin/lemon" "$bin/apt-get" "$bin/sudo" "$bin/id"
status=0

# Replaces a program by this shell script.
fake() { # name script
    rm -f "$bin/$1"
    printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}

# Runs .ci/deps; what it calls and says goes to the file `said`.
run() { # variable=value...
    : >"$folder/calls"
    got=0
    env PATH="$bin" "$@" "$root/.ci/deps" build >"$folder/said" 2>&1 \
        </dev/null || got=$?
}

check() { # name command...
    name=$1
    shift
    if "$@"; then
        echo "ok lint deps: $name"
    else
        cat "$folder/said" "$folder/calls"
        echo "not ok lint deps: $name (status $got)"
        status=1
    fi
}

calls() { # expected lines
    printf '%s\n' "$@" | diff - "$folder/calls"
}
says() { # pattern
    grep -qe "$1" "$folder/said"
}
calls_nothing() {
    [ ! -s "$folder/calls" ]
}
ended() { # status
    [ $got = "$1" ]
}

log="echo \"\${0##*/} \$*\" >>'$folder/calls'"
fake apt-get "$log"
fake id 'echo 0'
run NODEPS=1
check "NODEPS=1 fails" ended 1
check "NODEPS=1 installs nothing" calls_nothing
check "NODEPS=1 prints the command" \
    says "sudo apt-get install -y --no-install-recommends re2c lemon\$"
run NODEPS=0
check "root installs" ended 0
check "root updates once, then installs what is missing" calls \
    "apt-get -q update" "apt-get -o DPkg::Lock::Timeout=300 -q install -y\
 --no-install-recommends re2c lemon"

fake id 'echo 1000'
run NODEPS=0
check "a user without sudo: fails" ended 1
check "a user without sudo: installs nothing" calls_nothing
check "a user without sudo: prints the command" says "sudo apt-get install -y"
fake sudo '[ "$1" != -n ] || shift
[ "$1" != true ] || exit 0
exec "$@"'
run NODEPS=0
check "a user with sudo" ended 0
fake sudo 'exit 1'
run NODEPS=0
check "a user whose sudo asks for a password: fails" ended 1

fake id 'echo 0'
fake apt-get "$log
echo broken >&2
exit 100"
run NODEPS=0
check "a failing apt-get fails" ended 1
check "a failing apt-get is shown" says broken
fake re2c true
fake lemon true
run NODEPS=0
check "nothing missing: succeeds" ended 0
check "nothing missing: calls nothing" calls_nothing
exit $status
