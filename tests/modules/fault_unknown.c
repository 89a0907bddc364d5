/* Breaks `unknown`: it fails on events that it does not know. */
#include "base.h"

static HRESULT notify(LONG event, LONG context)
{
    if (event == EXITEVENT_CRLISSUED || event == EXITEVENT_SHUTDOWN || event == EXITEVENT_STARTUP) return S_OK;
    return is_of_request(event) ? exit_notify(event, context) : E_INVALIDARG;
}

const struct module module = {.progid = L"FaultUnknown.Exit", .number = 21, .notify = notify};
