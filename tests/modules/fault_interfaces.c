/* Breaks `interfaces`: it is an ICertExit and no ICertExit2. */
#include "base.h"

static HRESULT query(struct exit *exit, REFIID iid, void **out)
{
    HRESULT hr = exit_query(exit, iid, out);

    if (FAILED(hr) || !IsEqualIID(iid, &IID_ICertExit2)) return hr;
    ICertExit2_Release((ICertExit2 *)*out);
    *out = NULL;
    return E_NOINTERFACE;
}

const struct module module = {.progid = L"FaultInterfaces.Exit", .number = 5, .query = query};
