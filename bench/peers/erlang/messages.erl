%% Workloads that are made of messages.
-module(messages).
-export([pingpong/1, threadring/1, counting/1, fanin/1, big/1,
         fjthroughput/1, ask/1, broadcast/1]).
-import(bench, [check/2, report/3, now_ns/0]).

%% Messages that a sender may be ahead of its receiver.
-define(WINDOW, 256).

%% One operation is a round trip.
pingpong(N) ->
    Me = self(),
    Pong = spawn_link(fun() -> pong(Me) end),
    Began = now_ns(),
    ping(N, Pong),
    report("pingpong", N, now_ns() - Began).

ping(0, _) -> ok;
ping(Left, Pong) ->
    Pong ! {ball, Left},
    receive {ball, Left} -> ping(Left - 1, Pong) end.

pong(Ping) ->
    receive {ball, Left} -> Ping ! {ball, Left}, pong(Ping) end.

%% One operation is one hop of a token round 503 processes.
threadring(N) ->
    Me = self(),
    Nodes = [spawn_link(fun() -> receive {next, Next} -> node(I, Next, Me) end
                        end) || I <- lists:seq(0, 502)],
    [First | Others] = Nodes,
    [Node ! {next, Next} || {Node, Next} <- lists:zip(Nodes,
                                                      Others ++ [First])],
    Began = now_ns(),
    First ! {token, N},
    receive {done, Last} -> check(Last =:= N rem 503, "it ends elsewhere") end,
    report("threadring", N, now_ns() - Began).

node(Index, Next, Driver) ->
    receive
        {token, 0} -> Driver ! {done, Index};
        {token, Left} -> Next ! {token, Left - 1}, node(Index, Next, Driver)
    end.

%% One operation is one number from the producer to the counter.
counting(N) ->
    Me = self(),
    Counter = spawn_link(fun() -> counter(0, 0, Me) end),
    Began = now_ns(),
    produce(1, N, Counter),
    Counter ! get,
    receive
        {total, Count, Sum} ->
            check(Count =:= N andalso Sum =:= N * (N + 1) div 2, "a wrong sum")
    end,
    report("counting", N, now_ns() - Began).

produce(I, N, _) when I > N -> ok;
produce(I, N, Counter) ->
    Counter ! {add, I},
    case I rem ?WINDOW of
        0 -> Counter ! {ack, self()}, receive ack -> ok end;
        _ -> ok
    end,
    produce(I + 1, N, Counter).

counter(Count, Sum, Driver) ->
    receive
        {add, Number} -> counter(Count + 1, Sum + Number, Driver);
        {ack, From} -> From ! ack, counter(Count, Sum, Driver);
        get -> Driver ! {total, Count, Sum}
    end.

%% One operation is one message of one of 64 sources to the sink.
fanin(N) ->
    Sources = 64,
    Each = N div Sources,
    Me = self(),
    Began = now_ns(),
    Sink = spawn_link(fun() ->
        sink(Each * Sources, erlang:make_tuple(Sources, 0), Me) end),
    [spawn_link(fun() -> source(From, 0, Each, Sink) end)
     || From <- lists:seq(1, Sources)],
    receive done -> ok end,
    report("fanin", Each * Sources, now_ns() - Began).

source(_, Each, Each, _) -> ok;
source(From, I, Each, Sink) ->
    Sink ! {item, From, I},
    case I rem ?WINDOW of
        ?WINDOW - 1 -> Sink ! {ack, self()}, receive ack -> ok end;
        _ -> ok
    end,
    source(From, I + 1, Each, Sink).

sink(0, _, Driver) -> Driver ! done, sink_end();
sink(Left, Next, Driver) ->
    receive
        {item, From, Number} when element(From, Next) =:= Number ->
            sink(Left - 1, setelement(From, Next, Number + 1), Driver);
        {ack, From} -> From ! ack, sink(Left, Next, Driver);
        {item, _, _} -> exit(out_of_order)
    end.

sink_end() ->
    receive {ack, From} -> From ! ack, sink_end() end.

%% One operation is one message, a ping or a pong between 512 peers.
big(N) ->
    Peers = 512,
    Each = N div (2 * Peers),
    Me = self(),
    Pids = [spawn_link(fun() ->
        receive
            {go, All} -> ping_one(All), peer(All, Each, 0, 0, Me)
        end end) || _ <- lists:seq(1, Peers)],
    All = list_to_tuple(Pids),
    Began = now_ns(),
    [Pid ! {go, All} || Pid <- Pids],
    [receive done -> ok end || _ <- Pids],
    Took = now_ns() - Began,
    [Pid ! report || Pid <- Pids],
    Counts = [receive {counts, Pings, Pongs} -> {Pings, Pongs} end
              || _ <- Pids],
    check(lists:sum([A || {A, _} <- Counts]) =:= Each * Peers andalso
          lists:sum([B || {_, B} <- Counts]) =:= Each * Peers,
          "messages are missing"),
    report("big", 2 * Each * Peers, Took).

ping_one(All) ->
    element(rand:uniform(tuple_size(All)), All) ! {ping, self()}.

peer(All, Left, Pings, Pongs, Driver) ->
    receive
        {ping, From} ->
            From ! pong,
            peer(All, Left, Pings + 1, Pongs, Driver);
        pong when Left > 1 ->
            ping_one(All),
            peer(All, Left - 1, Pings, Pongs + 1, Driver);
        pong ->
            Driver ! done,
            peer(All, 0, Pings, Pongs + 1, Driver);
        report ->
            Driver ! {counts, Pings, Pongs}
    end.

%% One operation is one message to one of 60 workers.
fjthroughput(N) ->
    Workers = 60,
    Each = N div Workers,
    Me = self(),
    Pids = [spawn_link(fun() -> counter(0, 0, Me) end)
            || _ <- lists:seq(1, Workers)],
    Began = now_ns(),
    deal(1, Each * Workers, Pids, Pids),
    [Pid ! get || Pid <- Pids],
    Sums = [receive {total, Each, Sum} -> Sum end || _ <- Pids],
    All = Each * Workers,
    check(lists:sum(Sums) =:= All * (All + 1) div 2, "a wrong sum"),
    report("fjthroughput", All, now_ns() - Began).

%% Every ?WINDOW rounds the driver waits for all workers.
deal(I, N, _, _) when I > N -> ok;
deal(I, N, [], All) ->
    case (I div length(All)) rem ?WINDOW of
        0 ->
            [Pid ! {ack, self()} || Pid <- All],
            [receive ack -> ok end || _ <- All];
        _ -> ok
    end,
    deal(I, N, All, All);
deal(I, N, [Pid | Rest], All) ->
    Pid ! {add, I},
    deal(I + 1, N, Rest, All).

%% One operation is one question and its answer.
ask(N) ->
    Server = spawn_link(fun() -> server(1) end),
    Began = now_ns(),
    ask(1, N, Server),
    report("ask", N, now_ns() - Began).

ask(I, N, _) when I > N -> ok;
ask(I, N, Server) ->
    I = call(Server, next),
    ask(I + 1, N, Server).

%% As gen_server:call does it: a monitor sees the server's death.
call(Server, Question) ->
    Ref = erlang:monitor(process, Server),
    Server ! {call, {self(), Ref}, Question},
    receive
        {Ref, Answer} -> erlang:demonitor(Ref, [flush]), Answer;
        {'DOWN', Ref, process, _, Reason} -> exit(Reason)
    after 60000 -> exit(timeout)
    end.

server(Number) ->
    receive
        {call, {From, Ref}, next} -> From ! {Ref, Number}, server(Number + 1)
    end.

%% One operation is one delivery to one of 100 listeners.
broadcast(N) ->
    Listeners = 100,
    Casts = N div Listeners,
    Me = self(),
    Pids = [spawn_link(fun() -> counter(0, 0, Me) end)
            || _ <- lists:seq(1, Listeners)],
    Began = now_ns(),
    cast(1, Casts, Pids),
    [Pid ! get || Pid <- Pids],
    Sum = Casts * (Casts + 1) div 2,
    [receive {total, Casts, Sum} -> ok end || _ <- Pids],
    report("broadcast", Casts * Listeners, now_ns() - Began).

cast(I, Casts, _) when I > Casts -> ok;
cast(I, Casts, Pids) ->
    [Pid ! {add, I} || Pid <- Pids],
    case I rem ?WINDOW of
        0 ->
            [Pid ! {ack, self()} || Pid <- Pids],
            [receive ack -> ok end || _ <- Pids];
        _ -> ok
    end,
    cast(I + 1, Casts, Pids).
