/*
 * deadlock.pml - the model of deadlock.bst for SPIN. Generated; do not edit.
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
 * spin -a deadlock.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan -m100000
 */

mtype = { m_none, m_get, m_item, m_price, m_cost };

#define OUTSIDE 3 /* the number of who is no member */
#define ROOM 2
#define TICKS 1

/* message, sender, whether the sender waits for the answer */
chan box[4] = [ROOM] of { mtype, short, bool };
chan answer[4] = [1] of { bool };
bool up[4];   /* `on start` has returned */
bool redo[4]; /* is to be started again with somebody else */
byte supervisor_root_may_fail = 1;

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

proctype group_stores(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;

again:
    atomic {
        up[me] = true
    };
end:
    do
    :: atomic {
        box[me]?m, from, asked ->
        if
        :: m == m_get -> /* on get, deadlock.bst:8 */
            if
            :: skip
            :: ask(1, 2, m_price)
            fi;
            if
            :: skip
            :: fail(supervisor_root_may_fail); goto failed
            fi;
            reply(m_item)
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

proctype group_caches(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;

again:
    atomic {
        up[me] = true
    };
end:
    do
    :: atomic {
        box[me]?m, from, asked ->
        if
        :: m == m_price -> /* on price, deadlock.bst:9 */
            if
            :: skip
            :: ask(0, 2, m_get)
            fi;
            if
            :: skip
            :: fail(supervisor_root_may_fail); goto failed
            fi;
            reply(m_cost)
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

proctype group_user(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;

again:
    atomic {
        /* on start, deadlock.bst:10 */
        if
        :: skip
        :: ask(0, 2, m_get)
        fi;
        if
        :: skip
        :: fail(supervisor_root_may_fail); goto failed
        fi;
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
    od;

failed:
    if
    :: asked -> asked = false; answer[from]!false
    :: else -> skip
    fi;
    m = m_none; from = OUTSIDE;
    goto again
}

init
{
    run group_stores(0);
    up[0];
    run group_caches(1);
    up[1];
    run group_user(2);
    up[2];
    skip
}
