/* Breaks no rule: what is thrown in it, a C++ object and an access violation, it catches itself. */
#include "stubca/host/guard.c"
#include "base.h"
#include "throws.h"

static void access_violation(void *unused)
{
    (void)unused;
    *(volatile int *)NULL = 1;
}

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    struct fault fault;

    (void)event, (void)context, (void)server;
    if (!throws_and_catches() || guard_run(access_violation, NULL, &fault)) return E_FAIL;
    return fault.code == STATUS_ACCESS_VIOLATION ? S_OK : E_FAIL;
}

const struct module module = {.progid = L"RightCatches.Exit", .number = 42, .also = also};
