#include "fake_ca.h"

#include "test.h"

#include <wchar.h>
#include <wctype.h>

#define NO_POINTER ((BSTR)0xdeadbeefdeadbeef)

enum kind { PROPERTY, ATTRIBUTE, EXTENSION };
enum manner { ORDERLY, GARBAGE, UNTOUCHED, OBJECT, REFERENCE };

struct property {
    enum kind kind;
    enum manner manner;
    bool needs_context;
    WCHAR name[64];
    VARTYPE type;
    HRESULT hr;
    LONGLONG value;
    BSTR bstr, after_context;
};

static struct property properties[2048];
static unsigned count;
static HRESULT refuse_objects, refuse_context;
static volatile LONG calls, objects, references;
static void (*on_context)(void), (*on_property)(void), (*on_flags)(void), (*on_object)(void), (*on_release)(void);
static const WCHAR *on_name;
static DWORD registration;

static bool same_attribute(const WCHAR *a, const WCHAR *b)
{
    for (;;) {
        while (*a == ' ' || *a == '-') a++;
        while (*b == ' ' || *b == '-') b++;
        if (towlower(*a) != towlower(*b)) return false;
        if (!*a) return true;
        a++, b++;
    }
}

/* The entry of that name, or NULL. */
static struct property *find(enum kind kind, const WCHAR *name)
{
    for (struct property *property = properties; property < properties + count; property++) {
        if (property->kind != kind) continue;
        if (kind == ATTRIBUTE ? same_attribute(property->name, name) : !_wcsicmp(property->name, name)) return property;
    }
    return NULL;
}

/* A fresh entry, or the one of that name. */
static struct property *entry_of(enum kind kind, const WCHAR *name)
{
    struct property *property = find(kind, name);

    if (!property) property = &properties[check(count < ARRAYSIZE(properties)) ? count++ : 0];
    SysFreeString(property->bstr);
    SysFreeString(property->after_context);
    memset(property, 0, sizeof *property);
    property->kind = kind;
    wcsncpy(property->name, name, ARRAYSIZE(property->name) - 1);
    return property;
}

static struct property *entry(const WCHAR *name)
{
    return entry_of(PROPERTY, name);
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
void fake_ca_on_context(void (*call)(void))             { on_context = call; }
void fake_ca_on_flags(void (*call)(void))               { on_flags = call; }
void fake_ca_on_object(void (*call)(void))              { on_object = call; }
void fake_ca_on_release(void (*call)(void))             { on_release = call; }
LONG fake_ca_left_behind(void)                          { return InterlockedExchange(&objects, 0); }

void fake_ca_on_property(const WCHAR *name, void (*call)(void))
{
    on_name = name;
    on_property = call;
}

void fake_ca_needs_context(const WCHAR *name)
{
    struct property *property = find(PROPERTY, name);

    if (check(property != NULL)) property->needs_context = true;
}

void fake_ca_after_context(const WCHAR *name, const WCHAR *text)
{
    struct property *property = find(PROPERTY, name);

    if (check(property != NULL)) property->after_context = SysAllocString(text);
}

void fake_ca_refuse_objects(HRESULT hr)                 { refuse_objects = hr; }
void fake_ca_refuse_context(HRESULT hr)                 { refuse_context = hr; }
LONG fake_ca_calls(void)                                { return InterlockedExchange(&calls, 0); }

static void misbehave(const WCHAR *name, HRESULT hr, enum manner manner)
{
    struct property *property = entry(name);

    property->hr = hr;
    property->manner = manner;
}

void fake_ca_garbage(const WCHAR *name, HRESULT hr)     { misbehave(name, hr, GARBAGE); }
void fake_ca_untouched(const WCHAR *name, HRESULT hr)   { misbehave(name, hr, UNTOUCHED); }
void fake_ca_object(const WCHAR *name)                  { misbehave(name, S_OK, OBJECT); }

void fake_ca_success(const WCHAR *name, HRESULT hr)
{
    struct property *property = find(PROPERTY, name);

    if (check(property != NULL)) property->hr = hr;
}

void fake_ca_array(const WCHAR *name, UINT size)
{
    fake_ca_variant(name, VT_ARRAY | VT_UI1, size);
}

void fake_ca_reference(const WCHAR *name, VARTYPE type)
{
    misbehave(name, S_OK, REFERENCE);
    find(PROPERTY, name)->type = type;
}

void fake_ca_attribute(const WCHAR *name, const WCHAR *text)
{
    entry_of(ATTRIBUTE, name)->bstr = SysAllocString(text);
}

void fake_ca_attribute_error(const WCHAR *name, HRESULT hr)
{
    entry_of(ATTRIBUTE, name)->hr = hr;
}

void fake_ca_extension(const WCHAR *oid, const void *data, UINT size, LONG flags)
{
    struct property *property = entry_of(EXTENSION, oid);

    property->type = VT_BSTR;
    property->bstr = SysAllocStringByteLen(data, size);
    property->value = flags;
}

void fake_ca_extension_error(const WCHAR *oid, HRESULT hr)
{
    entry_of(EXTENSION, oid)->hr = hr;
}

/* An object that does nothing but count. */
static HRESULT WINAPI object_QueryInterface(IDispatch *iface, REFIID iid, void **out) { (void)iface; (void)iid; *out = NULL; return E_NOINTERFACE; }
static ULONG WINAPI object_AddRef(IDispatch *iface)  { (void)iface; return InterlockedIncrement(&references); }
static ULONG WINAPI object_Release(IDispatch *iface) { (void)iface; return InterlockedDecrement(&references); }
static const IDispatchVtbl object_vtbl = {object_QueryInterface, object_AddRef, object_Release, NULL, NULL, NULL, NULL};
static IDispatch object = {&object_vtbl};

/* What a VT_BYREF points to; nobody but the CA may free it. */
static BSTR lent_text;
static LONG lent_number = 7;

static HRESULT hand_out(const struct property *property, VARIANT *out)
{
    V_VT(out) = property->type;
    memcpy(&V_I8(out), &property->value, sizeof property->value);
    if (property->manner == OBJECT) {
        V_VT(out) = VT_DISPATCH;
        V_DISPATCH(out) = &object;
        IDispatch_AddRef(&object);
    } else if (property->manner == REFERENCE) {
        V_VT(out) = VT_BYREF | property->type;
        V_BYREF(out) = property->type == VT_BSTR ? (void *)&lent_text : &lent_number;
    } else if (property->type == (VT_ARRAY | VT_UI1)) {
        V_ARRAY(out) = SafeArrayCreateVector(VT_UI1, 0, (ULONG)property->value);
        check(V_ARRAY(out) != NULL);
    } else if (property->type == VT_BSTR) {
        V_BSTR(out) = property->bstr ? SysAllocStringByteLen((char *)property->bstr, SysStringByteLen(property->bstr)) : NULL;
    }
    return property->hr;
}

static HRESULT answer(const BSTR name, bool context_set, VARIANT *out)
{
    const struct property *property = find(PROPERTY, name);

    InterlockedIncrement(&calls);
    if (on_property && !_wcsicmp(name, on_name)) on_property();
    if (property && property->needs_context && !context_set) return E_FAIL;
    if (property && property->manner == UNTOUCHED) return property->hr;
    V_VT(out) = VT_EMPTY;
    if (!property) return CERTSRV_E_PROPERTY_EMPTY;
    if (property->manner == GARBAGE) {                  /* whoever gives it back is counted */
        V_VT(out) = VT_DISPATCH;
        V_DISPATCH(out) = &object;
        return property->hr;
    }
    if (context_set && property->after_context) {
        V_VT(out) = VT_BSTR;
        V_BSTR(out) = SysAllocString(property->after_context);
        return S_OK;
    }
    if (FAILED(property->hr)) return property->hr;
    return hand_out(property, out);
}

struct fake_server {
    ICertServerExit ICertServerExit_iface;
    LONG ref;
    LONG context;
    bool context_set;
    struct property *extension;
};

static struct fake_server *impl_from_ICertServerExit(ICertServerExit *iface)
{
    return CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface);
}

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
    if (on_release) on_release();
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
    if (on_context) on_context();
    if (FAILED(refuse_context)) return refuse_context;
    if (context && context != FAKE_CONTEXT) return E_INVALIDARG;
    impl_from_ICertServerExit(iface)->context = context;
    impl_from_ICertServerExit(iface)->context_set = true;
    return S_OK;
}

/* Request properties only under the row's context, as the real CA has it. */
static HRESULT WINAPI server_GetRequestProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    (void)type;
    V_VT(out) = VT_EMPTY;
    if (!CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface)->context) return E_INVALIDARG;
    return answer(name, true, out);
}

static HRESULT WINAPI server_GetCertificateProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    (void)type;
    return answer(name, impl_from_ICertServerExit(iface)->context_set, out);
}

static HRESULT WINAPI server_GetRequestAttribute(ICertServerExit *iface, const BSTR name, BSTR *out)
{
    const struct property *property = find(ATTRIBUTE, name);

    (void)iface;
    InterlockedIncrement(&calls);
    *out = NULL;
    if (!property) return CERTSRV_E_PROPERTY_EMPTY;
    if (FAILED(property->hr)) *out = NO_POINTER;
    else *out = SysAllocStringLen(property->bstr, SysStringLen(property->bstr));
    return property->hr;
}

static HRESULT WINAPI server_GetCertificateExtension(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    struct property *property = find(EXTENSION, name);

    check_int(type, PROPTYPE_BINARY);
    InterlockedIncrement(&calls);
    V_VT(out) = VT_EMPTY;
    CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface)->extension = NULL;
    if (!property) return CERTSRV_E_PROPERTY_EMPTY;
    if (FAILED(property->hr)) return property->hr;
    CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface)->extension = property;
    return hand_out(property, out);
}

/* Those of the extension that this object was asked for last. */
static HRESULT WINAPI server_GetCertificateExtensionFlags(ICertServerExit *iface, LONG *out)
{
    const struct property *property = CONTAINING_RECORD(iface, struct fake_server, ICertServerExit_iface)->extension;

    InterlockedIncrement(&calls);
    if (on_flags) on_flags();
    *out = property ? (LONG)property->value : 0;
    return property ? S_OK : E_UNEXPECTED;
}

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
    if (on_object) on_object();
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
    for (unsigned i = 0; i < count; i++) {
        SysFreeString(properties[i].bstr);
        SysFreeString(properties[i].after_context);
    }
    memset(properties, 0, sizeof properties);
    count = 0;
    refuse_objects = refuse_context = S_OK;
    on_context = on_property = on_flags = on_object = on_release = NULL;
    calls = references = 0;
    lent_text = SysAllocString(L"lent");
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    check_hr(CoRegisterClassObject(&CLSID_CCertServerExit, (IUnknown *)&factory, CLSCTX_INPROC_SERVER, REGCLS_MULTIPLEUSE,
                                   &registration), S_OK);
}

void fake_ca_end(void)
{
    check_int(objects, 0);
    check_int(references, 0);
    check_wide(lent_text, L"lent");
    SysFreeString(lent_text);
    check_hr(CoRevokeClassObject(registration), S_OK);
    CoUninitialize();
}
