/* What is shown about the word under the pointer. */

#include <string.h>

#include "fields.h"
#include "lsp/features.h"
#include "lsp/offer.h"
#include "lsp/wire.h"
#include "lsp/words.h"

static const char *about_name(const struct bstc_atom *atom,
                              const struct bstc_atom *previous,
                              struct bstc_arena *arena)
{
    const struct bstc_type *type = bstc_type_find(atom->text);
    const struct bstc_word *word = NULL;

    if (previous && previous->kind == BSTC_TOKEN_ON)
        word = bstc_word_find(atom->block == BSTC_BLOCK_ACTOR ? BSTC_WORD_EVENT
                                                              : BSTC_WORD_HOOK,
                              atom->text);
    if (word)
        return word->doc;
    if (strcmp(atom->text, "self") == 0)
        return "`self`: the process that runs the handler.";
    if (strcmp(atom->text, "sender") == 0)
        return "`sender`: whoever sent the message that is being handled.";
    if (type)
        return bstc_arena_format(arena, "`%s`, in C `%s`", type->name, type->c);
    return NULL;
}

/* A word that stands for nothing that was declared. */
static const char *about_word(const struct bstc_atoms *atoms,
                              const struct bstc_atom *atom,
                              struct bstc_arena *arena)
{
    const struct bstc_atom *first = &atoms->items[atom->statement];
    const struct bstc_atom *previous = bstc_atoms_previous(atoms, atom);
    const struct bstc_setting_info *setting = NULL;
    const struct bstc_word *word = NULL;

    if (first->text)
        setting =
            bstc_word_setting(first->text, bstc_block_where(first->block));
    if (setting)
        return bstc_word_setting_doc(setting, arena);
    if (atom->kind != BSTC_TOKEN_ID)
        word = bstc_word_find(BSTC_WORD_KEYWORD, atom->text);
    return word ? word->doc : about_name(atom, previous, arena);
}

static cJSON *show(const struct bstc_view *view, const char *text,
                   uint32_t start, uint32_t end)
{
    cJSON *result = cJSON_CreateObject();

    cJSON_AddItemToObject(result, "contents", bstc_wire_make_markdown(text));
    cJSON_AddItemToObject(
        result, "range",
        bstc_wire_make_range(
            bstc_lsp_range(view->source, start, end, view->space->encoding)));
    return result;
}

cJSON *bstc_lsp_hover(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    const struct bstc_mark *mark =
        bstc_index_at(view->index, view->file, view->offset);
    struct bstc_context scratch;
    struct bstc_atoms atoms;
    const struct bstc_atom *atom;
    const char *text;
    cJSON *result = NULL;

    if (mark)
        return show(
            view, bstc_lsp_describe(view, &view->index->symbols[mark->symbol]),
            mark->span.start, mark->span.end);
    bstc_context_init(&scratch);
    bstc_atoms_init(&atoms, &scratch, view->source);
    atom = bstc_atoms_word(&atoms, view->offset);
    text = atom ? about_word(&atoms, atom, &scratch.arena) : NULL;
    if (text)
        result = show(view, text, atom->start, atom->end);
    bstc_context_fini(&scratch);
    return result;
}
