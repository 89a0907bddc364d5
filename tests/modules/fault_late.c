/* Breaks `succeeds`: called by name, it says so through EXCEPINFO. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)context, (void)server;
    return event == EXITEVENT_CERTDENIED ? E_ACCESSDENIED : S_OK;
}

const struct module module = {.progid = L"FaultLate.Exit", .number = 41, .late = true, .also = also};
