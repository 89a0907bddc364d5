/*
 * Where the journal lies and how it is. Looks at it every few seconds, off this thread, and asks now and then whether the look is done: so
 * the sheet is there at once, whatever the disk does.
 */
#include "field.h"
#include "resource.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMER       1
#define ASK_MS      100
#define PATIENCE_MS 3000                /* then it is said that the disk does not answer */
#define AGAIN_MS    5000                /* between looks */
#define STATE_LINES 4                   /* that the field shows */

static const struct field folder = {SETTING_JOURNAL_DIRECTORY, ID_FOLDER, ID_FOLDER_REASON,
    L"A folder on a disk of this machine, for this CA alone. CertWitness makes it, open to SYSTEM and Administrators only."};
#define THEIR_FOLDER L"A path of the CA's machine, as its registry has it. It can be changed there."

struct watch {
    struct look *look;                  /* owned; NULL: none is under way */
    uint64_t since, last;               /* ticks in ms: when the look began; when one last ended */
    enum state_health shown;            /* the icon that is set */
};

static struct watch *watch_of(HWND page)
{
    return (struct watch *)GetPropW(page, L"CertWitness");
}

static void show_state(HWND page, enum state_health health, const WCHAR *text)
{
    static const WCHAR *const words[] = {L"Good. ", L"", L"Attention. ", L"Trouble. "};
    const WCHAR *const icons[] = {(WCHAR *)IDI_INFORMATION, (WCHAR *)IDI_INFORMATION, (WCHAR *)IDI_WARNING, (WCHAR *)IDI_ERROR};
    WCHAR whole[STATE_TEXT_MAX + 16], was[STATE_TEXT_MAX + 16];

    swprintf(whole, ARRAYSIZE(whole), L"%ls%ls", words[health], text);
    whole[ARRAYSIZE(whole) - 1] = 0;
    GetDlgItemTextW(page, ID_STATE, was, ARRAYSIZE(was));
    if (!wcscmp(whole, was)) return;    /* a reader's place in it is kept */
    SetDlgItemTextW(page, ID_STATE, whole);
    ShowScrollBar(GetDlgItem(page, ID_STATE), SB_VERT, SendDlgItemMessageW(page, ID_STATE, EM_GETLINECOUNT, 0, 0) > STATE_LINES);
    SendDlgItemMessageW(page, ID_STATE_ICON, STM_SETICON, (WPARAM)LoadIconW(NULL, icons[health]), 0);
}

static void show_text(HWND page, int control, const WCHAR *text)
{
    WCHAR was[400];

    GetDlgItemTextW(page, control, was, ARRAYSIZE(was));
    if (wcscmp(text, was)) SetDlgItemTextW(page, control, text);
}

static void show_facts(HWND page, const struct look_facts *facts)
{
    struct sheet *sheet = sheet_of(page);
    WCHAR state[STATE_TEXT_MAX], text[400];

    show_state(page, state_decide(facts, target_is_active(sheet->target), sheet->edits.in_force.min_free_mib, state), state);
    state_size(facts, text, ARRAYSIZE(text));
    show_text(page, ID_SIZE, text);
    state_last_event(facts, text, ARRAYSIZE(text));
    show_text(page, ID_LAST, text);
    if (facts->has_free) swprintf(text, ARRAYSIZE(text), L"%I64u MiB", facts->free_bytes >> 20);
    else wcscpy(text, L"not known");
    show_text(page, ID_FREE, text);
}

static void begin_look(HWND page)
{
    struct watch *watch = watch_of(page);
    const WCHAR *directory = sheet_of(page)->edits.in_force.journal_directory;

    if (watch->look || !*directory) return;
    watch->look = look_start(directory);
    watch->since = GetTickCount64();
}

static void on_timer(HWND page)
{
    struct watch *watch = watch_of(page);
    uint64_t now = GetTickCount64();
    struct look_facts facts;

    if (watch->look && look_done(watch->look, &facts)) {
        look_free(watch->look);
        watch->look = NULL;
        watch->last = now;
        show_facts(page, &facts);
    } else if (watch->look && now - watch->since > PATIENCE_MS) {
        show_state(page, STATE_BAD, L"The journal's disk does not answer.");
    } else if (!watch->look && now - watch->last > AGAIN_MS) {
        begin_look(page);
    }
}

static void show_local(HWND page, struct watch *watch)
{
    SetPropW(page, L"CertWitness", watch);
    show_state(page, STATE_NEUTRAL, L"Looking at the journal …");
    if (!*sheet_of(page)->edits.in_force.journal_directory) show_state(page, STATE_BAD, L"No folder is set, and %ProgramData% is not known.");
    begin_look(page);
    SetTimer(page, TIMER, ASK_MS, NULL);
}

static void show_remote(HWND page)
{
    static const int facts[] = {ID_SIZE, ID_LAST, ID_FREE};
    WCHAR text[512];

    swprintf(text, ARRAYSIZE(text), L"Not looked at: the journal lies on %ls. Settings are read from and written to its registry; the journal's state is told there.",
             sheet_of(page)->target->machine);
    show_state(page, STATE_NEUTRAL, text);
    for (size_t i = 0; i < ARRAYSIZE(facts); i++) SetDlgItemTextW(page, facts[i], L"not known here");
    EnableWindow(GetDlgItem(page, ID_LOOK), FALSE);
}

static void show(HWND page)
{
    struct sheet *sheet = sheet_of(page);
    struct watch *watch = sheet->target->local ? calloc(1, sizeof *watch) : NULL;
    struct field shown = folder;

    if (!sheet->target->local) shown.hint = THEIR_FOLDER;
    field_show(page, &shown);
    if (sheet->edits.unreadable) SetDlgItemTextW(page, ID_MAY_NOT, L"The module's registry key cannot be read: what is shown are the defaults.");
    else if (!sheet->target->may_write) SetDlgItemTextW(page, ID_MAY_NOT, L"You may look, and not change: run the snap-in as an administrator of the CA's machine.");
    else if (sheet->read_only) SetDlgItemTextW(page, ID_MAY_NOT, L"The snap-in shows this for reading only.");
    else SetDlgItemTextW(page, ID_MAY_NOT, L"Changes take effect when the CA's service starts again.");
    if (watch) show_local(page, watch);
    else show_remote(page);
}

static void end(HWND page)
{
    struct watch *watch = watch_of(page);

    KillTimer(page, TIMER);
    RemovePropW(page, L"CertWitness");
    if (!watch) return;
    look_free(watch->look);
    free(watch);
}

INT_PTR CALLBACK journal_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam)
{
    if (message == WM_NOTIFY && ((NMHDR *)lparam)->code == PSN_APPLY) {
        SetWindowLongPtrW(page, DWLP_MSGRESULT, sheet_apply(page));
        return TRUE;
    }
    if (message == WM_TIMER && watch_of(page)) on_timer(page);
    if (message == WM_DESTROY) end(page);
    if (message == WM_COMMAND && LOWORD(wparam) == ID_LOOK && watch_of(page)) begin_look(page);
    if (message == WM_COMMAND && LOWORD(wparam) == ID_FOLDER && HIWORD(wparam) == EN_CHANGE) field_typed(page, &folder);
    if (message != WM_INITDIALOG) return sheet_message(page, message, wparam, lparam);
    sheet_message(page, message, wparam, lparam);
    show(page);
    return TRUE;
}
