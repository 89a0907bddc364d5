/* Breaks `concurrent`: one callback object, at the CA's own context, for all threads at once. */
#include "base.h"

static ICertServerExit *volatile shared;

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    ICertServerExit *mine = shared;
    VARIANT value;

    (void)event, (void)context, (void)server;
    if (!mine && SUCCEEDED(server_open(0, &mine)) && InterlockedCompareExchangePointer((void *volatile *)&shared, mine, NULL)) {
        ICertServerExit_Release(mine);
        mine = shared;
    }
    if (!mine) return S_OK;
    server_ask(mine, false, L"CAType", PROPTYPE_LONG, &value);
    VariantClear(&value);
    return S_OK;
}

static void released(void)
{
    ICertServerExit *mine = InterlockedExchangePointer((void *volatile *)&shared, NULL);

    if (mine) ICertServerExit_Release(mine);
}

const struct module module = {.progid = L"FaultShared.Exit", .number = 47, .also = also, .released = released};
