/*
 * shop.pml - the model of shop.bst for SPIN. Generated; do not edit.
 *
 * An "invalid end state" is a state in which somebody waits for ever.
 *
 * Each member of a group is a process with a mailbox. A handler does any of
 * what it declares and leaves out the rest, and may fail as long as its budget
 * lasts; the member is then started again.
 *
 * More happens here than in the program, so an error may be a false alarm:
 *   - asks have no deadlines: who gets no answer waits for ever;
 *   - a group hands a message to any member, whatever its `dispatch`;
 *   - what C decides - whether to send, what a field holds - is left open;
 *   - timers may be due at any time;
 *   - one-for-all and rest-for-one start the others again when they are idle,
 *     and nobody waits for it.
 *
 * Less happens here, so "no errors" holds up to these bounds only:
 *   - a group has at most 2 members, a mailbox at most 2 places;
 *   - a handler sends what it declares once, in the order of the file;
 *   - a handler runs without others in between, but where it waits;
 *   - each timer and the outside act once, each budget allows for one failure,
 *     and nothing escalates;
 *   - the system is not stopped, and nothing ends by itself;
 *   - an answer is not put off by `..._later()`;
 *   - `idle`, `on down`, `on stop`, hooks and stashes are left out.
 *
 * spin -a shop.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan -m100000
 */

mtype = { m_none, m_order, m_receipt, m_take, m_taken, m_a_message_with_a_long_name_that_fills_a_label,
          m_closing };

#define OUTSIDE 8 /* the number of who is no member */
#define ROOM 2
#define TICKS 1

/* message, sender, whether the sender waits for the answer */
chan box[9] = [ROOM] of { mtype, short, bool };
chan answer[9] = [1] of { bool };
bool up[9];   /* `on start` has returned */
bool redo[9]; /* is to be started again with somebody else */
byte supervisor_shop_may_fail = 1;
byte supervisor_store_may_fail = 1;
byte supervisor_counter_may_fail = 1;
byte group_tills_may_fail = 1;
short live_guests;

/* A mailbox without room refuses. */
inline tell(to, room, kind)
{
    atomic {
        if
        :: len(box[to]) < room ->
            box[to]!kind, me, false
        :: len(box[to]) >= room -> skip
        fi
    }
}

/* One with `overflow drop_oldest` forgets. */
inline push(to, room, kind)
{
    atomic {
        if
        :: len(box[to]) < room
        :: len(box[to]) >= room ->
            box[to]?gone, gone_from, gone_asked;
            if
            :: gone_asked ->
                answer[gone_from]!false
            :: else -> skip
            fi
        fi;
        box[to]!kind, me, false
    }
}

inline ask(to, room, kind)
{
    if
    :: atomic { len(box[to]) < room -> box[to]!kind, me, true };
       answer[me]?_
    :: len(box[to]) >= room -> skip
    fi
}

/* The answer goes to who waits, or comes as a message. */
inline reply(kind)
{
    if
    :: asked -> answer[from]!true
    :: !asked && from != OUTSIDE -> tell(from, ROOM, kind)
    :: else -> skip
    fi;
    asked = false
}

inline fail(budget)
{
    atomic { budget > 0 -> budget-- }
}

proctype group_shelves(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;
    mtype gone;
    short gone_from;
    bool gone_asked;

again:
    atomic {
        up[me] = true
    };
end:
    do
    :: atomic {
        box[me]?m, from, asked ->
        if
        :: m == m_take -> /* on take, shop.bst:17 */
            if
            :: skip
            :: fail(supervisor_store_may_fail); goto failed
            fi;
            reply(m_taken)
        :: else ->
            skip
        fi;
        m = m_none; from = OUTSIDE
       }
    :: redo[me] -> redo[me] = false; goto again
    od;

failed:
    if
    :: asked -> asked = false; answer[from]!false
    :: else -> skip
    fi;
    m = m_none; from = OUTSIDE;
    d_step {
        child = 0;
        do
        :: child < 2 ->
            redo[child] = up[child];
            child++
        :: else -> break
        od;
        child = 0;
        redo[me] = false
    };
    goto again
}

proctype group_tills(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;
    mtype gone;
    short gone_from;
    bool gone_asked;

again:
    atomic {
        up[me] = true
    };
end:
    do
    :: atomic {
        box[me]?m, from, asked ->
        if
        :: m == m_order -> /* on order, shop.bst:12 */
            if
            :: skip
            :: ask(0, 2, m_take)
            :: ask(1, 2, m_take)
            fi;
            if
            :: skip
            :: fail(group_tills_may_fail); goto failed
            fi;
            reply(m_receipt)
        :: m == m_closing -> /* on #closing, shop.bst:13 */
            if
            :: skip
            :: fail(group_tills_may_fail); goto failed
            fi
        :: m == m_a_message_with_a_long_name_that_fills_a_label -> /* on a_message_with_a_long_name_that_fills_a_label, shop.bst:14 */
            if
            :: skip
            :: fail(group_tills_may_fail); goto failed
            fi
        :: else ->
            skip
        fi;
        m = m_none; from = OUTSIDE
       }
    :: redo[me] -> redo[me] = false; goto again
    od;

failed:
    if
    :: asked -> asked = false; answer[from]!false
    :: else -> skip
    fi;
    m = m_none; from = OUTSIDE;
    goto again
}

proctype group_spare(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;
    mtype gone;
    short gone_from;
    bool gone_asked;

again:
    atomic {
        up[me] = true
    };
end:
    do
    :: atomic {
        box[me]?m, from, asked ->
        if
        :: m == m_order -> /* on order, shop.bst:12 */
            if
            :: skip
            :: ask(0, 2, m_take)
            :: ask(1, 2, m_take)
            fi;
            if
            :: skip
            :: fail(supervisor_counter_may_fail); goto failed
            fi;
            reply(m_receipt)
        :: m == m_closing -> /* on #closing, shop.bst:13 */
            if
            :: skip
            :: fail(supervisor_counter_may_fail); goto failed
            fi
        :: m == m_a_message_with_a_long_name_that_fills_a_label -> /* on a_message_with_a_long_name_that_fills_a_label, shop.bst:14 */
            if
            :: skip
            :: fail(supervisor_counter_may_fail); goto failed
            fi
        :: else ->
            skip
        fi;
        m = m_none; from = OUTSIDE
       }
    :: redo[me] -> redo[me] = false; goto again
    od;

failed:
    if
    :: asked -> asked = false; answer[from]!false
    :: else -> skip
    fi;
    m = m_none; from = OUTSIDE;
    goto again
}

proctype group_guests(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;
    mtype gone;
    short gone_from;
    bool gone_asked;

again:
    atomic {
        /* on start, shop.bst:21 */
        if
        :: skip
        :: ask(2, 2, m_order)
        :: ask(3, 2, m_order)
        fi;
        skip;
        up[me] = true
    };
end:
    do
    :: atomic {
        box[me]?m, from, asked ->
        if
        :: else ->
            skip
        fi;
        m = m_none; from = OUTSIDE
       }
    :: redo[me] -> redo[me] = false; goto again
    od
}

proctype group_door(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;
    mtype gone;
    short gone_from;
    bool gone_asked;
    byte ticks_0 = TICKS;

again:
    atomic {
        up[me] = true
    };
end:
    do
    :: atomic {
        box[me]?m, from, asked ->
        if
        :: m == m_closing -> /* on closing, shop.bst:30 */
            if
            :: skip
            :: fail(supervisor_shop_may_fail); goto failed
            fi
        :: else ->
            skip
        fi;
        m = m_none; from = OUTSIDE
       }
    :: atomic { /* every 1s, shop.bst:26 */
        ticks_0 > 0 -> ticks_0--;
        if
        :: skip
        :: atomic {
               live_guests < 2 ->
               child = 5 + live_guests;
               live_guests++;
               run group_guests(child)
           };
           up[child]
        fi;
        if
        :: skip
        :: push(2, 2, m_closing); push(3, 2, m_closing)
        fi;
        if
        :: skip
        :: push(2, 2, m_a_message_with_a_long_name_that_fills_a_label)
        :: push(3, 2, m_a_message_with_a_long_name_that_fills_a_label)
        fi;
        if
        :: skip
        :: tell(me, 2, m_closing)
        fi;
        if
        :: skip
        :: fail(supervisor_shop_may_fail); goto failed
        fi
       }
    :: redo[me] -> redo[me] = false; goto again
    od;

failed:
    if
    :: asked -> asked = false; answer[from]!false
    :: else -> skip
    fi;
    m = m_none; from = OUTSIDE;
    d_step {
        child = me + 1;
        do
        :: child < 8 ->
            redo[child] = up[child];
            child++
        :: else -> break
        od;
        child = 0;
        redo[me] = false
    };
    goto again
}

/* main() and threads that are not ours */
proctype outside()
{
    short me = OUTSIDE, child;
    byte left = TICKS;
    mtype gone;
    short gone_from;
    bool gone_asked;

more:
    if
    :: left == 0 -> goto done
    :: left > 0 -> left--
    fi;
    if
    :: skip
    :: push(2, 2, m_a_message_with_a_long_name_that_fills_a_label)
    :: push(3, 2, m_a_message_with_a_long_name_that_fills_a_label)
    :: ask(0, 2, m_take)
    :: ask(1, 2, m_take)
    fi;
    goto more;
done:
    skip
}

init
{
    run group_shelves(0);
    up[0];
    run group_shelves(1);
    up[1];
    run group_tills(2);
    up[2];
    run group_tills(3);
    up[3];
    run group_spare(4);
    up[4];
    run group_door(7);
    up[7];
    run outside();
    skip
}
