%% The benchmarks in Erlang: processes and their mailboxes.
%%
%% Mailboxes of Erlang have no bound. Where a sender could run away from its
%% receiver, it waits for an acknowledgement every ?WINDOW messages.
-module(bench).
-export([main/1, check/2, report/3, report/4, cpu/0, status/1, now_ns/0]).

-define(IMPL, "erlang").

%% Called as `-run bench main WORKLOAD N`; N 0 is the default.
main([Name, N]) ->
    Result = (catch run(Name, list_to_integer(N))),
    case Result of
        ok -> erlang:halt(0);
        no_such_workload -> erlang:halt(3);
        Other ->
            io:format(standard_error, "benchmark: ~p~n", [Other]),
            erlang:halt(1)
    end.

run(Name, N) ->
    Workloads = #{
        "agg" => {20000000, fun compute:agg/1},
        "ask" => {1000000, fun messages:ask/1},
        "big" => {2000000, fun messages:big/1},
        "broadcast" => {5000000, fun messages:broadcast/1},
        "counting" => {5000000, fun messages:counting/1},
        "fanin" => {5000000, fun messages:fanin/1},
        "fjcreate" => {1000000, fun tasks:fjcreate/1},
        "fjthroughput" => {5000000, fun messages:fjthroughput/1},
        "idle" => {1000000, fun tasks:idle/1},
        "parallel" => {200000, fun compute:parallel/1},
        "pingpong" => {1000000, fun messages:pingpong/1},
        "restart" => {20000, fun restarts:supervisor/1},
        "restart_hand" => {300000, fun restarts:by_hand/1},
        "skynet" => {1000000, fun tasks:skynet/1},
        "spawn" => {1000000, fun tasks:spawn_join/1},
        "threadring" => {2000000, fun messages:threadring/1},
        "timers" => {100000, fun tasks:timers/1},
        "yield" => {1000000, fun tasks:yield/1}
    },
    case Workloads of
        #{Name := {Default, Fun}} when N =:= 0 -> Fun(Default);
        #{Name := {_, Fun}} -> Fun(N);
        #{} -> no_such_workload
    end.

check(true, _) -> ok;
check(false, Sentence) -> throw(Sentence).

now_ns() -> erlang:monotonic_time(nanosecond).

%% A line of /proc/PID/status that is in kB.
status(Key) ->
    {ok, File} = file:open("/proc/" ++ os:getpid() ++ "/status", [read]),
    Kb = status_line(File, Key),
    file:close(File),
    Kb.

status_line(File, Key) ->
    {ok, Line} = file:read_line(File),
    case string:lexemes(Line, ": \t\n") of
        [Key, Kb | _] -> list_to_integer(Kb);
        _ -> status_line(File, Key)
    end.

%% CPU time of all threads in seconds.
cpu() ->
    {ok, File} = file:open("/proc/" ++ os:getpid() ++ "/stat", [read]),
    {ok, Line} = file:read_line(File),
    file:close(File),
    [_, Rest] = string:split(Line, ") "),
    Fields = string:lexemes(Rest, " "),
    Ticks = list_to_integer(lists:nth(12, Fields)) +
        list_to_integer(lists:nth(13, Fields)),
    Ticks / 100.

report(Name, Ops, Ns) -> report(Name, Ops, Ns, "").

report(Name, Ops, Ns, More) ->
    Seconds = Ns / 1.0e9,
    io:format("name=~s impl=~s n=~b seconds=~.6f ops_per_s=~b rss_kb=~b~s~n",
              [Name, ?IMPL, Ops, Seconds, round(Ops / Seconds), status("VmHWM"),
               More]),
    ok.
