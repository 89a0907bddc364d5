/* Breaks `ui`: it asks a service's user to click. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)context, (void)server;
    if (event == EXITEVENT_CERTDENIED) MessageBoxW(NULL, L"Denied.", L"CA", MB_OK);
    return S_OK;
}

const struct module module = {.progid = L"FaultUi.Exit", .number = 18, .also = also};
