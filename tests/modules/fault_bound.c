/* Breaks `bound`: it forgets SetContext. */
#include "base.h"

static HRESULT notify(LONG event, LONG context)
{
    ICertServerExit *server;
    VARIANT value;

    if (!is_of_request(event) || !context || FAILED(server_open(0, &server))) return S_OK;
    server_ask(server, true, L"RequestID", PROPTYPE_LONG, &value);
    ICertServerExit_Release(server);
    return exit_notify(event, context);
}

const struct module module = {.progid = L"FaultBound.Exit", .number = 19, .notify = notify};
