/* Breaks `empty`: it takes every property to have a value. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    VARIANT value;

    (void)event, (void)context;
    V_VT(&value) = VT_EMPTY;
    V_BSTR(&value) = NULL;
    server_ask(server, true, L"RequesterName", PROPTYPE_STRING, &value);
    if (V_VT(&value) == VT_EMPTY) return *(volatile WCHAR *)NULL ? S_OK : S_FALSE;
    VariantClear(&value);
    return S_OK;
}

const struct module module = {.progid = L"FaultEmpty.Exit", .number = 25, .also = also};
