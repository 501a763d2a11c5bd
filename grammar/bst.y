/*
 * The grammar of .bst files.
 *
 * Each action is one call of a builder in compiler/ast*.c. The grammar is
 * permissive where a later check can say more than "syntax error": any word
 * may be a setting or a strategy, and a type may be several words.
 *
 * Lemon's own error recovery is not used. The driver in compiler/parse.c asks
 * bstc_parser_accepts() before it hands over a token, so nothing that would
 * be an error ever reaches the parser, and bstc_parser_panic() afterwards.
 * The reason: lemon detects an error after default reductions have changed
 * the stack, and then no longer knows what could have stood there.
 *
 * Some actions differ in a comment only: lemon merges rules with equal
 * actions, and more than two merged labels make clang see a fall-through.
 *
 * Words that are keywords only in places fall back to ID everywhere else, so
 * that a new one does not break existing files.
 */

%name bstc_parser
%token_prefix BSTC_TK_
%token_type {struct bstc_token}
%extra_context {struct bstc_builder *b}
%start_symbol file

/* 5 entries for each of 256 nested supervisors, and one statement. The lexer
 * refuses deeper nesting before this is full. */
%stack_size 2048

%include {
#include "ast_build.h"
#include "parse_grammar.h"

#define bstc_parser_ENGINEALWAYSONSTACK 1

void bstc_parserInit(void *parser, struct bstc_builder *b);
void bstc_parserFinalize(void *parser);
void bstc_parser(void *parser, int major, struct bstc_token minor);
int bstc_parserFallback(int token);
#ifndef NDEBUG
#include <stdio.h>
void bstc_parserTrace(FILE *file, char *prompt);
#endif
}

%token ID STRATEGY INT SIZE DURATION PERCENT RANGE FLOAT STRING ANGLE RAW.
%token LBRACE RBRACE LBRACKET RBRACKET SEMI COMMA DOT COLON EQ STAR HASH.
%token MINUS LT GT UNDERSCORE ARROW ASKARROW TILDEARROW.
%token USE MESSAGE ACTOR ON SENDS ASKS SUPERVISOR CHILDREN STREAM CLUSTER REF.
%token STRUCT UNION ENUM.
%token STATE KEEP PERSIST ARGS RUN DYNAMIC LISTEN SPAWNS EVERY IDLE BLOCKING.
%token WITHIN AS AT NODE OUTSIDE IMPORT C.

%fallback ID STATE KEEP PERSIST ARGS RUN DYNAMIC LISTEN SPAWNS EVERY IDLE
             BLOCKING WITHIN AS AT NODE OUTSIDE IMPORT C.

/* The words of the language are good names for fields. */
%token_class keyword MESSAGE|ACTOR|STREAM|CLUSTER|CHILDREN|SUPERVISOR|ON|USE
                     |REF|SENDS|ASKS.
%token_class fname ID|MESSAGE|ACTOR|STREAM|CLUSTER|CHILDREN|SUPERVISOR|ON|USE
                     |REF|SENDS|ASKS.
%token_class tag STRUCT|UNION|ENUM.
%token_class arrow ARROW|ASKARROW.
%token_class unsigned INT|SIZE|DURATION|PERCENT|RANGE|FLOAT|STRING|ID.

/* Everything lives in the arena; the bodies only name what lemon declares. */
%token_destructor { (void)b; (void)$$; }
%default_destructor { (void)b; (void)$$; }
%syntax_error { (void)yymajor; (void)yyminor; }

/* ---- files ------------------------------------------------------------- */

file ::= items.

items ::= .
items ::= items item(I).   { bstc_build_item(b, I); }

%type item {struct bstc_ast_item *}
item(A) ::= USE(U) STRING|ANGLE(N) SEMI.
                                      { A = bstc_build_include(b, &U, &N); }
item(A) ::= IMPORT(I) STRING(N) SEMI. { A = bstc_build_import(b, &I, &N); }
item(A) ::= C(C) RAW(R).              { A = bstc_build_raw_item(b, &C, &R); }
item(A) ::= MESSAGE(M) ID(N) answer(Q) mbody(F).
                                { A = bstc_build_message(b, &M, &N, Q, F); }
item(A) ::= ACTOR(W) ID(N) LBRACE amembers(P) RBRACE.
                                { A = bstc_build_actor(b, &W, &N, P); }
item(A) ::= ACTOR(W) ID(N) LBRACE amembers(P) error RBRACE.
                                { A = bstc_build_actor(b, &W, &N, P); }
item(A) ::= supervisor(S).      { A = bstc_build_supervisor_item(b, S); }
item(A) ::= CLUSTER(W) ID(N) LBRACE cmembers(P) RBRACE.
                                { A = bstc_build_cluster(b, &W, &N, P); }
item(A) ::= CLUSTER(W) ID(N) LBRACE cmembers(P) error RBRACE.
                                { A = bstc_build_cluster(b, &W, &N, P); }
item(A) ::= OUTSIDE(W) uses1(U) SEMI. { A = bstc_build_outside(b, &W, U); }
item(A) ::= attr(P).                  { A = bstc_build_setting_item(b, P); }
item(A) ::= error SEMI.               { A = NULL; }
item(A) ::= error RBRACE.             { A = NULL; }

/* ---- messages and fields ------------------------------------------------ */

%type answer {struct bstc_ast_name *}
answer(A) ::= .                 { A = NULL; /* no answer */ }
answer(A) ::= ASKARROW ID(N).   { A = bstc_build_name(b, &N); }

%type mbody {struct bstc_ast_field *}
mbody(A) ::= SEMI.                              { A = NULL; }
mbody(A) ::= LBRACE fields(F) RBRACE.           { A = F; }
mbody(A) ::= LBRACE fields(F) error RBRACE.     { A = F; }

%type fields {struct bstc_ast_field *}
fields(A) ::= .                          { A = NULL; /* no field */ }
fields(A) ::= fields(L) field(F).        { A = bstc_append_field(L, F); }

%type field {struct bstc_ast_field *}
field(A) ::= sized(F) init(V) SEMI.      { A = bstc_build_init(F, V); }
field(A) ::= error SEMI.                 { A = NULL; /* in fields */ }

%type sized {struct bstc_ast_field *}
sized(A) ::= plain(A).
sized(A) ::= plain(F) LBRACKET INT|SIZE|ID(N) RBRACKET.
                                         { A = bstc_build_array(b, F, &N); }

%type plain {struct bstc_ast_field *}
plain(A) ::= words(W).               { A = bstc_build_worded(b, W, NULL, NULL); }
plain(A) ::= words(W) keyword(N).    { A = bstc_build_worded(b, W, NULL, &N); }
plain(A) ::= words(W) STAR(S) fname(N). { A = bstc_build_worded(b, W, &S, &N); }
plain(A) ::= word(W) keyword(N).     { A = bstc_build_worded(b, W, NULL, &N); }
plain(A) ::= word(W) STAR(S) fname(N). { A = bstc_build_worded(b, W, &S, &N); }
plain(A) ::= tag(T) ID(N) fname(F).  { A = bstc_build_tagged(b, &T, &N, NULL, &F); }
plain(A) ::= tag(T) ID(N) STAR(S) fname(F).
                               { A = bstc_build_tagged(b, &T, &N, &S, &F); }
plain(A) ::= REF(T) ID(N) fname(F).
                               { A = bstc_build_tagged(b, &T, &N, NULL, &F); }

/* `words` are two or more: the last one is the name of the field unless more
 * follows. More than one before it is a mistake that the builder explains. */
%type word {struct bstc_words *}
word(A) ::= ID(W).                   { A = bstc_append_word(b, NULL, &W); }

%type words {struct bstc_words *}
words(A) ::= word(L) ID(W).          { A = bstc_append_word(b, L, &W); }
words(A) ::= words(L) ID(W).         { A = bstc_append_word(b, L, &W); }

%type init {struct bstc_ast_value *}
init(A) ::= .                        { A = NULL; /* no value */ }
init(A) ::= EQ value(V).             { A = V; }

/* ---- actors ------------------------------------------------------------- */

%type amembers {struct bstc_part *}
amembers(A) ::= .                          { A = NULL; /* an empty actor */ }
amembers(A) ::= amembers(L) amember(P).
                { A = bstc_append_part(L, P); /* of an actor */ }

%type amember {struct bstc_part *}
amember(A) ::= STATE(W) LBRACE sfields(F) RBRACE.
                                        { A = bstc_build_fields(b, &W, F); }
amember(A) ::= STATE(W) LBRACE sfields(F) error RBRACE.
                                        { A = bstc_build_fields(b, &W, F); }
amember(A) ::= ARGS(W) LBRACE fields(F) RBRACE.
                                        { A = bstc_build_fields(b, &W, F); }
amember(A) ::= ARGS(W) LBRACE fields(F) error RBRACE.
                                        { A = bstc_build_fields(b, &W, F); }
amember(A) ::= handler(H) uses(U) impl(I).
                                    { A = bstc_build_handler(b, H, U, I); }
amember(A) ::= attr(A).
amember(A) ::= error SEMI.              { A = NULL; /* in an actor */ }
amember(A) ::= error RAW.               { A = NULL; }

%type sfields {struct bstc_ast_field *}
sfields(A) ::= .                        { A = NULL; /* no state */ }
sfields(A) ::= sfields(L) sfield(F).    { A = bstc_append_field(L, F); }

%type sfield {struct bstc_ast_field *}
sfield(A) ::= field(A).
sfield(A) ::= KEEP|PERSIST(K) field(F). { A = bstc_build_keep(F, &K); }

%type handler {struct bstc_ast_handler *}
handler(A) ::= RUN(W).              { A = bstc_build_timer(b, &W, NULL); }
handler(A) ::= EVERY|IDLE(W) DURATION(D). { A = bstc_build_timer(b, &W, &D); }
handler(A) ::= on(A).
handler(A) ::= BLOCKING(W) on(H).   { A = bstc_build_blocking(H, &W); }

%type on {struct bstc_ast_handler *}
on(A) ::= pattern(A).
on(A) ::= pattern(H) TILDEARROW ID(N).  { A = bstc_build_emits(H, &N); }

%type pattern {struct bstc_ast_handler *}
pattern(A) ::= ON(O) ID|UNDERSCORE(N). { A = bstc_build_on(b, &O, NULL, &N); }
pattern(A) ::= ON(O) HASH(H) ID(N).    { A = bstc_build_on(b, &O, &H, &N); }

%type impl {struct bstc_ast_impl *}
impl(A) ::= arrow(W) ID(F) SEMI.       { A = bstc_build_impl(b, &W, &F); }
impl(A) ::= arrow(W) RAW(R).           { A = bstc_build_impl(b, &W, &R); }
impl(A) ::= SEMI.                      { A = bstc_build_impl(b, NULL, NULL); }

/* ---- who may be sent what ------------------------------------------------ */

%type uses {struct bstc_ast_use *}
uses(A) ::= .                          { A = NULL; /* no use */ }
uses(A) ::= uses1(A).

%type uses1 {struct bstc_ast_use *}
uses1(A) ::= use(U).                   { A = bstc_append_use(NULL, U); }
uses1(A) ::= uses1(L) use(U).          { A = bstc_append_use(L, U); }

%type use {struct bstc_ast_use *}
use(A) ::= SENDS(W) targets(T).        { A = bstc_build_use(b, &W, T, NULL); }
use(A) ::= ASKS(W) targets(T) within(D). { A = bstc_build_use(b, &W, T, D); }
use(A) ::= SPAWNS(W) ids(N).           { A = bstc_build_spawns(b, &W, N); }

%type within {struct bstc_ast_value *}
within(A) ::= .                        { A = NULL; /* no deadline */ }
within(A) ::= WITHIN DURATION(D).      { A = bstc_build_value(b, NULL, &D); }

%type targets {struct bstc_ast_target *}
targets(A) ::= target(T).              { A = bstc_append_target(NULL, T); }
targets(A) ::= targets(L) COMMA target(T). { A = bstc_append_target(L, T); }

%type target {struct bstc_ast_target *}
target(A) ::= ID(W) DOT ID(M).     { A = bstc_build_target(b, NULL, &W, &M); }
target(A) ::= HASH(H) ID(W) DOT ID(M). { A = bstc_build_target(b, &H, &W, &M); }

/* ---- supervision trees --------------------------------------------------- */

%type supervisor {struct bstc_ast_member *}
supervisor(A) ::= SUPERVISOR(W) ID(N) strategy(S) LBRACE smembers(P) RBRACE.
                            { A = bstc_build_supervisor(b, &W, &N, S, P); }
supervisor(A) ::= SUPERVISOR(W) ID(N) strategy(S) LBRACE smembers(P) error
                  RBRACE.   { A = bstc_build_supervisor(b, &W, &N, S, P); }

%type strategy {struct bstc_ast_name *}
strategy(A) ::= .                      { A = NULL; /* no strategy */ }
strategy(A) ::= COLON STRATEGY(S).     { A = bstc_build_name(b, &S); }

%type smembers {struct bstc_part *}
smembers(A) ::= .                          { A = NULL; /* an empty supervisor */ }
smembers(A) ::= smembers(L) smember(P).
                { A = bstc_append_part(L, P); /* of a supervisor */ }

%type smember {struct bstc_part *}
smember(A) ::= supervisor(S).          { A = bstc_build_member(b, S); }
smember(A) ::= group(G).               { A = bstc_build_member(b, G); }
smember(A) ::= hook(A).
smember(A) ::= attr(A).
smember(A) ::= error SEMI.             { A = NULL; /* in a supervisor */ }

%type group {struct bstc_ast_member *}
group(A) ::= CHILDREN(W) ID(N) as(S) extras(X) gbody(P).
                            { A = bstc_build_group(b, &W, &N, S, X, P); }
group(A) ::= LISTEN(W) STRING(T) ARROW ID(N) gbody(P).
                            { A = bstc_build_listen(b, &W, &T, &N, P); }
group(A) ::= STREAM(W) path(S) gbody(P).
                            { A = bstc_build_stream(b, &W, S, P); }

%type as {struct bstc_ast_name *}
as(A) ::= .                            { A = NULL; /* no other name */ }
as(A) ::= AS ID(N).                    { A = bstc_build_name(b, &N); }

%type extras {struct bstc_ast_group *}
extras(A) ::= at(T).      { A = bstc_build_extras(b, NULL, NULL, NULL, T); }
extras(A) ::= DYNAMIC(D) at(T).
                          { A = bstc_build_extras(b, &D, NULL, NULL, T); }
extras(A) ::= DYNAMIC(D) ID(W) INT|SIZE(V) at(T).
                          { A = bstc_build_extras(b, &D, &W, &V, T); }

%type at {struct bstc_ast_ident *}
at(A) ::= .                            { A = NULL; /* no node */ }
at(A) ::= AT ids(N).                   { A = N; }

%type ids {struct bstc_ast_ident *}
ids(A) ::= ID(N).                      { A = bstc_append_ident(b, NULL, &N); }
ids(A) ::= ids(L) COMMA ID(N).         { A = bstc_append_ident(b, L, &N); }

%type path {struct bstc_ast_ident *}
path(A) ::= stage(L) TILDEARROW ID(N). { A = bstc_append_ident(b, L, &N); }
path(A) ::= path(L) TILDEARROW ID(N).  { A = bstc_append_ident(b, L, &N); }

%type stage {struct bstc_ast_ident *}
stage(A) ::= ID(N).                    { A = bstc_append_ident(b, NULL, &N); }

%type hook {struct bstc_part *}
hook(A) ::= ON(O) ID(E) impl(I).       { A = bstc_build_hook(b, &O, &E, I); }

%type gbody {struct bstc_part *}
gbody(A) ::= SEMI.                             { A = NULL; }
gbody(A) ::= LBRACE attrs(P) RBRACE.           { A = P; }
gbody(A) ::= LBRACE attrs(P) error RBRACE.     { A = P; }

%type attrs {struct bstc_part *}
attrs(A) ::= .                         { A = NULL; /* an empty group */ }
attrs(A) ::= attrs(L) attr(P).
                { A = bstc_append_part(L, P); /* of a group */ }
attrs(A) ::= attrs(L) hook(P).
                { A = bstc_append_part(L, P); /* a hook of a group */ }
attrs(A) ::= attrs(L) error SEMI.      { A = L; }

/* ---- clusters ------------------------------------------------------------ */

%type cmembers {struct bstc_part *}
cmembers(A) ::= .                          { A = NULL; /* an empty cluster */ }
cmembers(A) ::= cmembers(L) cmember(P).
                { A = bstc_append_part(L, P); /* of a cluster */ }

%type cmember {struct bstc_part *}
cmember(A) ::= NODE(W) ID(N) STRING(S) SEMI.
                                    { A = bstc_build_node(b, &W, &N, &S); }
cmember(A) ::= attr(A).
cmember(A) ::= error SEMI.             { A = NULL; /* in a cluster */ }

/* ---- settings and values -------------------------------------------------- */

%type attr {struct bstc_part *}
attr(A) ::= ID(N) args(V) SEMI.        { A = bstc_build_setting(b, &N, V); }

%type args {struct bstc_ast_value *}
args(A) ::= .                          { A = NULL; /* no argument */ }
args(A) ::= args(L) arg(V).            { A = bstc_append_value(L, V); }

%type arg {struct bstc_ast_value *}
arg(A) ::= value(A).
arg(A) ::= GT|LT(T).                   { A = bstc_build_value(b, NULL, &T); }

%type value {struct bstc_ast_value *}
value(A) ::= unsigned(T).              { A = bstc_build_value(b, NULL, &T); }
value(A) ::= MINUS(M) INT|FLOAT(T).    { A = bstc_build_value(b, &M, &T); }

/* ---- what the driver asks ------------------------------------------------- */

%code {
/* The numbers of lemon and of the lexer are the same. */
#define SAME_NUMBER(name, text)                                              \
    _Static_assert((int)BSTC_TK_##name == (int)BSTC_TOKEN_##name, #name);
BSTC_TOKEN_LIST(SAME_NUMBER)

/* The states that a simulated parse has pushed, above the real stack. */
enum { SIMULATED_DEPTH = 64 };

struct simulation {
    const yyStackEntry *real; /* the top entry of the parser still valid */
    YYACTIONTYPE states[SIMULATED_DEPTH];
    unsigned depth;
};

/* The states are left as they are: only `depth` of them count. */
static void simulation_init(struct simulation *s, const yyParser *parser)
{
    s->real = parser->yytos;
    s->depth = 0;
}

static YYACTIONTYPE top_state(const struct simulation *s)
{
    return s->depth ? s->states[s->depth - 1] : s->real->stateno;
}

/* Goes on as if a rule had been reduced; false if there is no room. */
static bool simulate_reduce(struct simulation *s, unsigned rule)
{
    unsigned length = (unsigned)-yyRuleInfoNRhs[rule];
    unsigned popped = length < s->depth ? length : s->depth;

    s->depth -= popped;
    s->real -= length - popped;
    if (s->depth == SIMULATED_DEPTH)
        return false;
    s->states[s->depth] =
        yy_find_reduce_action(top_state(s), yyRuleInfoLhs[rule]);
    s->depth++;
    return true;
}

/* True if `state` has an entry for the token itself, not its fallback. */
static bool has_own_entry(YYACTIONTYPE state, int kind)
{
    return yy_lookahead[(int)yy_shift_ofst[state] + kind] == kind;
}

/* Simulates one token up to its shift. */
static bool simulate(struct simulation *s, int kind, bool own)
{
    for (;;) {
        YYACTIONTYPE state = top_state(s);
        YYACTIONTYPE action = yy_find_shift_action((YYCODETYPE)kind, state);

        if (action == YY_ACCEPT_ACTION)
            return true;
        if (action >= YY_MIN_REDUCE) {
            if (!simulate_reduce(s, (unsigned)action - YY_MIN_REDUCE))
                return true;
            continue;
        }
        if (action > YY_MAX_SHIFTREDUCE || (own && !has_own_entry(state, kind)))
            return false;
        if (s->depth == SIMULATED_DEPTH)
            return true;
        if (action > YY_MAX_SHIFT)
            action = (YYACTIONTYPE)(action +
                                    (YY_MIN_REDUCE - YY_MIN_SHIFTREDUCE));
        s->states[s->depth++] = action;
        return true;
    }
}

size_t bstc_parser_size(void)
{
    return sizeof(yyParser);
}

bool bstc_parser_accepts(const void *parser, const int *kinds, unsigned count)
{
    const yyParser *p = parser;
    struct simulation s;
    unsigned i;

    /* Most tokens are shifted at once: no need to simulate anything. */
    if (count == 1 && yy_find_shift_action((YYCODETYPE)kinds[0],
                                           p->yytos->stateno) <=
                          YY_MAX_SHIFTREDUCE)
        return true;
    simulation_init(&s, p);
    for (i = 0; i < count; i++) {
        if (!simulate(&s, kinds[i], false))
            return false;
    }
    return true;
}

bool bstc_parser_expects(const void *parser, int kind)
{
    struct simulation s;

    simulation_init(&s, parser);
    return simulate(&s, kind, true);
}

bool bstc_parser_panic(void *parser, const struct bstc_token *token)
{
    yyParser *p = parser;
    YYACTIONTYPE action;

    for (;;) {
        action = yy_find_shift_action((YYCODETYPE)token->kind,
                                      p->yytos->stateno);
        if (action < YY_MIN_REDUCE)
            break;
        yy_reduce(p, (unsigned)action - YY_MIN_REDUCE, token->kind, *token,
                  p->b);
    }
    while (p->yytos > p->yystack) {
        action = yy_find_reduce_action(p->yytos->stateno, YYERRORSYMBOL);
        if (action <= YY_MAX_SHIFTREDUCE) {
            yy_shift(p, action, YYERRORSYMBOL, *token);
            return true;
        }
        yy_pop_parser_stack(p);
    }
    return false;
}
}
