/* How long the CA waits, and how much memory and disk CertWitness may take. */
#include "field.h"
#include "resource.h"

static const struct field fields[] = {
    {SETTING_MAX_WAIT_MS, ID_LIMIT_FIRST, ID_LIMIT_FIRST + 1, NULL},
    {SETTING_QUEUE_MIB, ID_LIMIT_FIRST + 10, ID_LIMIT_FIRST + 11, NULL},
    {SETTING_MIN_FREE_MIB, ID_LIMIT_FIRST + 20, ID_LIMIT_FIRST + 21, NULL},
    {SETTING_SEGMENT_MIB, ID_LIMIT_FIRST + 30, ID_LIMIT_FIRST + 31, NULL},
};

static void limits_page_show(HWND page)
{
    for (size_t i = 0; i < ARRAYSIZE(fields); i++) {
        SetDlgItemTextW(page, fields[i].reason + 1, settings_table[fields[i].id].help);
        field_show(page, &fields[i]);
    }
}

INT_PTR CALLBACK limits_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam)
{
    INT_PTR handled = sheet_message(page, message, wparam, lparam);

    if (message == WM_INITDIALOG) limits_page_show(page);
    if (message != WM_COMMAND || HIWORD(wparam) != EN_CHANGE) return handled;
    for (size_t i = 0; i < ARRAYSIZE(fields); i++)
        if (fields[i].edit == LOWORD(wparam)) field_typed(page, &fields[i]);
    return TRUE;
}
