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
#define PROGID L"MyApp.Exit"
#define CLSID_TEXT L"{0F6C4F5E-7F4D-4E0B-9C53-6B1B5C1D9A01}"
#define CLASS L"CLSID\\" CLSID_TEXT
extern IMAGE_DOS_HEADER __ImageBase;                    /* where this DLL begins, from the linker */
static LONG references, locks;                          /* of the one object that there is; of the DLL */

/* What the module does. Each event has a callback object of its own, so that any number of threads may be here. */
static HRESULT WINAPI exit_Initialize(ICertExit2 *exit, const BSTR config, LONG *mask)
{
    return mask ? *mask = EXITEVENT_CERTISSUED, S_OK : E_POINTER;
}
static HRESULT WINAPI exit_Notify(ICertExit2 *exit, LONG event, LONG context)
{
    ICertServerExit *server;
    VARIANT value = {0};
    HRESULT hr;
    BSTR name;

    if (event != EXITEVENT_CERTISSUED || !context) return S_OK;         /* what is not for us is passed over */
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
static HRESULT WINAPI exit_GetDescription(ICertExit2 *exit, BSTR *text)
{
    return !text ? E_POINTER : (*text = SysAllocString(L"My exit module")) ? S_OK : E_OUTOFMEMORY;
}
static HRESULT WINAPI exit_GetManageModule(ICertExit2 *exit, ICertManageModule **manage)
{
    return manage ? *manage = NULL, E_NOTIMPL : E_POINTER;      /* a class MyApp.ExitManage would name it to the snap-in */
}

/* COM. One object serves all, having nothing to remember. A CA calls it directly: its IDispatch knows no names. */
static HRESULT WINAPI exit_QueryInterface(ICertExit2 *exit, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, &IID_ICertExit)
        || IsEqualIID(iid, &IID_ICertExit2) ? exit : NULL;
    return *out ? ICertExit2_AddRef(exit), S_OK : E_NOINTERFACE;
}
static ULONG WINAPI exit_AddRef(ICertExit2 *exit) { return InterlockedIncrement(&references); }
static ULONG WINAPI exit_Release(ICertExit2 *exit) { return InterlockedDecrement(&references); }
static HRESULT WINAPI exit_GetTypeInfoCount(ICertExit2 *exit, UINT *count) { return count ? *count = 0, S_OK : E_POINTER; }
static HRESULT WINAPI exit_GetTypeInfo(ICertExit2 *exit, UINT index, LCID locale, ITypeInfo **info)
{
    return info ? *info = NULL, E_NOTIMPL : E_POINTER;
}
static HRESULT WINAPI exit_GetIDsOfNames(ICertExit2 *exit, REFIID iid, OLECHAR **names, UINT count, LCID locale,
                                         DISPID *ids) { return DISP_E_UNKNOWNNAME; }
static HRESULT WINAPI exit_Invoke(ICertExit2 *exit, DISPID id, REFIID iid, LCID locale, WORD flags, DISPPARAMS *arguments,
                                  VARIANT *result, EXCEPINFO *exception, UINT *wrong) { return DISP_E_MEMBERNOTFOUND; }
static ICertExit2Vtbl exit_vtbl = {
    exit_QueryInterface, exit_AddRef, exit_Release, exit_GetTypeInfoCount, exit_GetTypeInfo, exit_GetIDsOfNames, exit_Invoke,
    exit_Initialize, exit_Notify, exit_GetDescription, exit_GetManageModule,
};
static ICertExit2 the_exit = {&exit_vtbl};

/* Its class object. */
static HRESULT WINAPI factory_QueryInterface(IClassFactory *factory, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IClassFactory) ? factory : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}
static ULONG WINAPI factory_count(IClassFactory *factory) { return 1; }
static HRESULT WINAPI factory_CreateInstance(IClassFactory *factory, IUnknown *outer, REFIID iid, void **out)
{
    *out = NULL;
    return outer ? CLASS_E_NOAGGREGATION : exit_QueryInterface(&the_exit, iid, out);
}
static HRESULT WINAPI factory_LockServer(IClassFactory *factory, BOOL on) { return InterlockedAdd(&locks, on ? 1 : -1), S_OK; }
static IClassFactoryVtbl factory_vtbl = {factory_QueryInterface, factory_count, factory_count, factory_CreateInstance,
                                         factory_LockServer};
static IClassFactory the_factory = {&factory_vtbl};

/* The DLL. */
__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID class, REFIID iid, void **out)
{
    CLSID ours;

    *out = NULL;
    if (FAILED(CLSIDFromString(CLSID_TEXT, &ours)) || !IsEqualCLSID(class, &ours)) return CLASS_E_CLASSNOTAVAILABLE;
    return factory_QueryInterface(&the_factory, iid, out);
}
__declspec(dllexport) HRESULT WINAPI DllCanUnloadNow(void) { return references || locks ? S_FALSE : S_OK; }
__declspec(dllexport) HRESULT WINAPI DllRegisterServer(void)
{
    const HKEY classes = HKEY_CLASSES_ROOT;
    WCHAR path[MAX_PATH] = L"";
    LSTATUS error;

    GetModuleFileNameW((HMODULE)&__ImageBase, path, MAX_PATH);
    error = RegSetValueW(classes, CLASS L"\\InprocServer32", REG_SZ, path, 0);
    if (!error) error = RegSetKeyValueW(classes, CLASS L"\\InprocServer32", L"ThreadingModel", REG_SZ, L"Both", sizeof L"Both");
    if (!error) error = RegSetValueW(classes, CLASS L"\\ProgID", REG_SZ, PROGID, 0);
    if (!error) error = RegSetValueW(classes, PROGID L"\\CLSID", REG_SZ, CLSID_TEXT, 0);
    return HRESULT_FROM_WIN32(error);
}
__declspec(dllexport) HRESULT WINAPI DllUnregisterServer(void)
{
    RegDeleteTreeW(HKEY_CLASSES_ROOT, CLASS);
    RegDeleteTreeW(HKEY_CLASSES_ROOT, PROGID);
    return S_OK;
}
