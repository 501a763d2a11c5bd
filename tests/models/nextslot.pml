/*
 * The next-slot: its owner fills and empties it without a locked instruction,
 * the monitor takes the process away from an owner that is slow.
 *
 * Shown: each process that was put in comes out once, by take or by steal,
 * also when it is put in again at once; when all comes to rest none is left.
 *
 * This model does not assume that memory is sequentially consistent: the
 * owner's stores wait in a buffer, as on x86, and reach memory in order but at
 * any later time. A lock and the barrier of the monitor empty the buffer.
 *
 * models: runtime/exec/slot.h bsti_slot_take 2915496695
 * models: runtime/exec/slot.h bsti_slot_put 1148971204
 * models: runtime/exec/slot.c bsti_slot_settle 2248599926
 * models: runtime/exec/slot.c bsti_slot_steal 1993138842
 *
 * quick: -DPUTS=4 -DSTEALS=3
 * full: -DPUTS=6 -DSTEALS=5
 * planted: -DPLANT_NO_BARRIER claims without a barrier
 * planted: -DPLANT_NO_CLAIM the owner trusts what it read
 */

#ifndef PUTS
#define PUTS 3
#endif
#ifndef STEALS
#define STEALS 2
#endif

#define EMPTY 0
#define PROCS 2

byte slot;             /* memory: the process, or EMPTY */
bool claimed;
bool lock;
byte stolen;

byte buffer[2];        /* stores of the owner that memory has not seen */
byte length;

bool inside[PROCS + 1]; /* put in and not come out; not in the program */
bool finished;

inline flush()
{
    atomic {
        do
        :: length == 0 -> break
        :: length > 0 ->
            slot = buffer[0];
            buffer[0] = buffer[1];
            buffer[1] = 0;
            length--
        od
    }
}

/* A store of the owner to the slot. */
inline store(value)
{
    atomic {
        length < 2;
        buffer[length] = value;
        length++
    }
}

/* The owner sees its own stores. */
inline load(value)
{
    atomic {
        if
        :: length == 0 -> value = slot
        :: else -> value = buffer[length - 1]
        fi
    }
}

inline come_out(proc)
{
    d_step {
        assert(inside[proc]);
        inside[proc] = false
    }
}

inline bsti_slot_settle(proc)
{
    atomic { !lock -> lock = true; flush() }
    atomic {
        if
        :: proc != EMPTY && stolen == proc -> proc = EMPTY
        :: else
        fi;
        stolen = EMPTY
    }
    claimed = false;
    lock = false
}

inline bsti_slot_take(proc)
{
    load(proc);
    if
    :: proc != EMPTY ->
        store(EMPTY);
#ifndef PLANT_NO_CLAIM
        if
        :: claimed -> bsti_slot_settle(proc)
        :: else
        fi;
#endif
        if
        :: proc != EMPTY -> come_out(proc)
        :: else
        fi
    :: else
    fi
}

inline bsti_slot_put(proc)
{
    if
    :: claimed -> nothing = EMPTY; bsti_slot_settle(nothing)
    :: else
    fi;
    atomic { inside[proc] = true; store(proc) }
}

/* A worker: it puts in what is nowhere and takes it out again. */
active proctype owner()
{
    byte proc, nothing, puts;

    do
    :: puts == PUTS -> break
    :: puts < PUTS ->
        puts++;
        if
        :: !inside[1] -> proc = 1
        :: !inside[2] -> proc = 2
        fi;
        bsti_slot_put(proc);
        bsti_slot_take(proc);
        proc = EMPTY
    od;
    finished = true
}

/* The processor of the owner. */
active proctype memory()
{
end:
    do
    :: atomic { length > 0 ->
            slot = buffer[0];
            buffer[0] = buffer[1];
            buffer[1] = 0;
            length--
        }
    od
}

inline bsti_slot_steal(proc)
{
    atomic { !lock -> lock = true }
    if
    :: claimed
    :: else ->
        claimed = true;
#ifndef PLANT_NO_BARRIER
        flush();
#endif
        proc = slot;
        if
        :: proc != EMPTY ->
            atomic { /* the compare-and-swap */
                if
                :: slot == proc -> slot = EMPTY
                :: else -> proc = EMPTY
                fi
            }
        :: else
        fi;
        stolen = proc
    fi;
    lock = false;
    if
    :: proc != EMPTY -> come_out(proc)
    :: else
    fi
}

active proctype monitor()
{
    byte proc, steals;

    do
    :: steals == STEALS -> break
    :: steals < STEALS ->
        bsti_slot_steal(proc);
        proc = EMPTY;
        steals++
    od
}

active proctype at_rest()
{
    timeout ->
        assert(finished && !lock && length == 0);
        assert(slot == EMPTY && !inside[1] && !inside[2])
}
