%% Workloads that make processes, and those that let them wait.
-module(tasks).
-export([fjcreate/1, skynet/1, spawn_join/1, yield/1, idle/1, timers/1]).
-import(bench, [check/2, report/3, report/4, now_ns/0]).

%% Processes under way at a time; the limit of the machine is +P.
-define(WINDOW, 10000).

%% One operation is a process that is made, gets one message and ends.
fjcreate(N) ->
    Began = now_ns(),
    Sum = create(N, 0),
    check(Sum =:= N * (N + 1) div 2, "a wrong sum"),
    report("fjcreate", N, now_ns() - Began).

create(0, Sum) -> Sum;
create(Left, Sum) ->
    Me = self(),
    Count = min(Left, ?WINDOW),
    [begin
         Pid = spawn(fun() -> receive {work, W} -> Me ! {done, W} end end),
         Pid ! {work, Left - I}
     end || I <- lists:seq(0, Count - 1)],
    Part = lists:sum([receive {done, W} -> W end
                      || _ <- lists:seq(1, Count)]),
    create(Left - Count, Sum + Part).

%% A tree of processes with ten children each; N is the number of leaves.
skynet(N) ->
    Me = self(),
    Began = now_ns(),
    spawn(fun() -> skynet(Me, 0, N) end),
    receive
        {sum, Sum} -> check(Sum =:= N * (N - 1) div 2, "a wrong sum")
    end,
    report("skynet", nodes_below(N), now_ns() - Began).

nodes_below(1) -> 1;
nodes_below(N) -> N + nodes_below(N div 10).

skynet(Parent, Number, 1) -> Parent ! {sum, Number};
skynet(Parent, Number, Size) ->
    Me = self(),
    Part = Size div 10,
    [spawn(fun() -> skynet(Me, Number + I * Part, Part) end)
     || I <- lists:seq(0, 9)],
    Sums = [receive {sum, Sum} -> Sum end || _ <- lists:seq(0, 9)],
    Parent ! {sum, lists:sum(Sums)}.

%% One operation is a task that is started and joined, by a monitor.
spawn_join(N) ->
    Began = now_ns(),
    spawn_some(N),
    report("spawn", N, now_ns() - Began).

spawn_some(0) -> ok;
spawn_some(Left) ->
    Count = min(Left, ?WINDOW),
    Tasks = [{I, spawn_monitor(fun() -> exit({result, I}) end)}
             || I <- lists:seq(1, Count)],
    [receive {'DOWN', Ref, process, Pid, {result, I}} -> ok end
     || {I, {Pid, Ref}} <- Tasks],
    spawn_some(Left - Count).

%% One operation is one yield of one of 1000 processes, which keep their stacks.
yield(N) ->
    Each = N div 1000,
    Me = self(),
    Began = now_ns(),
    [spawn_link(fun() -> yield_some(Each), Me ! done end)
     || _ <- lists:seq(1, 1000)],
    [receive done -> ok end || _ <- lists:seq(1, 1000)],
    report("yield_stacks", Each * 1000, now_ns() - Began).

yield_some(0) -> ok;
yield_some(Left) -> erlang:yield(), yield_some(Left - 1).

%% N processes wait; one operation is the start of one.
idle(N) ->
    erlang:garbage_collect(),
    Before = bench:status("VmRSS"),
    Began = now_ns(),
    Me = self(),
    Pids = [spawn(fun() -> receive poke -> Me ! poked end end)
            || _ <- lists:seq(1, N)],
    Took = now_ns() - Began,
    Bytes = (bench:status("VmRSS") - Before) * 1024 / N,
    [Pid ! poke || Pid <- Pids],
    [receive poked -> ok end || _ <- Pids],
    report("idle", N, Took, io_lib:format(" bytes_each=~b", [round(Bytes)])).

%% N timers of one second, started over a second in 1000 steps, then watched
%% for 6 seconds.
timers(N) ->
    Step = max(1, N div 1000),
    Pids = start_timers(N, Step, []),
    Began = now_ns(),
    Cpu = bench:cpu(),
    timer:sleep(6000),
    Used = bench:cpu() - Cpu,
    Took = now_ns() - Began + 1000000000,
    Me = self(),
    [Pid ! {report, Me} || Pid <- Pids],
    Late = lists:sort(lists:append([receive {late, L} -> L end || _ <- Pids])),
    check(length(Late) >= 5 * N, "ticks were lost"),
    check(hd(Late) >= 0, "a timer was early"),
    Tuple = list_to_tuple(Late),
    At = fun(Part) ->
        element(1 + trunc(Part * (tuple_size(Tuple) - 1)), Tuple) div 1000 end,
    report("timers", length(Late), Took,
           io_lib:format(" late_p50_us=~b late_p99_us=~b late_max_us=~b"
                         " cpu_s=~.3f", [At(0.5), At(0.99), At(1), Used])).

start_timers(0, _, Pids) -> Pids;
start_timers(Left, Step, Pids) ->
    case Left rem Step of
        0 -> timer:sleep(1);
        _ -> ok
    end,
    Pid = spawn(fun() ->
        Due = erlang:monotonic_time(millisecond) + 1000,
        erlang:start_timer(Due, self(), tick, [{abs, true}]),
        ticker(Due, [])
    end),
    start_timers(Left - 1, Step, [Pid | Pids]).

ticker(Due, Late) ->
    receive
        {timeout, _, tick} ->
            Now = now_ns(),
            Next = Due + 1000,
            erlang:start_timer(Next, self(), tick, [{abs, true}]),
            ticker(Next, [Now - Due * 1000000 | Late]);
        {report, To} -> To ! {late, Late}
    end.
