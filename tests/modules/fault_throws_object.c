/* Breaks `throws`: a C++ exception when a request is denied. Then it fails unless destructors have run. */
#include "base.h"
#include "throws.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)context, (void)server;
    if (event == EXITEVENT_CERTDENIED) throws_out();
    return event == EXITEVENT_CERTREVOKED && !throws_destroyed ? E_FAIL : S_OK;
}

const struct module module = {.progid = L"FaultThrowsObject.Exit", .number = 43, .also = also};
