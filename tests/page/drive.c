/*
 * Drives the property sheet from a process of its own, as somebody at the screen and the keyboard would. Each argument is a command; "=" stands
 * between it and its operand. Prints what it sees; the exit code is 0 if every command could be done.
 *
 *   sheet=SECONDS       wait for a sheet; prints its title
 *   title               the sheet's title once more
 *   page=N              turn to a page, from 0
 *   controls            each control of the page, in the order of Tab: id, class, flags, what names it, text
 *   text=ID             a control's text
 *   until=ID:TEXT       wait until the control's text holds this
 *   type=ID:TEXT        select everything in the field and type this, key by key (| is Enter)
 *   set=ID:TEXT         put this into the field at once, as another program may also where nobody can type
 *   click=ID            a button or check box, and what comes of it
 *   push=ID             a button that shows something, which is not waited for
 *   press=NAME          ok, cancel, apply, help of the sheet
 *   enabled=NAME        whether that button is there and can be pressed
 *   key=VK              a key in whatever has the focus, and waits for what comes of it
 *   f1                  F1 in whatever has the focus
 *   choose=PATH         wait for the dialog that chooses a folder, type this into it, press its OK; "" presses Cancel
 *   focus               the id of the control that has it
 *   box                 wait for a message box, print its text, press its button
 *   closed              wait until the sheet is gone
 */
#include "desktop.h"

#include <commctrl.h>
#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

#define PATIENCE_MS 60000
#define APPLY_ID    0x3021

static HWND sheet;

/* Of this desktop, visible, of a dialog's class, with or without tabs in it. */
struct wanted { bool tabs; HWND found; };

static BOOL CALLBACK look(HWND window, LPARAM context)
{
    struct wanted *wanted = (struct wanted *)context;
    WCHAR class[20] = L"";
    bool tabs = FindWindowExW(window, NULL, L"SysTabControl32", NULL) != NULL;

    GetClassNameW(window, class, ARRAYSIZE(class));
    if (wcscmp(class, L"#32770") || !IsWindowVisible(window) || tabs != wanted->tabs) return TRUE;
    wanted->found = window;
    return FALSE;
}

static HWND wait_for(bool tabs, unsigned ms)
{
    struct wanted wanted = {tabs, NULL};

    for (unsigned waited = 0; waited <= ms && !wanted.found; waited += 20) {
        EnumWindows(look, (LPARAM)&wanted);
        if (!wanted.found) Sleep(20);
    }
    return wanted.found;
}

static HWND page(void)
{
    return (HWND)SendMessageW(sheet, PSM_GETCURRENTPAGEHWND, 0, 0);
}

static void get_text(HWND window, WCHAR *text, int size)
{
    text[0] = 0;
    SendMessageW(window, WM_GETTEXT, size, (LPARAM)text);
    for (; *text; text++) if (*text == '\n' || *text == '\r') *text = '|';
}

static void print(const WCHAR *text)
{
    char utf8[16384];

    WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL);
    fputs(utf8, stdout);
}

/* The static text before it, as a screen reader takes it for a field's name; a button has its own. */
static void get_name(HWND control, const WCHAR *class, WCHAR *name, int size)
{
    WCHAR before[20] = L"";
    HWND label = GetWindow(control, GW_HWNDPREV);

    name[0] = 0;
    if (!wcscmp(class, L"Button")) get_text(control, name, size);
    if (wcscmp(class, L"Edit") || !label) return;
    GetClassNameW(label, before, ARRAYSIZE(before));
    if (!wcscmp(before, L"Static")) get_text(label, name, size);
}

static bool print_controls(void)
{
    for (HWND control = GetWindow(page(), GW_CHILD); control; control = GetWindow(control, GW_HWNDNEXT)) {
        WCHAR class[40] = L"", name[600], text[8192], line[9000];
        LONG style = GetWindowLongW(control, GWL_STYLE);
        RECT at, whole;

        GetClassNameW(control, class, ARRAYSIZE(class));
        get_name(control, class, name, ARRAYSIZE(name));
        get_text(control, text, ARRAYSIZE(text));
        GetWindowRect(control, &at);
        GetWindowRect(page(), &whole);
        swprintf(line, ARRAYSIZE(line), L"%d\t%ls\t%ls%ls%ls%ls\t%ls\t%ls\n", GetDlgCtrlID(control), class, style & WS_TABSTOP ? L"tab " : L"",
                 style & WS_DISABLED ? L"disabled " : L"", !wcscmp(class, L"Edit") && (style & ES_READONLY) ? L"readonly " : L"",
                 at.left < whole.left || at.top < whole.top || at.right > whole.right || at.bottom > whole.bottom ? L"outside " : L"", name, text);
        print(line);
    }
    return true;
}

static bool print_text(int id)
{
    WCHAR text[8192];

    if (!GetDlgItem(page(), id)) return false;
    get_text(GetDlgItem(page(), id), text, ARRAYSIZE(text));
    print(text);
    puts("");
    return true;
}

static bool wait_text(const WCHAR *operand)
{
    int id = _wtoi(operand);
    const WCHAR *part = wcschr(operand, ':') + 1;
    WCHAR text[8192];

    for (unsigned waited = 0; waited < PATIENCE_MS; waited += 20, Sleep(20)) {
        get_text(GetDlgItem(page(), id), text, ARRAYSIZE(text));
        if (wcsstr(text, part)) return true;
    }
    print(text);
    puts("");
    return false;
}

static bool type_text(const WCHAR *operand)
{
    HWND field = GetDlgItem(page(), _wtoi(operand));

    if (!field) return false;
    SendMessageW(page(), WM_NEXTDLGCTL, (WPARAM)field, TRUE);
    SendMessageW(field, EM_SETSEL, 0, -1);
    SendMessageW(field, WM_CHAR, '\b', 1);
    for (const WCHAR *key = wcschr(operand, ':') + 1; *key; key++) SendMessageW(field, WM_CHAR, *key == '|' ? '\r' : *key, 1);
    return true;
}

static bool set_text(const WCHAR *operand)
{
    HWND field = GetDlgItem(page(), _wtoi(operand));

    return field && SendMessageW(field, WM_SETTEXT, 0, (LPARAM)(wcschr(operand, ':') + 1));
}

static HWND focus(void)
{
    GUITHREADINFO info = {.cbSize = sizeof info};

    GetGUIThreadInfo(GetWindowThreadProcessId(sheet, NULL), &info);
    return info.hwndFocus;
}

/* Through the sheet's own loop of messages, which makes Tab and Esc of them; the focus moves, or the sheet goes. */
static bool key(int code)
{
    HWND before = focus();

    PostMessageW(before, WM_KEYDOWN, code, 1);
    PostMessageW(before, WM_KEYUP, code, 0xc0000001);
    for (unsigned waited = 0; waited < PATIENCE_MS && IsWindow(sheet) && focus() == before; waited += 10) Sleep(10);
    return true;
}

/* Windows makes this message of F1, and WM_HELP of it. */
static bool press_f1(void)
{
    HWND control = focus() ? focus() : page();

    return PostMessageW(control, 0x4d, 0, 0);
}

/* A box that comes in the dialog's place is not it. */
static bool choose_folder(const WCHAR *path)
{
    HWND dialog = wait_for(false, PATIENCE_MS), field = NULL;

    for (unsigned waited = 0; waited < PATIENCE_MS && dialog && !field; waited += 20, Sleep(20)) {
        field = FindWindowExW(dialog, NULL, L"ComboBoxEx32", NULL);
        if (!field) field = FindWindowExW(dialog, NULL, L"Edit", NULL);
    }
    if (!field) return false;
    if (*path) SendMessageW(field, WM_SETTEXT, 0, (LPARAM)path);
    PostMessageW(dialog, WM_COMMAND, *path ? IDOK : IDCANCEL, 0);
    for (unsigned waited = 0; waited < PATIENCE_MS && IsWindow(dialog); waited += 10) Sleep(10);
    return !IsWindow(dialog);
}

static int button_id(const WCHAR *name)
{
    return !wcscmp(name, L"ok") ? IDOK : !wcscmp(name, L"cancel") ? IDCANCEL : !wcscmp(name, L"help") ? IDHELP : APPLY_ID;
}

static bool can_press(const WCHAR *name)
{
    HWND button = GetDlgItem(sheet, button_id(name));

    return button && IsWindowEnabled(button) && IsWindowVisible(button);
}

static bool press(const WCHAR *name)
{
    HWND button = GetDlgItem(sheet, button_id(name));

    return can_press(name) && PostMessageW(sheet, WM_COMMAND, button_id(name), (LPARAM)button);
}

/* The box takes a moment to come; its text is a static's, its button the only one. */
static bool answer_box(void)
{
    HWND box = wait_for(false, PATIENCE_MS), text;
    WCHAR said[4096];

    if (!box) return false;
    text = GetDlgItem(box, 0xffff);
    if (!text) text = FindWindowExW(box, FindWindowExW(box, NULL, L"Static", NULL), L"Static", NULL);
    get_text(text, said, ARRAYSIZE(said));
    print(said);
    puts("");
    PostMessageW(box, WM_COMMAND, IDOK, 0);
    for (unsigned waited = 0; waited < PATIENCE_MS && IsWindow(box); waited += 10) Sleep(10);
    return !IsWindow(box);
}

static bool wait_closed(void)
{
    for (unsigned waited = 0; waited < PATIENCE_MS && IsWindow(sheet); waited += 10) Sleep(10);
    return !IsWindow(sheet);
}

static bool print_title(void)
{
    WCHAR title[400];

    get_text(sheet, title, ARRAYSIZE(title));
    print(title);
    puts("");
    return true;
}

static bool find_sheet(const WCHAR *seconds)
{
    return (sheet = wait_for(true, 1000 * _wtoi(seconds))) && print_title();
}

static bool obey(WCHAR *command)
{
    WCHAR *operand = wcschr(command, '=');
    HWND control;

    if (operand) *operand++ = 0;
    if (!wcscmp(command, L"sheet")) return find_sheet(operand);
    if (!wcscmp(command, L"title")) return print_title();
    if (!wcscmp(command, L"page")) return SendMessageW(sheet, PSM_SETCURSEL, _wtoi(operand), 0);
    if (!wcscmp(command, L"controls")) return print_controls();
    if (!wcscmp(command, L"text")) return print_text(_wtoi(operand));
    if (!wcscmp(command, L"until")) return wait_text(operand);
    if (!wcscmp(command, L"type")) return type_text(operand);
    if (!wcscmp(command, L"set")) return set_text(operand);
    if (!wcscmp(command, L"press")) return press(operand);
    if (!wcscmp(command, L"enabled")) return printf("%d\n", can_press(operand)) > 0;
    if (!wcscmp(command, L"key")) return key(_wtoi(operand));
    if (!wcscmp(command, L"f1")) return press_f1();
    if (!wcscmp(command, L"choose")) return choose_folder(operand);
    if (!wcscmp(command, L"focus")) return printf("%d\n", GetDlgCtrlID(focus())) > 0;
    if (!wcscmp(command, L"box")) return answer_box();
    if (!wcscmp(command, L"closed")) return wait_closed();
    if (!operand || !(control = GetDlgItem(page(), _wtoi(operand)))) return false;
    if (!wcscmp(command, L"push")) return IsWindowEnabled(control) && PostMessageW(control, BM_CLICK, 0, 0);
    if (wcscmp(command, L"click")) return false;
    SendMessageW(control, BM_CLICK, 0, 0);
    return true;
}

/* A copy called note.exe is what the page opens things with: it notes what it was given in noted.txt beside it. */
static bool is_note(WCHAR path[MAX_PATH])
{
    WCHAR *name;

    GetModuleFileNameW(NULL, path, MAX_PATH);
    name = wcsrchr(path, '\\') + 1;
    if (_wcsicmp(name, L"note.exe")) return false;
    wcscpy(name, L"noted.txt");
    return true;
}

static int note(const WCHAR *path, int argc, WCHAR **argv)
{
    if (!_wfreopen(path, L"ab", stdout)) return 1;
    for (int i = 1; i < argc; i++) print(argv[i]), puts("");
    return 0;
}

int wmain(int argc, WCHAR **argv)
{
    WCHAR path[MAX_PATH];

    if (is_note(path)) return note(path, argc, argv);
    desktop_enter();
    for (int i = 1; i < argc; i++) {
        WCHAR *whole = _wcsdup(argv[i]);

        if (obey(argv[i])) continue;
        print(L"cannot: ");
        print(whole);
        puts("");
        return 1;
    }
    return 0;
}
