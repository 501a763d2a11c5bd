/* Prints what is called back, and drives the program through its life. */

#include "callbacks.h"
#include "callbacks.bst.h"

#include <stdio.h>
#include <stdlib.h>

static const char *exit_text(enum bst_exit how)
{
    static const char *const texts[] = {
        "nothing before", "ended normally", "shut down",      "failed",
        "killed",         "declined",       "failed to start"};

    return texts[how];
}

void note(const struct bst_event *event, const char *what)
{
    printf("%s %s#%llu: %s", what, event->path,
           (unsigned long long)event->incarnation + 1, exit_text(event->exit));
    if (event->message)
        printf(", handling %s", event->message);
    if (event->fault[0])
        printf(", because %s", event->fault);
    printf("\n");
    fflush(stdout);
}

bst_status note_before_start(const struct bst_event *event)
{
    note(event, "before_start");
    return BST_OK;
}

bst_status note_after_start(const struct bst_event *event)
{
    note(event, "after_start");
    return BST_OK;
}

bst_status note_before_restart(const struct bst_event *event)
{
    note(event, "before_restart");
    return BST_OK;
}

bst_status note_after_restart(const struct bst_event *event)
{
    note(event, "after_restart");
    return BST_OK;
}

bst_status note_after_stop(const struct bst_event *event)
{
    note(event, "after_stop");
    return BST_OK;
}

/* The first failure is left to the strategy, the next one is not. */
enum bst_decision first_failed(const struct bst_failure *failure)
{
    printf("decide about %s, restarted %llu times by %s\n", failure->child.path,
           (unsigned long long)failure->restarts, failure->supervisor);
    return failure->restarts == 0 ? BST_DECIDE_DEFAULT : BST_DECIDE_ESCALATE;
}

static void say(void *self, const char *what)
{
    char path[64];

    bst_path(self, path, sizeof path);
    printf("%s: %s\n", path, what);
    fflush(stdout);
}

bst_status worker_start(struct worker *self)
{
    say(self, "on start");
    return BST_OK;
}

bst_status worker_restart(struct worker *self)
{
    say(self, "on restart");
    return BST_OK;
}

bst_status worker_work(struct worker *self, const struct work *m)
{
    if (m->n == 2)
        bst_panic(self, "work %u is too much", (unsigned)m->n);
    if (m->n == 3)
        abort();
    say(self, "on work");
    return BST_OK;
}

bst_status worker_stop(struct worker *self)
{
    say(self, "on stop");
    return BST_OK;
}

/* A step every so many ticks, so that the one before has had its effect. */
bst_status driver_step(struct driver *self)
{
    switch (self->step++) {
    case 100:
        return worker_tell_work(self->to.first, &(struct work){.n = 1});
    case 200:
        return worker_tell_leave(self->to.second);
    case 300:
        return worker_tell_work(self->to.first, &(struct work){.n = 2});
    case 400:
        return worker_tell_work(self->to.first, &(struct work){.n = 3});
    case 500:
        bst_stop_system(self);
        return BST_OK;
    default:
        return BST_OK;
    }
}

int main(int argc, char **argv)
{
    return bst_main(&callbacks_app, argc, argv);
}
