/*
 * The journal's folder, its state, and how long its files are kept. Another thread looks at the
 * folder every few seconds, and a timer asks whether it is done. So the sheet appears at once,
 * whatever the disk does.
 */
#include "field.h"
#include "journal_folder.h"
#include "resource.h"
#include "sign.h"
#include "state.h"

#include "base/size_text.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMER       1
#define ASK_MS      100
#define PATIENCE_MS 3000                /* then it is said that the disk does not answer */
#define AGAIN_MS    5000                /* between looks */
#define STATE_LINES 4                   /* that the field shows */

static const struct field folder = {SETTING_JOURNAL_DIRECTORY, ID_FOLDER, ID_FOLDER_REASON,
    L"A folder on a disk of this machine, for this CA only. CertWitness creates it. Only SYSTEM "
    L"and Administrators can open it."};
static const struct field retention = {SETTING_RETAIN_DAYS, ID_RETAIN, ID_RETAIN_REASON, NULL};
#define THEIR_FOLDER L"The folder is on the CA's machine. It can be changed there only."

struct watch {
    struct look *look;                  /* owned; NULL: none is under way */
    uint64_t since, last;               /* ticks in ms: when the look began; when one last ended */
};

static struct watch *watch_of(HWND page)
{
    return (struct watch *)GetPropW(page, L"CertWitness");
}

static void show_sign(HWND page, enum state_health health)
{
    HWND sign = GetDlgItem(page, ID_STATE_SIGN);

    SetWindowLongPtrW(sign, GWLP_USERDATA, health);
    InvalidateRect(sign, NULL, TRUE);
}

static void draw_sign(HWND page, const DRAWITEMSTRUCT *item)
{
    HBRUSH ground =
        (HBRUSH)SendMessageW(page, WM_CTLCOLORSTATIC, (WPARAM)item->hDC, (LPARAM)item->hwndItem);

    if (!ground) ground = GetSysColorBrush(COLOR_BTNFACE);
    sign_draw(item->hDC, &item->rcItem,
              (enum state_health)GetWindowLongPtrW(item->hwndItem, GWLP_USERDATA),
              sign_high_contrast(), ground);
}

static void show_state(HWND page, enum state_health health, const WCHAR *text)
{
    static const WCHAR *const words[] = {L"Good", L"Note", L"Warning", L"Error"};
    WCHAR whole[STATE_TEXT_MAX + 16], was[STATE_TEXT_MAX + 16];

    swprintf(whole, ARRAYSIZE(whole), L"%ls: %ls", words[health], text);
    whole[ARRAYSIZE(whole) - 1] = 0;
    GetDlgItemTextW(page, ID_STATE, was, ARRAYSIZE(was));
    if (!wcscmp(whole, was)) return;    /* a reader's place in it is kept */
    SetDlgItemTextW(page, ID_STATE, whole);
    ShowScrollBar(GetDlgItem(page, ID_STATE), SB_VERT,
                  SendDlgItemMessageW(page, ID_STATE, EM_GETLINECOUNT, 0, 0) > STATE_LINES);
    show_sign(page, health);
}

static void journal_page_show_text(HWND page, int control, const WCHAR *text)
{
    WCHAR was[400];

    GetDlgItemTextW(page, control, was, ARRAYSIZE(was));
    if (wcscmp(text, was)) SetDlgItemTextW(page, control, text);
}

/* The focus does not stay in a control that can no longer be used. */
static void enable_open(HWND page, bool may)
{
    HWND button = GetDlgItem(page, ID_OPEN_FOLDER);

    if (!may && GetFocus() == button) SendMessageW(page, WM_NEXTDLGCTL, 0, FALSE);
    EnableWindow(button, may);
}

static void show_free(HWND page, const struct look_facts *facts)
{
    char size[SIZE_TEXT_MAX];
    WCHAR text[SIZE_TEXT_MAX];

    size_text(facts->free_bytes, size);
    swprintf(text, ARRAYSIZE(text), L"%hs", size);
    journal_page_show_text(page, ID_FREE, facts->has_free ? text : L"not known");
}

static void show_facts(HWND page, const struct look_facts *facts)
{
    struct sheet *sheet = sheet_of(page);
    WCHAR state[STATE_TEXT_MAX], text[400];

    show_state(page,
               state_decide(facts, target_is_active(sheet->target),
                            sheet->edits.in_force.min_free_mib, state),
               state);
    state_size(facts, text, ARRAYSIZE(text));
    journal_page_show_text(page, ID_SIZE, text);
    state_last_event(facts, text, ARRAYSIZE(text));
    journal_page_show_text(page, ID_LAST, text);
    show_free(page, facts);
    enable_open(page, facts->has_folder && !facts->error);
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
        show_state(page, STATE_BAD, L"The disk of the journal has not answered for 3 seconds.");
    } else if (!watch->look && now - watch->last > AGAIN_MS) {
        begin_look(page);
    }
}

static void show_local(HWND page, struct watch *watch)
{
    SetPropW(page, L"CertWitness", watch);
    show_state(page, STATE_NEUTRAL, L"The journal is being read …");
    if (!*sheet_of(page)->edits.in_force.journal_directory)
        show_state(page, STATE_BAD, L"JournalDirectory is not set, and there is no default: "
                                    L"%ProgramData% has no value. Set JournalDirectory.");
    begin_look(page);
    SetTimer(page, TIMER, ASK_MS, NULL);
}

static void show_remote(HWND page)
{
    static const int facts[] = {ID_SIZE, ID_LAST, ID_FREE};
    WCHAR text[512];

    swprintf(text, ARRAYSIZE(text), L"The CA runs on %ls, and this page does not read journals of "
                                    L"other machines. "
             L"Run \"certwitness status\" there. Settings are read from and written to the "
             L"registry of that machine.",
             sheet_of(page)->target->machine);
    show_state(page, STATE_NEUTRAL, text);
    for (size_t i = 0; i < ARRAYSIZE(facts); i++)
        SetDlgItemTextW(page, facts[i], L"not known here");
    EnableWindow(GetDlgItem(page, ID_LOOK), FALSE);
    EnableWindow(GetDlgItem(page, ID_BROWSE), FALSE);
}

static void journal_page_show(HWND page)
{
    struct sheet *sheet = sheet_of(page);
    struct watch *watch = sheet->target->local ? calloc(1, sizeof *watch) : NULL;
    struct field shown = folder;

    if (!sheet->target->local) shown.hint = THEIR_FOLDER;
    field_show(page, &shown);
    field_show(page, &retention);
    SetDlgItemTextW(page, ID_RETAIN_HELP, settings_table[SETTING_RETAIN_DAYS].help);
    EnableWindow(GetDlgItem(page, ID_BROWSE), !sheet->read_only);
    if (sheet->edits.unreadable) SetDlgItemTextW(page, ID_MAY_NOT,
            L"The registry key of the settings cannot be read. The defaults are shown.");
    else if (!sheet->target->may_write)
        SetDlgItemTextW(page, ID_MAY_NOT, L"To change settings, run the snap-in as an "
                                          L"administrator of the CA's machine.");
    else if (sheet->read_only) SetDlgItemTextW(page, ID_MAY_NOT,
            L"The snap-in opened this page read-only.");
    else
        SetDlgItemTextW(page, ID_MAY_NOT,
                        L"Changes take effect when the CA's service starts again.");
    if (watch) show_local(page, watch);
    else show_remote(page);
}

/* What was chosen stands in the field as if it had been typed. */
static void browse(HWND page)
{
    WCHAR path[JOURNAL_FOLDER_MAX];

    GetDlgItemTextW(page, ID_FOLDER, path, ARRAYSIZE(path));
    if (!journal_folder_choose(GetParent(page), path)) return;
    SetDlgItemTextW(page, ID_FOLDER, path);
    SendMessageW(page, WM_NEXTDLGCTL, (WPARAM)GetDlgItem(page, ID_FOLDER), TRUE);
}

static void on_command(HWND page, int id, int code)
{
    if (code == EN_CHANGE && id == ID_FOLDER) field_typed(page, &folder);
    if (code == EN_CHANGE && id == ID_RETAIN) field_typed(page, &retention);
    if (code != BN_CLICKED) return;
    if (id == ID_LOOK && watch_of(page)) begin_look(page);
    if (id == ID_BROWSE) browse(page);
    if (id == ID_OPEN_FOLDER)
        journal_folder_open(GetParent(page), sheet_of(page)->edits.in_force.journal_directory);
}

static void journal_page_end(HWND page)
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
    if (message == WM_DESTROY) journal_page_end(page);
    if (message == WM_COMMAND) on_command(page, LOWORD(wparam), HIWORD(wparam));
    if (message == WM_DRAWITEM && wparam == ID_STATE_SIGN) {
        draw_sign(page, (const DRAWITEMSTRUCT *)lparam);
        return TRUE;
    }
    if (message != WM_INITDIALOG) return sheet_message(page, message, wparam, lparam);
    sheet_message(page, message, wparam, lparam);
    journal_page_show(page);
    return TRUE;
}
