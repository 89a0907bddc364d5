/* Breaks `manage`: GetManageModule succeeds and gives nothing. */
#include "base.h"

static HRESULT manage(ICertManageModule **out)
{
    *out = NULL;
    return S_OK;
}

const struct module module = {.progid = L"FaultManage.Exit", .number = 33, .manage = manage};
