/*
 * The scanner: bytes to tokens with spans, and nothing else.
 *
 * There is one set of rules and no start condition. Rules recognise a token;
 * its value and all diagnostics come from compiler/lexer*.c. A second set
 * finds the end of a block of raw C.
 *
 * Both stop at the NUL byte behind the text: no rule but the one for NUL
 * itself matches one, so the text needs no other padding.
 */

#include "lexer.h"

/*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = lexer->marker;
    re2c:yyfill:enable = 0;

    digit   = [0-9];
    letter  = [A-Za-z_];
    word    = letter (letter | digit)*;
    whole   = digit (letter | digit)*;
    decimal = digit [0-9_]* ("." digit (letter | digit)*)+
            | digit [0-9_]* ("." digit [0-9_]*)? [eE] [+-] digit+;
*/

/* Ends a rule: the text of the token has been read up to `cursor`. */
#define TOKEN(name)                                                            \
    do {                                                                       \
        lexer->cursor = cursor;                                                \
        token->kind = BSTC_TOKEN_##name;                                       \
        return;                                                                \
    } while (0)

/* Ends a rule by a function that completes the token. */
#define COMPLETE(function)                                                     \
    do {                                                                       \
        lexer->cursor = cursor;                                                \
        function(lexer, token);                                                \
        return;                                                                \
    } while (0)

/* Ends a rule for a reserved word or a word that is one in places. */
#define WORD(name)                                                             \
    do {                                                                       \
        lexer->cursor = cursor;                                                \
        bstc_lex_word(lexer, token, BSTC_TOKEN_##name);                        \
        return;                                                                \
    } while (0)

/* Ends a rule for text between tokens: looks for the next token. */
#define SKIP(function)                                                         \
    do {                                                                       \
        lexer->cursor = cursor;                                                \
        function(lexer);                                                       \
        cursor = lexer->cursor;                                                \
        goto again;                                                            \
    } while (0)

void bstc_lex_scan(struct bstc_lexer *lexer, struct bstc_token *token)
{
    const unsigned char *cursor = lexer->cursor;

again:
    lexer->token = cursor;
    /*!re2c
    [ \t\v\f]+      { goto again; }
    [\r\n]+         { lexer->new_line = true; goto again; }
    "*/" | ".."     { SKIP(bstc_lex_bad); }
    "//"            { SKIP(bstc_lex_line_comment); }
    "/*"            { SKIP(bstc_lex_block_comment); }

    "use"           { WORD(USE); }
    "message"       { WORD(MESSAGE); }
    "actor"         { WORD(ACTOR); }
    "on"            { WORD(ON); }
    "sends"         { WORD(SENDS); }
    "asks"          { WORD(ASKS); }
    "supervisor"    { WORD(SUPERVISOR); }
    "children"      { WORD(CHILDREN); }
    "stream"        { WORD(STREAM); }
    "cluster"       { WORD(CLUSTER); }
    "ref"           { WORD(REF); }
    "struct"        { WORD(STRUCT); }
    "union"         { WORD(UNION); }
    "enum"          { WORD(ENUM); }
    "state"         { WORD(STATE); }
    "keep"          { WORD(KEEP); }
    "persist"       { WORD(PERSIST); }
    "args"          { WORD(ARGS); }
    "run"           { WORD(RUN); }
    "dynamic"       { WORD(DYNAMIC); }
    "listen"        { WORD(LISTEN); }
    "spawns"        { WORD(SPAWNS); }
    "every"         { WORD(EVERY); }
    "idle"          { WORD(IDLE); }
    "blocking"      { WORD(BLOCKING); }
    "within"        { WORD(WITHIN); }
    "as"            { WORD(AS); }
    "at"            { WORD(AT); }
    "node"          { WORD(NODE); }
    "outside"       { WORD(OUTSIDE); }
    "import"        { WORD(IMPORT); }
    "c"             { WORD(C); }
    "_"             { TOKEN(UNDERSCORE); }
    word            { WORD(ID); }

    whole           { COMPLETE(bstc_lex_number); }
    decimal         { COMPLETE(bstc_lex_number); }
    whole ".." (letter | digit)*  { COMPLETE(bstc_lex_range); }
    whole "%"       { COMPLETE(bstc_lex_percent); }
    decimal "%"     { COMPLETE(bstc_lex_percent); }
    "\""            { COMPLETE(bstc_lex_string); }

    "{"             { COMPLETE(bstc_lex_open); }
    "}"             { TOKEN(RBRACE); }
    "["             { TOKEN(LBRACKET); }
    "]"             { TOKEN(RBRACKET); }
    ";"             { TOKEN(SEMI); }
    ","             { TOKEN(COMMA); }
    "."             { TOKEN(DOT); }
    ":"             { TOKEN(COLON); }
    "="             { TOKEN(EQ); }
    "*"             { TOKEN(STAR); }
    "#"             { TOKEN(HASH); }
    "-"             { TOKEN(MINUS); }
    "<"             { COMPLETE(bstc_lex_angle); }
    ">"             { TOKEN(GT); }
    "=>"            { TOKEN(ARROW); }
    "=!>"           { TOKEN(ASKARROW); }
    "~>"            { TOKEN(TILDEARROW); }

    [\x00]          {
                        if (cursor > lexer->limit) {
                            lexer->cursor = lexer->limit;
                            lexer->token = lexer->limit;
                            token->kind = BSTC_TOKEN_EOF;
                            return;
                        }
                        SKIP(bstc_lex_bad);
                    }
    *               { SKIP(bstc_lex_bad); }
    */
}

bool bstc_lex_raw(struct bstc_lexer *lexer)
{
    const unsigned char *cursor = lexer->cursor;
    uint64_t depth = 0;

    for (;;) {
        /*!re2c
        any      = [^\x00];
        splice   = "\\" ("\r\n" | any);
        encoding = "u8" | [uUL];

        "{"      { depth++; continue; }
        "}"      {
                     if (--depth > 0)
                         continue;
                     lexer->cursor = cursor;
                     return true;
                 }
        "//" (splice | [^\x00\r\n\\])*                   { continue; }
        "/*" ([^*\x00] | "*"+ [^*/\x00])* "*"+ "/"       { continue; }
        encoding? "\"" (splice | [^\x00\r\n\\"])* "\""   { continue; }
        encoding? "'" (splice | [^\x00\r\n\\'])* "'"     { continue; }
        digit ("'"? (letter | digit) | ".")*             { continue; }
        word     { continue; }
        [\x00]   {
                     if (cursor <= lexer->limit)
                         continue;
                     lexer->cursor = lexer->limit;
                     return false;
                 }
        *        { continue; }
        */
    }
}
