/*
 * ICertServerExit.
 *
 * Callers are rough: VARIANTs given for output may hold garbage, so nothing is read from them or
 * freed; they are VT_EMPTY after every failure. Success is S_OK exactly. The end of an enumeration
 * is S_FALSE with a NULL BSTR.
 */
#include "server_exit.h"

#include "property_answers.h"
#include "stubca/base/heap.h"
#include "pool.h"
#include "stubca/ca/properties.h"
#include "type_info.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

static struct server_watch watch;

void server_exit_watch(const struct server_watch *by)
{
    watch = *by;
}

/* A list of names as it stood when the enumeration was set up. */
struct names {
    BSTR *names;                        /* NULL: closed */
    size_t count, next;
};

struct server_exit {
    ICertServerExit ICertServerExit_iface;
    LONG ref;
    IUnknown *marshaler;                /* aggregated */
    int creator;                        /* the module on whose call the object was made; -1: none */
    LONG users;                         /* threads that are in a call */
    SRWLOCK lock;                       /* over what follows */
    LONG context;
    bool context_set;                   /* by SetContext, to whatever */
    LONG extension_flags;               /* of the extension read last */
    bool extension_read;
    struct names extensions, attributes;
};

static struct server_exit *impl_from_ICertServerExit(ICertServerExit *iface)
{
    return CONTAINING_RECORD(iface, struct server_exit, ICertServerExit_iface);
}

static void names_close(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) SysFreeString(names->names[i]);
    free(names->names);
    *names = (struct names){NULL, 0, 0};
}

static void names_add(void *argument, const WCHAR *name)
{
    struct names *names = argument;

    names->names = heap_grow(names->names, (names->count + 1) * sizeof *names->names);
    names->names[names->count++] = SysAllocString(name);
}

static HRESULT WINAPI server_QueryInterface(ICertServerExit *iface, REFIID iid, void **out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);

    if (!out) return E_POINTER;
    *out = NULL;
    if (IsEqualIID(iid, &IID_IMarshal) && server->marshaler) {
        return IUnknown_QueryInterface(server->marshaler, iid, out);
    }
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch) &&
        !IsEqualIID(iid, &IID_ICertServerExit) && !IsEqualIID(iid, &IID_IAgileObject))
        return E_NOINTERFACE;
    *out = iface;
    ICertServerExit_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI server_AddRef(ICertServerExit *iface)
{
    return InterlockedIncrement(&impl_from_ICertServerExit(iface)->ref);
}

static ULONG WINAPI server_Release(ICertServerExit *iface)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    ULONG ref = InterlockedDecrement(&server->ref);

    if (!ref) {
        names_close(&server->extensions);
        names_close(&server->attributes);
        if (server->marshaler) IUnknown_Release(server->marshaler);
        free(server);
    }
    return ref;
}

static HRESULT WINAPI server_GetTypeInfoCount(ICertServerExit *iface, UINT *count)
{
    (void)iface;
    if (!count) return E_POINTER;
    *count = 1;
    return S_OK;
}

static HRESULT WINAPI server_GetTypeInfo(ICertServerExit *iface, UINT index, LCID locale,
                                         ITypeInfo **info)
{
    (void)iface, (void)locale;
    if (!info) return E_POINTER;
    *info = NULL;
    return index ? DISP_E_BADINDEX : type_info(&IID_ICertServerExit, info);
}

static HRESULT WINAPI server_GetIDsOfNames(ICertServerExit *iface, REFIID iid, LPOLESTR *names,
                                           UINT count, LCID locale, DISPID *ids)
{
    ITypeInfo *info;
    HRESULT hr;

    (void)iface, (void)locale;
    if (!names || !ids) return E_POINTER;
    if (!IsEqualIID(iid, &IID_NULL)) return DISP_E_UNKNOWNINTERFACE;
    if (FAILED(hr = type_info(&IID_ICertServerExit, &info))) return hr;
    hr = DispGetIDsOfNames(info, names, count, ids);
    ITypeInfo_Release(info);
    return hr;
}

static HRESULT WINAPI server_Invoke(ICertServerExit *iface, DISPID id, REFIID iid, LCID locale,
                                    WORD flags, DISPPARAMS *arguments, VARIANT *result,
                                    EXCEPINFO *exception, UINT *wrong_argument)
{
    ITypeInfo *info;
    HRESULT hr;

    (void)locale;
    if (result) V_VT(result) = VT_EMPTY;
    if (!arguments) return E_POINTER;
    if (!IsEqualIID(iid, &IID_NULL)) return DISP_E_UNKNOWNINTERFACE;
    if (FAILED(hr = type_info(&IID_ICertServerExit, &info))) return hr;
    hr = DispInvoke(iface, info, id, flags, arguments, result, exception, wrong_argument);
    ITypeInfo_Release(info);
    return hr;
}

static LONG context_of(struct server_exit *server)
{
    LONG context;

    AcquireSRWLockShared(&server->lock);
    context = server->context;
    ReleaseSRWLockShared(&server->lock);
    return context;
}

/* A question begins. Anything but S_OK is its answer. */
static HRESULT server_exit_begin(struct server_exit *server, struct asked *asked,
                                 enum server_call call, const WCHAR *name, LONG type)
{
    *asked =
        (struct asked){call, name, type, context_of(server), InterlockedIncrement(&server->users)};
    return watch.asked ? watch.asked(asked) : S_OK;
}

static HRESULT server_exit_end(struct server_exit *server, HRESULT hr)
{
    InterlockedDecrement(&server->users);
    return hr;
}

static HRESULT end_with_value(struct server_exit *server, const struct asked *asked, HRESULT hr,
                              VARIANT *value)
{
    return server_exit_end(server, watch.answered ? watch.answered(asked, hr, value) : hr);
}

static HRESULT server_exit_get_property(ICertServerExit *iface, const BSTR name, LONG type,
                                        unsigned getter, VARIANT *out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked;
    HRESULT hr;

    if (!out) return E_POINTER;
    V_VT(out) = VT_EMPTY;
    if (!name) return E_INVALIDARG;
    hr = server_exit_begin(
        server, &asked,
        getter == IN_REQUEST ? SERVER_REQUEST_PROPERTY : SERVER_CERTIFICATE_PROPERTY, name, type);
    if (hr != S_OK) return server_exit_end(server, hr);
    hr = answer_property(&(struct asker){asked.context, server->creator, server->context_set}, name,
                         type, getter, out);
    return end_with_value(server, &asked, hr, out);
}

/* The interface. */

static HRESULT set_context(struct server_exit *server, LONG context)
{
    if (!answer_alive(context)) return E_INVALIDARG;
    AcquireSRWLockExclusive(&server->lock);
    server->context = context;
    server->context_set = true;
    server->extension_read = false;
    names_close(&server->extensions);
    names_close(&server->attributes);
    ReleaseSRWLockExclusive(&server->lock);
    return S_OK;
}

static HRESULT WINAPI server_SetContext(ICertServerExit *iface, LONG context)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked = {.call = SERVER_SET_CONTEXT,
                          .context = context,
                          .users = InterlockedIncrement(&server->users)};
    HRESULT hr = watch.asked ? watch.asked(&asked) : S_OK;

    return server_exit_end(server, hr == S_OK ? set_context(server, context) : hr);
}

static HRESULT WINAPI server_GetRequestProperty(ICertServerExit *iface, const BSTR name, LONG type,
                                                VARIANT *out)
{
    return server_exit_get_property(iface, name, type, IN_REQUEST, out);
}

static HRESULT WINAPI server_GetCertificateProperty(ICertServerExit *iface, const BSTR name,
                                                    LONG type, VARIANT *out)
{
    return server_exit_get_property(iface, name, type, IN_CERTIFICATE, out);
}

static HRESULT WINAPI server_GetRequestAttribute(ICertServerExit *iface, const BSTR name, BSTR *out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked;
    HRESULT hr;

    if (!out) return E_POINTER;
    *out = NULL;
    if (!name) return E_INVALIDARG;
    hr = server_exit_begin(server, &asked, SERVER_ATTRIBUTE, name, 0);
    return server_exit_end(server, hr == S_OK ? answer_attribute(asked.context, name, out) : hr);
}

static HRESULT get_extension(struct server_exit *server, LONG context, const BSTR name, LONG type,
                             VARIANT *out)
{
    LONG flags = 0;
    HRESULT hr = answer_extension(context, name, type, out, &flags);

    AcquireSRWLockExclusive(&server->lock);
    server->extension_read = SUCCEEDED(hr);
    server->extension_flags = flags;
    ReleaseSRWLockExclusive(&server->lock);
    return hr;
}

static HRESULT WINAPI server_GetCertificateExtension(ICertServerExit *iface, const BSTR name,
                                                     LONG type, VARIANT *out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked;
    HRESULT hr;

    if (!out) return E_POINTER;
    V_VT(out) = VT_EMPTY;
    if (!name) return E_INVALIDARG;
    hr = server_exit_begin(server, &asked, SERVER_EXTENSION, name, type);
    if (hr != S_OK) return server_exit_end(server, hr);
    return end_with_value(server, &asked, get_extension(server, asked.context, name, type, out),
                          out);
}

static HRESULT get_flags(struct server_exit *server, LONG *flags)
{
    HRESULT hr = CERTSRV_E_PROPERTY_EMPTY;

    AcquireSRWLockShared(&server->lock);
    if (server->extension_read) {
        *flags = server->extension_flags;
        hr = S_OK;
    }
    ReleaseSRWLockShared(&server->lock);
    return hr;
}

static HRESULT WINAPI server_GetCertificateExtensionFlags(ICertServerExit *iface, LONG *flags)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked;
    HRESULT hr;

    if (!flags) return E_POINTER;
    *flags = 0;
    hr = server_exit_begin(server, &asked, SERVER_OTHER, NULL, 0);
    return server_exit_end(server, hr == S_OK ? get_flags(server, flags) : hr);
}

/* Enumerations: closed, or open with the names as they were at the setup. */

static HRESULT list_names(struct server_exit *server, LONG context, struct names *names,
                          enum listed listed, LONG flags)
{
    struct names fresh = {heap_take(sizeof(BSTR)), 0, 0};
    HRESULT hr = answer_names(context, listed, flags, names_add, &fresh);

    if (FAILED(hr)) {
        names_close(&fresh);
        return hr;
    }
    AcquireSRWLockExclusive(&server->lock);
    names_close(names);
    *names = fresh;
    ReleaseSRWLockExclusive(&server->lock);
    return S_OK;
}

static HRESULT enumeration_open(struct server_exit *server, struct names *names, enum listed listed,
                                LONG flags)
{
    struct asked asked;
    HRESULT hr = server_exit_begin(server, &asked, SERVER_OTHER, NULL, 0);

    return server_exit_end(
        server, hr == S_OK ? list_names(server, asked.context, names, listed, flags) : hr);
}

static HRESULT next_name(struct server_exit *server, struct names *names, BSTR *out)
{
    HRESULT hr = S_OK, misuse = answer_misuse();

    AcquireSRWLockExclusive(&server->lock);
    if (!names->names) hr = misuse;
    else if (names->next == names->count) hr = S_FALSE;
    else if (!(*out = SysAllocString(names->names[names->next]))) hr = E_OUTOFMEMORY;
    else names->next++;
    ReleaseSRWLockExclusive(&server->lock);
    return hr;
}

static HRESULT enumeration_next(struct server_exit *server, struct names *names, BSTR *out)
{
    struct asked asked;
    HRESULT hr;

    if (!out) return E_POINTER;
    *out = NULL;
    hr = server_exit_begin(server, &asked, SERVER_NEXT, NULL, 0);
    return server_exit_end(server, hr == S_OK ? next_name(server, names, out) : hr);
}

/* Whatever is watched, it is closed. */
static HRESULT enumeration_close(struct server_exit *server, struct names *names)
{
    struct asked asked;
    HRESULT hr = server_exit_begin(server, &asked, SERVER_OTHER, NULL, 0);

    AcquireSRWLockExclusive(&server->lock);
    names_close(names);
    ReleaseSRWLockExclusive(&server->lock);
    return server_exit_end(server, hr);
}

static HRESULT WINAPI server_EnumerateExtensionsSetup(ICertServerExit *iface, LONG flags)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);

    return enumeration_open(server, &server->extensions, LIST_EXTENSIONS, flags);
}

static HRESULT WINAPI server_EnumerateExtensions(ICertServerExit *iface, BSTR *out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);

    return enumeration_next(server, &server->extensions, out);
}

static HRESULT WINAPI server_EnumerateExtensionsClose(ICertServerExit *iface)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);

    return enumeration_close(server, &server->extensions);
}

static HRESULT WINAPI server_EnumerateAttributesSetup(ICertServerExit *iface, LONG flags)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);

    return enumeration_open(server, &server->attributes, LIST_ATTRIBUTES, flags);
}

static HRESULT WINAPI server_EnumerateAttributes(ICertServerExit *iface, BSTR *out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);

    return enumeration_next(server, &server->attributes, out);
}

static HRESULT WINAPI server_EnumerateAttributesClose(ICertServerExit *iface)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);

    return enumeration_close(server, &server->attributes);
}

static const ICertServerExitVtbl server_vtbl = {
    server_QueryInterface,
    server_AddRef,
    server_Release,
    server_GetTypeInfoCount,
    server_GetTypeInfo,
    server_GetIDsOfNames,
    server_Invoke,
    server_SetContext,
    server_GetRequestProperty,
    server_GetRequestAttribute,
    server_GetCertificateProperty,
    server_GetCertificateExtension,
    server_GetCertificateExtensionFlags,
    server_EnumerateExtensionsSetup,
    server_EnumerateExtensions,
    server_EnumerateExtensionsClose,
    server_EnumerateAttributesSetup,
    server_EnumerateAttributes,
    server_EnumerateAttributesClose,
};

HRESULT server_exit_create(REFIID iid, void **out)
{
    struct server_exit *server = heap_take(sizeof *server);
    HRESULT hr;

    *out = NULL;
    server->ICertServerExit_iface.lpVtbl = &server_vtbl;
    server->ref = 1;
    server->creator = pool_calling();
    hr = CoCreateFreeThreadedMarshaler((IUnknown *)&server->ICertServerExit_iface,
                                       &server->marshaler);
    if (SUCCEEDED(hr))
        hr = ICertServerExit_QueryInterface(&server->ICertServerExit_iface, iid, out);
    ICertServerExit_Release(&server->ICertServerExit_iface);
    return hr;
}

/* The class object: one, static, as long as the program. */

static HRESULT WINAPI server_exit_factory_QueryInterface(IClassFactory *iface, REFIID iid,
                                                         void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IClassFactory))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI server_exit_factory_AddRef(IClassFactory *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI server_exit_factory_Release(IClassFactory *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI server_exit_factory_CreateInstance(IClassFactory *iface, IUnknown *outer,
                                                         REFIID iid, void **out)
{
    HRESULT hr;

    (void)iface;
    if (!out) return E_POINTER;
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (watch.creating && FAILED(hr = watch.creating())) return hr;
    return server_exit_create(iid, out);
}

static HRESULT WINAPI server_exit_factory_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface, (void)lock;
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    server_exit_factory_QueryInterface, server_exit_factory_AddRef,     server_exit_factory_Release,
    server_exit_factory_CreateInstance, server_exit_factory_LockServer,
};

static IClassFactory factory = {&factory_vtbl};

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    return IsEqualCLSID(clsid, &CLSID_CCertServerExit)
               ? IClassFactory_QueryInterface(&factory, iid, out)
               : CLASS_E_CLASSNOTAVAILABLE;
}
