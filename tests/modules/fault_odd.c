/* Breaks `odd`: 16 KiB are enough for everybody. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    static char copy[0x4000];
    VARIANT value;
    bool text = SUCCEEDED(server_ask(server, true, L"RequesterName", PROPTYPE_STRING, &value));

    (void)event, (void)context;
    if (text && SysStringByteLen(V_BSTR(&value)) > sizeof copy) RaiseException(STATUS_STACK_BUFFER_OVERRUN, 0, 0, NULL);
    if (text) memcpy(copy, V_BSTR(&value), SysStringByteLen(V_BSTR(&value)));
    VariantClear(&value);
    return S_OK;
}

const struct module module = {.progid = L"FaultOdd.Exit", .number = 26, .also = also};
