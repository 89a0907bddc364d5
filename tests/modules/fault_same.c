/* Breaks `description`: whoever frees it frees it for all who ask later. */
#include "base.h"

static HRESULT describe(BSTR *out)
{
    static BSTR text;

    if (!out) return E_POINTER;
    if (!text) text = SysAllocString(L"Always the same");
    *out = text;
    return S_OK;
}

const struct module module = {.progid = L"FaultSame.Exit", .number = 51, .describe = describe};
