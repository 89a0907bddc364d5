/* An IMallocSpy. */
#include "check_spy.h"

#include <objbase.h>

static bool watching;
static LONG spied;                      /* blocks that were allocated while it watched */
static LONG wrong_frees;

static HRESULT WINAPI spy_QueryInterface(IMallocSpy *iface, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IMallocSpy) ? iface : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI spy_AddRef(IMallocSpy *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI spy_Release(IMallocSpy *iface)
{
    (void)iface;
    return 1;
}

static SIZE_T WINAPI spy_PreAlloc(IMallocSpy *iface, SIZE_T size)
{
    (void)iface;
    return size;
}

static void *WINAPI spy_PostAlloc(IMallocSpy *iface, void *block)
{
    (void)iface;
    if (block) InterlockedIncrement(&spied);
    return block;
}

/* What is freed wrongly is kept from the heap: it is to be named for that, not for what the heap
 * does then. */
static void *WINAPI spy_PreFree(IMallocSpy *iface, void *block, WINBOOL was_spied)
{
    (void)iface;
    if (!block) return NULL;
    if (was_spied) InterlockedDecrement(&spied);
    else InterlockedIncrement(&wrong_frees);
    return was_spied ? block : NULL;
}

static void WINAPI spy_PostFree(IMallocSpy *iface, WINBOOL was_spied)
{
    (void)iface, (void)was_spied;
}

static SIZE_T WINAPI spy_PreRealloc(IMallocSpy *iface, void *block, SIZE_T size, void **out,
                                    WINBOOL was_spied)
{
    (void)iface, (void)was_spied;
    *out = block;
    if (block && was_spied) InterlockedDecrement(&spied);
    return size;
}

static void *WINAPI spy_PostRealloc(IMallocSpy *iface, void *block, WINBOOL was_spied)
{
    (void)was_spied;
    return spy_PostAlloc(iface, block);
}

static void *WINAPI spy_PreGetSize(IMallocSpy *iface, void *block, WINBOOL was_spied)
{
    (void)iface, (void)was_spied;
    return block;
}

static SIZE_T WINAPI spy_PostGetSize(IMallocSpy *iface, SIZE_T size, WINBOOL was_spied)
{
    (void)iface, (void)was_spied;
    return size;
}

static void *WINAPI spy_PreDidAlloc(IMallocSpy *iface, void *block, WINBOOL was_spied)
{
    (void)iface, (void)was_spied;
    return block;
}

static int WINAPI spy_PostDidAlloc(IMallocSpy *iface, void *block, WINBOOL was_spied, int actual)
{
    (void)iface, (void)block, (void)was_spied;
    return actual;
}

static void WINAPI spy_nothing(IMallocSpy *iface)
{
    (void)iface;
}

static const IMallocSpyVtbl spy_vtbl = {
    spy_QueryInterface, spy_AddRef,      spy_Release,      spy_PreAlloc,    spy_PostAlloc,
    spy_PreFree,        spy_PostFree,    spy_PreRealloc,   spy_PostRealloc, spy_PreGetSize,
    spy_PostGetSize,    spy_PreDidAlloc, spy_PostDidAlloc, spy_nothing,     spy_nothing,
};

static IMallocSpy spy = {&spy_vtbl};

void check_spy_begin(void)
{
    watching = CoRegisterMallocSpy(&spy) == S_OK;
}

bool check_spy_watches(void)
{
    return watching;
}

LONG check_spy_blocks(void)
{
    return spied;
}

LONG check_spy_wrong_frees(void)
{
    return wrong_frees;
}
