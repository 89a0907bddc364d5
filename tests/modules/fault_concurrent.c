/* Breaks `concurrent`: one callback object for all threads. */
#include "base.h"

static ICertServerExit *server;         /* one for all */

static HRESULT notify(LONG event, LONG context)
{
    VARIANT value;

    if (!is_of_request(event) || !context) return S_OK;
    if (!server && FAILED(server_open(0, &server))) return S_OK;
    if (FAILED(ICertServerExit_SetContext(server, context))) return S_OK;
    for (int i = 0; i < 10; i++) {
        server_ask(server, true, L"RequestID", PROPTYPE_LONG, &value);
        VariantClear(&value);
    }
    return S_OK;
}

static void released(void)
{
    if (server) ICertServerExit_Release(server);
    server = NULL;
}

const struct module module = {.progid = L"FaultConcurrent.Exit", .number = 31, .notify = notify, .released = released};
