/* compiler/lsp/offer.c, atoms.c, values.c: what can be written at a place. */

#include "front.h"

#include "lsp/offer.h"
#include "lsp/values.h"
#include "lsp/words.h"

/* Finds out about the place of the `|` in a text, which is taken out. */
static void look(struct front *f, struct bstc_place_context *place,
                 const char *text)
{
    const char *bar = strchr(text, '|');
    size_t before = (size_t)(bar - text);
    char whole[1024];
    struct bstc_atoms atoms;

    snprintf(whole, sizeof whole, "%.*s%s", (int)before, text, bar + 1);
    front_init(f, whole);
    bstc_atoms_init(&atoms, &f->context, f->source);
    bstc_place_context_init(place, &atoms, (uint32_t)before);
}

static void expect(enum bstc_offer offer, const char *text)
{
    struct bstc_place_context place;
    struct front f;

    look(&f, &place, text);
    if (place.offer != offer)
        fail_msg("%d instead of %d: %s", (int)place.offer, (int)offer, text);
    front_fini(&f);
}

static void expect_block(enum bstc_block block, const char *text)
{
    struct bstc_place_context place;
    struct front f;

    look(&f, &place, text);
    assert_int_equal(place.offer, BSTC_OFFER_STATEMENT);
    assert_int_equal(place.block, block);
    front_fini(&f);
}

static void statements_are_offered_by_block(void **state)
{
    (void)state;
    expect_block(BSTC_BLOCK_FILE, "|");
    expect_block(BSTC_BLOCK_FILE, "message a;\nmess|");
    expect_block(BSTC_BLOCK_ACTOR, "actor a { | }");
    expect_block(BSTC_BLOCK_ACTOR, "actor a { state { u8 x; } o|");
    expect_block(BSTC_BLOCK_ACTOR, "actor a { on start => { c } |");
    expect_block(BSTC_BLOCK_SUPERVISOR, "supervisor s { children a; |");
    expect_block(BSTC_BLOCK_GROUP, "supervisor s { children a { mail|");
    expect_block(BSTC_BLOCK_STREAM, "supervisor s { stream a ~> b { |");
    expect_block(BSTC_BLOCK_CLUSTER, "cluster c { | }");
    expect_block(BSTC_BLOCK_FILE, "actor a {\n on x => y;\nmessage m;\n|");
    expect_block(BSTC_BLOCK_ACTOR, "actor a {\n on x sends b.c\n on|");
}

static void handlers_are_followed_word_by_word(void **state)
{
    (void)state;
    expect(BSTC_OFFER_EVENT, "actor a { on |");
    expect(BSTC_OFFER_EVENT, "actor a { on st|");
    expect(BSTC_OFFER_MESSAGE, "actor a { on #|");
    expect(BSTC_OFFER_USE, "actor a { on start |");
    expect(BSTC_OFFER_TARGET, "actor a { on start sends |");
    expect(BSTC_OFFER_GROUP, "actor a { on start sends #|");
    expect(BSTC_OFFER_TARGET, "actor a { on start sends x.y, |");
    expect(BSTC_OFFER_GROUP, "actor a { on start spawns |");
    expect(BSTC_OFFER_GROUP, "actor a { on start spawns x, |");
    expect(BSTC_OFFER_USE, "actor a { on start asks x.y |");
    expect(BSTC_OFFER_NOTHING, "actor a { on start asks x.y within |");
    expect(BSTC_OFFER_USE, "actor a { on start asks x.y within 1s |");
    expect(BSTC_OFFER_FUNCTION, "actor a { on start => |");
    expect(BSTC_OFFER_FUNCTION, "actor a { on start =!> f|");
    expect(BSTC_OFFER_MESSAGE, "actor a { on demand ~> |");
    expect(BSTC_OFFER_ON, "actor a { blocking |");
    expect(BSTC_OFFER_NOTHING, "actor a { every |");
    expect(BSTC_OFFER_USE, "actor a { every 1s |");
    expect(BSTC_OFFER_TARGET, "outside sends |");
    expect(BSTC_OFFER_HOOK, "supervisor s { on |");
    expect(BSTC_OFFER_HOOK, "supervisor s { children a { on |");
}

static void other_statements_are_followed_too(void **state)
{
    (void)state;
    expect(BSTC_OFFER_TYPE, "message m { |");
    expect(BSTC_OFFER_TYPE, "message m { u8 a; u|");
    expect(BSTC_OFFER_NOTHING, "message m { u8 |");
    expect(BSTC_OFFER_ACTOR, "message m { ref |");
    expect(BSTC_OFFER_TYPE, "actor a { state { keep |");
    expect(BSTC_OFFER_MESSAGE, "message q =!> |");
    expect(BSTC_OFFER_NOTHING, "message |");
    expect(BSTC_OFFER_STRATEGY, "supervisor s : |");
    expect(BSTC_OFFER_STRATEGY, "supervisor s : one-f|");
    expect(BSTC_OFFER_ACTOR, "supervisor s { children |");
    expect(BSTC_OFFER_GROUP_WORD, "supervisor s { children a |");
    expect(BSTC_OFFER_NOTHING, "supervisor s { children a as |");
    expect(BSTC_OFFER_MAX, "supervisor s { children a dynamic |");
    expect(BSTC_OFFER_NODE, "supervisor s { children a at |");
    expect(BSTC_OFFER_GROUP, "supervisor s { stream a ~> |");
    expect(BSTC_OFFER_GROUP, "supervisor s { listen \"x\" => |");
    expect(BSTC_OFFER_VALUE, "supervisor s { restart |");
    expect(BSTC_OFFER_VALUE, "supervisor s { children a { mailbox 7 |");
    expect(BSTC_OFFER_NOTHING, "supervisor s { nonsense |");
}

static void text_is_left_alone(void **state)
{
    (void)state;
    expect(BSTC_OFFER_NOTHING, "// comm|ent\nmessage a;");
    expect(BSTC_OFFER_NOTHING, "// comment|");
    expect(BSTC_OFFER_NOTHING, "/* a | b */");
    expect(BSTC_OFFER_STATEMENT, "/* a b */|");
    expect(BSTC_OFFER_NOTHING, "import \"a|b\";");
    expect(BSTC_OFFER_NOTHING, "use <std|io.h>;");
    expect(BSTC_OFFER_NOTHING, "actor a { on start => { int |x; } }");
    expect(BSTC_OFFER_NOTHING, "actor a { on start => { int | ");
}

static void the_place_knows_what_is_around_it(void **state)
{
    struct bstc_place_context place;
    struct front f;

    (void)state;
    look(&f, &place, "actor a { on x sends #g.re|st asks h.q => f; }");
    assert_int_equal(place.offer, BSTC_OFFER_UNDERSTOOD);
    assert_string_equal(place.who, "g");
    assert_string_equal(place.actor, "a");
    assert_true(place.casts);
    assert_false(place.asks);
    assert_int_equal(place.start, 24);
    assert_int_equal(place.end, 28);
    front_fini(&f);
    look(&f, &place, "actor a { on x sends g.m asks h.| within 1s => f; }");
    assert_string_equal(place.who, "h");
    assert_true(place.asks);
    assert_false(place.casts);
    front_fini(&f);
    look(&f, &place, "actor a { } outside sends b.|");
    assert_null(place.actor);
    front_fini(&f);
}

/* ---- settings ------------------------------------------------------------ */

static void append(void *arg, const char *word, size_t length)
{
    char *text = arg;

    sprintf(text + strlen(text), "%s%.*s", *text ? " " : "", (int)length, word);
}

/* `written` holds words; a digit stands for what is none. */
static void expect_values(const char *name, const char *written,
                          const char *wanted)
{
    char copy[256];
    const char *words[16];
    size_t count = 0;
    char got[512] = "";

    snprintf(copy, sizeof copy, "%s", written);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        words[count++] = *word >= '0' && *word <= '9' ? NULL : word;
    bstc_values_next(bstc_word_setting(name, ~0u), words, count, append, got);
    assert_string_equal(got, wanted);
}

static void values_follow_the_pattern_of_a_setting(void **state)
{
    (void)state;
    expect_values("restart", "", "always never");
    expect_values("restart", "5", "in backoff then");
    expect_values("restart", "5 in", "");
    expect_values("restart", "5 in 1 then", "escalate remove");
    expect_values("restart", "5 then remove", "in backoff");
    expect_values("restart", "5 backoff", "linear exponential");
    expect_values("restart", "5 backoff linear 1", "to in then");
    expect_values("backoff", "", "linear exponential");
    expect_values("backoff", "exponential 1", "factor to jitter");
    expect_values("backoff", "exponential 1 to 2", "factor jitter");
    expect_values("mailbox", "", "");
    expect_values("mailbox", "9", "keep drop persist overflow");
    expect_values("mailbox", "9 drop", "overflow");
    expect_values("mailbox", "9 overflow",
                  "reject drop_oldest drop_newest block");
    expect_values("lifetime", "", "permanent transient temporary");
    expect_values("dispatch", "",
                  "round_robin least_loaded random hash broadcast by");
    expect_values("resize", "1", "when grow shrink");
    expect_values("resize", "1 when", "mailbox");
    expect_values("shutdown", "", "kill infinite");
    expect_values("significant", "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_are_offered_by_block),
        cmocka_unit_test(handlers_are_followed_word_by_word),
        cmocka_unit_test(other_statements_are_followed_too),
        cmocka_unit_test(text_is_left_alone),
        cmocka_unit_test(the_place_knows_what_is_around_it),
        cmocka_unit_test(values_follow_the_pattern_of_a_setting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
