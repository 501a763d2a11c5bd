/*
 * stream.pml - the model of stream.bst for SPIN. Generated; do not edit.
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
 *   - a group has at most 2 members, a mailbox at most 1 places;
 *   - a handler sends what it declares once, in the order of the file;
 *   - a handler runs without others in between, but where it waits;
 *   - each timer and the outside act once, each budget allows for one failure,
 *     and nothing escalates;
 *   - the system is not stopped, and nothing ends by itself;
 *   - an answer is not put off by `..._later()`;
 *   - `idle`, `on down`, `on stop`, hooks and stashes are left out.
 *
 * spin -a stream.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan -m100000
 */

mtype = { m_none, m_line, m_word, m_report, m_done };

#define OUTSIDE 5 /* the number of who is no member */
#define ROOM 1
#define TICKS 1

/* message, sender, whether the sender waits for the answer */
chan box[6] = [ROOM] of { mtype, short, bool };
chan answer[6] = [1] of { bool };
bool up[6];   /* `on start` has returned */
bool redo[6]; /* is to be started again with somebody else */
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

/* One with `overflow block` has its senders wait. */
inline wait_and_tell(to, room, kind)
{
    atomic { len(box[to]) < room -> box[to]!kind, me, false }
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

proctype group_desk(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;
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
        :: m == m_report -> /* on report, stream.bst:18 */
            if
            :: skip
            :: fail(supervisor_root_may_fail); goto failed
            fi
        :: m == m_done -> /* on done, stream.bst:18 */
            if
            :: skip
            :: fail(supervisor_root_may_fail); goto failed
            fi
        :: else ->
            skip
        fi;
        m = m_none; from = OUTSIDE
       }
    :: atomic { /* run, stream.bst:18 */
        ticks_0 > 0 -> ticks_0--;
        if
        :: skip
        :: tell(me, 1, m_done)
        fi;
        if
        :: skip
        :: fail(supervisor_root_may_fail); goto failed
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
        :: child < 5 ->
            redo[child] = up[child];
            child++
        :: else -> break
        od;
        child = 0;
        redo[me] = false
    };
    goto again
}

proctype group_tally(short me)
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
        :: m == m_word -> /* on word, stream.bst:17 */
            if
            :: skip
            :: tell(0, 1, m_report)
            fi;
            if
            :: skip
            :: fail(supervisor_root_may_fail); goto failed
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
    d_step {
        child = me + 1;
        do
        :: child < 5 ->
            redo[child] = up[child];
            child++
        :: else -> break
        od;
        child = 0;
        redo[me] = false
    };
    goto again
}

proctype group_splitter(short me)
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
        :: m == m_line -> /* on line, stream.bst:16 */
            if
            :: skip
            :: wait_and_tell(1, ROOM, m_word)
            fi;
            if
            :: skip
            :: fail(supervisor_root_may_fail); goto failed
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
    d_step {
        child = me + 1;
        do
        :: child < 5 ->
            redo[child] = up[child];
            child++
        :: else -> break
        od;
        child = 0;
        redo[me] = false
    };
    goto again
}

proctype group_reader(short me)
{
    mtype m = m_none;
    short from = OUTSIDE, child;
    bool asked;
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
        :: else ->
            skip
        fi;
        m = m_none; from = OUTSIDE
       }
    :: atomic { /* on demand, stream.bst:15 */
        ticks_0 > 0 -> ticks_0--;
        if
        :: skip
        :: wait_and_tell(2, ROOM, m_line)
        :: wait_and_tell(3, ROOM, m_line)
        fi;
        if
        :: skip
        :: fail(supervisor_root_may_fail); goto failed
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
        :: child < 5 ->
            redo[child] = up[child];
            child++
        :: else -> break
        od;
        child = 0;
        redo[me] = false
    };
    goto again
}

init
{
    run group_desk(0);
    up[0];
    run group_tally(1);
    up[1];
    run group_splitter(2);
    up[2];
    run group_splitter(3);
    up[3];
    run group_reader(4);
    up[4];
    skip
}
