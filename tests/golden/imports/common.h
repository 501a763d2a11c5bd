#ifndef COMMON_H
#define COMMON_H
enum { STORE_KEYS = 8 };
enum mode { MODE_OPEN, MODE_CLOSED };
struct limits {
    int low;
    int high;
};
#endif
