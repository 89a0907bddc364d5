/*
 * ICertServerExit.
 *
 * Callers are rough: VARIANTs given for output may hold garbage, so nothing is read from them or freed; they are
 * VT_EMPTY after every failure. Success is S_OK exactly. The end of an enumeration is S_FALSE with a NULL BSTR.
 */
#include "server_exit.h"

#include "ca.h"
#include "contexts.h"
#include "heap.h"
#include "modules.h"
#include "overrides.h"
#include "pool.h"
#include "properties.h"
#include "text.h"
#include "type_info.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

/* The lock is held, shared, while a question is answered. */
static SRWLOCK serving = SRWLOCK_INIT;
static struct ca *served_ca;
static struct modules *served_modules;
static bool shut_down;                  /* SHUTDOWN has been told of */
static struct server_watch watch;

void server_exit_serve(struct ca *ca, struct modules *modules)
{
    AcquireSRWLockExclusive(&serving);
    served_ca = ca;
    served_modules = modules;
    shut_down = false;
    ReleaseSRWLockExclusive(&serving);
}

void server_exit_shut_down(void)
{
    AcquireSRWLockExclusive(&serving);
    shut_down = true;
    ReleaseSRWLockExclusive(&serving);
}

/* How the CA that is served answers an open question; with the serving lock held. */
static int chosen(enum choice choice)
{
    return served_ca ? served_ca->choices.chosen[choice] : 0;
}

static bool suspended(void)
{
    return !served_ca || (shut_down && chosen(CHOICE_AFTER_SHUTDOWN));
}

static bool is_alive(LONG context, LONG *id)
{
    return (chosen(CHOICE_AFTER_NOTIFY) ? context_lingers : context_request)(context, id);
}

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

static void names_add(struct names *names, const WCHAR *name)
{
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
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch) && !IsEqualIID(iid, &IID_ICertServerExit)
        && !IsEqualIID(iid, &IID_IAgileObject)) return E_NOINTERFACE;
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

static HRESULT WINAPI server_GetTypeInfo(ICertServerExit *iface, UINT index, LCID locale, ITypeInfo **info)
{
    (void)iface, (void)locale;
    if (!info) return E_POINTER;
    *info = NULL;
    return index ? DISP_E_BADINDEX : type_info(&IID_ICertServerExit, info);
}

static HRESULT WINAPI server_GetIDsOfNames(ICertServerExit *iface, REFIID iid, LPOLESTR *names, UINT count, LCID locale,
                                           DISPID *ids)
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

static HRESULT WINAPI server_Invoke(ICertServerExit *iface, DISPID id, REFIID iid, LCID locale, WORD flags,
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

/* Values on their way out. */

/* The DATE of a time: days since 30 December 1899; before it the fraction counts away from zero. */
static DATE date_of(int64_t seconds)
{
    int64_t day = seconds / DAY - (seconds % DAY < 0);
    double whole = (double)(day + 25569), part = (double)(seconds - day * DAY) / DAY;

    return whole < 0 ? whole - part : whole + part;
}

/* The same moment by the clock on the wall of this machine (I-3). */
static int64_t local_of(int64_t seconds)
{
    ULARGE_INTEGER ticks = {.QuadPart = (ULONGLONG)(seconds + 11644473600) * 10000000};
    FILETIME utc = {ticks.LowPart, ticks.HighPart}, local;
    SYSTEMTIME utc_time, local_time;

    if (!FileTimeToSystemTime(&utc, &utc_time) || !SystemTimeToTzSpecificLocalTime(NULL, &utc_time, &local_time)
        || !SystemTimeToFileTime(&local_time, &local)) return seconds;
    ticks = (ULARGE_INTEGER){.LowPart = local.dwLowDateTime, .HighPart = local.dwHighDateTime};
    return (int64_t)(ticks.QuadPart / 10000000) - 11644473600;
}

static HRESULT text_out(const struct value *value, VARIANT *out)
{
    bool null = !value->size && value->type == PROPTYPE_STRING && chosen(CHOICE_EMPTY_TEXT);

    V_BSTR(out) = null ? NULL : SysAllocStringByteLen(value->data, (UINT)value->size);  /* bytes too, odd counts too */
    if (!null && !V_BSTR(out)) return E_OUTOFMEMORY;
    V_VT(out) = VT_BSTR;
    return S_OK;
}

static HRESULT value_out(const struct value *value, VARIANT *out)
{
    switch (value->type) {
    case PROPTYPE_LONG:
        V_VT(out) = VT_I4;
        V_I4(out) = value->number;
        return S_OK;
    case PROPTYPE_DATE:
        V_VT(out) = VT_DATE;
        V_DATE(out) = date_of(chosen(CHOICE_DATES) ? local_of(value->seconds) : value->seconds);
        return S_OK;
    case PROPTYPE_BINARY:
    case PROPTYPE_STRING:
        return text_out(value, out);
    }
    return CERTSRV_E_PROPERTY_EMPTY;
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
static HRESULT begin(struct server_exit *server, struct asked *asked, enum server_call call, const WCHAR *name, LONG type)
{
    *asked = (struct asked){call, name, type, context_of(server), InterlockedIncrement(&server->users)};
    return watch.asked ? watch.asked(asked) : S_OK;
}

static HRESULT end(struct server_exit *server, HRESULT hr)
{
    InterlockedDecrement(&server->users);
    return hr;
}

static HRESULT end_with_value(struct server_exit *server, const struct asked *asked, HRESULT hr, VARIANT *value)
{
    return end(server, watch.answered ? watch.answered(asked, hr, value) : hr);
}

/* With the serving lock held: the row that the object is bound to, NULL at context 0. The database's lock is held on
 * S_OK, and the caller gives it back. */
static HRESULT lock_row(struct server_exit *server, const struct row **row)
{
    LONG context = context_of(server), id = 0;

    *row = NULL;
    if (suspended()) return CERTSRV_E_SERVER_SUSPENDED;
    if (context && !is_alive(context, &id)) return E_INVALIDARG;
    rows_read_lock(served_ca->rows);
    if (context) *row = rows_find(served_ca->rows, id);
    if (*row || !context || id == CONTEXT_OF_CA) return S_OK;
    rows_read_unlock(served_ca->rows);
    return CERTSRV_E_NO_REQUEST;        /* deleted, and the context lingers */
}

/* Which module asks: the one that is being called on this thread, else the one that made the object, else the first
 * (I-8). */
static HRESULT registry_location(const struct server_exit *server, VARIANT *out)
{
    int calling = pool_calling(), module = calling < 0 ? server->creator : calling;
    char *utf8 = !served_modules ? NULL
                                 : modules_registry_location(served_modules, chosen(CHOICE_LOCATION) ? -1 : module);
    WCHAR *path = text_wide(utf8);
    struct value value = {.type = PROPTYPE_STRING, .data = path, .size = path ? wcslen(path) * sizeof *path : 0};
    HRESULT hr = path ? value_out(&value, out) : CERTSRV_E_PROPERTY_EMPTY;

    free(utf8);
    free(path);
    return hr;
}

static HRESULT bad_index(void)
{
    static const HRESULT results[] = {HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), E_INVALIDARG, CERTSRV_E_PROPERTY_EMPTY};

    return results[chosen(CHOICE_BAD_INDEX)];
}

/* Answered at context 0 and, unless it is strict, under every live context (I-2). */
static HRESULT ca_value(struct server_exit *server, const struct question *question, VARIANT *out)
{
    struct value value;
    const struct row *row;
    HRESULT hr;

    if (FAILED(hr = lock_row(server, &row))) return hr;
    rows_read_unlock(served_ca->rows);
    if (row && chosen(CHOICE_CONTEXTS)) return E_INVALIDARG;
    if (!strcmp(properties[question->property].name, "ModuleRegistryLocation")) return registry_location(server, out);
    if (!ca_has_index(served_ca, question->property, question->indexed, question->index)) return bad_index();
    hr = ca_property(served_ca, question->property, question->indexed, question->index, &value);
    if (SUCCEEDED(hr)) hr = value_out(&value, out);
    free(value.data);
    return hr;
}

/* An archived key is shown to exit modules only where the CA's InterfaceFlags say so. */
static bool may_read(const struct question *question)
{
    const char *name = properties[question->property].name;
    bool key = !strcmp(name, "RawArchivedKey") || !strcmp(name, "ArchivedKey");

    return !key || served_ca->interface_flags & IF_ENABLEEXITKEYRETRIEVAL;
}

static LONG bound_request(struct server_exit *server)
{
    LONG id;

    is_alive(context_of(server), &id);
    return id;
}

static HRESULT row_out(struct server_exit *server, const struct question *question, VARIANT *out)
{
    static const struct value no_access = {.type = PROPTYPE_LONG, .number = 0};
    const char *name = properties[question->property].name;
    bool issued = question->plain_name && chosen(CHOICE_REQUEST_NAMES);
    enum half half = issued || question->place & IN_CERTIFICATE ? HALF_CERTIFICATE : HALF_REQUEST;
    struct value id = {.type = PROPTYPE_LONG};
    const struct value *value = NULL;
    const struct row *row;
    HRESULT hr;

    if (FAILED(hr = lock_row(server, &row))) return hr;
    if (row && !strcmp(name, "RequestID")) {
        id.number = bound_request(server);      /* the row's own may be another: rows_repeat */
        value = &id;
    } else if (row && may_read(question)) {
        value = row_value(row, half, question->property);
    } else if (!row && !strcmp(name, "RequesterCAAccess") && !chosen(CHOICE_CA_ACCESS)) {
        value = &no_access;             /* I-18 */
    }
    hr = value ? value_out(value, out) : CERTSRV_E_PROPERTY_EMPTY;
    rows_read_unlock(served_ca->rows);
    return hr;
}

static HRESULT unknown_name(void)
{
    static const HRESULT results[] = {E_INVALIDARG, CERTSRV_E_PROPERTY_EMPTY, HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)};

    return results[chosen(CHOICE_UNKNOWN_NAME)];
}

/* True: the scenario has given the answer. */
static bool overridden(int property, unsigned getter, VARIANT *out, HRESULT *hr)
{
    struct override override;

    if (!overrides_find(property, getter, &override)) return false;
    if (override.delay_ms) Sleep(override.delay_ms);
    *hr = override.error;
    if (SUCCEEDED(*hr) && override.value.type) *hr = value_out(&override.value, out);
    free(override.value.data);
    return FAILED(*hr) || override.value.type;
}

static HRESULT answer(struct server_exit *server, const BSTR name, LONG type, unsigned getter, VARIANT *out)
{
    struct question question;
    const struct property *property;
    HRESULT hr;

    if (!question_read(name, getter, &question)) return unknown_name();
    property = &properties[question.property];
    if (!(property->place & IS_SETTABLE) && (type & PROPTYPE_MASK) != property->type) {
        return chosen(CHOICE_WRONG_TYPE) ? CERTSRV_E_PROPERTY_EMPTY : E_INVALIDARG;
    }
    if (suspended()) return CERTSRV_E_SERVER_SUSPENDED;
    if (overridden(question.property, getter, out, &hr)) return hr;
    if (question.place & IN_CA) return ca_value(server, &question, out);
    return question.place ? row_out(server, &question, out) : CERTSRV_E_PROPERTY_EMPTY;
}

/* What is wrong is told in this order: no such name, not of that type, not of this getter (I-9). */
static HRESULT get_property(ICertServerExit *iface, const BSTR name, LONG type, unsigned getter, VARIANT *out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked;
    HRESULT hr;

    if (!out) return E_POINTER;
    V_VT(out) = VT_EMPTY;
    if (!name) return E_INVALIDARG;
    hr = begin(server, &asked, getter == IN_REQUEST ? SERVER_REQUEST_PROPERTY : SERVER_CERTIFICATE_PROPERTY, name, type);
    if (hr != S_OK) return end(server, hr);
    AcquireSRWLockShared(&serving);
    hr = answer(server, name, type, getter, out);
    ReleaseSRWLockShared(&serving);
    return end_with_value(server, &asked, hr, out);
}

/* The interface. */

static HRESULT set_context(struct server_exit *server, LONG context)
{
    bool alive;
    LONG id;

    AcquireSRWLockShared(&serving);
    alive = !context || is_alive(context, &id);
    ReleaseSRWLockShared(&serving);
    if (!alive) return E_INVALIDARG;
    AcquireSRWLockExclusive(&server->lock);
    server->context = context;
    server->extension_read = false;
    names_close(&server->extensions);
    names_close(&server->attributes);
    ReleaseSRWLockExclusive(&server->lock);
    return S_OK;
}

static HRESULT WINAPI server_SetContext(ICertServerExit *iface, LONG context)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked = {.call = SERVER_SET_CONTEXT, .context = context, .users = InterlockedIncrement(&server->users)};
    HRESULT hr = watch.asked ? watch.asked(&asked) : S_OK;

    return end(server, hr == S_OK ? set_context(server, context) : hr);
}

static HRESULT WINAPI server_GetRequestProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    return get_property(iface, name, type, IN_REQUEST, out);
}

static HRESULT WINAPI server_GetCertificateProperty(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    return get_property(iface, name, type, IN_CERTIFICATE, out);
}

static HRESULT get_attribute(struct server_exit *server, const BSTR name, BSTR *out)
{
    const struct attribute_cell *attribute = NULL;
    const struct row *row;
    HRESULT hr;

    AcquireSRWLockShared(&serving);
    if (SUCCEEDED(hr = lock_row(server, &row))) {
        if (row) attribute = row_attribute(row, name);
        if (!attribute) hr = CERTSRV_E_PROPERTY_EMPTY;
        else if (!*attribute->value && chosen(CHOICE_EMPTY_TEXT)) *out = NULL;
        else if (!(*out = SysAllocString(attribute->value))) hr = E_OUTOFMEMORY;
        rows_read_unlock(served_ca->rows);
    }
    ReleaseSRWLockShared(&serving);
    return hr;
}

static HRESULT WINAPI server_GetRequestAttribute(ICertServerExit *iface, const BSTR name, BSTR *out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked;
    HRESULT hr;

    if (!out) return E_POINTER;
    *out = NULL;
    if (!name) return E_INVALIDARG;
    hr = begin(server, &asked, SERVER_ATTRIBUTE, name, 0);
    return end(server, hr == S_OK ? get_attribute(server, name, out) : hr);
}

/* DER on its way out: as it is, or as the one simple value in it. */
static HRESULT extension_out(const struct extension_cell *extension, LONG type, VARIANT *out)
{
    struct value value = {.type = type & PROPTYPE_MASK, .data = extension->data, .size = extension->size};
    struct der_fault fault;
    struct der der;
    struct der_bytes text;
    int64_t seconds;
    int32_t number;
    char *utf8;
    HRESULT hr;

    der_begin(&der, &fault, extension->data, extension->size);
    switch (type & PROPTYPE_MASK) {
    case PROPTYPE_BINARY:
        return value_out(&value, out);
    case PROPTYPE_LONG:
        if (!der_small(&der, "extension", &number)) return E_INVALIDARG;
        value.number = number;
        return value_out(&value, out);
    case PROPTYPE_DATE:
        if (!der_time(&der, "extension", &seconds)) return E_INVALIDARG;
        value.seconds = seconds;
        return value_out(&value, out);
    case PROPTYPE_STRING:
        if (!der_read(&der, "extension", DER_IA5_STRING, &text)) return E_INVALIDARG;
        utf8 = heap_copy(text.data, text.size);
        value.data = text_wide(utf8);
        value.size = wcslen(value.data) * sizeof(WCHAR);
        hr = value_out(&value, out);
        free(utf8);
        free(value.data);
        return hr;
    }
    return E_INVALIDARG;
}

static HRESULT get_extension(struct server_exit *server, const BSTR name, LONG type, VARIANT *out)
{
    const struct extension_cell *extension = NULL;
    const struct row *row;
    char *oid = text_utf8(name);
    HRESULT hr;

    AcquireSRWLockShared(&serving);
    if (SUCCEEDED(hr = lock_row(server, &row))) {
        if (row) extension = row_extension(row, oid);
        hr = extension ? extension_out(extension, type, out) : CERTSRV_E_PROPERTY_EMPTY;
        AcquireSRWLockExclusive(&server->lock);
        server->extension_read = SUCCEEDED(hr);
        if (extension) server->extension_flags = extension->flags;
        ReleaseSRWLockExclusive(&server->lock);
        rows_read_unlock(served_ca->rows);
    }
    ReleaseSRWLockShared(&serving);
    free(oid);
    return hr;
}

static HRESULT WINAPI server_GetCertificateExtension(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *out)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);
    struct asked asked;
    HRESULT hr;

    if (!out) return E_POINTER;
    V_VT(out) = VT_EMPTY;
    if (!name) return E_INVALIDARG;
    hr = begin(server, &asked, SERVER_EXTENSION, name, type);
    if (hr != S_OK) return end(server, hr);
    return end_with_value(server, &asked, get_extension(server, name, type, out), out);
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
    hr = begin(server, &asked, SERVER_OTHER, NULL, 0);
    return end(server, hr == S_OK ? get_flags(server, flags) : hr);
}

/* Enumerations: closed, or open with the names as they were at the setup. ENUMEXT_OBJECTID is the one flag there is a
 * name for, and is what happens anyway. */

static void list_extensions(const struct row *row, struct names *names)
{
    for (size_t i = 0; row && i < row->extension_count; i++) {
        WCHAR *oid = text_wide(row->extensions[i].oid);

        names_add(names, oid);
        free(oid);
    }
}

static void list_attributes(const struct row *row, struct names *names)
{
    for (size_t i = 0; row && i < row->attribute_count; i++) names_add(names, row->attributes[i].name);
}

static HRESULT list_names(struct server_exit *server, struct names *names, LONG flags,
                          void (*list)(const struct row *row, struct names *names))
{
    struct names fresh = {heap_take(sizeof(BSTR)), 0, 0};
    const struct row *row;
    HRESULT hr;

    AcquireSRWLockShared(&serving);
    hr = flags & ~ENUMEXT_OBJECTID && !chosen(CHOICE_ENUM_FLAGS) ? E_INVALIDARG : lock_row(server, &row);
    if (SUCCEEDED(hr)) {
        list(row, &fresh);
        rows_read_unlock(served_ca->rows);
    }
    ReleaseSRWLockShared(&serving);
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

static HRESULT enumeration_open(struct server_exit *server, struct names *names, LONG flags,
                                void (*list)(const struct row *row, struct names *names))
{
    struct asked asked;
    HRESULT hr = begin(server, &asked, SERVER_OTHER, NULL, 0);

    return end(server, hr == S_OK ? list_names(server, names, flags, list) : hr);
}

static HRESULT next_name(struct server_exit *server, struct names *names, BSTR *out)
{
    HRESULT hr = S_OK, misuse;

    AcquireSRWLockShared(&serving);
    misuse = chosen(CHOICE_ENUM_MISUSE) ? S_FALSE : E_UNEXPECTED;
    ReleaseSRWLockShared(&serving);
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
    hr = begin(server, &asked, SERVER_NEXT, NULL, 0);
    return end(server, hr == S_OK ? next_name(server, names, out) : hr);
}

/* Whatever is watched, it is closed. */
static HRESULT enumeration_close(struct server_exit *server, struct names *names)
{
    struct asked asked;
    HRESULT hr = begin(server, &asked, SERVER_OTHER, NULL, 0);

    AcquireSRWLockExclusive(&server->lock);
    names_close(names);
    ReleaseSRWLockExclusive(&server->lock);
    return end(server, hr);
}

static HRESULT WINAPI server_EnumerateExtensionsSetup(ICertServerExit *iface, LONG flags)
{
    struct server_exit *server = impl_from_ICertServerExit(iface);

    return enumeration_open(server, &server->extensions, flags, list_extensions);
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

    return enumeration_open(server, &server->attributes, flags, list_attributes);
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
    server_QueryInterface, server_AddRef, server_Release,
    server_GetTypeInfoCount, server_GetTypeInfo, server_GetIDsOfNames, server_Invoke,
    server_SetContext, server_GetRequestProperty, server_GetRequestAttribute, server_GetCertificateProperty,
    server_GetCertificateExtension, server_GetCertificateExtensionFlags,
    server_EnumerateExtensionsSetup, server_EnumerateExtensions, server_EnumerateExtensionsClose,
    server_EnumerateAttributesSetup, server_EnumerateAttributes, server_EnumerateAttributesClose,
};

HRESULT server_exit_create(REFIID iid, void **out)
{
    struct server_exit *server = heap_take(sizeof *server);
    HRESULT hr;

    *out = NULL;
    server->ICertServerExit_iface.lpVtbl = &server_vtbl;
    server->ref = 1;
    server->creator = pool_calling();
    hr = CoCreateFreeThreadedMarshaler((IUnknown *)&server->ICertServerExit_iface, &server->marshaler);
    if (SUCCEEDED(hr)) hr = ICertServerExit_QueryInterface(&server->ICertServerExit_iface, iid, out);
    ICertServerExit_Release(&server->ICertServerExit_iface);
    return hr;
}

/* The class object: one, static, as long as the program. */

static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IClassFactory)) return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI factory_AddRef(IClassFactory *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI factory_Release(IClassFactory *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr;

    (void)iface;
    if (!out) return E_POINTER;
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (watch.creating && FAILED(hr = watch.creating())) return hr;
    return server_exit_create(iid, out);
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface, (void)lock;
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    factory_QueryInterface, factory_AddRef, factory_Release, factory_CreateInstance, factory_LockServer,
};

static IClassFactory factory = {&factory_vtbl};

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    return IsEqualCLSID(clsid, &CLSID_CCertServerExit) ? IClassFactory_QueryInterface(&factory, iid, out)
                                                       : CLASS_E_CLASSNOTAVAILABLE;
}
