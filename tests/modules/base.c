/* An exit module that does everything right, unless `module` has it otherwise. */
#include "base.h"
#include "factory.h"

#include <stdlib.h>
#include <wchar.h>

static HINSTANCE instance;
static LONG objects;

static CLSID class_id(void)
{
    CLSID clsid = {0x5d1b7c00, 0x2f7a, 0x4c66, {0x8c, 0x0d, 0x3a, 0x51, 0x90, 0xee, 0x27, 0x44}};

    clsid.Data1 += module.number;
    return clsid;
}

/* Asking the CA. */

HRESULT server_open(LONG context, ICertServerExit **out)
{
    HRESULT hr = CoCreateInstance(&CLSID_CCertServerExit, NULL, CLSCTX_INPROC_SERVER, &IID_ICertServerExit, (void **)out);

    if (FAILED(hr)) return hr;
    if (context && FAILED(hr = ICertServerExit_SetContext(*out, context))) {
        ICertServerExit_Release(*out);
        *out = NULL;
    }
    return hr;
}

HRESULT server_ask(ICertServerExit *server, bool of_request, const WCHAR *name, LONG type, VARIANT *value)
{
    BSTR text = SysAllocString(name);
    HRESULT hr;

    VariantInit(value);
    hr = of_request ? ICertServerExit_GetRequestProperty(server, text, type, value)
                    : ICertServerExit_GetCertificateProperty(server, text, type, value);
    SysFreeString(text);
    return hr;
}

bool is_of_request(LONG event)
{
    return event == EXITEVENT_CERTISSUED || event == EXITEVENT_CERTPENDING || event == EXITEVENT_CERTDENIED ||
           event == EXITEVENT_CERTREVOKED || event == EXITEVENT_CERTRETRIEVEPENDING || event == EXITEVENT_CERTIMPORTED;
}

static void read_some(ICertServerExit *server)
{
    VARIANT value;

    server_ask(server, true, L"RequestID", PROPTYPE_LONG, &value);
    VariantClear(&value);
    server_ask(server, true, L"RequesterName", PROPTYPE_STRING, &value);
    VariantClear(&value);
    server_ask(server, false, L"RawCertificate", PROPTYPE_BINARY, &value);
    VariantClear(&value);
}

HRESULT exit_notify(LONG event, LONG context)
{
    ICertServerExit *server;
    HRESULT hr = S_OK;

    if (!is_of_request(event) || !context) return S_OK;
    if (FAILED(hr = server_open(context, &server))) return hr;
    read_some(server);
    if (module.also) hr = module.also(event, context, server);
    ICertServerExit_Release(server);
    return hr;
}

/* The methods. */

static HRESULT initialize(LONG *mask)
{
    if (!mask) return E_POINTER;
    *mask = 0;
    if (module.initialize) return module.initialize(mask);
    *mask = module.mask ? module.mask : 0x2FF;
    return S_OK;
}

static HRESULT notify(LONG event, LONG context)
{
    return module.notify ? module.notify(event, context) : exit_notify(event, context);
}

static HRESULT describe(BSTR *out)
{
    if (module.describe) return module.describe(out);
    if (!out) return E_POINTER;
    *out = SysAllocString(module.description ? module.description : module.progid);
    return *out ? S_OK : E_OUTOFMEMORY;
}

/* The object. */

static struct exit *impl_from_ICertExit2(ICertExit2 *iface)
{
    return CONTAINING_RECORD(iface, struct exit, ICertExit2_iface);
}

HRESULT exit_query(struct exit *exit, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch)) *out = &exit->ICertExit2_iface;
    if (!module.late && (IsEqualIID(iid, &IID_ICertExit) || IsEqualIID(iid, &IID_ICertExit2))) *out = &exit->ICertExit2_iface;
    if (!*out) return E_NOINTERFACE;
    InterlockedIncrement(&exit->ref);
    return S_OK;
}

static HRESULT WINAPI exit_QueryInterface(ICertExit2 *iface, REFIID iid, void **out)
{
    struct exit *exit = impl_from_ICertExit2(iface);

    return module.query ? module.query(exit, iid, out) : exit_query(exit, iid, out);
}

static ULONG WINAPI exit_AddRef(ICertExit2 *iface)
{
    return InterlockedIncrement(&impl_from_ICertExit2(iface)->ref);
}

static ULONG WINAPI exit_Release(ICertExit2 *iface)
{
    struct exit *exit = impl_from_ICertExit2(iface);
    ULONG ref = InterlockedDecrement(&exit->ref);

    if (ref) return ref;
    if (module.released) module.released();
    free(exit);
    InterlockedDecrement(&objects);
    return 0;
}

/* IDispatch by hand: three names. */

static HRESULT WINAPI exit_GetTypeInfoCount(ICertExit2 *iface, UINT *count)
{
    (void)iface;
    if (!count) return E_POINTER;
    *count = 0;
    return S_OK;
}

static HRESULT WINAPI exit_GetTypeInfo(ICertExit2 *iface, UINT index, LCID locale, ITypeInfo **info)
{
    (void)iface, (void)index, (void)locale;
    if (!info) return E_POINTER;
    if (module.type_info) return module.type_info(info);
    *info = NULL;
    return E_NOTIMPL;
}

static HRESULT WINAPI exit_GetIDsOfNames(ICertExit2 *iface, REFIID iid, OLECHAR **names, UINT count, LCID locale,
                                         DISPID *ids)
{
    static const WCHAR *const methods[] = {L"Initialize", L"Notify", L"GetDescription"};

    (void)iface, (void)iid, (void)locale;
    if (!names || !ids || !count) return E_INVALIDARG;
    for (UINT i = 0; i < count; i++) ids[i] = DISPID_UNKNOWN;
    for (int i = 0; i < 3 && count == 1; i++) {
        if (!_wcsicmp(names[0], methods[i])) ids[0] = 0x60020000 + i;
    }
    return ids[0] == DISPID_UNKNOWN ? DISP_E_UNKNOWNNAME : S_OK;
}

/* A failure is told as script hosts do: DISP_E_EXCEPTION, with the HRESULT and a text in EXCEPINFO. */
static HRESULT told(HRESULT hr, EXCEPINFO *exception)
{
    if (SUCCEEDED(hr) || !exception) return hr;
    memset(exception, 0, sizeof *exception);
    exception->scode = hr;
    exception->bstrDescription = SysAllocString(L"It was told by name to fail.");
    return DISP_E_EXCEPTION;
}

static HRESULT WINAPI exit_Invoke(ICertExit2 *iface, DISPID id, REFIID iid, LCID locale, WORD flags,
                                  DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    static const UINT counts[] = {1, 2, 0};
    VARIANT *values = arguments ? arguments->rgvarg : NULL;
    VARIANT unwanted;
    HRESULT hr;

    (void)iface, (void)iid, (void)locale, (void)flags, (void)wrong;
    if (!arguments) return E_POINTER;
    if (id < 0x60020000 || id > 0x60020002) return DISP_E_MEMBERNOTFOUND;
    if (arguments->cArgs != counts[id - 0x60020000]) return DISP_E_BADPARAMCOUNT;
    if (!result) result = &unwanted;
    VariantInit(result);
    if (id == 0x60020000) {             /* the mask as a text, as a script may have it: the host is to convert it */
        LONG mask = 0;
        WCHAR text[20];

        if (V_VT(&values[0]) != VT_BSTR) return DISP_E_TYPEMISMATCH;
        if (FAILED(hr = initialize(&mask))) return told(hr, exception);
        swprintf(text, 20, L"%ld", mask);
        V_VT(result) = VT_BSTR;
        V_BSTR(result) = SysAllocString(text);
    } else if (id == 0x60020001) {      /* arguments stand in reverse */
        if (V_VT(&values[0]) != VT_I4 || V_VT(&values[1]) != VT_I4) return DISP_E_TYPEMISMATCH;
        if (FAILED(hr = notify(V_I4(&values[1]), V_I4(&values[0])))) return told(hr, exception);
    } else {
        V_VT(result) = VT_BSTR;
        hr = module.describe_by_name ? module.describe_by_name(&V_BSTR(result)) : describe(&V_BSTR(result));
        if (FAILED(hr)) return told(hr, exception);
    }
    if (result == &unwanted) VariantClear(result);
    return S_OK;
}

/* ICertExit2. */

static HRESULT WINAPI exit_Initialize(ICertExit2 *iface, const BSTR config, LONG *mask)
{
    (void)iface, (void)config;
    return initialize(mask);
}

static HRESULT WINAPI exit_Notify(ICertExit2 *iface, LONG event, LONG context)
{
    (void)iface;
    return notify(event, context);
}

static HRESULT WINAPI exit_GetDescription(ICertExit2 *iface, BSTR *out)
{
    (void)iface;
    return describe(out);
}

static HRESULT WINAPI exit_GetManageModule(ICertExit2 *iface, ICertManageModule **out)
{
    (void)iface;
    if (!out) return E_POINTER;
    *out = NULL;
    return module.manage ? module.manage(out) : E_NOTIMPL;
}

static const ICertExit2Vtbl exit_vtbl = {
    exit_QueryInterface, exit_AddRef, exit_Release,
    exit_GetTypeInfoCount, exit_GetTypeInfo, exit_GetIDsOfNames, exit_Invoke,
    exit_Initialize, exit_Notify, exit_GetDescription, exit_GetManageModule,
};

/* The DLL. */

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    struct exit *exit;
    HRESULT hr;

    (void)iface;
    if (!out) return E_POINTER;
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (!(exit = calloc(1, sizeof *exit))) return E_OUTOFMEMORY;
    InterlockedIncrement(&objects);
    exit->ICertExit2_iface.lpVtbl = &exit_vtbl;
    exit->ref = 1;
    if (module.created) module.created(exit);
    hr = ICertExit2_QueryInterface(&exit->ICertExit2_iface, iid, out);
    ICertExit2_Release(&exit->ICertExit2_iface);
    return hr;
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface;
    if (lock) InterlockedIncrement(&objects);
    else InterlockedDecrement(&objects);
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    factory_QueryInterface, factory_AddRef, factory_Release, factory_CreateInstance, factory_LockServer,
};

static IClassFactory factory = {&factory_vtbl};

__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    CLSID own = class_id();

    if (!out) return E_POINTER;
    *out = NULL;
    return IsEqualCLSID(clsid, &own) ? factory_QueryInterface(&factory, iid, out) : CLASS_E_CLASSNOTAVAILABLE;
}

__declspec(dllexport) HRESULT WINAPI DllCanUnloadNow(void)
{
    if (module.can_unload) return module.can_unload();
    return InterlockedCompareExchange(&objects, 0, 0) ? S_FALSE : S_OK;
}

static void key_paths(WCHAR class[100], WCHAR progid[100], WCHAR id[40])
{
    CLSID own = class_id();

    StringFromGUID2(&own, id, 40);
    wcscat(wcscpy(class, L"Software\\Classes\\CLSID\\"), id);
    wcscat(wcscpy(progid, L"Software\\Classes\\"), module.progid);
}

static LSTATUS set_text(const WCHAR *root, const WCHAR *below, const WCHAR *name, const WCHAR *text)
{
    WCHAR path[200];

    wcscat(wcscpy(path, root), below);
    return RegSetKeyValueW(HKEY_LOCAL_MACHINE, path, name, REG_SZ, text, (DWORD)((wcslen(text) + 1) * sizeof *text));
}

__declspec(dllexport) HRESULT WINAPI DllRegisterServer(void)
{
    WCHAR dll[MAX_PATH], class[100], progid[100], id[40];
    LSTATUS error;

    GetModuleFileNameW(instance, dll, MAX_PATH);
    key_paths(class, progid, id);
    error = set_text(class, L"\\InprocServer32", NULL, dll);
    if (!error) error = set_text(class, L"\\InprocServer32", L"ThreadingModel", module.threading ? module.threading : L"Both");
    if (!error) error = set_text(progid, L"\\CLSID", NULL, id);
    return HRESULT_FROM_WIN32(error);
}

__declspec(dllexport) HRESULT WINAPI DllUnregisterServer(void)
{
    WCHAR class[100], progid[100], id[40];

    key_paths(class, progid, id);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, class);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, progid);
    return S_OK;
}

BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) instance = dll;
    return TRUE;
}
