#include "field.h"

#include <stdio.h>
#include <wchar.h>

static void default_hint(enum setting_id id, WCHAR *out, size_t size)
{
    WCHAR range[SETTINGS_TEXT_MAX], standard[SETTINGS_TEXT_MAX];

    settings_range_text(id, range, ARRAYSIZE(range));
    settings_default_text(id, standard, ARRAYSIZE(standard));
    swprintf(out, size, L"%ls; %ls by default.", range, standard);
    out[size - 1] = 0;
}

void field_judge(HWND page, enum setting_id id, int control, const WCHAR *hint)
{
    const struct edits *edits = &sheet_of(page)->edits;
    WCHAR why[SETTINGS_TEXT_MAX], standard[2 * SETTINGS_TEXT_MAX], text[3 * SETTINGS_TEXT_MAX];

    if (!hint) default_hint(id, standard, ARRAYSIZE(standard));
    if (!edits_check(edits, id, why)) swprintf(text, ARRAYSIZE(text), L"Wrong. %ls", why);
    else if (*edits->of[id].found && !edits->of[id].typed)
        swprintf(text, ARRAYSIZE(text), L"The registry holds %.100ls, which is refused: this default is in force.", edits->of[id].found);
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
    SetDlgItemTextW(page, field->edit, sheet->edits.of[field->id].text);                /* tells field_typed of it */
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
