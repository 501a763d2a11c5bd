#!/bin/sh
# erlang WORKLOAD [--n N] [--threads N] - runs a benchmark in Erlang.

here=$(dirname "$0")
workload=${1:?usage: erlang WORKLOAD [--n N] [--threads N]}
shift
n=0
schedulers=
while [ $# -gt 1 ]; do
    case $1 in
    --n) n=$2 ;;
    --threads) [ "$2" = 0 ] || schedulers="+S $2:$2" ;;
    *)
        echo "unknown option: $1" >&2
        exit 2
        ;;
    esac
    shift 2
done
exec erl -noshell -noinput $schedulers +P 4000000 \
    -kernel logger_level none -pa "$here/obj/erlang" \
    -run bench main "$workload" "$n"
