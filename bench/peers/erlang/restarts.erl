%% Restarts: by OTP's supervisor, and by hand.
-module(restarts).
-behaviour(supervisor).
-export([supervisor/1, by_hand/1, init/1, start_child/1]).
-import(bench, [check/2, report/3, now_ns/0]).

%% One operation is one cycle: a child starts, gets one message, fails, and is
%% restarted by a supervisor of OTP. The supervisor keeps the times of the
%% restarts of the last second in a list, and looks through it each time.
supervisor(N) ->
    Counter = counters:new(1, []),
    Began = now_ns(),
    {ok, _} = supervisor:start_link(?MODULE, {self(), Counter, N}),
    receive done -> ok end,
    Took = now_ns() - Began,
    check(counters:get(Counter, 1) =:= N + 1, "restarts are missing"),
    report("restart", N, Took).

init(Args) ->
    {ok, {#{strategy => one_for_one, intensity => 100000000, period => 1},
          [#{id => crasher, start => {?MODULE, start_child, [Args]}}]}}.

start_child({Driver, Counter, N}) ->
    Pid = proc_lib:spawn_link(fun() ->
        receive hit -> exit(fail) end
    end),
    counters:add(Counter, 1, 1),
    case counters:get(Counter, 1) of
        Lives when Lives > N -> Driver ! done;
        _ -> Pid ! hit
    end,
    {ok, Pid}.

%% The same with a process that traps exits and keeps the last six times.
by_hand(N) ->
    process_flag(trap_exit, true),
    Began = now_ns(),
    cycle(N, []),
    report("restart_hand", N, now_ns() - Began).

cycle(0, _) -> ok;
cycle(Left, Window) ->
    Pid = spawn_link(fun() -> receive hit -> exit(fail) end end),
    Pid ! hit,
    receive {'EXIT', Pid, fail} -> ok end,
    cycle(Left - 1, lists:sublist([now_ns() | Window], 6)).
