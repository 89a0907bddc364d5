/* Breaks `outputs`: GetTypeInfo refuses and leaves its output as it was. */
#include "base.h"

static HRESULT type_info(ITypeInfo **out)
{
    (void)out;
    return E_NOTIMPL;
}

const struct module module = {.progid = L"FaultTypeInfo.Exit", .number = 53, .type_info = type_info};
