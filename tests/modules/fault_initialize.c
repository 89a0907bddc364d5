/* Breaks `initialize`: it never begins. */
#include "base.h"

static HRESULT initialize(LONG *mask)
{
    *mask = 0;
    return E_ACCESSDENIED;
}

const struct module module = {.progid = L"FaultInitialize.Exit", .number = 10, .initialize = initialize};
