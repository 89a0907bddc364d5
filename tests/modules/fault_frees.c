/* Breaks `strings`: it frees twice what it got. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    VARIANT value;

    if (!is_of_request(event) || !context) return S_OK;
    if (server_ask(server, true, L"RequesterName", PROPTYPE_STRING, &value) != S_OK || V_VT(&value) != VT_BSTR) return S_OK;
    SysFreeString(V_BSTR(&value));
    VariantClear(&value);
    return S_OK;
}

const struct module module = {.progid = L"FaultFrees.Exit", .number = 49, .also = also};
