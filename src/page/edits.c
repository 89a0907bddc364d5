#include "edits.h"

#include "settings/properties.h"
#include "settings/directory.h"
#include "settings/value.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

static void edits_note_refused(void *context, const WCHAR *name, const WCHAR *value,
                               const WCHAR *reason)
{
    struct edits *edits = context;

    (void)reason;                       /* the field says what would be right */
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        if (wcscmp(name, settings_table[id].name)) continue;
        swprintf(edits->of[id].found, SETTINGS_TEXT_MAX, L"%ls", value);
        return;
    }
    edits->unreadable = true;
}

static void edits_list_text(const WCHAR *list, WCHAR *out)
{
    size_t at = 0;

    for (; *list; list += wcslen(list) + 1) {
        size_t size = wcslen(list);

        if (at + size + 3 > SETTINGS_LIST_MAX)
            break; /* never: blanks and zeros took as much in the registry */
        if (at) out[at++] = '\r', out[at++] = '\n';
        wmemcpy(out + at, list, size);
        at += size;
    }
    out[at] = 0;
}

/* %variables% and drives are another machine's: its path is shown as it stands, and not judged. */
static void their_directory(struct edits *edits)
{
    WCHAR *text = edits->of[SETTING_JOURNAL_DIRECTORY].was;
    DWORD size = SETTINGS_PATH_MAX * sizeof *text;

    edits->of[SETTING_JOURNAL_DIRECTORY].found[0] = 0;
    if (RegGetValueW(edits->target->root, edits->target->key, L"JournalDirectory",
                     RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND, NULL, text, &size))
        swprintf(text, SETTINGS_PATH_MAX, L"%ls\\%ls", SETTINGS_PLACE, edits->target->ca);
}

void edits_read(struct edits *edits, const struct target *target)
{
    memset(edits, 0, sizeof *edits);
    edits->target = target;
    if (!settings_read_at(target->root, target->key, target->ca, edits_note_refused, edits,
                          &edits->in_force))
        edits->unreadable = true;
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        WCHAR *was = edits->of[id].was;

        if (settings_table[id].type == SETTING_LIST)
            edits_list_text(edits->in_force.properties, was);
        else settings_value_text(&edits->in_force, (enum setting_id)id, was, SETTINGS_LIST_MAX);
    }
    if (!target->local) their_directory(edits);
    for (int id = 0; id < SETTINGS_COUNT; id++) wcscpy(edits->of[id].text, edits->of[id].was);
}

void edits_type(struct edits *edits, enum setting_id id, const WCHAR *text)
{
    struct edit *edit = &edits->of[id];

    wcsncpy(edit->text, text, SETTINGS_LIST_MAX - 1);
    edit->text[SETTINGS_LIST_MAX - 1] = 0;
    edit->typed = true;
}

bool edits_changed(const struct edits *edits, enum setting_id id)
{
    const struct edit *edit = &edits->of[id];

    return edit->typed && (wcscmp(edit->text, edit->was) || *edit->found);
}

bool edits_any_changed(const struct edits *edits)
{
    for (int id = 0; id < SETTINGS_COUNT; id++)
        if (edits_changed(edits, (enum setting_id)id)) return true;
    return false;
}

static void note_item(void *context, const WCHAR *item, const WCHAR *reason)
{
    WCHAR *why = context;

    if (*why) return;                   /* one at a time */
    swprintf(why, SETTINGS_TEXT_MAX, L"\"%.100ls\": %ls", item, reason);
    why[SETTINGS_TEXT_MAX - 1] = 0;
}

/* The items are the recorder's to judge. */
static bool edits_check_items(const WCHAR *text, WCHAR *why)
{
    struct properties *properties;
    struct value value;

    if (!value_of_text(&settings_table[SETTING_PROPERTIES], text, wcslen(text), &value, why))
        return false;
    if (FAILED(properties_parse(value.list, note_item, why, &properties)))
        wcscpy(why, L"There is not enough memory to check it.");
    properties_free(properties);
    return !*why;
}

bool edits_check(const struct edits *edits, enum setting_id id, WCHAR why[SETTINGS_TEXT_MAX])
{
    const WCHAR *text = edits->of[id].text;

    why[0] = 0;
    if (id == SETTING_JOURNAL_DIRECTORY && !edits->target->local) return true;
    return id == SETTING_PROPERTIES ? edits_check_items(text, why) : settings_check(id, text, why);
}

/* A default is in force because no value stands there, and stays the default when a later version
 * has a better one. */
static bool is_default(const struct edits *edits, enum setting_id id)
{
    const WCHAR *text = edits->of[id].text;
    WCHAR standard[SETTINGS_PATH_MAX];

    if (id == SETTING_PROPERTIES) return !text[wcsspn(text, L" \t\r\n")];
    if (id == SETTING_JOURNAL_DIRECTORY) directory_default(edits->target->ca, standard);
    else settings_default_text(id, standard, ARRAYSIZE(standard));
    return *standard && CompareStringOrdinal(text, -1, standard, -1, TRUE) == CSTR_EQUAL;
}

HRESULT edits_write(struct edits *edits, WCHAR why[SETTINGS_TEXT_MAX])
{
    struct settings_change changes[SETTINGS_COUNT];
    size_t count = 0;
    HRESULT hr;

    for (int id = 0; id < SETTINGS_COUNT; id++) {
        if (!edits_changed(edits, (enum setting_id)id)) continue;
        changes[count].id = (enum setting_id)id;
        changes[count++].text = is_default(edits, (enum setting_id)id) ? NULL : edits->of[id].text;
    }
    hr = settings_write(edits->target->root, edits->target->key, changes, count, why);
    if (SUCCEEDED(hr)) edits_read(edits, edits->target);
    return hr;
}
