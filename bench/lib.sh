# Shared by run.sh and peers.sh: running programs and summing up their lines.
#
#   THREADS=N    worker threads; 0, the default: one for each CPU
#   WORKLOADS=.. only these
#   LIMIT=N      seconds that one program may take

workloads="pingpong threadring counting fanin big fjcreate fjthroughput ask
suspended broadcast skynet restart restart_fault restart_hand idle timers spawn
yield blocking agg parallel idle_cpu interactive supervise"
: "${WORKLOADS:=$workloads}" "${THREADS:=0}" "${LIMIT:=180}"

# Runs one program; its lines go to standard output. Status 3: there is no
# such workload.
run_program() { # build, impl, workload
    if [ "$2" = bastion ]; then
        [ -x "$1/bench/$3" ] || return 3
        set -- "$1/bench/$3"
    else
        [ -x "$1/bench/peers/$2" ] || return 3
        set -- "$1/bench/peers/$2" "$3"
    fi
    status=0
    timeout "$LIMIT" "$@" --threads "$THREADS" 2>"$scratch/said" || status=$?
    [ $status = 0 ] || [ $status = 3 ] ||
        printf '\n%s\n' "failed: $* (status $status): $(cat "$scratch/said")" >&2
    return $status
}

# Turns lines of results into NAME IMPL METRIC VALUE.
metrics() {
    awk '{
        split("", is)
        for (i = 1; i <= NF; i++) {
            at = index($i, "=")
            is[substr($i, 1, at - 1)] = substr($i, at + 1)
        }
        for (key in is)
            if (key !~ /^(name|impl|n|seconds)$/)
                print is["name"], is["impl"], key, is[key]
    }'
}

# Turns these into NAME,IMPL,METRIC,MEDIAN,MIN,MAX,RUNS.
medians() {
    sort -k1,1 -k2,2 -k3,3 -k4,4g | awk '
    function flush(  middle, i) {
        if (!count) return
        i = int((count + 1) / 2)
        middle = count % 2 ? value[i] : (value[i] + value[i + 1]) / 2
        printf "%s,%.6g,%.6g,%.6g,%d\n", last, middle, value[1], value[count], count
        count = 0
    }
    {
        key = $1 "," $2 "," $3
        if (key != last) { flush(); last = key }
        value[++count] = $4
    }
    END { flush() }'
}

# What a reader needs to know of the machine, as comments of a CSV file. No
# name of it and no path.
machine() {
    commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
    [ -z "$(git status --porcelain -uno 2>/dev/null)" ] || commit="$commit+changes"
    echo "# commit: $commit"
    echo "# date: $(date -u +%Y-%m-%d)"
    echo "# cpu: $(cpu_model)"
    echo "# cores: $(nproc)"
    echo "# memory: $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' \
        /proc/meminfo)"
    echo "# kernel: $(uname -s) $(uname -r | sed 's/-.*//') $(uname -m)"
    echo "# load at the start: $(cut -d' ' -f1 /proc/loadavg)"
    echo "# threads: $(if [ "$THREADS" = 0 ]; then nproc; else
        echo "$THREADS"; fi)"
}

cpu_model() {
    sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1 |
        sed 's/ *([RTM]*)//g; s/  */ /g'
}

columns="name,impl,metric,median,min,max,runs"

# A shell script's way to align what has `|` between its columns.
align() {
    if command -v column >/dev/null 2>&1; then
        column -t -s '|'
    else
        tr '|' '\t'
    fi
}

# A number in at most four digits and a unit.
shorten='
function shorten(x) {
    if (x >= 9.995e8) return sprintf("%.2fG", x / 1e9)
    if (x >= 9.995e6) return sprintf("%.1fM", x / 1e6)
    if (x >= 9.995e5) return sprintf("%.2fM", x / 1e6)
    if (x >= 9.995e3) return sprintf("%.1fk", x / 1e3)
    if (x >= 100) return sprintf("%.0f", x)
    return sprintf("%.3g", x)
}
'
