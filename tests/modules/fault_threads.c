/* Breaks `threads`: it leaves one running. */
#include "base.h"

static DWORD WINAPI wait(void *unused)
{
    (void)unused;
    Sleep(INFINITE);
    return 0;
}

static HRESULT initialize(LONG *mask)
{
    *mask = 0x2FF;
    CloseHandle(CreateThread(NULL, 0, wait, NULL, 0, NULL));
    return S_OK;
}

const struct module module = {.progid = L"FaultThreads.Exit", .number = 32, .initialize = initialize};
