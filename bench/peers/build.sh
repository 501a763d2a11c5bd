#!/bin/sh
# build.sh BUILD [IMPL]... - builds the peers into BUILD/bench/peers/IMPL.
#
# Each is one program: IMPL WORKLOAD [--n N] [--threads N]. It ends with
# status 3 if it does not have the workload.

set -e
build=${1:?usage: build.sh BUILD [IMPL]...}
shift
[ $# -gt 0 ] || set -- floor go erlang caf tokio
cd "$(dirname "$0")/../.."
mkdir -p "$build/bench/peers/obj"
out=$(cd "$build/bench/peers" && pwd)
here=bench/peers

# Returns whether the program is there and newer than its sources.
fresh() { # impl
    [ -x "$out/$1" ] &&
        [ -z "$(find "$here/$1" "$here/build.sh" -newer "$out/$1")" ]
}

build_floor() {
    ${CC:-gcc} -std=c11 -O2 -Wall -Wextra -pthread -o "$out/floor" \
        "$here"/floor/*.c
}

build_go() {
    GO111MODULE=off GOFLAGS= GOPROXY=off GOCACHE="$out/obj/go" \
        go build -o "$out/go" "$here"/go/*.go
}

build_erlang() {
    mkdir -p "$out/obj/erlang"
    erlc -Wall -Werror -o "$out/obj/erlang" "$here"/erlang/*.erl
    cp "$here/erlang/erlang.sh" "$out/erlang"
    chmod +x "$out/erlang"
}

build_caf() {
    g++ -std=c++17 -O2 -DNDEBUG -Wall -Wextra -pthread -o "$out/caf" \
        "$here"/caf/*.cpp -lcaf_core
}

# The crates are those that Debian has packaged.
build_tokio() {
    rm -rf "$out/obj/tokio"
    cp -r "$here/tokio" "$out/obj/tokio"
    (
        cd "$out/obj/tokio"
        cargo build --quiet --offline --release \
            --target-dir "$out/obj/tokio-target" \
            --config 'source.crates-io.replace-with="debian"' \
            --config 'source.debian.directory="/usr/share/cargo/registry"'
    )
    cp "$out/obj/tokio-target/release/bench-tokio" "$out/tokio"
}

for impl in "$@"; do
    if fresh "$impl"; then
        continue
    fi
    echo "  PEER $impl"
    "build_$impl"
    touch "$out/$impl"
done
