/*
 * An exit module to begin with: it breaks no rule of `stubca check`, and says who got a certificate to whoever reads debug output.
 * Give it a CLSID of your own (uuidgen) and another ProgID, which has to end in .Exit. From the folder above this one:
 *
 *   x86_64-w64-mingw32-gcc -shared -Iinclude -o my_exit.dll sdk/my_exit.c lib/certexit_i.c lib/certif_i.c -lole32 -loleaut32 -luuid
 *   regsvr32 my_exit.dll
 *   stubca check MyApp.Exit
 */
#define COBJMACROS
#include <certsrv.h>
#include <oleauto.h>
#include <stdlib.h>
#include <wchar.h>

#define PROGID L"MyApp.Exit"
#define CLSID_TEXT L"{0F6C4F5E-7F4D-4E0B-9C53-6B1B5C1D9A01}"
static const CLSID clsid = {0x0f6c4f5e, 0x7f4d, 0x4e0b, {0x9c, 0x53, 0x6b, 0x1b, 0x5c, 0x1d, 0x9a, 0x01}};
static HINSTANCE instance;
static LONG objects;

struct exit { ICertExit2 iface; LONG ref; };            /* `iface` comes first: a pointer to it is one to the whole */

/* What the module does. Each event has a callback object of its own, so that any number of threads may be here. */
static void read_certificate(ICertServerExit *server)
{
    BSTR name = SysAllocString(L"RequesterName");
    VARIANT value;

    VariantInit(&value);                /* a property may be missing, and asking may fail: neither is a reason to fail */
    if (SUCCEEDED(ICertServerExit_GetRequestProperty(server, name, PROPTYPE_STRING, &value)) && V_VT(&value) == VT_BSTR) {
        OutputDebugStringW(V_BSTR(&value) ? V_BSTR(&value) : L"(nobody)");
    }
    VariantClear(&value);
    SysFreeString(name);
}

static HRESULT WINAPI exit_Notify(ICertExit2 *iface, LONG event, LONG context)
{
    ICertServerExit *server;
    HRESULT hr;

    if (event != EXITEVENT_CERTISSUED || !context) return S_OK;        /* what is not for us is passed over */
    hr = CoCreateInstance(&CLSID_CCertServerExit, NULL, CLSCTX_INPROC_SERVER, &IID_ICertServerExit, (void **)&server);
    if (FAILED(hr)) return hr;
    hr = ICertServerExit_SetContext(server, context);
    if (SUCCEEDED(hr)) read_certificate(server);
    ICertServerExit_Release(server);
    return hr;
}

static HRESULT WINAPI exit_Initialize(ICertExit2 *iface, const BSTR config, LONG *mask)
{
    if (!mask) return E_POINTER;
    *mask = EXITEVENT_CERTISSUED;
    return S_OK;
}

static HRESULT WINAPI exit_GetDescription(ICertExit2 *iface, BSTR *text)
{
    if (!text) return E_POINTER;
    return (*text = SysAllocString(L"My exit module")) ? S_OK : E_OUTOFMEMORY;
}

static HRESULT WINAPI exit_GetManageModule(ICertExit2 *iface, ICertManageModule **manage)
{
    if (!manage) return E_POINTER;
    *manage = NULL;
    return E_NOTIMPL;                   /* a class MyApp.ExitManage would give the snap-in a name to show */
}

/* COM. IDispatch is there because ICertExit derives from it; a CA calls the methods directly. */
static HRESULT WINAPI exit_QueryInterface(ICertExit2 *iface, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, &IID_ICertExit)
        || IsEqualIID(iid, &IID_ICertExit2) ? iface : NULL;
    if (*out) ICertExit2_AddRef(iface);
    return *out ? S_OK : E_NOINTERFACE;
}
static ULONG WINAPI exit_AddRef(ICertExit2 *iface) { return InterlockedIncrement(&((struct exit *)iface)->ref); }
static ULONG WINAPI exit_Release(ICertExit2 *iface)
{
    ULONG ref = InterlockedDecrement(&((struct exit *)iface)->ref);

    if (!ref) {
        free(iface);
        InterlockedDecrement(&objects);
    }
    return ref;
}
static HRESULT WINAPI exit_GetTypeInfoCount(ICertExit2 *iface, UINT *count) { return count ? *count = 0, S_OK : E_POINTER; }
static HRESULT WINAPI exit_GetTypeInfo(ICertExit2 *iface, UINT index, LCID locale, ITypeInfo **info)
{
    return info ? *info = NULL, E_NOTIMPL : E_POINTER;
}
static HRESULT WINAPI exit_GetIDsOfNames(ICertExit2 *iface, REFIID iid, OLECHAR **names, UINT count, LCID locale, DISPID *ids)
{
    for (UINT i = 0; ids && i < count; i++) ids[i] = DISPID_UNKNOWN;
    return DISP_E_UNKNOWNNAME;
}
static HRESULT WINAPI exit_Invoke(ICertExit2 *iface, DISPID id, REFIID iid, LCID locale, WORD flags, DISPPARAMS *arguments,
                                  VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    return DISP_E_MEMBERNOTFOUND;
}
static ICertExit2Vtbl exit_vtbl = {
    exit_QueryInterface, exit_AddRef, exit_Release, exit_GetTypeInfoCount, exit_GetTypeInfo, exit_GetIDsOfNames, exit_Invoke,
    exit_Initialize, exit_Notify, exit_GetDescription, exit_GetManageModule,
};

/* The class object, as long as the DLL. */
static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IClassFactory) ? iface : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}
static ULONG WINAPI factory_count(IClassFactory *iface) { return 1; }
static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    struct exit *exit;
    HRESULT hr;

    if (!out) return E_POINTER;
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (!(exit = calloc(1, sizeof *exit))) return E_OUTOFMEMORY;
    InterlockedIncrement(&objects);
    exit->iface.lpVtbl = &exit_vtbl;
    exit->ref = 1;
    hr = exit_QueryInterface(&exit->iface, iid, out);
    exit_Release(&exit->iface);
    return hr;
}
static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    lock ? InterlockedIncrement(&objects) : InterlockedDecrement(&objects);
    return S_OK;
}
static IClassFactoryVtbl factory_vtbl = {factory_QueryInterface, factory_count, factory_count, factory_CreateInstance,
                                         factory_LockServer};
static IClassFactory factory = {&factory_vtbl};

/* The DLL. */
__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID class, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    return IsEqualCLSID(class, &clsid) ? factory_QueryInterface(&factory, iid, out) : CLASS_E_CLASSNOTAVAILABLE;
}
__declspec(dllexport) HRESULT WINAPI DllCanUnloadNow(void) { return objects ? S_FALSE : S_OK; }

static LSTATUS put(const WCHAR *key, const WCHAR *name, const WCHAR *text)
{
    return RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, name, REG_SZ, text, (DWORD)((wcslen(text) + 1) * sizeof *text));
}
__declspec(dllexport) HRESULT WINAPI DllRegisterServer(void)
{
    WCHAR path[MAX_PATH];
    LSTATUS error = GetModuleFileNameW(instance, path, MAX_PATH) ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND;

    if (!error) error = put(L"Software\\Classes\\CLSID\\" CLSID_TEXT L"\\InprocServer32", NULL, path);
    if (!error) error = put(L"Software\\Classes\\CLSID\\" CLSID_TEXT L"\\InprocServer32", L"ThreadingModel", L"Both");
    if (!error) error = put(L"Software\\Classes\\CLSID\\" CLSID_TEXT L"\\ProgID", NULL, PROGID);
    if (!error) error = put(L"Software\\Classes\\" PROGID L"\\CLSID", NULL, CLSID_TEXT);
    return HRESULT_FROM_WIN32(error);
}
__declspec(dllexport) HRESULT WINAPI DllUnregisterServer(void)
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"Software\\Classes\\CLSID\\" CLSID_TEXT);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"Software\\Classes\\" PROGID);
    return S_OK;
}
BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void *reserved)
{
    if (reason == DLL_PROCESS_ATTACH) instance = dll;
    return TRUE;
}
