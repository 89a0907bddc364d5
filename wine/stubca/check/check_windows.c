/* Seeing windows, and getting rid of them. */
#include "check_windows.h"

#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { GLANCE_MS = 50, STUBBORN = 16 };

static void (*tell)(const char *what);
static LONG told;

static void tell_of(HWND window, const WCHAR *title, const char *how)
{
    WCHAR class[64] = L"";
    char *what, *its_title, *its_class;

    if (InterlockedExchange(&told, 1)) return;
    GetClassNameW(window, class, ARRAYSIZE(class));
    its_title = text_utf8(title ? title : L"");
    its_class = text_utf8(class);
    what = text_format("a window \"%.200s\" of class %s %s", its_title, its_class, how);
    tell(what);
    free(what);
    free(its_class);
    free(its_title);
}

/* A dialog is made hidden, and shown by whoever made it. A window that only gets messages is none
 * that is shown, and one inside another is seen when that is. */
static LRESULT CALLBACK on_window(int code, WPARAM wparam, LPARAM lparam)
{
    const CREATESTRUCTW *made;
    WCHAR class[64] = L"";

    if (code != HCBT_CREATEWND) return CallNextHookEx(NULL, code, wparam, lparam);
    made = ((const CBT_CREATEWNDW *)lparam)->lpcs;
    GetClassNameW((HWND)wparam, class, ARRAYSIZE(class));
    if (made->hwndParent == HWND_MESSAGE || made->style & WS_CHILD) return 0;
    if (!(made->style & WS_VISIBLE) && wcscmp(class, L"#32770")) return 0;
    tell_of((HWND)wparam, IS_INTRESOURCE(made->lpszName) ? NULL : made->lpszName,
            "was to be shown");
    return 1;
}

void check_windows_refuse(void)
{
    SetWindowsHookExW(WH_CBT, on_window, NULL, GetCurrentThreadId());   /* goes with the thread */
}

/* How often a window has been told to go, at a glance each. Nothing is sent: its thread may be
 * stuck. */
static int told_to_go(HWND window)
{
    static struct { HWND window; int times; } stubborn[STUBBORN];
    static int next;
    int i = 0;

    while (i < STUBBORN && stubborn[i].window != window) i++;
    if (i == STUBBORN) {
        i = next++ % STUBBORN;
        stubborn[i].window = window;
        stubborn[i].times = 0;
    }
    return stubborn[i].times++;
}

static void send_away(HWND window)
{
    switch (told_to_go(window)) {
    case 0: PostMessageW(window, WM_CLOSE, 0, 0); break;
    case 4: PostMessageW(window, WM_COMMAND, IDCANCEL, 0); break;
    case 6:
        PostMessageW(window, WM_COMMAND, IDNO, 0);
        break; /* a question of yes or no has no Cancel */
    case 8: PostMessageW(window, WM_COMMAND, IDOK, 0); break;
    case 20: ShowWindowAsync(window, SW_HIDE); break;
    }
}

static BOOL CALLBACK check_look_at(HWND window, LPARAM unused)
{
    WCHAR title[128] = L"";
    DWORD process = 0;

    (void)unused;
    GetWindowThreadProcessId(window, &process);
    if (process != GetCurrentProcessId() || !IsWindowVisible(window)) return TRUE;
    InternalGetWindowText(window, title, ARRAYSIZE(title));
    tell_of(window, title, "was shown");
    send_away(window);
    return TRUE;
}

static DWORD WINAPI watch(void *unused)
{
    (void)unused;
    for (;; Sleep(GLANCE_MS)) EnumWindows(check_look_at, 0);
    return 0;
}

void check_windows_watch(void (*seen)(const char *what))
{
    HANDLE thread;

    tell = seen;
    if ((thread = CreateThread(NULL, 0, watch, NULL, 0, NULL))) CloseHandle(thread);
}
