/* Breaks `identity`: asked through IDispatch, IUnknown is another one. */
#include "base.h"

/* The twin has the same methods, and an IUnknown of its own. */
static ICertExit2Vtbl twin_vtbl;

static struct exit *impl_from_twin(ICertExit2 *iface)
{
    return CONTAINING_RECORD(iface, struct exit, twin);
}

static HRESULT WINAPI twin_QueryInterface(ICertExit2 *iface, REFIID iid, void **out)
{
    HRESULT hr = ICertExit2_QueryInterface(&impl_from_twin(iface)->ICertExit2_iface, iid, out);

    if (SUCCEEDED(hr) && IsEqualIID(iid, &IID_IUnknown)) *out = iface;
    return hr;
}

static ULONG WINAPI twin_AddRef(ICertExit2 *iface)
{
    return ICertExit2_AddRef(&impl_from_twin(iface)->ICertExit2_iface);
}

static ULONG WINAPI twin_Release(ICertExit2 *iface)
{
    return ICertExit2_Release(&impl_from_twin(iface)->ICertExit2_iface);
}

static void created(struct exit *exit)
{
    twin_vtbl = *exit->ICertExit2_iface.lpVtbl;
    twin_vtbl.QueryInterface = twin_QueryInterface;
    twin_vtbl.AddRef = twin_AddRef;
    twin_vtbl.Release = twin_Release;
    exit->twin.lpVtbl = &twin_vtbl;
}

static HRESULT query(struct exit *exit, REFIID iid, void **out)
{
    HRESULT hr = exit_query(exit, iid, out);

    if (SUCCEEDED(hr) && IsEqualIID(iid, &IID_IDispatch)) *out = &exit->twin;
    return hr;
}

const struct module module = {.progid = L"FaultIdentity.Exit", .number = 6, .created = created, .query = query};
