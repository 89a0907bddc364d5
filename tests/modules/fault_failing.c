/* Breaks `failing`: it leaks when the CA fails. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    BSTR words = SysAllocString(L"What I was about to say");
    VARIANT value;
    HRESULT hr = server_ask(server, true, L"RequestID", PROPTYPE_LONG, &value);

    (void)event, (void)context;
    if (FAILED(hr)) return hr;          /* and forgets the words */
    SysFreeString(words);
    return S_OK;
}

const struct module module = {.progid = L"FaultFailing.Exit", .number = 30, .also = also};
