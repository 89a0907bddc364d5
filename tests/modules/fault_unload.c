/* Breaks `unload`: it never agrees to be unloaded. */
#include "base.h"

static HRESULT can_unload(void)
{
    return S_FALSE;
}

const struct module module = {.progid = L"FaultUnload.Exit", .number = 34, .can_unload = can_unload};
