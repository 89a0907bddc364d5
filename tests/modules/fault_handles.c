/* Breaks `handles`: it leaks a handle with each event. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)event, (void)context, (void)server;
    return CreateEventW(NULL, FALSE, FALSE, NULL) ? S_OK : E_OUTOFMEMORY;
}

const struct module module = {.progid = L"FaultHandles.Exit", .number = 29, .also = also};
