#ifndef BST_SUPERVISOR_H
#define BST_SUPERVISOR_H

/*
 * Supervisors while they run: children are added and removed, terminated and
 * restarted, counted and listed.
 *
 * A supervisor is named by its path, such as "/shop/tills", or by its name
 * alone: then it is the first one of that name, outer ones and earlier ones
 * first. A child is named by its name; of a group of several, "till" is all
 * members and "till/3" one. `who` is the path of a child or of a supervisor,
 * or, if there is only one, its name.
 *
 * Each call exists twice: bst_child_...(self, ...) in a handler, which is
 * suspended meanwhile, and bst_system_child_...(system, ...) on any thread that
 * is not part of the system, which blocks. The rules are those of OTP's
 * supervisors: requests are served one by one, between the restarts and stops
 * that the supervisor is busy with. Only alive and find do not wait for their
 * turn, and kill and stop for nobody.
 *
 * Errors of all: BST_NOT_FOUND, BST_DEAD (the supervisor does not run, or has
 * ended meanwhile), BST_NOMEM, BST_INVALID (a call from a cleanup, or from a
 * thread that the call is not for), and in a handler BST_STOPPING (it was asked
 * to stop meanwhile; what it asked for is still done).
 */

#include <bastion/topology.h>

BST_BEGIN_DECLS

/** Whether a child runs. */
enum bst_child_condition {
    BST_CHILD_DOWN,
    BST_CHILD_UP,
    BST_CHILD_RESTARTING /* it has failed, and begins again soon */
};

/** One child, as bst_child_list() gives it. */
struct bst_child_info {
    const char *name; /* in its table */
    uint32_t index;   /* among the members of its group */
    enum bst_child_condition condition;
    int is_supervisor;
    enum bst_lifetime lifetime;
    uint64_t number; /* of its incarnation, or of the last one, from 1 */
    bst_ref ref;     /* all zero for a supervisor */
};

/** How many children a supervisor has. */
struct bst_child_counts {
    uint32_t specs; /* that are listed */
    uint32_t active;
    uint32_t supervisors; /* among those that are listed */
    uint32_t workers;
};

/**
 * Adds a child behind the others and waits until it is up. It is forgotten
 * when its supervisor ends or is restarted, and a temporary one when it ends.
 *
 * Ownership: `child` must outlive the system with all that it points to, but
 * for the two pointers themselves. The same tables may be added again.
 * `*ref`, unless `ref` is NULL, is the child, or the group if it has several
 * members or is dynamic; all zero for a supervisor, or if the child declined
 * to start. It is written only when the result is BST_OK. bst_group_ref() and
 * bst_group_spawn() find groups that were added by their tables, whose `index`
 * means nothing then.
 *
 * Errors: BST_ALREADY_STARTED, BST_ALREADY_PRESENT, BST_BAD_COMBINATION
 * (significant and permanent, or below a supervisor without `auto_shutdown`),
 * BST_FAILED (its start failed; nothing of it is left), BST_INVALID (a faulty
 * table).
 */
BST_API bst_status bst_child_add(void *self, const char *supervisor,
                                 const struct bst_child *child, bst_ref *ref);
BST_API bst_status bst_system_child_add(struct bst_system *system,
                                        const char *supervisor,
                                        const struct bst_child *child,
                                        bst_ref *ref);

/**
 * Stops a child, as at shutdown, and waits until it has ended. It stays listed
 * unless it is temporary. This is no failure, and no end by itself.
 */
BST_API bst_status bst_child_terminate(void *self, const char *supervisor,
                                       const char *child);
BST_API bst_status bst_system_child_terminate(struct bst_system *system,
                                              const char *supervisor,
                                              const char *child);

/**
 * Starts a child that does not run. References to it are valid again.
 *
 * Errors: BST_RUNNING, BST_RESTARTING, BST_FAILED (its start failed).
 */
BST_API bst_status bst_child_restart(void *self, const char *supervisor,
                                     const char *child);
BST_API bst_status bst_system_child_restart(struct bst_system *system,
                                            const char *supervisor,
                                            const char *child);

/**
 * Removes a child that does not run, until its supervisor begins anew.
 *
 * Errors: BST_RUNNING, BST_RESTARTING.
 */
BST_API bst_status bst_child_delete(void *self, const char *supervisor,
                                    const char *child);
BST_API bst_status bst_system_child_delete(struct bst_system *system,
                                           const char *supervisor,
                                           const char *child);

/** Counts the children. */
BST_API bst_status bst_child_count(void *self, const char *supervisor,
                                   struct bst_child_counts *counts);
BST_API bst_status bst_system_child_count(struct bst_system *system,
                                          const char *supervisor,
                                          struct bst_child_counts *counts);

/**
 * Lists the children in order: at most `room` of them are written to `list`,
 * and how many there are to `*length`.
 */
BST_API bst_status bst_child_list(void *self, const char *supervisor,
                                  struct bst_child_info *list, size_t room,
                                  size_t *length);
BST_API bst_status bst_system_child_list(struct bst_system *system,
                                         const char *supervisor,
                                         struct bst_child_info *list,
                                         size_t room, size_t *length);

/** Gives the reference of a child, or of a group of several. */
BST_API bst_status bst_child_find(void *self, const char *who, bst_ref *ref);
BST_API bst_status bst_system_child_find(struct bst_system *system,
                                         const char *who, bst_ref *ref);

/** Returns BST_OK if it runs, and BST_DEAD if not. */
BST_API bst_status bst_child_alive(void *self, const char *who);
BST_API bst_status bst_system_child_alive(struct bst_system *system,
                                          const char *who);

/**
 * Kills a child, without its `on stop`; its supervisor sees a failure. The
 * children of a supervisor are killed with it. Returns at once, when the child
 * may not have ended yet. BST_DEAD: the child has ended for good.
 */
BST_API bst_status bst_child_kill(void *self, const char *who);
BST_API bst_status bst_system_child_kill(struct bst_system *system,
                                         const char *who);

/**
 * Asks a supervisor to stop its children and to end, as by itself: one that is
 * permanent is started again. Returns at once; nothing happens if it does not
 * run.
 */
BST_API bst_status bst_child_stop(void *self, const char *supervisor);
BST_API bst_status bst_system_child_stop(struct bst_system *system,
                                         const char *supervisor);

BST_END_DECLS

#endif
