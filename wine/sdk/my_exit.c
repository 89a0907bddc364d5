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
#define CLASSES L"Software\\Classes\\"
#define PROGID L"MyApp.Exit"
#define CLSID_TEXT L"{0F6C4F5E-7F4D-4E0B-9C53-6B1B5C1D9A01}"
#define CLASS CLASSES L"CLSID\\" CLSID_TEXT
extern IMAGE_DOS_HEADER __ImageBase;                    /* where this DLL begins, from the linker */
static LONG objects;
struct exit { ICertExit2 iface; LONG ref; };            /* `iface` comes first: a pointer to it is one to the whole */

/* What the module does. Each event has a callback object of its own, so that any number of threads may be here. */
static HRESULT WINAPI exit_Initialize(ICertExit2 *iface, const BSTR config, LONG *mask)
{
    return mask ? *mask = EXITEVENT_CERTISSUED, S_OK : E_POINTER;
}
static HRESULT WINAPI exit_Notify(ICertExit2 *iface, LONG event, LONG context)
{
    ICertServerExit *server;
    VARIANT value = {0};
    BSTR name;
    HRESULT hr;

    if (event != EXITEVENT_CERTISSUED || !context) return S_OK;        /* what is not for us is passed over */
    hr = CoCreateInstance(&CLSID_CCertServerExit, NULL, CLSCTX_INPROC_SERVER, &IID_ICertServerExit, (void **)&server);
    if (FAILED(hr)) return hr;
    name = SysAllocString(L"RequesterName");
    hr = ICertServerExit_SetContext(server, context);
    /* A property may be missing, and asking may fail: neither is a reason to fail. */
    if (SUCCEEDED(hr) && SUCCEEDED(ICertServerExit_GetRequestProperty(server, name, PROPTYPE_STRING, &value))
        && V_VT(&value) == VT_BSTR) OutputDebugStringW(V_BSTR(&value) ? V_BSTR(&value) : L"(nobody)");
    VariantClear(&value);
    SysFreeString(name);
    ICertServerExit_Release(server);
    return hr;
}
static HRESULT WINAPI exit_GetDescription(ICertExit2 *iface, BSTR *text)
{
    return !text ? E_POINTER : (*text = SysAllocString(L"My exit module")) ? S_OK : E_OUTOFMEMORY;
}
static HRESULT WINAPI exit_GetManageModule(ICertExit2 *iface, ICertManageModule **manage)
{
    return manage ? *manage = NULL, E_NOTIMPL : E_POINTER;      /* a class MyApp.ExitManage would name it to the snap-in */
}

/* COM. IDispatch is there because ICertExit derives from it; a CA calls the methods directly. */
static HRESULT WINAPI exit_QueryInterface(ICertExit2 *iface, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, &IID_ICertExit)
        || IsEqualIID(iid, &IID_ICertExit2) ? iface : NULL;
    return *out ? ICertExit2_AddRef(iface), S_OK : E_NOINTERFACE;
}
static ULONG WINAPI exit_AddRef(ICertExit2 *iface) { return InterlockedIncrement(&((struct exit *)iface)->ref); }
static ULONG WINAPI exit_Release(ICertExit2 *iface)
{
    ULONG ref = InterlockedDecrement(&((struct exit *)iface)->ref);

    if (!ref) free(iface), InterlockedDecrement(&objects);
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
                                  VARIANT *result, EXCEPINFO *exception, UINT *wrong) { return DISP_E_MEMBERNOTFOUND; }
static ICertExit2Vtbl exit_vtbl = {
    exit_QueryInterface, exit_AddRef, exit_Release, exit_GetTypeInfoCount, exit_GetTypeInfo, exit_GetIDsOfNames, exit_Invoke,
    exit_Initialize, exit_Notify, exit_GetDescription, exit_GetManageModule,
};

/* The class object, which is there as long as the DLL. */
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
    if (!(exit = malloc(sizeof *exit))) return E_OUTOFMEMORY;
    *exit = (struct exit){{&exit_vtbl}, 1};
    InterlockedIncrement(&objects);
    hr = exit_QueryInterface(&exit->iface, iid, out);
    exit_Release(&exit->iface);
    return hr;
}
static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock) { return InterlockedAdd(&objects, lock ? 1 : -1), S_OK; }
static IClassFactoryVtbl factory_vtbl = {factory_QueryInterface, factory_count, factory_count, factory_CreateInstance,
                                         factory_LockServer};
static IClassFactory factory = {&factory_vtbl};

/* The DLL. */
__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID class, REFIID iid, void **out)
{
    CLSID ours;

    if (!out) return E_POINTER;
    *out = NULL;
    if (FAILED(CLSIDFromString(CLSID_TEXT, &ours)) || !IsEqualCLSID(class, &ours)) return CLASS_E_CLASSNOTAVAILABLE;
    return factory_QueryInterface(&factory, iid, out);
}
__declspec(dllexport) HRESULT WINAPI DllCanUnloadNow(void) { return objects ? S_FALSE : S_OK; }
__declspec(dllexport) HRESULT WINAPI DllRegisterServer(void)
{
    WCHAR path[MAX_PATH];
    const WCHAR *const values[][3] = {
        {CLASS L"\\InprocServer32", NULL, path}, {CLASS L"\\InprocServer32", L"ThreadingModel", L"Both"},
        {CLASS L"\\ProgID", NULL, PROGID}, {CLASSES PROGID L"\\CLSID", NULL, CLSID_TEXT},
    };
    LSTATUS error = GetModuleFileNameW((HMODULE)&__ImageBase, path, MAX_PATH) ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND;

    for (int i = 0; i < 4 && !error; i++) {
        error = RegSetKeyValueW(HKEY_LOCAL_MACHINE, values[i][0], values[i][1], REG_SZ, values[i][2],
                                (lstrlenW(values[i][2]) + 1) * sizeof(WCHAR));
    }
    return HRESULT_FROM_WIN32(error);
}
__declspec(dllexport) HRESULT WINAPI DllUnregisterServer(void)
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, CLASS);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, CLASSES PROGID);
    return S_OK;
}
