#!/bin/sh
# peers.sh BUILD - Bastion and its peers: all programs in turn, ROUNDS=5
# rounds, so that what happens to the machine happens to all of them.
#
# Prints for each benchmark the medians, their spread, and Bastion's ratio to
# each peer (above 1: Bastion is better), and writes all of it to
# bench/results/DATE-MACHINE.csv; RESULTS=FILE names another file.
#
#   IMPLS="bastion go" only these; bench/lib.sh has more settings

set -e
build=${1:?usage: peers.sh BUILD}
cd "$(dirname "$0")/.."
. bench/lib.sh
: "${ROUNDS:=5}" "${IMPLS:=bastion floor go erlang caf tokio}"
bench/deps
peers=$(echo "$IMPLS" | tr " " "\n" | grep -vx bastion) || true
[ -z "$peers" ] || bench/peers/build.sh "$build" $peers
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

version() { # impl
    case $1 in
    bastion) "$build/bench/pingpong" --version | sed 's/.*(\(.*\))/\1/' ;;
    floor) ${CC:-gcc} --version | head -n 1 ;;
    go) go version | cut -d' ' -f3 ;;
    erlang) erl -noshell -eval 'io:format("Erlang/OTP ~s, ERTS ~s~n", [
        erlang:system_info(otp_release), erlang:system_info(version)]), halt().' ;;
    caf) awk '/define CAF_VERSION/ { printf "CAF %d.%d.%d\n", $3 / 10000,
        $3 / 100 % 100, $3 % 100 }' /usr/include/caf/config.hpp ;;
    tokio) echo "$(ls -d /usr/share/cargo/registry/tokio-1.* |
        sed 's|.*/||'), rustc $(rustc --version | cut -d' ' -f2)" ;;
    esac
}

machine >"$scratch/csv"
for impl in $IMPLS; do
    echo "# $impl: $(version "$impl")" >>"$scratch/csv"
done
echo "$columns" >>"$scratch/csv"

round=0
while [ $round -lt "$ROUNDS" ]; do
    round=$((round + 1))
    for workload in $WORKLOADS; do
        for impl in $IMPLS; do
            printf '\rround %d of %d: %-30s' $round "$ROUNDS" \
                "$workload $impl" >&2
            status=0
            run_program "$build" "$impl" "$workload" >>"$scratch/lines" ||
                status=$?
            [ $status = 0 ] || [ $status = 3 ] || failed=1
        done
    done
done
printf '\r%60s\r' '' >&2
metrics <"$scratch/lines" | medians >>"$scratch/csv"

slug=$(nproc)x-$(cpu_model | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9\n' '-')
results=${RESULTS:-bench/results/$(date -u +%Y-%m-%d)-${slug%-}.csv}
mkdir -p "$(dirname "$results")"
cp "$scratch/csv" "$results"

grep '^#' "$scratch/csv"
grep -v -e '^#' -e '^name,' "$scratch/csv" |
    awk -F, -v impls="$IMPLS" "$shorten"'
    # A ratio is above 1 where Bastion is better.
    function ratio(row, impl,  ours, theirs) {
        ours = median[row, "bastion"]
        theirs = median[row, impl]
        if (impl == "bastion" || ours <= 0 || theirs <= 0) return ""
        return sprintf(" %.2fx", row ~ lower ? theirs / ours : ours / theirs)
    }
    BEGIN {
        lower = " (rss_kb|bytes_each|late_.*_us|cpu_s|cpu_percent|.*threads.*)$"
        n = split(impls, impl, " ")
        line = "benchmark|metric"
        for (i = 1; i <= n; i++) line = line "|" impl[i]
        print line
    }
    # The rate of these is given, not reached.
    $3 == "ops_per_s" && $1 ~ /^(timers|idle_cpu|interactive|supervise)$/ { next }
    $3 != "rss_kb" {
        row = $1 " " $3
        if (!(row in seen)) { seen[row] = 1; rows[++count] = row }
        median[row, $2] = $4
        spread[row, $2] = "(" shorten($5) "-" shorten($6) ")"
    }
    function cell(row, impl) {
        if (!((row, impl) in median)) return "-"
        return shorten(median[row, impl]) " " spread[row, impl] ratio(row, impl)
    }
    END {
        for (r = 1; r <= count; r++) {
            split(rows[r], part, " ")
            line = part[1] "|" part[2]
            for (i = 1; i <= n; i++) line = line "|" cell(rows[r], impl[i])
            print line
        }
    }' | align
echo "written: $results"
exit $failed
