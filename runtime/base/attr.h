#ifndef BST_BASE_ATTR_H
#define BST_BASE_ATTR_H

/*
 * Compiler attributes and small macros for the runtime's own files.
 *
 * This is the only header that asks which sanitizer a build has; everything
 * else tests BSTI_ASAN and BSTI_TSAN, which are always defined as 0 or 1.
 */

#include <stddef.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifndef __has_include
#define __has_include(x) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define BSTI_ASAN 1
#else
#define BSTI_ASAN 0
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define BSTI_TSAN 1
#else
#define BSTI_TSAN 0
#endif

/* Debug builds define BST_DEBUG as 1; CHECK=full defines BST_CHECK_FULL. */
#ifndef BST_DEBUG
#define BST_DEBUG 0
#endif
#ifndef BST_CHECK_FULL
#define BST_CHECK_FULL 0
#endif

#define BSTI_LIKELY(cond) __builtin_expect(!!(cond), 1)
#define BSTI_UNLIKELY(cond) __builtin_expect(!!(cond), 0)

/** Bytes that two cores never share unless they mean to. */
#define BSTI_CACHE_LINE 64

#define BSTI_ALIGNED(n) __attribute__((aligned(n)))
#define BSTI_NOINLINE __attribute__((noinline))
#define BSTI_UNUSED __attribute__((unused))
/** For functions that run between two stacks, where no shadow state fits. */
#define BSTI_NO_SANITIZE                                                       \
    __attribute__((no_sanitize_address, no_sanitize_thread))

/** The structure of type `type` whose field `member` lies at `ptr`. */
#define bsti_container_of(ptr, type, member)                                   \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define BSTI_MIN(a, b) ((a) < (b) ? (a) : (b))
#define BSTI_MAX(a, b) ((a) > (b) ? (a) : (b))
#define BSTI_ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
