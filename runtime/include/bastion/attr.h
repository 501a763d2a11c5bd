#ifndef BST_ATTR_H
#define BST_ATTR_H

/*
 * Compiler attributes and the C++ guard used by the public headers.
 */

#ifdef __cplusplus
#define BST_BEGIN_DECLS extern "C" {
#define BST_END_DECLS }
#define BST_NORETURN [[noreturn]]
#else
#define BST_BEGIN_DECLS
#define BST_END_DECLS
#define BST_NORETURN _Noreturn
#endif

#define BST_API __attribute__((visibility("default")))
#define BST_MUST_USE __attribute__((warn_unused_result))
#define BST_PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))

/** The version of the library these headers belong to. */
#define BST_VERSION "0.1.0"

#endif
