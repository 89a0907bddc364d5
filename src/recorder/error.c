/* Error texts, and ISupportErrorInfo. */
#include "error.h"

#include <oleauto.h>
#include <stdbool.h>

/* The setters' parameters lack a const that they honour. */
HRESULT error_make(REFIID iid, const WCHAR *progid, const WCHAR *text, IErrorInfo **info)
{
    ICreateErrorInfo *maker;
    HRESULT hr;

    *info = NULL;
    if (FAILED(hr = CreateErrorInfo(&maker))) return hr;
    if (SUCCEEDED(hr)) hr = ICreateErrorInfo_SetGUID(maker, iid);
    if (SUCCEEDED(hr)) hr = ICreateErrorInfo_SetSource(maker, (WCHAR *)progid);
    if (SUCCEEDED(hr)) hr = ICreateErrorInfo_SetDescription(maker, (WCHAR *)text);
    if (SUCCEEDED(hr)) hr = ICreateErrorInfo_QueryInterface(maker, &IID_IErrorInfo, (void **)info);
    ICreateErrorInfo_Release(maker);
    return hr;
}

HRESULT error_set(HRESULT hr, REFIID iid, const WCHAR *progid, const WCHAR *text, IErrorInfo *spare)
{
    IErrorInfo *info;
    bool made = SUCCEEDED(error_make(iid, progid, text, &info));

    SetErrorInfo(0, made ? info : spare);
    if (made) IErrorInfo_Release(info);
    return hr;
}

static struct error_support *impl_from_ISupportErrorInfo(ISupportErrorInfo *iface)
{
    return CONTAINING_RECORD(iface, struct error_support, ISupportErrorInfo_iface);
}

static HRESULT WINAPI support_QueryInterface(ISupportErrorInfo *iface, REFIID iid, void **out)
{
    return IUnknown_QueryInterface(impl_from_ISupportErrorInfo(iface)->outer, iid, out);
}

static ULONG WINAPI support_AddRef(ISupportErrorInfo *iface)
{
    return IUnknown_AddRef(impl_from_ISupportErrorInfo(iface)->outer);
}

static ULONG WINAPI support_Release(ISupportErrorInfo *iface)
{
    return IUnknown_Release(impl_from_ISupportErrorInfo(iface)->outer);
}

static HRESULT WINAPI support_InterfaceSupportsErrorInfo(ISupportErrorInfo *iface, REFIID iid)
{
    for (const IID *const *known = impl_from_ISupportErrorInfo(iface)->iids; *known; known++) {
        if (IsEqualIID(iid, *known)) return S_OK;
    }
    return S_FALSE;
}

static const ISupportErrorInfoVtbl support_vtbl = {
    support_QueryInterface, support_AddRef, support_Release,
    support_InterfaceSupportsErrorInfo,
};

void error_support_init(struct error_support *support, IUnknown *outer, const IID *const *iids)
{
    support->ISupportErrorInfo_iface.lpVtbl = &support_vtbl;
    support->outer = outer;
    support->iids = iids;
}
