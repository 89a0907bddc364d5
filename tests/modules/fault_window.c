/* Breaks `ui`: a thread of its own asks, in a dialog that cannot be closed, and Notify waits for the answer. Only where there is a display. */
#include "base.h"

static DWORD WINAPI ask(void *unused)
{
    (void)unused;
    MessageBoxW(NULL, L"Really?", L"Denied \x2013 Y/N", MB_YESNO);
    return 0;
}

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    HANDLE thread;

    (void)context, (void)server;
    if (event != EXITEVENT_CERTDENIED || !(thread = CreateThread(NULL, 0, ask, NULL, 0, NULL))) return S_OK;
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    return S_OK;
}

const struct module module = {.progid = L"FaultWindow.Exit", .number = 48, .also = also};
