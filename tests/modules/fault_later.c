/* Breaks `held`: a thread of its own asks about the event, a while after Notify has returned. */
#include "base.h"

static DWORD WINAPI ask(void *argument)
{
    LONG context = (LONG)(LONG_PTR)argument;
    ICertServerExit *server;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    Sleep(300);
    if (SUCCEEDED(server_open(context, &server))) ICertServerExit_Release(server);
    CoUninitialize();
    return 0;
}

/* Once in a process, and nobody waits for it. */
static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    static HANDLE thread;

    (void)server;
    if (event != EXITEVENT_CERTISSUED || thread) return S_OK;
    if ((thread = CreateThread(NULL, 0, ask, (void *)(LONG_PTR)context, 0, NULL))) CloseHandle(thread);
    return S_OK;
}

const struct module module = {.progid = L"FaultLater.Exit", .number = 52, .also = also};
