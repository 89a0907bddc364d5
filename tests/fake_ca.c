#include "fake_ca.h"

#include "test.h"

#include <wchar.h>

struct property {
    WCHAR name[64];
    VARTYPE type;
    HRESULT hr;
    LONGLONG value;
    BSTR bstr;
};

static struct property properties[128];
static unsigned count;
static HRESULT refuse_objects, refuse_context;
static volatile LONG calls, objects;
static DWORD registration;

/* A fresh entry, or the one of that name. */
static struct property *entry(const WCHAR *name)
{
    struct property *property = properties;

    while (property < properties + count && _wcsicmp(property->name, name)) property++;
    if (property == properties + count && check(count < ARRAYSIZE(properties))) count++;
    SysFreeString(property->bstr);
    memset(property, 0, sizeof *property);
    wcsncpy(property->name, name, ARRAYSIZE(property->name) - 1);
    return property;
}

void fake_ca_long(const WCHAR *name, LONG value) { fake_ca_variant(name, VT_I4, value); }

void fake_ca_variant(const WCHAR *name, VARTYPE type, LONGLONG value)
{
    struct property *property = entry(name);

    property->type = type;
    property->value = value;
}

void fake_ca_date(const WCHAR *name, DATE value)
{
    LONGLONG bits;

    memcpy(&bits, &value, sizeof bits);
    fake_ca_variant(name, VT_DATE, bits);
}

void fake_ca_bytes(const WCHAR *name, const void *data, UINT size)
{
    struct property *property = entry(name);

    property->type = VT_BSTR;
    property->bstr = SysAllocStringByteLen(data, size);
}

void fake_ca_text(const WCHAR *name, const WCHAR *text) { fake_ca_bytes(name, text, wcslen(text) * sizeof *text); }
void fake_ca_null(const WCHAR *name)                    { entry(name)->type = VT_BSTR; }
void fake_ca_error(const WCHAR *name, HRESULT hr)       { entry(name)->hr = hr; }
void fake_ca_refuse_objects(HRESULT hr)                 { refuse_objects = hr; }
void fake_ca_refuse_context(HRESULT hr)                 { refuse_context = hr; }
LONG fake_ca_calls(void)                                { return InterlockedExchange(&calls, 0); }

static HRESULT answer(const BSTR name, VARIANT *out)
{
    const struct property *property = properties;

    InterlockedIncrement(&calls);
    V_VT(out) = VT_EMPTY;
    while (property < properties + count && _wcsicmp(property->name, name)) property++;
    if (property == properties + count) return CERTSRV_E_PROPERTY_EMPTY;
    if (FAILED(property->hr)) return property->hr;
    V_VT(out) = property->type;
    memcpy(&V_I8(out), &property->value, sizeof property->value);
    if (property->type == VT_BSTR) {
        V_BSTR(out) = property->bstr ? SysAllocStringByteLen((char *)property->bstr, SysStringByteLen(property->bstr)) : NULL;
    }
    return S_OK;
}

struct fake_server {
    ICertServerExit ICertServerExit_iface;
    LONG ref;
    LONG context;
};

static HRESULT WINAPI server_QueryInterface(ICertServerExit *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch) && !IsEqualIID(iid, &IID_ICertServerExit))
        return E_NOINTERFACE;
    ICertServerExit_AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG WINAPI server_AddRef(ICertServerExit *iface)
{
    return InterlockedIncrement(&CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface)->ref);
}

static ULONG WINAPI server_Release(ICertServerExit *iface)
{
    struct fake_server *server = CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface);
    ULONG ref = InterlockedDecrement(&server->ref);

    if (ref) return ref;
    HeapFree(GetProcessHeap(), 0, server);
    InterlockedDecrement(&objects);
    return 0;
}

static HRESULT WINAPI server_GetTypeInfoCount(ICertServerExit *iface, UINT *n) { (void)iface; *n = 0; return S_OK; }
static HRESULT WINAPI server_GetTypeInfo(ICertServerExit *iface, UINT i, LCID l, ITypeInfo **t) { (void)iface; (void)i; (void)l; (void)t; return E_NOTIMPL; }
static HRESULT WINAPI server_GetIDsOfNames(ICertServerExit *iface, REFIID r, LPOLESTR *n, UINT c, LCID l, DISPID *d) { (void)iface; (void)r; (void)n; (void)c; (void)l; (void)d; return E_NOTIMPL; }
static HRESULT WINAPI server_Invoke(ICertServerExit *iface, DISPID d, REFIID r, LCID l, WORD f, DISPPARAMS *p, VARIANT *v, EXCEPINFO *e, UINT *u) { (void)iface; (void)d; (void)r; (void)l; (void)f; (void)p; (void)v; (void)e; (void)u; return E_NOTIMPL; }

static HRESULT WINAPI server_SetContext(ICertServerExit *iface, LONG context)
{
    InterlockedIncrement(&calls);
    if (FAILED(refuse_context)) return refuse_context;
    if (context && context != FAKE_CONTEXT) return E_INVALIDARG;
    CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface)->context = context;
    return S_OK;
}

/* Request properties only under the row's context, as the real CA has it. */
static HRESULT WINAPI server_GetRequestProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    (void)type;
    V_VT(out) = VT_EMPTY;
    if (!CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface)->context) return E_INVALIDARG;
    return answer(name, out);
}

static HRESULT WINAPI server_GetCertificateProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    (void)iface;
    (void)type;
    return answer(name, out);
}

static HRESULT WINAPI server_GetRequestAttribute(ICertServerExit *iface, const BSTR name, BSTR *out) { (void)iface; (void)name; *out = NULL; return CERTSRV_E_PROPERTY_EMPTY; }
static HRESULT WINAPI server_GetCertificateExtension(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out) { (void)iface; (void)name; (void)type; V_VT(out) = VT_EMPTY; return CERTSRV_E_PROPERTY_EMPTY; }
static HRESULT WINAPI server_GetCertificateExtensionFlags(ICertServerExit *iface, LONG *out) { (void)iface; *out = 0; return E_UNEXPECTED; }
static HRESULT WINAPI server_setup(ICertServerExit *iface, LONG flags) { (void)iface; (void)flags; return S_OK; }
static HRESULT WINAPI server_next(ICertServerExit *iface, BSTR *out) { (void)iface; *out = NULL; return S_FALSE; }
static HRESULT WINAPI server_close(ICertServerExit *iface) { (void)iface; return S_OK; }

static const ICertServerExitVtbl server_vtbl = {
    server_QueryInterface, server_AddRef, server_Release,
    server_GetTypeInfoCount, server_GetTypeInfo, server_GetIDsOfNames, server_Invoke,
    server_SetContext, server_GetRequestProperty, server_GetRequestAttribute, server_GetCertificateProperty,
    server_GetCertificateExtension, server_GetCertificateExtensionFlags,
    server_setup, server_next, server_close, server_setup, server_next, server_close,
};

static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IClassFactory) ? iface : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI factory_AddRef(IClassFactory *iface)  { (void)iface; return 2; }
static ULONG WINAPI factory_Release(IClassFactory *iface) { (void)iface; return 1; }
static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock) { (void)iface; (void)lock; return S_OK; }

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    struct fake_server *server;
    HRESULT hr;

    (void)iface;
    (void)outer;
    *out = NULL;
    if (FAILED(refuse_objects)) return refuse_objects;
    server = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *server);
    server->ICertServerExit_iface.lpVtbl = &server_vtbl;
    server->ref = 1;
    InterlockedIncrement(&objects);
    hr = ICertServerExit_QueryInterface(&server->ICertServerExit_iface, iid, out);
    ICertServerExit_Release(&server->ICertServerExit_iface);
    return hr;
}

static const IClassFactoryVtbl factory_vtbl = {
    factory_QueryInterface, factory_AddRef, factory_Release, factory_CreateInstance, factory_LockServer,
};

static IClassFactory factory = {&factory_vtbl};

void fake_ca_begin(void)
{
    for (unsigned i = 0; i < count; i++) SysFreeString(properties[i].bstr);
    memset(properties, 0, sizeof properties);
    count = 0;
    refuse_objects = refuse_context = S_OK;
    calls = 0;
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    check_hr(CoRegisterClassObject(&CLSID_CCertServerExit, (IUnknown *)&factory, CLSCTX_INPROC_SERVER, REGCLS_MULTIPLEUSE,
                                   &registration), S_OK);
}

void fake_ca_end(void)
{
    check_int(objects, 0);
    check_hr(CoRevokeClassObject(registration), S_OK);
    CoUninitialize();
}
