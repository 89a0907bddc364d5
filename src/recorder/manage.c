/*
 * The management object.
 *
 * Its texts are read from the version resource of the DLL as it was loaded, not from the file,
 * which an upgrade may have replaced. It aggregates the free-threaded marshaler for the reasons
 * given in exit.c.
 */
#include "manage.h"

#include "configure.h"
#include "dispatch.h"
#include "dll.h"
#include "error.h"
#include "version_info.h"
#include "registration/identity.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

struct manage_module {
    ICertManageModule ICertManageModule_iface;
    struct error_support errors;
    LONG ref;
    IUnknown *marshaler;                /* owned */
    struct dispatch dispatch;
    ULONG_PTR owner; /* the HWND from SetProperty; 0: none, or no valid one */
};

static const IID *const manage_iids[] = {&IID_ICertManageModule, NULL};

static struct manage_module *impl_from_ICertManageModule(ICertManageModule *iface)
{
    return CONTAINING_RECORD(iface, struct manage_module, ICertManageModule_iface);
}

static HRESULT manage_fail(HRESULT hr, const WCHAR *text)
{
    return error_set(hr, &IID_ICertManageModule, MANAGE_PROGID, text, NULL);
}

static HRESULT WINAPI manage_QueryInterface(ICertManageModule *iface, REFIID iid, void **out)
{
    struct manage_module *module = impl_from_ICertManageModule(iface);

    if (!out) return E_POINTER;
    *out = NULL;
    if (IsEqualIID(iid, &IID_IMarshal)) return IUnknown_QueryInterface(module->marshaler, iid, out);
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) ||
        IsEqualIID(iid, &IID_ICertManageModule) || IsEqualIID(iid, &IID_IAgileObject))
        *out = iface;
    if (IsEqualIID(iid, &IID_ISupportErrorInfo)) *out = &module->errors.ISupportErrorInfo_iface;
    if (!*out) return E_NOINTERFACE;
    ICertManageModule_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI manage_AddRef(ICertManageModule *iface)
{
    return InterlockedIncrement(&impl_from_ICertManageModule(iface)->ref);
}

static ULONG WINAPI manage_Release(ICertManageModule *iface)
{
    struct manage_module *module = impl_from_ICertManageModule(iface);
    ULONG ref = InterlockedDecrement(&module->ref);

    if (!ref) {
        dispatch_close(&module->dispatch);
        if (module->marshaler) IUnknown_Release(module->marshaler);
        free(module);
        dll_let_go();
    }
    return ref;
}

static HRESULT WINAPI manage_GetTypeInfoCount(ICertManageModule *iface, UINT *count)
{
    (void)iface;
    return dispatch_count(count);
}

static HRESULT WINAPI manage_GetTypeInfo(ICertManageModule *iface, UINT index, LCID locale,
                                         ITypeInfo **type)
{
    (void)locale;
    return dispatch_type(&impl_from_ICertManageModule(iface)->dispatch, index, type);
}

static HRESULT WINAPI manage_GetIDsOfNames(ICertManageModule *iface, REFIID iid, OLECHAR **names,
                                           UINT count, LCID locale, DISPID *ids)
{
    (void)locale;
    return dispatch_ids(&impl_from_ICertManageModule(iface)->dispatch, iid, names, count, ids);
}

static HRESULT WINAPI manage_Invoke(ICertManageModule *iface, DISPID id, REFIID iid, LCID locale,
                                    WORD flags, DISPPARAMS *arguments, VARIANT *result,
                                    EXCEPINFO *exception, UINT *wrong_argument)
{
    struct dispatch *dispatch = &impl_from_ICertManageModule(iface)->dispatch;

    (void)locale;
    return dispatch_invoke(dispatch, iface, id, iid, flags, arguments, result, exception,
                           wrong_argument);
}

/* Never by the rules of a language: in a Turkish one "FILE VERSION" is not "File Version". */
static BOOL manage_same_name(const WCHAR *a, const WCHAR *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

static const struct { const WCHAR *name, *resource; } texts[] = {
    {L"Name",            L"ProductName"},
    {L"Description",     L"FileDescription"},
    {L"Copyright",       L"LegalCopyright"},
    {L"File Version",    L"FileVersion"},
    {L"Product Version", L"ProductVersion"},
};

static HRESULT property_get(const WCHAR *name, VARIANT *value)
{
    for (size_t i = 0; i < ARRAYSIZE(texts); i++) {
        HRESULT hr;

        if (!manage_same_name(name, texts[i].name)) continue;
        hr = version_info(texts[i].resource, &V_BSTR(value));
        if (FAILED(hr))
            return manage_fail(hr, L"The version information of certwitness.dll cannot be read.");
        V_VT(value) = VT_BSTR;
        return S_OK;
    }
    if (!manage_same_name(name, L"IsMultiThreaded")) return S_FALSE;
    V_BOOL(value) = VARIANT_TRUE;
    V_VT(value) = VT_BOOL;
    return S_OK;
}

/* What `value` holds on entry is neither read nor freed: managed hosts pass memory they never
 * initialised. */
static HRESULT WINAPI manage_GetProperty(ICertManageModule *iface, const BSTR config, BSTR storage,
                                         BSTR name, LONG flags, VARIANT *value)
{
    (void)iface, (void)config, (void)storage;
    if (!value)
        return manage_fail(E_POINTER, L"GetProperty was called without a place for the value.");
    VariantInit(value);
    if (!name)
        return manage_fail(E_INVALIDARG, L"GetProperty was called without the name of a property.");
    if (flags)
        return manage_fail(E_INVALIDARG, L"GetProperty was called with flags; there are none.");
    return property_get(name, value);
}

/*
 * The snap-in tells the window that the page should belong to, in a type that nobody documents:
 * anything is accepted, and what cannot be a window's handle counts as none.
 */
static HRESULT WINAPI manage_SetProperty(ICertManageModule *iface, const BSTR config, BSTR storage,
                                         BSTR name, LONG flags, const VARIANT *value)
{
    struct manage_module *module = impl_from_ICertManageModule(iface);

    (void)config, (void)storage;
    if (!value) return manage_fail(E_POINTER, L"SetProperty was called without a value.");
    if (!name)
        return manage_fail(E_INVALIDARG, L"SetProperty was called without the name of a property.");
    if (flags)
        return manage_fail(E_INVALIDARG, L"SetProperty was called with flags; there are none.");
    if (!manage_same_name(name, L"HWND")) return S_FALSE;
    InterlockedExchangePointer((void **)&module->owner, (void *)configure_owner(value));
    return S_OK;
}

/* CMM_REFRESHONLY: this object keeps nothing that a change in the registry could outdate, and the
 * CA reads its settings when it starts. */
static HRESULT WINAPI manage_Configure(ICertManageModule *iface, const BSTR config, BSTR storage,
                                       LONG flags)
{
    struct manage_module *module = impl_from_ICertManageModule(iface);
    WCHAR why[CONFIGURE_WHY_MAX];
    HRESULT hr;

    if (flags & ~(CMM_REFRESHONLY | CMM_READONLY)) {
        return manage_fail(E_INVALIDARG, L"Configure was called with flags that do not exist.");
    }
    if (flags & CMM_REFRESHONLY) return S_OK;
    ICertManageModule_AddRef(iface); /* messages are dispatched meanwhile, and may let go of us */
    hr = configure_show(config, storage, module->owner, flags & CMM_READONLY, why);
    if (FAILED(hr)) manage_fail(hr, why);
    ICertManageModule_Release(iface);
    return hr;
}

static const ICertManageModuleVtbl manage_vtbl = {
    manage_QueryInterface, manage_AddRef, manage_Release,
    manage_GetTypeInfoCount, manage_GetTypeInfo, manage_GetIDsOfNames, manage_Invoke,
    manage_GetProperty, manage_SetProperty, manage_Configure,
};

HRESULT manage_create(REFIID iid, void **out)
{
    struct manage_module *module = calloc(1, sizeof *module);
    IUnknown *unknown;
    HRESULT hr;

    if (!module) return E_OUTOFMEMORY;
    dll_hold();
    module->ICertManageModule_iface.lpVtbl = &manage_vtbl;
    module->ref = 1;
    module->dispatch.iid = &IID_ICertManageModule;
    unknown = (IUnknown *)&module->ICertManageModule_iface;
    error_support_init(&module->errors, unknown, manage_iids);
    hr = CoCreateFreeThreadedMarshaler(unknown, &module->marshaler);
    if (SUCCEEDED(hr))
        hr = ICertManageModule_QueryInterface(&module->ICertManageModule_iface, iid, out);
    ICertManageModule_Release(&module->ICertManageModule_iface);
    return hr;
}
