/* The callback object as a module under examination gets it. */
#include "check_server.h"

#include "contexts.h"
#include "heap.h"
#include "server_exit.h"
#include "type_info.h"

#include <certsrv.h>
#include <oleauto.h>
#include <stdlib.h>
#include <string.h>

struct watched {
    ICertServerExit ICertServerExit_iface;
    LONG ref;
    IUnknown *marshaler;                /* aggregated */
    ICertServerExit *inner;             /* the stub CA's */
    LONG context;
    LONG users;                         /* threads that are in a call right now */
};

static const WCHAR *registry_location;
static volatile LONG mood;
static volatile LONG dice;
static struct seen seen;
static __thread LONG notifying;

static struct watched *impl_from_ICertServerExit(ICertServerExit *iface)
{
    return CONTAINING_RECORD(iface, struct watched, ICertServerExit_iface);
}

void check_server_mood(enum server_mood new_mood, unsigned seed)
{
    InterlockedExchange(&dice, (LONG)seed);
    InterlockedExchange(&mood, (LONG)new_mood);
}

struct seen check_server_seen(void)
{
    return seen;
}

void check_server_forget(void)
{
    memset(&seen, 0, sizeof seen);
}

void check_server_notifying(LONG context)
{
    notifying = context;
}

/* A number that looks random and is the same in every run. */
static unsigned throw_dice(void)
{
    unsigned number = (unsigned)InterlockedIncrement(&dice) * 2654435761u;

    return (number ^ number >> 15) * 2246822519u >> 8;
}

static HRESULT failure_of_the_day(void)
{
    static const HRESULT failures[] = {
        E_OUTOFMEMORY, CERTSRV_E_NO_DB_SESSIONS, CERTSRV_E_SERVER_SUSPENDED, CERTSRV_E_PROPERTY_EMPTY, E_FAIL,
        HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE),
    };

    if (mood != SERVER_FAILING || throw_dice() % 4) return S_OK;
    return failures[throw_dice() % ARRAYSIZE(failures)];
}

/* A call begins: what can be seen of it is noted. A failure is what the call has to return. */
static HRESULT enter(struct watched *watched)
{
    LONG context = watched->context, id;

    InterlockedIncrement(&seen.calls);
    if (InterlockedIncrement(&watched->users) > 1) InterlockedIncrement(&seen.shared);
    if (context && !context_request(context, &id)) InterlockedIncrement(&seen.dead);
    else if (context && notifying && context != notifying) InterlockedIncrement(&seen.crossed);
    if (mood == SERVER_SLOW) Sleep(throw_dice() % 8 ? 0 : 1);
    return failure_of_the_day();
}

static HRESULT leave(struct watched *watched, HRESULT hr)
{
    InterlockedDecrement(&watched->users);
    return hr;
}

/* IUnknown, IDispatch. */

static HRESULT WINAPI watched_QueryInterface(ICertServerExit *iface, REFIID iid, void **out)
{
    struct watched *watched = impl_from_ICertServerExit(iface);

    if (!out) return E_POINTER;
    *out = NULL;
    if (IsEqualIID(iid, &IID_IMarshal)) return IUnknown_QueryInterface(watched->marshaler, iid, out);
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch) && !IsEqualIID(iid, &IID_ICertServerExit)
        && !IsEqualIID(iid, &IID_IAgileObject)) return E_NOINTERFACE;
    *out = iface;
    ICertServerExit_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI watched_AddRef(ICertServerExit *iface)
{
    return InterlockedIncrement(&impl_from_ICertServerExit(iface)->ref);
}

static ULONG WINAPI watched_Release(ICertServerExit *iface)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    ULONG ref = InterlockedDecrement(&watched->ref);

    if (ref) return ref;
    ICertServerExit_Release(watched->inner);
    if (watched->marshaler) IUnknown_Release(watched->marshaler);
    free(watched);
    return 0;
}

static HRESULT WINAPI watched_GetTypeInfoCount(ICertServerExit *iface, UINT *count)
{
    return ICertServerExit_GetTypeInfoCount(impl_from_ICertServerExit(iface)->inner, count);
}

static HRESULT WINAPI watched_GetTypeInfo(ICertServerExit *iface, UINT index, LCID locale, ITypeInfo **info)
{
    return ICertServerExit_GetTypeInfo(impl_from_ICertServerExit(iface)->inner, index, locale, info);
}

static HRESULT WINAPI watched_GetIDsOfNames(ICertServerExit *iface, REFIID iid, LPOLESTR *names, UINT count, LCID locale,
                                            DISPID *ids)
{
    return ICertServerExit_GetIDsOfNames(impl_from_ICertServerExit(iface)->inner, iid, names, count, locale, ids);
}

static HRESULT WINAPI watched_Invoke(ICertServerExit *iface, DISPID id, REFIID iid, LCID locale, WORD flags,
                                     DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception, UINT *wrong_argument)
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

/* Properties. */

static HRESULT odd_value(LONG type, VARIANT *out)
{
    static const char bytes[] = {'\0', '\x30', '\xFF', '\xD8', '\0'};
    static const LONG numbers[] = {0, -1, 0x7FFFFFFF, (LONG)0x80000000};
    static const DATE dates[] = {0, -1.75, 2958465.999, -109205.0};
    unsigned pick = throw_dice();
    UINT size = (UINT[]){0, 1, 3, 100000}[pick % 4];

    VariantInit(out);
    switch (type & PROPTYPE_MASK) {
    case PROPTYPE_LONG:
        V_VT(out) = VT_I4;
        V_I4(out) = numbers[pick % ARRAYSIZE(numbers)];
        return S_OK;
    case PROPTYPE_DATE:
        V_VT(out) = VT_DATE;
        V_DATE(out) = dates[pick % ARRAYSIZE(dates)];
        return S_OK;
    }
    V_VT(out) = VT_BSTR;
    if (!size && pick & 8) V_BSTR(out) = NULL;          /* as empty text may come, too (I-26) */
    else if ((type & PROPTYPE_MASK) == PROPTYPE_STRING && size == 1) V_BSTR(out) = SysAllocString(L"\xD800\n\x202E\x0007");
    else if ((V_BSTR(out) = SysAllocStringByteLen(NULL, size))) {
        for (UINT i = 0; i < size; i++) ((char *)V_BSTR(out))[i] = bytes[i % sizeof bytes];
    }
    return S_OK;
}

static HRESULT get_property(ICertServerExit *iface, const BSTR name, LONG type, bool of_request, VARIANT *out)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    HRESULT hr = enter(watched);

    if (out && FAILED(hr)) {
        V_VT(out) = VT_EMPTY;
        return leave(watched, hr);
    }
    if (of_request && !watched->context && notifying) InterlockedIncrement(&seen.unbound);
    if (out && name && !_wcsicmp(name, L"ModuleRegistryLocation") && registry_location) {
        V_VT(out) = VT_BSTR;
        V_BSTR(out) = SysAllocString(registry_location);
        return leave(watched, S_OK);
    }
    hr = of_request ? ICertServerExit_GetRequestProperty(watched->inner, name, type, out)
                    : ICertServerExit_GetCertificateProperty(watched->inner, name, type, out);
    if (hr != S_OK || (mood != SERVER_EMPTY && mood != SERVER_ODD)) return leave(watched, hr);
    VariantClear(out);
    return leave(watched, mood == SERVER_EMPTY ? CERTSRV_E_PROPERTY_EMPTY : odd_value(type, out));
}

static HRESULT WINAPI watched_SetContext(ICertServerExit *iface, LONG context)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    HRESULT hr;
    LONG id;

    InterlockedIncrement(&seen.calls);
    if (context && !context_request(context, &id)) InterlockedIncrement(&seen.dead);
    else if (context && notifying && context != notifying) InterlockedIncrement(&seen.crossed);
    if (FAILED(hr = failure_of_the_day())) return hr;
    hr = ICertServerExit_SetContext(watched->inner, context);
    if (SUCCEEDED(hr)) InterlockedExchange(&watched->context, context);
    return hr;
}

static HRESULT WINAPI watched_GetRequestProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    return get_property(iface, name, type, true, out);
}

static HRESULT WINAPI watched_GetCertificateProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    return get_property(iface, name, type, false, out);
}

static HRESULT WINAPI watched_GetRequestAttribute(ICertServerExit *iface, const BSTR name, BSTR *out)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    HRESULT hr = enter(watched);

    if (out) *out = NULL;
    if (SUCCEEDED(hr) && mood == SERVER_EMPTY) hr = CERTSRV_E_PROPERTY_EMPTY;
    if (SUCCEEDED(hr)) hr = ICertServerExit_GetRequestAttribute(watched->inner, name, out);
    return leave(watched, hr);
}

static HRESULT WINAPI watched_GetCertificateExtension(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    HRESULT hr = enter(watched);

    if (out) V_VT(out) = VT_EMPTY;
    if (SUCCEEDED(hr) && mood == SERVER_EMPTY) hr = CERTSRV_E_PROPERTY_EMPTY;
    if (SUCCEEDED(hr)) hr = ICertServerExit_GetCertificateExtension(watched->inner, name, type, out);
    if (hr == S_OK && mood == SERVER_ODD) {
        VariantClear(out);
        hr = odd_value(type, out);
    }
    return leave(watched, hr);
}

static HRESULT WINAPI watched_GetCertificateExtensionFlags(ICertServerExit *iface, LONG *flags)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    HRESULT hr = enter(watched);

    if (flags) *flags = 0;
    if (SUCCEEDED(hr)) hr = ICertServerExit_GetCertificateExtensionFlags(watched->inner, flags);
    return leave(watched, hr);
}

/* Enumerations. */

static HRESULT WINAPI watched_EnumerateExtensionsSetup(ICertServerExit *iface, LONG flags)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    HRESULT hr = enter(watched);

    return leave(watched, FAILED(hr) ? hr : ICertServerExit_EnumerateExtensionsSetup(watched->inner, flags));
}

static HRESULT WINAPI watched_EnumerateAttributesSetup(ICertServerExit *iface, LONG flags)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    HRESULT hr = enter(watched);

    return leave(watched, FAILED(hr) ? hr : ICertServerExit_EnumerateAttributesSetup(watched->inner, flags));
}

static HRESULT next(ICertServerExit *iface, HRESULT (WINAPI *enumerate)(ICertServerExit *iface, BSTR *out), BSTR *out)
{
    struct watched *watched = impl_from_ICertServerExit(iface);
    HRESULT hr = enter(watched);

    if (out) *out = NULL;
    if (SUCCEEDED(hr)) hr = enumerate(watched->inner, out);
    if (hr == S_OK && mood == SERVER_EMPTY) {
        SysFreeString(*out);
        *out = NULL;
        hr = S_FALSE;
    }
    return leave(watched, hr);
}

static HRESULT WINAPI watched_EnumerateExtensions(ICertServerExit *iface, BSTR *out)
{
    return next(iface, impl_from_ICertServerExit(iface)->inner->lpVtbl->EnumerateExtensions, out);
}

static HRESULT WINAPI watched_EnumerateAttributes(ICertServerExit *iface, BSTR *out)
{
    return next(iface, impl_from_ICertServerExit(iface)->inner->lpVtbl->EnumerateAttributes, out);
}

static HRESULT WINAPI watched_EnumerateExtensionsClose(ICertServerExit *iface)
{
    return ICertServerExit_EnumerateExtensionsClose(impl_from_ICertServerExit(iface)->inner);
}

static HRESULT WINAPI watched_EnumerateAttributesClose(ICertServerExit *iface)
{
    return ICertServerExit_EnumerateAttributesClose(impl_from_ICertServerExit(iface)->inner);
}

static const ICertServerExitVtbl watched_vtbl = {
    watched_QueryInterface, watched_AddRef, watched_Release,
    watched_GetTypeInfoCount, watched_GetTypeInfo, watched_GetIDsOfNames, watched_Invoke,
    watched_SetContext, watched_GetRequestProperty, watched_GetRequestAttribute, watched_GetCertificateProperty,
    watched_GetCertificateExtension, watched_GetCertificateExtensionFlags,
    watched_EnumerateExtensionsSetup, watched_EnumerateExtensions, watched_EnumerateExtensionsClose,
    watched_EnumerateAttributesSetup, watched_EnumerateAttributes, watched_EnumerateAttributesClose,
};

static HRESULT watched_create(REFIID iid, void **out)
{
    struct watched *watched;
    ICertServerExit *inner;
    HRESULT hr = failure_of_the_day();

    *out = NULL;
    if (FAILED(hr) || FAILED(hr = server_exit_create(&IID_ICertServerExit, (void **)&inner))) return hr;
    watched = heap_take(sizeof *watched);
    watched->ICertServerExit_iface.lpVtbl = &watched_vtbl;
    watched->ref = 1;
    watched->inner = inner;
    hr = CoCreateFreeThreadedMarshaler((IUnknown *)&watched->ICertServerExit_iface, &watched->marshaler);
    if (SUCCEEDED(hr)) hr = ICertServerExit_QueryInterface(&watched->ICertServerExit_iface, iid, out);
    ICertServerExit_Release(&watched->ICertServerExit_iface);
    return hr;
}

void check_server_serve(const WCHAR *location)
{
    registry_location = location;
    server_exit_instead = watched_create;
}
