#include "field.h"

#include "base/size_text.h"

#include <stdio.h>
#include <wchar.h>

/* " (1 GiB)" after a number of MiB that is better read in a larger unit. */
static void add_larger_unit(enum setting_id id, uint32_t number, WCHAR *out, size_t size)
{
    char text[SIZE_TEXT_MAX];

    if (wcscmp(settings_table[id].unit, L"MiB") || number < 1024) return;
    size_text((uint64_t)number << 20, text);
    swprintf(out + wcslen(out), size - wcslen(out), L" (%hs)", text);
}

static void default_hint(enum setting_id id, WCHAR *out, size_t size)
{
    WCHAR standard[SETTINGS_TEXT_MAX];

    settings_range_text(id, out, size);
    add_larger_unit(id, settings_table[id].most, out, size);
    settings_default_text(id, standard, ARRAYSIZE(standard));
    swprintf(out + wcslen(out), size - wcslen(out), L". Default: %ls", standard);
    add_larger_unit(id, settings_table[id].number, out, size);
    swprintf(out + wcslen(out), size - wcslen(out), L".");
    out[size - 1] = 0;
}

void field_judge(HWND page, enum setting_id id, int control, const WCHAR *hint)
{
    const struct edits *edits = &sheet_of(page)->edits;
    WCHAR why[SETTINGS_TEXT_MAX], standard[2 * SETTINGS_TEXT_MAX], text[3 * SETTINGS_TEXT_MAX];

    if (!hint) default_hint(id, standard, ARRAYSIZE(standard));
    if (!edits_check(edits, id, why))
        swprintf(text, ARRAYSIZE(text), L"%ls is not valid. %ls", settings_table[id].name, why);
    else if (*edits->of[id].found && !edits->of[id].typed)
        swprintf(text, ARRAYSIZE(text), L"The registry holds %.100ls, which is not valid. The "
                                        L"default is in force.",
                 edits->of[id].found);
    else swprintf(text, ARRAYSIZE(text), L"%ls", hint ? hint : standard);
    text[ARRAYSIZE(text) - 1] = 0;
    SetDlgItemTextW(page, control, text);
}

void field_mark(HWND page)
{
    if (edits_any_changed(&sheet_of(page)->edits)) PropSheet_Changed(GetParent(page), page);
    else PropSheet_UnChanged(GetParent(page), page);
}

void field_show(HWND page, const struct field *field)
{
    struct sheet *sheet = sheet_of(page);
    bool theirs = field->id == SETTING_JOURNAL_DIRECTORY && !sheet->target->local;
    bool was_typed = sheet->edits.of[field->id].typed;

    SendDlgItemMessageW(page, field->edit, EM_SETLIMITTEXT, SETTINGS_LIST_MAX - 1, 0);
    SetDlgItemTextW(page, field->edit,
                    sheet->edits.of[field->id].text); /* tells field_typed of it */
    sheet->edits.of[field->id].typed = was_typed;
    SendDlgItemMessageW(page, field->edit, EM_SETREADONLY, sheet->read_only || theirs, 0);
    field_judge(page, field->id, field->reason, field->hint);
    field_mark(page);
}

void field_typed(HWND page, const struct field *field)
{
    WCHAR text[SETTINGS_LIST_MAX];

    GetDlgItemTextW(page, field->edit, text, ARRAYSIZE(text));
    edits_type(&sheet_of(page)->edits, field->id, text);
    field_judge(page, field->id, field->reason, field->hint);
    field_mark(page);
}
