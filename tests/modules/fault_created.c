/* Breaks `created`: it cannot be released without Initialize. */
#include "base.h"

static LONG *begun;

static HRESULT initialize(LONG *mask)
{
    static LONG one = 1;

    begun = &one;
    *mask = 0x2FF;
    return S_OK;
}

static void released(void)
{
    *(volatile LONG *)begun = 0;
}

const struct module module = {.progid = L"FaultCreated.Exit", .number = 45, .initialize = initialize, .released = released};
