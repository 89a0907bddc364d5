/* Breaks `outputs`: QueryInterface leaves its output as it was when it fails. */
#include "base.h"

static HRESULT query(struct exit *exit, REFIID iid, void **out)
{
    void *kept = out ? *out : NULL;
    HRESULT hr = exit_query(exit, iid, out);

    if (hr == E_NOINTERFACE) *out = kept;
    return hr;
}

const struct module module = {.progid = L"FaultOutputs.Exit", .number = 8, .query = query};
