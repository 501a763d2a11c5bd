/* Agreeing with the client about what can be used. */

#include "lsp/client.h"

#include <string.h>

#include "emit.h"
#include "lsp/tokens.h"

/* UTF-8 needs no counting; UTF-16 is what everybody knows. */
static enum bstc_units choose_units(const cJSON *offered)
{
    bool knows_utf8 = false;
    bool knows_utf16 = !cJSON_IsArray(offered) || !offered->child;
    bool knows_utf32 = false;
    const cJSON *item;

    cJSON_ArrayForEach(item, offered)
    {
        const char *name = cJSON_GetStringValue(item);

        knows_utf8 = knows_utf8 || (name && strcmp(name, "utf-8") == 0);
        knows_utf16 = knows_utf16 || (name && strcmp(name, "utf-16") == 0);
        knows_utf32 = knows_utf32 || (name && strcmp(name, "utf-32") == 0);
    }
    if (knows_utf8)
        return BSTC_UTF8;
    return knows_utf32 && !knows_utf16 ? BSTC_UTF32 : BSTC_UTF16;
}

void bstc_client_read(struct bstc_client *client, const cJSON *params)
{
    const cJSON *all = bstc_wire_at(params, "capabilities");
    const cJSON *general = bstc_wire_at(all, "general");
    const cJSON *text = bstc_wire_at(all, "textDocument");
    const cJSON *work = bstc_wire_at(all, "workspace");
    const cJSON *diagnostics = bstc_wire_at(text, "publishDiagnostics");

    client->encoding = choose_units(bstc_wire_at(general, "positionEncodings"));
    client->knows_related = bstc_wire_flag(diagnostics, "relatedInformation");
    client->knows_links = bstc_wire_flag(diagnostics, "codeDescriptionSupport");
    client->knows_tags = bstc_wire_at(diagnostics, "tagSupport") != NULL;
    client->knows_versions = bstc_wire_flag(diagnostics, "versionSupport");
    client->knows_tree = bstc_wire_flag(bstc_wire_at(text, "documentSymbol"),
                                        "hierarchicalDocumentSymbolSupport");
    client->knows_changes =
        bstc_wire_flag(bstc_wire_at(work, "workspaceEdit"), "documentChanges");
    client->knows_actions = bstc_wire_at(bstc_wire_at(text, "codeAction"),
                                         "codeActionLiteralSupport") != NULL;
    client->watches = bstc_wire_flag(
        bstc_wire_at(work, "didChangeWatchedFiles"), "dynamicRegistration");
}

static const char *encoding_name(enum bstc_units units)
{
    return units == BSTC_UTF8    ? "utf-8"
           : units == BSTC_UTF16 ? "utf-16"
                                 : "utf-32";
}

static void add_words(cJSON *object, const char *name, const char *const *words)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);

    for (; *words; words++)
        cJSON_AddItemToArray(array, cJSON_CreateString(*words));
}

static void add_completion(cJSON *can)
{
    static const char *const triggers[] = {".", "#", NULL};
    cJSON *completion = cJSON_AddObjectToObject(can, "completionProvider");

    add_words(completion, "triggerCharacters", triggers);
}

static void add_actions(cJSON *can)
{
    static const char *const kinds[] = {"quickfix", "source.fixAll", NULL};
    cJSON *actions = cJSON_AddObjectToObject(can, "codeActionProvider");

    add_words(actions, "codeActionKinds", kinds);
}

static void add_tokens(cJSON *can)
{
    cJSON *tokens = cJSON_AddObjectToObject(can, "semanticTokensProvider");
    cJSON *legend = cJSON_AddObjectToObject(tokens, "legend");

    add_words(legend, "tokenTypes", bstc_token_types);
    add_words(legend, "tokenModifiers", bstc_token_modifiers);
    cJSON_AddTrueToObject(tokens, "full");
}

static void add_sync(cJSON *can)
{
    enum { INCREMENTAL = 2 };
    cJSON *sync = cJSON_AddObjectToObject(can, "textDocumentSync");

    cJSON_AddTrueToObject(sync, "openClose");
    cJSON_AddNumberToObject(sync, "change", INCREMENTAL);
    cJSON_AddTrueToObject(sync, "save");
}

cJSON *bstc_client_answer(const struct bstc_client *client)
{
    static const char *const plain[] = {"hoverProvider",
                                        "definitionProvider",
                                        "referencesProvider",
                                        "documentHighlightProvider",
                                        "documentSymbolProvider",
                                        "foldingRangeProvider",
                                        "documentFormattingProvider"};
    cJSON *answer = cJSON_CreateObject();
    cJSON *can = cJSON_AddObjectToObject(answer, "capabilities");
    cJSON *info = cJSON_AddObjectToObject(answer, "serverInfo");
    cJSON *rename;

    cJSON_AddStringToObject(can, "positionEncoding",
                            encoding_name(client->encoding));
    add_sync(can);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        cJSON_AddTrueToObject(can, plain[i]);
    rename = cJSON_AddObjectToObject(can, "renameProvider");
    cJSON_AddTrueToObject(rename, "prepareProvider");
    add_completion(can);
    add_actions(can);
    add_tokens(can);
    cJSON_AddStringToObject(info, "name", "bastionc");
    cJSON_AddStringToObject(info, "version", BSTC_VERSION);
    return answer;
}

cJSON *bstc_client_watch(void)
{
    cJSON *params = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(params, "registrations");
    cJSON *entry = cJSON_CreateObject();
    cJSON *options;
    cJSON *watcher = cJSON_CreateObject();

    cJSON_AddItemToArray(list, entry);
    cJSON_AddStringToObject(entry, "id", "bst-files");
    cJSON_AddStringToObject(entry, "method", "workspace/didChangeWatchedFiles");
    options = cJSON_AddObjectToObject(entry, "registerOptions");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(options, "watchers"), watcher);
    cJSON_AddStringToObject(watcher, "globPattern", "**/*.bst");
    return params;
}
