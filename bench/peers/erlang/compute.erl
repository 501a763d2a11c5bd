%% Workloads that compute.
-module(compute).
-export([parallel/1, agg/1]).
-import(bench, [check/2, report/3, report/4, now_ns/0]).

%% Processes that compute in each message and do not talk to each other.
parallel(N) ->
    spinners("parallel_64x2us", N, 64, 2000),
    spinners("parallel_512x500ns", N, 512, 500).

%% Small numbers, so that none is allocated.
compute(Value, 0) -> Value;
compute(Value, Rounds) ->
    compute((Value * 1103515 + 12345) band 16#7fffffff, Rounds - 1).

round_ns() ->
    Rounds = 2000000,
    lists:min([begin
                   Began = now_ns(),
                   compute(1, Rounds),
                   (now_ns() - Began) / Rounds
               end || _ <- lists:seq(1, 10)]).

spinners(Name, N, Actors, Ns) ->
    Rounds = round(Ns / round_ns()),
    Each = N div Actors,
    Me = self(),
    Began = now_ns(),
    [spawn_link(fun() -> self() ! step, spin(I, Rounds, Each, 0, Me) end)
     || I <- lists:seq(1, Actors)],
    Counts = [receive {done, Count} -> Count end
              || _ <- lists:seq(1, Actors)],
    Took = now_ns() - Began,
    check(lists:sum(Counts) =:= Each * Actors, "messages are missing"),
    report(Name, Each * Actors, Took,
           io_lib:format(" busy_cores=~.3f", [Each * Actors * Ns / Took])).

spin(Value, Rounds, Left, Count, Driver) ->
    receive
        step when Left > 1 ->
            self() ! step,
            spin(compute(Value, Rounds), Rounds, Left - 1, Count + 1, Driver);
        step ->
            compute(Value, Rounds),
            Driver ! {done, Count + 1}
    end.

%% A count for each of 1024 groups of a table of 10 million rows, which is
%% read again until there were N rows. Each scheduler has one process, which
%% counts in an array of counters of its own.
agg(N) ->
    Rows = 10000000,
    Passes = N div Rows,
    check(Passes > 0, "--n is below 10000000"),
    Workers = erlang:system_info(schedulers_online),
    Table = binary:copy(<< <<(X * 7919 rem 1024):16/native>>
                           || X <- lists:seq(1, 100000) >>, Rows div 100000),
    Me = self(),
    Part = Rows div Workers * 2,
    Began = now_ns(),
    [spawn_link(fun() ->
        Slice = binary:part(Table, I * Part, case I + 1 of
            Workers -> byte_size(Table) - I * Part;
            _ -> Part
        end),
        Counts = counters:new(1024, []),
        [count(Slice, Counts) || _ <- lists:seq(1, Passes)],
        Me ! {sum, lists:sum([counters:get(Counts, G)
                              || G <- lists:seq(1, 1024)])}
     end) || I <- lists:seq(0, Workers - 1)],
    Sum = lists:sum([receive {sum, S} -> S end
                     || _ <- lists:seq(1, Workers)]),
    check(Sum =:= Passes * Rows, "rows are missing"),
    report("agg", Passes * Rows, now_ns() - Began).

count(<<Group:16/native, Rest/binary>>, Counts) ->
    counters:add(Counts, Group + 1, 1),
    count(Rest, Counts);
count(<<>>, _) -> ok.
