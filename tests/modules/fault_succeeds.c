/* Breaks `succeeds`: it asks for an event that it can do nothing with. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)context, (void)server;
    return event == EXITEVENT_CERTIMPORTED ? E_NOTIMPL : S_OK;
}

const struct module module = {.progid = L"FaultSucceeds.Exit", .number = 16, .also = also};
