/* Breaks `throws`: an access violation when a certificate is issued. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)context, (void)server;
    if (event == EXITEVENT_CERTISSUED) *(volatile int *)NULL = 1;
    return S_OK;
}

const struct module module = {.progid = L"FaultThrows.Exit", .number = 15, .also = also};
