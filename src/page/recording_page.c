/* The events that are recorded, and the properties of a request that are recorded besides the
 * standard ones. */
#include "field.h"
#include "resource.h"

#include <certsrv.h>
#include <stdio.h>

#define UNNAMED 0x100 /* in the widest mask that a CA is known to take, and in no header */

/* In the order of the check boxes. The last one is always asked for. */
static const uint32_t events[] = {EXITEVENT_CERTISSUED,
                                  EXITEVENT_CERTPENDING,
                                  EXITEVENT_CERTDENIED,
                                  EXITEVENT_CERTRETRIEVEPENDING,
                                  EXITEVENT_CERTREVOKED,
                                  EXITEVENT_CERTIMPORTED,
                                  EXITEVENT_CRLISSUED,
                                  EXITEVENT_STARTUP,
                                  UNNAMED,
                                  EXITEVENT_SHUTDOWN};

static const struct field extra = {SETTING_PROPERTIES, ID_PROPERTIES, ID_PROPERTIES_REASON,
    L"The manual (F1) lists what is recorded and what can be added. For each one that is added, "
    L"the CA answers one more question per event."};

static void check_events(HWND page)
{
    uint32_t mask = (uint32_t)wcstoul(sheet_of(page)->edits.of[SETTING_EVENT_MASK].text, NULL, 10);
    bool may = !sheet_of(page)->read_only;

    for (size_t i = 0; i < ARRAYSIZE(events); i++) {
        CheckDlgButton(page, ID_EVENT_FIRST + (int)i,
                       mask & events[i] ? BST_CHECKED : BST_UNCHECKED);
        EnableWindow(GetDlgItem(page, ID_EVENT_FIRST + (int)i),
                     may && events[i] != EXITEVENT_SHUTDOWN);
    }
    field_judge(page, SETTING_EVENT_MASK, ID_EVENTS_REASON, L"");
}

static void event_clicked(HWND page)
{
    uint32_t mask = 0;
    WCHAR text[16];

    for (size_t i = 0; i < ARRAYSIZE(events); i++)
        if (IsDlgButtonChecked(page, ID_EVENT_FIRST + (int)i)) mask |= events[i];
    swprintf(text, ARRAYSIZE(text), L"%u", mask);
    edits_type(&sheet_of(page)->edits, SETTING_EVENT_MASK, text);
    field_judge(page, SETTING_EVENT_MASK, ID_EVENTS_REASON, L"");
    field_mark(page);
}

INT_PTR CALLBACK recording_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam)
{
    INT_PTR handled = sheet_message(page, message, wparam, lparam);
    int id = LOWORD(wparam);

    if (message == WM_INITDIALOG) {
        check_events(page);
        field_show(page, &extra);
    }
    if (message != WM_COMMAND) return handled;
    if (id == ID_PROPERTIES && HIWORD(wparam) == EN_CHANGE) field_typed(page, &extra);
    if (id >= ID_EVENT_FIRST && id < ID_EVENT_FIRST + (int)ARRAYSIZE(events) &&
        HIWORD(wparam) == BN_CLICKED)
        event_clicked(page);
    return TRUE;
}
