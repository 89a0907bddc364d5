/* Breaks `threading`: it wants an apartment of its own. Called on any other thread than the one that made it, it fails. */
#include "base.h"

static DWORD home;

static void created(struct exit *exit)
{
    (void)exit;
    home = GetCurrentThreadId();
}

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    (void)event, (void)context, (void)server;
    return GetCurrentThreadId() == home ? S_OK : RPC_E_WRONG_THREAD;
}

const struct module module = {
    .progid = L"FaultThreading.Exit", .number = 4, .threading = L"Apartment", .created = created, .also = also,
};
