/* Breaks `dead`: it goes on with an object that it did not get. */
#include "base.h"

static HRESULT notify(LONG event, LONG context)
{
    ICertServerExit *server = NULL;
    HRESULT hr;

    if (!is_of_request(event) || !context) return S_OK;
    hr = server_open(context, &server);
    if (hr == E_INVALIDARG) ICertServerExit_SetContext(server, 0);      /* there is none */
    if (server) ICertServerExit_Release(server);
    return hr;
}

const struct module module = {.progid = L"FaultDead.Exit", .number = 23, .notify = notify};
