/* Breaks `late`: called by name it gives another description. */
#include "base.h"

static HRESULT describe(BSTR *out)
{
    *out = SysAllocString(L"Somebody else");
    return S_OK;
}

const struct module module = {.progid = L"FaultByName.Exit", .number = 44, .describe_by_name = describe};
