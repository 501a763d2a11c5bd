/*
 * actor: who sent a message, and answers that are messages.
 */

#include "unit/support/rig.h"

#include "unit/unit.h"

static struct bst_supervisor *two(struct rig *rig)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(rig, top, "a");
    rig_child(rig, top, "b");
    return top;
}

static void start_two(struct rig *rig)
{
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
}

static bst_status tell_question(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    struct rig_order order = {rig_get, NULL};

    (void)arg;
    (void)answer;
    return bst_tell(rig_ref(self->rig, "b"), RIG_ASK, &order, sizeof order);
}

static void told_question_is_answered_by_a_message(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    two(&rig);
    start_two(&rig);
    rig_do(&rig, "b", rig_count, NULL);
    rig_do(&rig, "a", tell_question, NULL);
    rig_expect(&rig, "answer 1\n");
    /* Told from outside, nobody is there for the answer. */
    assert_int_equal(bst_tell(rig_ref(&rig, "b"), RIG_ASK,
                              &(struct rig_order){rig_get, NULL},
                              sizeof(struct rig_order)),
                     BST_OK);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, 1);
    rig_stop_quietly(&rig);
}

static bst_status reply_with_7(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    struct rig_answer seven = {7};
    bst_status status = bst_reply(self, RIG_ANSWER, &seven, sizeof seven);

    (void)arg;
    (void)answer;
    rig_note(self->rig, "reply %s", bst_status_name(status));
    return BST_OK;
}

static bst_status tell_to_reply(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    struct rig_order order = {reply_with_7, NULL};

    (void)arg;
    (void)answer;
    return bst_tell(rig_ref(self->rig, "b"), RIG_DO, &order, sizeof order);
}

static void reply_goes_to_the_sender(void **state)
{
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    rig_do(&rig, "a", tell_to_reply, NULL);
    rig_expect_unordered(&rig, "reply BST_OK\nanswer 7\n");
    rig_do(&rig, "b", reply_with_7, NULL);
    rig_expect(&rig, "reply BST_DEAD\n");
    rig_stop_quietly(&rig);
}

static bst_status note_sender(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    bst_ref sender = bst_sender(self);
    bst_ref a = rig_ref(self->rig, "a");

    (void)arg;
    (void)answer;
    rig_note(self->rig, "%s",
             sender.target == 0         ? "nobody"
             : bst_ref_equal(sender, a) ? "a"
                                        : "somebody");
    return BST_OK;
}

static bst_status ask_b(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    struct rig_order order = {note_sender, NULL};
    struct rig_answer found;

    (void)arg;
    (void)answer;
    return bst_ask(rig_ref(self->rig, "b"), RIG_ASK, &order, sizeof order,
                   &found, sizeof found, BST_DECLARED);
}

static void sender_is_the_asking_or_telling_process(void **state)
{
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    rig_do(&rig, "b", note_sender, NULL);
    rig_expect(&rig, "nobody\n");
    assert_int_equal(rig_ask(&rig, "b", note_sender, NULL, NULL), BST_OK);
    rig_expect(&rig, "nobody\n");
    rig_do(&rig, "a", ask_b, NULL);
    rig_expect(&rig, "a\n");
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_BOTH_WAYS(told_question_is_answered_by_a_message),
          RIG_BOTH_WAYS(reply_goes_to_the_sender),
          RIG_BOTH_WAYS(sender_is_the_asking_or_telling_process))
