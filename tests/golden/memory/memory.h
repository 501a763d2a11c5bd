/* What the state of a shelf holds, known to C alone. */
#ifndef MEMORY_H
#define MEMORY_H

#ifndef ITEMS
#define ITEMS 100
#endif

struct items {
    long prices[ITEMS];
};

#endif
