/* Breaks `returns`: it does not return when a certificate is issued. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)context, (void)server;
    if (event == EXITEVENT_CERTISSUED) Sleep(INFINITE);
    return S_OK;
}

const struct module module = {.progid = L"FaultHangs.Exit", .number = 13, .also = also};
