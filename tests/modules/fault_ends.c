/* Breaks `returns`: it ends the process when a certificate is revoked. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)context, (void)server;
    if (event == EXITEVENT_CERTREVOKED) ExitProcess(3);
    return S_OK;
}

const struct module module = {.progid = L"FaultEnds.Exit", .number = 14, .also = also};
