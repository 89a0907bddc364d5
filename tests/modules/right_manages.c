/*
 * Breaks no rule, and has an object for the CA's snap-in. What that is told, its Copyright says from then on: an
 * environment variable keeps it, since the DLL may be unloaded between two questions.
 */
#include "base.h"

#include <stdio.h>
#include <wchar.h>

#define TOLD L"RIGHT_MANAGES_TOLD"
#define FAILS L"RIGHT_MANAGES_FAILS"

static WCHAR window[40] = L"no window";

static HRESULT WINAPI manage_QueryInterface(ICertManageModule *iface, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, &IID_ICertManageModule) ? iface : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI manage_AddRef(ICertManageModule *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI manage_Release(ICertManageModule *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI manage_GetTypeInfoCount(ICertManageModule *iface, UINT *count)
{
    (void)iface;
    *count = 0;
    return S_OK;
}

static HRESULT WINAPI manage_GetTypeInfo(ICertManageModule *iface, UINT index, LCID locale, ITypeInfo **info)
{
    (void)iface, (void)index, (void)locale;
    *info = NULL;
    return E_NOTIMPL;
}

static HRESULT WINAPI manage_GetIDsOfNames(ICertManageModule *iface, REFIID iid, OLECHAR **names, UINT count, LCID locale,
                                           DISPID *ids)
{
    (void)iface, (void)iid, (void)names, (void)count, (void)locale, (void)ids;
    return DISP_E_UNKNOWNNAME;
}

static HRESULT WINAPI manage_Invoke(ICertManageModule *iface, DISPID id, REFIID iid, LCID locale, WORD flags, DISPPARAMS *arguments,
                                    VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    (void)iface, (void)id, (void)iid, (void)locale, (void)flags, (void)arguments, (void)result, (void)exception, (void)wrong;
    return DISP_E_MEMBERNOTFOUND;
}

static HRESULT WINAPI manage_GetProperty(ICertManageModule *iface, const BSTR config, BSTR storage, BSTR name, LONG flags,
                                         VARIANT *value)
{
    WCHAR told[100] = L"";

    (void)iface, (void)config, (void)storage, (void)flags;
    if (!value) return E_POINTER;
    VariantInit(value);
    if (!wcscmp(name, L"IsMultiThreaded")) {
        V_VT(value) = VT_I4;
        V_I4(value) = 0;
        return S_OK;
    }
    GetEnvironmentVariableW(TOLD, told, 100);
    if (wcscmp(name, L"Name") && wcscmp(name, L"Description") && (wcscmp(name, L"Copyright") || !*told)) return S_FALSE;
    V_VT(value) = VT_BSTR;
    V_BSTR(value) = SysAllocString(wcscmp(name, L"Copyright") ? L"Right" : told);
    return S_OK;
}

static HRESULT WINAPI manage_SetProperty(ICertManageModule *iface, const BSTR config, BSTR storage, BSTR name, LONG flags,
                                         const VARIANT *value)
{
    (void)iface, (void)config, (void)storage, (void)flags;
    if (wcscmp(name, L"HWND")) return S_FALSE;
    if (V_VT(value) == VT_BSTR) swprintf(window, 40, L"%u bytes", SysStringByteLen(V_BSTR(value)));
    else swprintf(window, 40, L"type %u", V_VT(value));
    return E_NOTIMPL;                   /* which is nobody's business */
}

static HRESULT WINAPI manage_Configure(ICertManageModule *iface, const BSTR config, BSTR storage, LONG flags)
{
    WCHAR told[100];

    (void)iface, (void)config, (void)storage;
    swprintf(told, 100, L"%ls, flags %ld", window, flags);
    SetEnvironmentVariableW(TOLD, told);
    wcscpy(window, L"no window");
    return GetEnvironmentVariableW(FAILS, told, 100) ? E_ACCESSDENIED : S_OK;
}

static ICertManageModuleVtbl vtbl = {
    manage_QueryInterface, manage_AddRef, manage_Release, manage_GetTypeInfoCount, manage_GetTypeInfo, manage_GetIDsOfNames,
    manage_Invoke, manage_GetProperty, manage_SetProperty, manage_Configure,
};

static HRESULT manage(ICertManageModule **out)
{
    static ICertManageModule the_manage = {&vtbl};

    *out = &the_manage;
    return S_OK;
}

const struct module module = {.progid = L"RightManages.Exit", .number = 46, .manage = manage};
