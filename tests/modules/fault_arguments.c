/* Breaks `arguments`: GetDescription follows NULL. */
#include "base.h"

static HRESULT describe(BSTR *out)
{
    *out = SysAllocString(L"Follows every pointer");
    return S_OK;
}

const struct module module = {.progid = L"FaultArguments.Exit", .number = 9, .describe = describe};
