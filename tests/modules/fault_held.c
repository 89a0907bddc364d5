/* Breaks `held`: it goes on asking about the event before. */
#include "base.h"

static ICertServerExit *last;           /* bound to the event before */

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    VARIANT value;

    (void)event, (void)context;
    if (last) {
        server_ask(last, true, L"RequestID", PROPTYPE_LONG, &value);
        ICertServerExit_Release(last);
    }
    last = server;
    ICertServerExit_AddRef(last);
    return S_OK;
}

static void released(void)
{
    if (last) ICertServerExit_Release(last);
    last = NULL;
}

const struct module module = {.progid = L"FaultHeld.Exit", .number = 20, .also = also, .released = released};
