/*
 * The door of a dynamic group: a worker spawns and ends members without a
 * locked instruction, a thread without a nursery does so with the lock, and
 * the supervisor closes the door to stop the group.
 *
 * Shown: when the supervisor has seen to all members that it found, and has
 * heard from those that it watched, no member is left and none comes any more;
 * it waits for nobody who does not tell it; there are never more members than
 * places, no place is lost, and with a place left nobody is told that there is
 * none.
 *
 * As in nextslot.pml, the worker's stores wait in a buffer, and reach memory
 * in order but at any later time. A locked instruction of the worker and the
 * barrier of the others empty the buffer.
 *
 * models: runtime/actor/dynamic.h bsti_dynamic_go_in 3822288668
 * models: runtime/actor/dynamic.h bsti_dynamic_go_out 171856564
 * models: runtime/actor/dynamic.h bsti_dynamic_take_place 182575775
 * models: runtime/actor/dynamic.h bsti_dynamic_give_place 327433976
 * models: runtime/actor/dynamic.c wait_for_nurseries 711540922
 * models: runtime/actor/dynamic.c bsti_dynamic_shut 2806217832
 * models: runtime/actor/dynamic.c bsti_dynamic_tighten 3871647986
 * models: runtime/actor/spawn.c make 3420182472
 * models: runtime/actor/spawn.c spawn 3598097039
 * models: runtime/actor/retire.c bsti_dynamic_leave 3112973033
 * models: runtime/actor/retire.c cancel 1144670952
 * models: runtime/sup/crowd.c stop_member 2717447081
 *
 * quick: -DLIVES=2
 * quick: -DLIVES=1 -DFOREIGN=2
 * full: -DLIVES=3 -DFOREIGN=2
 * planted: -DPLANT_NO_BARRIER the door is closed without a barrier
 * planted: -DPLANT_NO_WAIT whoever is inside is not waited for
 * planted: -DPLANT_TORN_GONE looks for the watcher, then says that it is gone
 * planted: -DLIVES=2 -DPLANT_TIGHT_DECIDES says full while it empties nurseries
 * planted: -DPLANT_NO_COLLECT a tight group leaves places in the nursery
 */

#ifndef LIVES
#define LIVES 1 /* of the worker's children */
#endif
#ifndef FOREIGN
#define FOREIGN 1 /* of the other thread's */
#endif
#define MAX 1 /* places */

/* The door. */
#define TIGHT 1
#define STOPPING 4
#define EMPTIED 8

/* What makes the want of a place final. */
#ifdef PLANT_TIGHT_DECIDES
#define DECIDES TIGHT
#else
#define DECIDES EMPTIED
#endif

/* The events of a child. */
#define WATCHED 1
#define GONE 2

/* What the worker stores. */
#define BUSY 0
#define LIVE 1
#define PLACES 2

byte memory[3]; /* as others see it */
byte which[8];  /* stores that memory has not seen, the oldest first */
byte value[8];
byte length;

byte door;
byte room = MAX; /* places that nobody holds */
bool lock;
byte events;
bool note;

byte held; /* places; not in the program */
bool mine;    /* the worker's child is there */
bool stopped;
byte finished;

inline drain_one()
{
    memory[which[0]] = value[0];
    length--;
    i = 0;
    do
    :: i == length -> break
    :: i < length ->
        which[i] = which[i + 1];
        value[i] = value[i + 1];
        i++
    od;
    which[length] = 0;
    value[length] = 0;
    i = 0
}

inline flush()
{
    d_step {
        do
        :: length == 0 -> break
        :: length > 0 -> drain_one()
        od
    }
}

inline store(place, what)
{
    atomic {
        length < 8;
        which[length] = place;
        value[length] = what;
        length++
    }
}

/* The worker sees its own stores. */
inline load(place, what)
{
    d_step {
        what = memory[place];
        i = 0;
        do
        :: i == length -> break
        :: i < length ->
            if
            :: which[i] == place -> what = value[i]
            :: else
            fi;
            i++
        od;
        i = 0
    }
}

/* The processor of the worker. */
active proctype processor()
{
    byte i;

end:
    do
    :: d_step { length > 0 -> drain_one() }
    od
}

/* A place is taken, with whatever else happens in this step. */
inline come()
{
    held++;
    assert(held <= MAX && !stopped)
}

/* None can be had: somebody must have it. */
inline none_left()
{
    assert(!(seen & DECIDES) || held == MAX)
}

/* ---- whoever changes the door -------------------------------------------- */

inline wait_for_nurseries()
{
#ifndef PLANT_NO_BARRIER
    flush();
#endif
#ifndef PLANT_NO_WAIT
    memory[BUSY] == 0
#else
    skip
#endif
}

inline bsti_dynamic_shut()
{
    atomic { !lock -> lock = true }
    door = door | STOPPING;
    wait_for_nurseries();
    lock = false
}

inline bsti_dynamic_tighten()
{
    atomic { !lock -> lock = true }
    if
    :: door & TIGHT
    :: else ->
        door = door | TIGHT;
        wait_for_nurseries();
#ifndef PLANT_NO_COLLECT
        atomic { room = room + memory[PLACES]; memory[PLACES] = 0 }
#endif
        door = door | EMPTIED
    fi;
    lock = false
}

/* ---- the worker ---------------------------------------------------------- */

inline bsti_dynamic_go_in() { store(BUSY, 1); seen = door }
inline bsti_dynamic_go_out() { store(BUSY, 0) }

/* Shared places are taken and given with a locked instruction. */
inline bsti_dynamic_take_place()
{
    if
    :: seen & TIGHT ->
        atomic {
            flush();
            if
            :: room > 0 -> room--; come(); ok = true
            :: else -> none_left()
            fi
        }
    :: else ->
        load(PLACES, left);
        if
        :: left > 0 -> atomic { store(PLACES, left - 1); come() }; ok = true
        :: else ->
            atomic {
                flush();
                if
                :: room > 0 -> room--; come(); ok = true
                :: else
                fi
            }
        fi
    fi
}

inline bsti_dynamic_give_place()
{
    if
    :: seen & TIGHT -> atomic { flush(); room++; held-- }
    :: else -> load(PLACES, left); atomic { store(PLACES, left + 1); held-- }
    fi
}

inline make()
{
    ok = false;
    bsti_dynamic_go_in();
    if
    :: seen & STOPPING
    :: else ->
        bsti_dynamic_take_place();
        if
        :: ok -> atomic { mine = true; events = 0; store(LIVE, 1) }
        :: else
        fi
    fi;
    bsti_dynamic_go_out()
}

/* Tries again after the group was made tight. */
inline spawn()
{
    make();
    do
    :: ok || (seen & (STOPPING | DECIDES)) -> break
    :: else -> bsti_dynamic_tighten(); make()
    od
}

/* The door is closed: the supervisor is told if it waits for that. */
inline cancel()
{
#ifndef PLANT_TORN_GONE
    atomic { flush(); old = events; events = events | GONE }
#else
    old = events;
    atomic { flush(); events = events | GONE }
#endif
    if
    :: old & WATCHED -> atomic { mine = false; note = true }
    :: else -> atomic { mine = false; store(LIVE, 0) }
    fi;
    atomic { flush(); room++; held-- }
}

inline bsti_dynamic_leave()
{
    bsti_dynamic_go_in();
    if
    :: seen & STOPPING -> bsti_dynamic_go_out(); cancel()
    :: else ->
        atomic { mine = false; store(LIVE, 0) };
        bsti_dynamic_give_place();
        bsti_dynamic_go_out()
    fi
}

active proctype worker()
{
    byte i, seen, left, old, lives;
    bool ok;

    do
    :: lives == LIVES -> break
    :: lives < LIVES ->
        lives++;
        spawn();
        if
        :: ok -> bsti_dynamic_leave()
        :: else
        fi
    od;
    finished++
}

/* ---- a thread without a nursery ------------------------------------------ */

/* Its children are not modelled any further: they come and go inside. */
inline foreign_make()
{
    ok = false;
    atomic { !lock -> lock = true }
    seen = door;
    if
    :: seen & STOPPING
    :: else ->
        atomic {
            if
            :: room > 0 -> room--; come(); ok = true
            :: else -> none_left()
            fi
        };
        if
        :: ok -> atomic { held--; room++ }
        :: else
        fi
    fi;
    lock = false
}

active proctype foreign()
{
    byte i, seen, lives;
    bool ok;

    do
    :: lives == FOREIGN -> break
    :: lives < FOREIGN ->
        lives++;
        foreign_make();
        do
        :: ok || (seen & (STOPPING | DECIDES)) -> break
        :: else -> bsti_dynamic_tighten(); foreign_make()
        od
    od;
    finished++
}

/* ---- the supervisor ------------------------------------------------------ */

inline stop_member()
{
    atomic { old = events; events = events | WATCHED }
    if
    :: old & GONE
    :: else -> outstanding = true
    fi
}

active proctype supervisor()
{
    byte i, old;
    bool outstanding;

    bsti_dynamic_shut();
    if
    :: memory[LIVE] -> stop_member()
    :: else
    fi;
    if
    :: outstanding -> note
    :: else
    fi;
    /* One that is on its way out by itself is none any more. */
    atomic {
        assert(!mine || (events & GONE));
        stopped = true
    };
    finished++
}

active proctype at_rest()
{
    timeout ->
        assert(finished == 3 && !lock && length == 0);
        assert(held == 0 && memory[BUSY] == 0);
        assert(room + memory[PLACES] == MAX)
}
