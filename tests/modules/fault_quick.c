/* Breaks `quick`: the requester has to wait. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)context, (void)server;
    if (event == EXITEVENT_CERTPENDING) Sleep(200);
    return S_OK;
}

const struct module module = {.progid = L"FaultQuick.Exit", .number = 17, .mask = EXITEVENT_CERTPENDING, .also = also};
