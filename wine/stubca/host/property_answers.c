/* What the CA answers. Its lock, and the database's, are held while it does. */
#include "property_answers.h"

#include "stubca/ca/ca.h"
#include "contexts.h"
#include "stubca/base/heap.h"
#include "property_overrides.h"
#include "pool.h"
#include "stubca/ca/properties.h"
#include "stubca/base/text.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

/* The lock is held, shared, while a question is answered. */
static SRWLOCK serving = SRWLOCK_INIT;
static struct ca *served_ca;
static property_answers_location *served_location;
static const struct modules *served_modules;
static bool shut_down;                  /* SHUTDOWN has been told of */

void property_answers_serve(struct ca *ca, property_answers_location *location,
                            const struct modules *modules)
{
    AcquireSRWLockExclusive(&serving);
    served_ca = ca;
    served_location = location;
    served_modules = modules;
    shut_down = false;
    ReleaseSRWLockExclusive(&serving);
}

void property_answers_shut_down(void)
{
    AcquireSRWLockExclusive(&serving);
    shut_down = true;
    ReleaseSRWLockExclusive(&serving);
}

/* How the CA that is served answers an open question; with the serving lock held. */
static int property_answers_chosen(enum choice choice)
{
    return served_ca ? served_ca->choices.chosen[choice] : 0;
}

static bool suspended(void)
{
    return !served_ca || (shut_down && property_answers_chosen(CHOICE_AFTER_SHUTDOWN));
}

static bool is_alive(LONG context, LONG *id)
{
    return (property_answers_chosen(CHOICE_AFTER_NOTIFY) ? context_lingers
                                                         : context_request)(context, id);
}

/* Values on their way out. */

/* The DATE of a time: days since 30 December 1899; before it the fraction counts away from zero. */
static DATE property_answers_date_of(int64_t seconds)
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

    if (!FileTimeToSystemTime(&utc, &utc_time) ||
        !SystemTimeToTzSpecificLocalTime(NULL, &utc_time, &local_time) ||
        !SystemTimeToFileTime(&local_time, &local))
        return seconds;
    ticks = (ULARGE_INTEGER){.LowPart = local.dwLowDateTime, .HighPart = local.dwHighDateTime};
    return (int64_t)(ticks.QuadPart / 10000000) - 11644473600;
}

static HRESULT text_out(const struct value *value, VARIANT *out)
{
    bool null = !value->size && value->type == PROPTYPE_STRING &&
                property_answers_chosen(CHOICE_EMPTY_TEXT);

    V_BSTR(out) = null ? NULL
                       : SysAllocStringByteLen(value->data,
                                               (UINT)value->size); /* bytes too, odd counts too */
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
        V_DATE(out) = property_answers_date_of(
            property_answers_chosen(CHOICE_DATES) ? local_of(value->seconds) : value->seconds);
        return S_OK;
    case PROPTYPE_BINARY:
    case PROPTYPE_STRING:
        return text_out(value, out);
    }
    return CERTSRV_E_PROPERTY_EMPTY;
}

/* With the serving lock held: the row behind a context, NULL behind 0. The database's lock is held
 * on S_OK, and the caller gives it back. */
static HRESULT lock_row(LONG context, const struct row **row)
{
    LONG id = 0;

    *row = NULL;
    if (suspended()) return CERTSRV_E_SERVER_SUSPENDED;
    if (context && !is_alive(context, &id)) return E_INVALIDARG;
    rows_read_lock(served_ca->rows);
    if (context) *row = rows_find(served_ca->rows, id);
    if (*row || !context || id == CONTEXT_OF_CA) return S_OK;
    rows_read_unlock(served_ca->rows);
    return CERTSRV_E_NO_REQUEST;        /* deleted, and the context lingers */
}

/* Which module asks: the one that is being called on this thread, else the one that made the
 * object, else the first; and whether that is answered at all (I-8). */
static HRESULT registry_location(const struct asker *asker, VARIANT *out)
{
    enum { CALLER, FIRST, BOUND, REFUSED } choice = property_answers_chosen(CHOICE_LOCATION);
    int calling = pool_calling(), module = calling < 0 ? asker->creator : calling;
    char *utf8;
    WCHAR *path;
    struct value value = {.type = PROPTYPE_STRING};
    HRESULT hr;

    if (choice == REFUSED || (choice == BOUND && !asker->context_set)) return E_INVALIDARG;
    utf8 = !served_location ? NULL : served_location(served_modules, choice == FIRST ? -1 : module);
    path = text_wide(utf8);
    value.data = path;
    value.size = path ? wcslen(path) * sizeof *path : 0;
    hr = path ? value_out(&value, out) : CERTSRV_E_PROPERTY_EMPTY;
    free(utf8);
    free(path);
    return hr;
}

static HRESULT bad_index(void)
{
    static const HRESULT results[] = {HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), E_INVALIDARG,
                                      CERTSRV_E_PROPERTY_EMPTY};

    return results[property_answers_chosen(CHOICE_BAD_INDEX)];
}

/* Answered at context 0 and, unless it is strict, under every live context (I-2). */
static HRESULT ca_value(const struct asker *asker, const struct question *question, VARIANT *out)
{
    struct value value;
    const struct row *row;
    HRESULT hr;

    if (FAILED(hr = lock_row(asker->context, &row))) return hr;
    rows_read_unlock(served_ca->rows);
    if (row && property_answers_chosen(CHOICE_CONTEXTS)) return E_INVALIDARG;
    if (!strcmp(properties[question->property].name, "ModuleRegistryLocation"))
        return registry_location(asker, out);
    if (!ca_has_index(served_ca, question->property, question->indexed, question->index))
        return bad_index();
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

static LONG bound_request(LONG context)
{
    LONG id;

    is_alive(context, &id);
    return id;
}

static HRESULT row_out(const struct asker *asker, const struct question *question, VARIANT *out)
{
    static const struct value no_access = {.type = PROPTYPE_LONG, .number = 0};
    const char *name = properties[question->property].name;
    bool issued = question->plain_name && property_answers_chosen(CHOICE_REQUEST_NAMES);
    enum half half = issued || question->place & IN_CERTIFICATE ? HALF_CERTIFICATE : HALF_REQUEST;
    struct value id = {.type = PROPTYPE_LONG};
    const struct value *value = NULL;
    const struct row *row;
    HRESULT hr;

    if (FAILED(hr = lock_row(asker->context, &row))) return hr;
    if (row && !strcmp(name, "RequestID")) {
        id.number = bound_request(asker->context); /* the row's own may be another: rows_repeat */
        value = &id;
    } else if (row && may_read(question)) {
        value = row_value(row, half, question->property);
    } else if (!row && !strcmp(name, "RequesterCAAccess") &&
               !property_answers_chosen(CHOICE_CA_ACCESS)) {
        value = &no_access;             /* I-18 */
    }
    hr = value ? value_out(value, out) : CERTSRV_E_PROPERTY_EMPTY;
    rows_read_unlock(served_ca->rows);
    return hr;
}

static HRESULT unknown_name(void)
{
    static const HRESULT results[] = {E_INVALIDARG, CERTSRV_E_PROPERTY_EMPTY,
                                      HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)};

    return results[property_answers_chosen(CHOICE_UNKNOWN_NAME)];
}

/* True: the scenario has given the answer. */
static bool overridden(int property, unsigned getter, VARIANT *out, HRESULT *hr)
{
    struct property_override override;

    if (!property_overrides_find(property, getter, &override)) return false;
    if (override.delay_ms) Sleep(override.delay_ms);
    *hr = override.error;
    if (SUCCEEDED(*hr) && override.value.type) *hr = value_out(&override.value, out);
    free(override.value.data);
    return FAILED(*hr) || override.value.type;
}

/* What is wrong is told in this order: no such name, not of that type, not of this getter (I-9). */
static HRESULT property_out(const struct asker *asker, const WCHAR *name, LONG type,
                            unsigned getter, VARIANT *out)
{
    struct question question;
    const struct property *property;
    HRESULT hr;

    if (!question_read(name, getter, &question)) return unknown_name();
    property = &properties[question.property];
    if (!(property->place & IS_SETTABLE) && (type & PROPTYPE_MASK) != property->type) {
        return property_answers_chosen(CHOICE_WRONG_TYPE) ? CERTSRV_E_PROPERTY_EMPTY : E_INVALIDARG;
    }
    if (suspended()) return CERTSRV_E_SERVER_SUSPENDED;
    if (overridden(question.property, getter, out, &hr)) return hr;
    if (question.place & IN_CA) return ca_value(asker, &question, out);
    return question.place ? row_out(asker, &question, out) : CERTSRV_E_PROPERTY_EMPTY;
}

HRESULT answer_property(const struct asker *asker, const WCHAR *name, LONG type, unsigned getter,
                        VARIANT *out)
{
    HRESULT hr;

    AcquireSRWLockShared(&serving);
    hr = property_out(asker, name, type, getter, out);
    ReleaseSRWLockShared(&serving);
    return hr;
}

HRESULT answer_attribute(LONG context, const WCHAR *name, BSTR *out)
{
    const struct attribute_cell *attribute = NULL;
    const struct row *row;
    HRESULT hr;

    AcquireSRWLockShared(&serving);
    if (SUCCEEDED(hr = lock_row(context, &row))) {
        if (row) attribute = row_attribute(row, name);
        if (!attribute) hr = CERTSRV_E_PROPERTY_EMPTY;
        else if (!*attribute->value && property_answers_chosen(CHOICE_EMPTY_TEXT)) *out = NULL;
        else if (!(*out = SysAllocString(attribute->value))) hr = E_OUTOFMEMORY;
        rows_read_unlock(served_ca->rows);
    }
    ReleaseSRWLockShared(&serving);
    return hr;
}

/* DER on its way out: as it is, or as the one simple value in it. */
static HRESULT extension_out(const struct extension_cell *extension, LONG type, VARIANT *out)
{
    struct value value = {
        .type = type & PROPTYPE_MASK, .data = extension->data, .size = extension->size};
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

HRESULT answer_extension(LONG context, const WCHAR *name, LONG type, VARIANT *out, LONG *flags)
{
    const struct extension_cell *extension = NULL;
    const struct row *row;
    char *oid = text_utf8(name);
    HRESULT hr;

    AcquireSRWLockShared(&serving);
    if (SUCCEEDED(hr = lock_row(context, &row))) {
        if (row) extension = row_extension(row, oid);
        hr = extension ? extension_out(extension, type, out) : CERTSRV_E_PROPERTY_EMPTY;
        if (extension) *flags = extension->flags;
        rows_read_unlock(served_ca->rows);
    }
    ReleaseSRWLockShared(&serving);
    free(oid);
    return hr;
}

static void each_extension(const struct row *row, void (*take)(void *argument, const WCHAR *name),
                           void *argument)
{
    for (size_t i = 0; row && i < row->extension_count; i++) {
        WCHAR *oid = text_wide(row->extensions[i].oid);

        take(argument, oid);
        free(oid);
    }
}

/* ENUMEXT_OBJECTID is the one flag that there is a name for, and is what happens anyway. */
HRESULT answer_names(LONG context, enum listed listed, LONG flags,
                     void (*take)(void *argument, const WCHAR *name), void *argument)
{
    const struct row *row;
    HRESULT hr;

    AcquireSRWLockShared(&serving);
    hr = flags & ~ENUMEXT_OBJECTID && !property_answers_chosen(CHOICE_ENUM_FLAGS)
             ? E_INVALIDARG
             : lock_row(context, &row);
    if (SUCCEEDED(hr)) {
        if (listed == LIST_EXTENSIONS) each_extension(row, take, argument);
        else
            for (size_t i = 0; row && i < row->attribute_count; i++)
                take(argument, row->attributes[i].name);
        rows_read_unlock(served_ca->rows);
    }
    ReleaseSRWLockShared(&serving);
    return hr;
}

HRESULT answer_misuse(void)
{
    HRESULT hr;

    AcquireSRWLockShared(&serving);
    hr = property_answers_chosen(CHOICE_ENUM_MISUSE) ? S_FALSE : E_UNEXPECTED;
    ReleaseSRWLockShared(&serving);
    return hr;
}

bool answer_alive(LONG context)
{
    bool alive;
    LONG id;

    AcquireSRWLockShared(&serving);
    alive = !context || is_alive(context, &id);
    ReleaseSRWLockShared(&serving);
    return alive;
}
