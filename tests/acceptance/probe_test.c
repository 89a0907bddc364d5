/*
 * The probe (tests/modules/probe.c) in a CA that succeeds and gives nothing: for each callback and each out parameter
 * S_OK with NULL, with a VARIANT of NULL of each type, or with nothing written at all. In certsrv.exe it must not follow one.
 *
 * A crash ends this program, and so the test; the line before says which case it was.
 */
#include "lib/test.h"

#include <certexit.h>
#include <certsrv.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum callback {
    NONE, CREATE, QUERY, QUERY_OF_MARSHAL, GET_IDS, INVOKE, REQUEST_PROPERTY, REQUEST_ATTRIBUTE, CERTIFICATE_PROPERTY, EXTENSION,
    EXTENSION_FLAGS, EXTENSIONS_NEXT, ATTRIBUTES_NEXT, CALLBACKS
};

static const char *const names[CALLBACKS] = {
    "none", "CoCreateInstance", "QueryInterface", "IMarshal's QueryInterface", "GetIDsOfNames", "Invoke", "GetRequestProperty",
    "GetRequestAttribute", "GetCertificateProperty", "GetCertificateExtension", "GetCertificateExtensionFlags",
    "EnumerateExtensions", "EnumerateAttributes",
};

#define UNTOUCHED 0xFFFF                /* in place of a type: nothing is written */

/* Those whose value is a pointer, and those that are none. */
static const VARTYPE types[] = {
    VT_BSTR, VT_DISPATCH, VT_UNKNOWN, VT_ARRAY | VT_UI1, VT_ARRAY | VT_BSTR, VT_RECORD, VT_BYREF | VT_BSTR, VT_BYREF | VT_VARIANT,
    VT_BYREF | VT_ARRAY | VT_UI1, VT_LPWSTR, VT_EMPTY, VT_NULL, UNTOUCHED,
};

static struct {
    enum callback callback;             /* the one that gives nothing */
    VARTYPE type;
    HRESULT hr;                         /* that it returns: a success */
    LONG asked;                         /* how often it was asked */
    LONG steps;                         /* of enumerations, since the last setup */
    BSTR given;                         /* by the last step; the probe has freed it */
    bool gentle;                        /* the probe passes no NULL */
} ca;

static const WCHAR configuration[] = L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration";
static const WCHAR ca_key[] = L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\Null CA";
static const WCHAR own_key[] = L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\Null CA\\ExitModules\\StubProbe.Exit";

/* Whether it is this callback's turn to give nothing. */
static bool gives_nothing(enum callback callback)
{
    if (ca.callback != callback) return false;
    InterlockedIncrement(&ca.asked);
    return true;
}

static HRESULT nothing(void **out)
{
    if (ca.type != UNTOUCHED) *out = NULL;
    return ca.hr;
}

static HRESULT nothing_in(VARIANT *out)
{
    if (!out) return E_POINTER;
    if (ca.type == UNTOUCHED) return ca.hr;
    memset(out, 0, sizeof *out);
    V_VT(out) = ca.type;
    return ca.hr;
}

static HRESULT something_in(LONG type, VARIANT *out)
{
    if (!out) return E_POINTER;
    memset(out, 0, sizeof *out);
    if (type == PROPTYPE_LONG) V_VT(out) = VT_I4, V_I4(out) = 20;
    if (type == PROPTYPE_DATE) V_VT(out) = VT_DATE, V_DATE(out) = 46000.5;
    if (type == PROPTYPE_STRING || type == PROPTYPE_BINARY) V_VT(out) = VT_BSTR, V_BSTR(out) = SysAllocString(L"text");
    return type ? S_OK : E_INVALIDARG;
}

/* An IMarshal that knows nothing but its identity. */
static IUnknown *identity;

static HRESULT WINAPI marshal_QueryInterface(IMarshal *iface, REFIID iid, void **out)
{
    (void)iface, (void)iid;
    if (gives_nothing(QUERY_OF_MARSHAL)) return nothing(out);
    *out = identity;
    IUnknown_AddRef(identity);
    return S_OK;
}

static ULONG WINAPI marshal_AddRef(IMarshal *iface) { (void)iface; return 2; }
static ULONG WINAPI marshal_Release(IMarshal *iface) { (void)iface; return 1; }
static const IMarshalVtbl marshal_vtbl = {.QueryInterface = marshal_QueryInterface, .AddRef = marshal_AddRef, .Release = marshal_Release};
static IMarshal marshal = {&marshal_vtbl};

/* The callback object: one, static. */

static HRESULT WINAPI server_QueryInterface(ICertServerExit *iface, REFIID iid, void **out)
{
    if (gives_nothing(QUERY)) return nothing(out);
    *out = NULL;
    if (IsEqualIID(iid, &IID_IMarshal)) *out = &marshal;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, &IID_ICertServerExit)) *out = iface;
    return *out ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI server_AddRef(ICertServerExit *iface) { (void)iface; return 2; }
static ULONG WINAPI server_Release(ICertServerExit *iface) { (void)iface; return 1; }

static HRESULT WINAPI server_GetTypeInfoCount(ICertServerExit *iface, UINT *count)
{
    (void)iface;
    *count = 0;
    return S_OK;
}

static HRESULT WINAPI server_GetTypeInfo(ICertServerExit *iface, UINT index, LCID locale, ITypeInfo **info)
{
    (void)iface, (void)index, (void)locale, (void)info;
    return E_NOTIMPL;
}

static HRESULT WINAPI server_GetIDsOfNames(ICertServerExit *iface, REFIID iid, LPOLESTR *texts, UINT count, LCID locale, DISPID *ids)
{
    (void)iface, (void)iid, (void)texts, (void)count, (void)locale;
    if (gives_nothing(GET_IDS)) return ca.hr;
    *ids = 7;
    return S_OK;
}

static HRESULT WINAPI server_Invoke(ICertServerExit *iface, DISPID id, REFIID iid, LCID locale, WORD flags, DISPPARAMS *parameters,
                                    VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    (void)iface, (void)id, (void)iid, (void)locale, (void)flags, (void)parameters, (void)exception, (void)wrong;
    return gives_nothing(INVOKE) ? nothing_in(result) : something_in(PROPTYPE_LONG, result);
}

static HRESULT WINAPI server_SetContext(ICertServerExit *iface, LONG context)
{
    (void)iface, (void)context;
    return S_OK;
}

/* Beside the case: where the values of the probe are, so that it plays all that it can. */
static HRESULT property(enum callback callback, const WCHAR *name, LONG type, VARIANT *out)
{
    check((name && out) || !ca.gentle);
    if (gives_nothing(callback)) return nothing_in(out);
    if (!name) return E_POINTER;
    if (!out || _wcsicmp(name, L"ModuleRegistryLocation")) return something_in(type, out);
    V_VT(out) = VT_BSTR;
    V_BSTR(out) = SysAllocString(own_key);
    return S_OK;
}

static HRESULT WINAPI server_GetRequestProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    (void)iface;
    return property(REQUEST_PROPERTY, name, type, out);
}

static HRESULT WINAPI server_GetCertificateProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    (void)iface;
    return property(CERTIFICATE_PROPERTY, name, type, out);
}

static HRESULT WINAPI server_GetRequestAttribute(ICertServerExit *iface, const BSTR name, BSTR *out)
{
    (void)iface;
    check(name || !ca.gentle);
    if (gives_nothing(REQUEST_ATTRIBUTE)) return nothing((void **)out);
    *out = SysAllocString(L"value");
    return S_OK;
}

static HRESULT WINAPI server_GetCertificateExtension(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    (void)iface;
    check(name || !ca.gentle);
    return gives_nothing(EXTENSION) ? nothing_in(out) : something_in(type, out);
}

static HRESULT WINAPI server_GetCertificateExtensionFlags(ICertServerExit *iface, LONG *out)
{
    (void)iface;
    if (gives_nothing(EXTENSION_FLAGS)) return ca.hr;
    *out = 1;
    return S_OK;
}

static HRESULT WINAPI server_setup(ICertServerExit *iface, LONG flags)
{
    (void)iface, (void)flags;
    ca.steps = 0;
    return S_OK;
}

/* Three, then the end; where it gives nothing, so without an end. */
static HRESULT next(enum callback callback, BSTR *out)
{
    if (!out) return E_POINTER;
    check(!ca.given || *out != ca.given);       /* else it would be freed twice where nothing is written */
    if (gives_nothing(callback)) {
        if (ca.type == VT_BSTR || ca.steps++ < 3) return nothing((void **)out);
        *out = ca.given = SysAllocString(L"1.2.3");     /* something to be freed; then nothing once more */
        if (ca.steps > 4) ca.steps = 0;
        return S_OK;
    }
    *out = ca.given = ca.steps++ < 3 ? SysAllocString(L"1.2.3") : NULL;
    return *out ? S_OK : S_FALSE;
}

static HRESULT WINAPI server_EnumerateExtensions(ICertServerExit *iface, BSTR *out)
{
    (void)iface;
    return next(EXTENSIONS_NEXT, out);
}

static HRESULT WINAPI server_EnumerateAttributes(ICertServerExit *iface, BSTR *out)
{
    (void)iface;
    return next(ATTRIBUTES_NEXT, out);
}

static HRESULT WINAPI server_close(ICertServerExit *iface)
{
    (void)iface;
    return S_OK;
}

static const ICertServerExitVtbl server_vtbl = {
    server_QueryInterface, server_AddRef, server_Release,
    server_GetTypeInfoCount, server_GetTypeInfo, server_GetIDsOfNames, server_Invoke,
    server_SetContext, server_GetRequestProperty, server_GetRequestAttribute, server_GetCertificateProperty,
    server_GetCertificateExtension, server_GetCertificateExtensionFlags,
    server_setup, server_EnumerateExtensions, server_close, server_setup, server_EnumerateAttributes, server_close,
};
static ICertServerExit server = {&server_vtbl};

static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IClassFactory) ? iface : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI factory_AddRef(IClassFactory *iface) { (void)iface; return 2; }
static ULONG WINAPI factory_Release(IClassFactory *iface) { (void)iface; return 1; }
static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock) { (void)iface, (void)lock; return S_OK; }

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    (void)iface, (void)iid;
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (gives_nothing(CREATE)) return ca.hr;
    *out = &server;
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    factory_QueryInterface, factory_AddRef, factory_Release, factory_CreateInstance, factory_LockServer,
};
static IClassFactory factory = {&factory_vtbl};

/* The probe. */

static HMODULE probe;
static WCHAR log_path[MAX_PATH];

static void beside(const WCHAR *name, WCHAR *path)
{
    WCHAR here[MAX_PATH];

    GetModuleFileNameW(NULL, here, MAX_PATH);
    wcscpy(wcsrchr(here, '\\') + 1, name);
    GetFullPathNameW(here, MAX_PATH, path, NULL);
}

static void value(const WCHAR *name, DWORD number)
{
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, own_key, name, REG_DWORD, &number, sizeof number), 0);
}

static ICertExit2 *probe_new(void)
{
    static const CLSID first = {0x3b3d9f51, 0x60b0, 0x4d47, {0x9a, 0x2e, 0x51, 0x0c, 0x6d, 0x1b, 0x7a, 0x01}};
    HRESULT (WINAPI *get_class)(REFCLSID, REFIID, void **) = (void *)GetProcAddress(probe, "DllGetClassObject");
    IClassFactory *made = NULL;
    ICertExit2 *exit = NULL;

    if (!check(get_class != NULL)) return NULL;
    check_hr(get_class(&first, &IID_IClassFactory, NULL), E_POINTER);
    check_hr(get_class(&first, &IID_IClassFactory, (void **)&made), S_OK);
    check_hr(IClassFactory_CreateInstance(made, NULL, &IID_ICertExit2, NULL), E_POINTER);
    check_hr(IClassFactory_CreateInstance(made, NULL, &IID_ICertExit2, (void **)&exit), S_OK);
    return exit;
}

/* A CA's life, with a case. The log grows by what the probe notes. */
static void play(enum callback callback, VARTYPE type, HRESULT hr)
{
    static const LONG events[] = {EXITEVENT_CERTISSUED, EXITEVENT_CERTISSUED, EXITEVENT_CERTPENDING, EXITEVENT_CRLISSUED, EXITEVENT_SHUTDOWN};
    BSTR config = SysAllocString(L"Null CA");
    ICertExit2 *exit = probe_new();
    LONG mask = 0;

    printf("# %s gives type %x with %lx\n", names[callback], type, (unsigned long)hr);
    fflush(stdout);
    ca.callback = callback;
    ca.type = type;
    ca.hr = hr;
    ca.asked = ca.steps = 0;
    if (exit && SUCCEEDED(ICertExit2_Initialize(exit, config, &mask))) {
        for (unsigned i = 0; i < ARRAYSIZE(events); i++)
            ICertExit2_Notify(exit, events[i], events[i] <= EXITEVENT_CERTDENIED ? 7 : 0);
    }
    if (exit) ICertExit2_Release(exit);
    check(callback == NONE || ca.asked > 0);
    ca.callback = NONE;
    SysFreeString(config);
}

/* Bytes of the log, which is begun anew. */
static unsigned long long log_size(void)
{
    WIN32_FILE_ATTRIBUTE_DATA found = {0};

    GetFileAttributesExW(log_path, GetFileExInfoStandard, &found);
    DeleteFileW(log_path);
    return ((unsigned long long)found.nFileSizeHigh << 32) | found.nFileSizeLow;
}

/* Every type for what gives a VARIANT; for the rest NULL, and nothing written. With S_OK, and with another success. */
static void play_all(void)
{
    for (enum callback callback = CREATE; callback < CALLBACKS; callback++) {
        bool variant = callback == REQUEST_PROPERTY || callback == CERTIFICATE_PROPERTY || callback == EXTENSION || callback == INVOKE;

        for (unsigned i = 0; i < ARRAYSIZE(types); i++) {
            if (!variant && types[i] != VT_BSTR && types[i] != UNTOUCHED) continue;
            if (callback == QUERY && types[i] == UNTOUCHED) continue;   /* COM's rule: an out pointer is written whatever comes */
            play(callback, types[i], S_OK);
            if (!variant) play(callback, types[i], S_FALSE);
        }
        check(log_size() > 0);
    }
}

TEST(the_probe_asks_a_ca_that_gives_everything)
{
    WCHAR path[MAX_PATH];

    beside(L"..\\modules\\probe.dll", path);
    beside(L"probe_test.log", log_path);
    check((probe = LoadLibraryW(path)) != NULL);
    check_int(_wputenv_s(L"PROBE_FILE", log_path), 0);
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, configuration, L"Active", REG_SZ, L"Null CA", sizeof L"Null CA"), 0);
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    check_hr(CoRegisterClassObject(&CLSID_CCertServerExit, (IUnknown *)&factory, CLSCTX_INPROC_SERVER, REGCLS_MULTIPLEUSE, &(DWORD){0}), S_OK);
    identity = (IUnknown *)&server;
    value(L"Rules", 1);
    value(L"Threads", 1);
    log_size();
    play(NONE, VT_EMPTY, S_OK);
    check(log_size() > 50000);
}

TEST(what_is_null_is_not_followed)
{
    play_all();
}

TEST(what_is_null_is_not_followed_by_a_gentle_probe)
{
    value(L"Gentle", 1);
    ca.gentle = true;
    play_all();
}

TEST(the_probe_follows_no_null_that_it_is_called_with)
{
    ICertExit2 *exit = probe_new();
    ISupportErrorInfo *support = NULL;
    LONG mask = 1;

    if (!exit) return;
    check_hr(ICertExit2_QueryInterface(exit, &IID_ICertExit, NULL), E_POINTER);
    check_hr(ICertExit2_Initialize(exit, NULL, NULL), E_POINTER);
    check_hr(ICertExit2_Initialize(exit, NULL, &mask), S_OK);
    check_hr(ICertExit2_GetDescription(exit, NULL), E_POINTER);
    check_hr(ICertExit2_GetManageModule(exit, NULL), E_POINTER);
    check_hr(ICertExit2_GetTypeInfoCount(exit, NULL), E_POINTER);
    check_hr(ICertExit2_QueryInterface(exit, &IID_ISupportErrorInfo, (void **)&support), S_OK);
    check_hr(ISupportErrorInfo_InterfaceSupportsErrorInfo(support, NULL), E_POINTER);
    ISupportErrorInfo_Release(support);
    check_int(ICertExit2_Release(exit), 0);
    check(log_size() > 0);
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, configuration, L"Active");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, ca_key);
}
