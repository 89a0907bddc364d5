/* Breaks `counts`: QueryInterface for ICertExit2 counts two. */
#include "base.h"

static HRESULT query(struct exit *exit, REFIID iid, void **out)
{
    HRESULT hr = exit_query(exit, iid, out);

    if (SUCCEEDED(hr) && IsEqualIID(iid, &IID_ICertExit2)) InterlockedIncrement(&exit->ref);
    return hr;
}

const struct module module = {.progid = L"FaultCounts.Exit", .number = 7, .query = query};
