#ifndef FIELDS_H
#define FIELDS_H

#include <stdint.h>

enum color { RED, GREEN, BLUE };
enum { SIDES = 3 };

struct point {
    int x, y;
};
union number {
    int64_t i;
    double f;
};
typedef uint32_t handle_of;

#endif
