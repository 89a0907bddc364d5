/* Breaks `memory`: it leaks a block with each event. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)event, (void)context, (void)server;
    return HeapAlloc(GetProcessHeap(), 0, 300) ? S_OK : E_OUTOFMEMORY;
}

const struct module module = {.progid = L"FaultMemory.Exit", .number = 28, .also = also};
