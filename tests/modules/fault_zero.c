/* Breaks `zero`: it throws when there is no context. */
#include "base.h"

static HRESULT notify(LONG event, LONG context)
{
    ICertServerExit *server = NULL;
    VARIANT value;

    if (!is_of_request(event)) return S_OK;
    if (context) server_open(context, &server);
    else RaiseException(0xE0000001, 0, 0, NULL);
    if (!server) return E_FAIL;
    server_ask(server, true, L"RequestID", PROPTYPE_LONG, &value);
    ICertServerExit_Release(server);
    return S_OK;
}

const struct module module = {.progid = L"FaultZero.Exit", .number = 22, .notify = notify};
