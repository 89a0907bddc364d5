#include "sheet.h"

#include "dll.h"
#include "help.h"
#include "resource.h"
#include "setup/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define OF_SHEET L"CertWitness.Sheet"   /* a property of its window: the procedure that it had */

static const struct {
    int dialog;
    DLGPROC procedure;
    const WCHAR *name,
        *help; /* as in its caption; its heading in the manual, as src/packaging/manual names it */
} pages[] = {
    {PAGE_JOURNAL, journal_page, L"Journal", L"settings--the-journals-folder"},
    {PAGE_RECORDING, recording_page, L"Recording", L"settings--what-is-recorded-of-a-request"},
    {PAGE_LIMITS, limits_page, L"Limits", L"settings--the-settings"},
    {PAGE_ABOUT, about_page, L"About", L"settings--the-page-in-the-snap-in"},
};

/* Where each setting is edited: page and control. */
static const struct {
    int page, control;
} places[SETTINGS_COUNT] = {
    [SETTING_JOURNAL_DIRECTORY] = {0, ID_FOLDER},
    [SETTING_EVENT_MASK] = {1, ID_EVENT_FIRST},
    [SETTING_PROPERTIES] = {1, ID_PROPERTIES},
    [SETTING_MAX_WAIT_MS] = {2, ID_LIMIT_FIRST},
    [SETTING_QUEUE_MIB] = {2, ID_LIMIT_FIRST + 10},
    [SETTING_MIN_FREE_MIB] = {2, ID_LIMIT_FIRST + 20},
    [SETTING_SEGMENT_MIB] = {2, ID_LIMIT_FIRST + 30},
    [SETTING_RETAIN_DAYS] = {0, ID_RETAIN},
};

struct sheet *sheet_of(HWND page)
{
    return (struct sheet *)GetWindowLongPtrW(page, DWLP_USER);
}

static INT_PTR answer(HWND page, LONG_PTR result)
{
    SetWindowLongPtrW(page, DWLP_MSGRESULT, result);
    return TRUE;
}

/* Of the page that is shown. */
static void show_help(HWND page)
{
    HWND sheet = GetParent(page);
    int index = PropSheet_HwndToIndex(sheet, PropSheet_GetCurrentPageHwnd(sheet));

    help_show(sheet, pages[index < 0 || index >= (int)ARRAYSIZE(pages) ? 0 : index].help);
}

INT_PTR sheet_message(HWND page, UINT message, WPARAM wparam, LPARAM lparam)
{
    (void)wparam;
    switch (message) {
    case WM_INITDIALOG:
        SetWindowLongPtrW(page, DWLP_USER, ((PROPSHEETPAGEW *)lparam)->lParam);
        return TRUE;
    case WM_CLOSE:                      /* what a field of several lines makes of Esc */
        PropSheet_PressButton(GetParent(page), PSBTN_CANCEL);
        return TRUE;
    case WM_HELP:                       /* F1 in a control of the page */
        show_help(page);
        return answer(page, TRUE);
    case WM_NOTIFY:
        if (((NMHDR *)lparam)->code == PSN_HELP) show_help(page);
        if (((NMHDR *)lparam)->code == PSN_APPLY) return answer(page, PSNRET_NOERROR);
        return FALSE;
    default:
        return FALSE;
    }
}

static void sheet_say(HWND page, UINT icon, const WCHAR *text)
{
    MessageBoxW(GetParent(page), text, L"CertWitness", MB_OK | icon);
}

/* The field with everything in it selected, as the keyboard would have done it. */
static void bring_up(HWND page, enum setting_id id)
{
    HWND sheet = GetParent(page), there;

    PropSheet_SetCurSel(sheet, NULL, places[id].page);
    there = (HWND)SendMessageW(sheet, PSM_GETCURRENTPAGEHWND, 0, 0);
    if (there)
        SendMessageW(there, WM_NEXTDLGCTL, (WPARAM)GetDlgItem(there, places[id].control), TRUE);
}

/* Only what was typed: a value that stands wrong in the registry keeps nobody from changing
 * another. */
static bool find_wrong(const struct edits *edits, enum setting_id *id, WCHAR *why)
{
    for (int i = 0; i < SETTINGS_COUNT; i++) {
        if (!edits_changed(edits, (enum setting_id)i) ||
            edits_check(edits, (enum setting_id)i, why))
            continue;
        *id = (enum setting_id)i;
        return true;
    }
    return false;
}

static void say_wrong(HWND page, enum setting_id id, const WCHAR *why)
{
    WCHAR text[2 * SETTINGS_TEXT_MAX];

    bring_up(page, id);
    swprintf(text, ARRAYSIZE(text), L"%ls, on the page %ls, is not valid. %ls\n\nNothing was "
                                    L"changed.",
             settings_table[id].name, pages[places[id].page].name, why);
    text[ARRAYSIZE(text) - 1] = 0;
    sheet_say(page, MB_ICONERROR, text);
}

/* What is to be said of the schedule. */
struct schedule_said {
    WCHAR text[LISTENER_TEXT_MAX];
    bool refused;
};

static void sheet_hear(void *context, enum tone tone, const WCHAR *text)
{
    struct schedule_said *said = context;

    said->refused |= tone == TONE_REFUSED;
    wcsncat(said->text, text, LISTENER_TEXT_MAX - 1 - wcslen(said->text));
}

/* RetainDays has been written: whatever it is now, the task that removes old files has to follow.
 */
static void sheet_follow_schedule(const struct target *target, struct schedule_said *said)
{
    const struct listener listener = {.tell = sheet_hear, .context = said};
    WCHAR own[TASK_PATH_MAX];
    DWORD size = GetModuleFileNameW(dll_instance(), own, ARRAYSIZE(own));

    if (!target->local) {
        swprintf(said->text, LISTENER_TEXT_MAX, L"A scheduled task on %ls removes old files. Run "
                                                L"\"certwitness install\" there: it creates or "
                                                L"removes the task.",
                 target->machine);
        said->text[LISTENER_TEXT_MAX - 1] = 0;
    } else schedule_follow(size < ARRAYSIZE(own) ? own : L"", &listener);
}

static void say_written(HWND page, const struct sheet *sheet, const WCHAR *names,
                        const struct schedule_said *schedule)
{
    WCHAR text[2 * SETTINGS_TEXT_MAX + LISTENER_TEXT_MAX];

    swprintf(text, ARRAYSIZE(text), L"Changed: %ls.\n\nThe change takes effect when the CA's "
                                    L"service on %ls starts again. In PowerShell:\n"
             L"Restart-Service CertSvc%ls%ls",
             names, sheet->target->machine, *schedule->text ? L"\n\n" : L"", schedule->text);
    text[ARRAYSIZE(text) - 1] = 0;
    sheet_say(page, schedule->refused ? MB_ICONWARNING : MB_ICONINFORMATION, text);
}

static void list_changed(const struct edits *edits, WCHAR *names, size_t size)
{
    names[0] = 0;
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        if (!edits_changed(edits, (enum setting_id)id)) continue;
        swprintf(names + wcslen(names), size - wcslen(names), L"%ls%ls", *names ? L", " : L"",
                 settings_table[id].name);
    }
}

LONG_PTR sheet_apply(HWND page)
{
    struct sheet *sheet = sheet_of(page);
    WCHAR why[SETTINGS_TEXT_MAX], names[SETTINGS_TEXT_MAX];
    struct schedule_said schedule = {0};
    enum setting_id wrong;
    bool retention;

    if (sheet->read_only || !edits_any_changed(&sheet->edits)) return PSNRET_NOERROR;
    if (find_wrong(&sheet->edits, &wrong, why)) {
        say_wrong(page, wrong, why);
        return PSNRET_INVALID_NOCHANGEPAGE;
    }
    list_changed(&sheet->edits, names, ARRAYSIZE(names));
    retention = edits_changed(&sheet->edits, SETTING_RETAIN_DAYS);
    if (FAILED(edits_write(&sheet->edits, why))) {
        sheet_say(page, MB_ICONERROR, why);
        return PSNRET_INVALID_NOCHANGEPAGE;
    }
    if (retention) sheet_follow_schedule(sheet->target, &schedule);
    say_written(page, sheet, names, &schedule);
    return PSNRET_NOERROR;
}

/* F1 in a control of the sheet's own: its tabs and buttons. */
static LRESULT CALLBACK sheet_procedure(HWND sheet, UINT message, WPARAM wparam, LPARAM lparam)
{
    WNDPROC theirs = (WNDPROC)GetPropW(sheet, OF_SHEET);

    if (message == WM_NCDESTROY) RemovePropW(sheet, OF_SHEET);
    if (message != WM_HELP) return CallWindowProcW(theirs, sheet, message, wparam, lparam);
    show_help(PropSheet_GetCurrentPageHwnd(sheet));
    return TRUE;
}

static int CALLBACK made_sheet(HWND sheet, UINT message, LPARAM lparam)
{
    (void)lparam;
    if (message == PSCB_INITIALIZED &&
        SetPropW(sheet, OF_SHEET, (HANDLE)GetWindowLongPtrW(sheet, GWLP_WNDPROC)))
        SetWindowLongPtrW(sheet, GWLP_WNDPROC, (LONG_PTR)sheet_procedure);
    return 0;
}

bool sheet_show(const struct target *target, bool read_only, HWND owner)
{
    PROPSHEETPAGEW made[ARRAYSIZE(pages)] = {0};
    WCHAR caption[ARRAYSIZE(target->ca) + 64];
    PROPSHEETHEADERW header = {.dwSize = sizeof header,
                               .dwFlags = PSH_PROPSHEETPAGE | PSH_HASHELP | PSH_NOCONTEXTHELP |
                                          PSH_USECALLBACK | (read_only ? PSH_NOAPPLYNOW : 0),
                               .pfnCallback = made_sheet,
                               .hwndParent = owner,
                               .hInstance = dll_instance(),
                               .pszCaption = caption,
                               .nPages = ARRAYSIZE(pages),
                               .ppsp = made};
    struct sheet *sheet = calloc(1, sizeof *sheet);
    bool shown;

    if (!sheet) return false;
    sheet->target = target;
    sheet->read_only = read_only;
    edits_read(&sheet->edits, target);
    swprintf(caption, ARRAYSIZE(caption), L"CertWitness on %ls%ls", target->ca,
             read_only ? L" (read only)" : L"");
    for (size_t i = 0; i < ARRAYSIZE(pages); i++)
        made[i] = (PROPSHEETPAGEW){.dwSize = sizeof *made,
                                   .hInstance = dll_instance(),
                                   .pszTemplate = MAKEINTRESOURCEW(pages[i].dialog),
                                   .dwFlags = PSP_HASHELP,
                                   .pfnDlgProc = pages[i].procedure,
                                   .lParam = (LPARAM)sheet};
    shown = PropertySheetW(&header) >= 0;
    free(sheet);
    return shown;
}
