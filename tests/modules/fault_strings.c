/* Breaks `strings`: it leaks a BSTR with each event. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    VARIANT value;

    (void)event, (void)context;
    server_ask(server, true, L"RequesterName", PROPTYPE_STRING, &value);
    return S_OK;                        /* and never frees it */
}

const struct module module = {.progid = L"FaultStrings.Exit", .number = 27, .also = also};
