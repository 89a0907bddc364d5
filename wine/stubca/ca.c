/* A certification authority. */
#include "ca.h"

#include "ca_name.h"
#include "files.h"
#include "heap.h"
#include "properties.h"
#include "revocation.h"
#include "text.h"

#include <certadm.h>
#include <certsrv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RENEWALS_REMOVED = 20, TIME_UNITS = 7 };

static volatile LONG64 advanced;        /* seconds */

int64_t ca_now(void)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return (int64_t)(((ULONGLONG)now.dwHighDateTime << 32 | now.dwLowDateTime) / 10000000) - 11644473600
           + InterlockedCompareExchange64(&advanced, 0, 0);
}

void ca_advance(int64_t seconds)
{
    InterlockedExchangeAdd64(&advanced, seconds);
}

char *ca_suffix(unsigned index)
{
    return index ? text_format("(%u)", index) : heap_text("");
}

char *ca_url(const char *url, unsigned certificate, unsigned key, bool delta)
{
    char *whole = heap_text(""), *suffixes[] = {ca_suffix(certificate), ca_suffix(key), heap_text(delta ? "+" : "")};
    static const char *const marks[] = {"<CertificateName>", "<CRLNameSuffix>", "<DeltaCRLAllowed>"};

    for (const char *c = url; c && *c;) {
        const char *part = c;
        size_t size = 1;
        char *longer;

        for (int i = 0; i < 3; i++) {
            if (strncmp(c, marks[i], strlen(marks[i]))) continue;
            c += strlen(marks[i]) - 1;
            part = suffixes[i];
            size = strlen(part);
        }
        c++;
        longer = text_format("%s%.*s", whole, (int)size, part);
        free(whole);
        whole = longer;
    }
    for (int i = 0; i < 3; i++) free(suffixes[i]);
    if (url) return whole;
    free(whole);
    return NULL;
}

/* A CA that has just been made has published nothing: what lies there is a former one's, and of its renewals, as many as a scenario may
 * well have had. */
static void remove_old_files(const struct ca *ca)
{
    static const char *const names[][2] = {{"base", "crl"}, {"delta", "crl"}, {"ca", "cer"}};

    for (unsigned i = 0; i < 3 * RENEWALS_REMOVED; i++) {
        char *suffix = ca_suffix(i / 3);
        char *path = text_format("%s/%s%s.%s", ca->folder, names[i % 3][0], suffix, names[i % 3][1]);

        file_remove(path);
        free(suffix);
        free(path);
    }
}

static HRESULT write_own_certificate(const struct ca *ca, unsigned index, struct reason *reason)
{
    const struct der_bytes *raw = &authority_certificate(ca->certificates[index].authority)->raw;
    char *suffix = ca_suffix(index), *path = text_format("%s/ca%s.cer", ca->folder, suffix);
    HRESULT hr = file_write_pem(path, "CERTIFICATE", raw->data, raw->size, reason);

    free(suffix);
    free(path);
    return hr;
}

/* Takes over the authority, which has a key of its own where `key` is its index. */
static HRESULT add_certificate(struct ca *ca, struct authority *authority, unsigned key, struct reason *reason)
{
    unsigned index = ca->certificate_count;

    ca->certificates = heap_grow(ca->certificates, (index + 1) * sizeof *ca->certificates);
    ca->certificates[index] = (struct ca_certificate){authority, key, key == index ? crls_open() : NULL};
    ca->certificate_count++;
    ca->authority = authority;
    return write_own_certificate(ca, index, reason);
}

struct authority *ca_signer(const struct ca *ca, unsigned key)
{
    struct authority *signer = NULL;

    for (unsigned i = 0; i < ca->certificate_count; i++) {
        if (ca->certificates[i].key == key) signer = ca->certificates[i].authority;
    }
    return signer;
}

HRESULT ca_renew(struct ca *ca, bool new_key, struct reason *reason)
{
    unsigned index = ca->certificate_count, key = new_key ? index : ca->certificates[index - 1].key;
    struct authority *authority;
    int64_t now = ca_now();
    HRESULT hr = authority_renew(ca->authority, new_key, key << 16 | index, now - CLOCK_SKEW, now + ca->days * DAY,
                                 &authority, reason);

    if (FAILED(hr)) return hr;
    rows_write_lock(ca->rows);
    hr = add_certificate(ca, authority, key, reason);
    rows_write_unlock(ca->rows);
    return hr;
}

HRESULT ca_open(const struct ca_settings *settings, struct ca **out, struct reason *reason)
{
    struct ca *ca = heap_take(sizeof *ca);
    struct authority *authority;
    int64_t now;
    HRESULT hr;

    *out = NULL;
    InterlockedExchange64(&advanced, 0);
    now = ca_now();
    ca->name = heap_text(settings->name);
    ca->sanitized = ca_name_sanitized(settings->name);
    ca->short_name = ca_name_short(ca->sanitized);
    ca->dns_name = heap_text(settings->dns_name);
    ca->folder = heap_text(settings->folder);
    ca->crl_url = heap_text(settings->crl_url);
    ca->issuer_url = heap_text(settings->issuer_url);
    ca->days = settings->days;
    ca->delta_crls = settings->delta_crls;
    ca->interface_flags = settings->interface_flags;
    ca->templates = templates_open();
    ca->rows = rows_open();
    if (FAILED(hr = folder_make(ca->folder, reason))) goto done;
    hr = authority_create(ca->name, now - CLOCK_SKEW, now + ca->days * DAY, &authority, reason);
    if (FAILED(hr)) goto done;
    remove_old_files(ca);
    if (FAILED(hr = add_certificate(ca, authority, 0, reason))) goto done;
    *out = ca;
    ca = NULL;
done:
    ca_close(ca);
    return hr;
}

void ca_close(struct ca *ca)
{
    if (!ca) return;
    for (unsigned i = 0; i < ca->certificate_count; i++) {
        authority_close(ca->certificates[i].authority);
        crls_close(ca->certificates[i].crls);
    }
    free(ca->certificates);
    templates_close(ca->templates);
    rows_close(ca->rows);
    free(ca->name);
    free(ca->sanitized);
    free(ca->short_name);
    free(ca->dns_name);
    free(ca->folder);
    free(ca->crl_url);
    free(ca->issuer_url);
    free(ca);
}

void ca_tell(const struct ca *ca, LONG event, LONG request_id)
{
    if (ca->tell) ca->tell(ca->listener, event, request_id);
}

struct verdict *verdict_say(struct verdict *verdict, enum outcome outcome, HRESULT status, const char *format, ...)
{
    va_list arguments;

    verdict->outcome = outcome;
    verdict->status = status;
    va_start(arguments, format);
    vsnprintf(verdict->reason.text, sizeof verdict->reason.text, format, arguments);
    va_end(arguments);
    return verdict;
}

/* Properties of the CA: each function fills in a value or says why there is none. Callers hold the lock for reading. */

static HRESULT number(struct value *value, LONG number)
{
    value->type = PROPTYPE_LONG;
    value->number = number;
    return S_OK;
}

static HRESULT words(struct value *value, const char *utf8)
{
    value->type = PROPTYPE_STRING;
    value->data = text_wide(utf8);
    value->size = wcslen(value->data) * sizeof(WCHAR);
    return S_OK;
}

static HRESULT bytes(struct value *value, struct der_bytes bytes, HRESULT otherwise)
{
    if (!bytes.size) return otherwise;
    value->type = PROPTYPE_BINARY;
    value->data = heap_copy(bytes.data, bytes.size);
    value->size = bytes.size;
    return S_OK;
}

/* Templates come from a directory, and the CA signs its own certificate. */
static HRESULT ca_type(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return number(value, ENUM_ENTERPRISE_ROOTCA);
}

static HRESULT sanitized_name(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return words(value, ca->sanitized);
}

static HRESULT short_name(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return words(value, ca->short_name);
}

static HRESULT dns_name(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return words(value, ca->dns_name);
}

static HRESULT uses_directory(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return number(value, 1);
}

static HRESULT delta_crls_disabled(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return number(value, !ca->delta_crls);
}

static HRESULT domain_dn(const struct ca *ca, unsigned index, struct value *value)
{
    char *dn = ca_name_domain_dn(ca->dns_name);
    HRESULT hr = *dn ? words(value, dn) : CERTSRV_E_PROPERTY_EMPTY;

    (void)index;
    free(dn);
    return hr;
}

static HRESULT config_dn(const struct ca *ca, unsigned index, struct value *value)
{
    char *dn = ca_name_domain_dn(ca->dns_name), *config = text_format("CN=Configuration,%s", dn);
    HRESULT hr = *dn ? words(value, config) : CERTSRV_E_PROPERTY_EMPTY;

    (void)index;
    free(dn);
    free(config);
    return hr;
}

static HRESULT log_level(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return number(value, 3);            /* the default: errors and warnings */
}

static HRESULT session_count(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return number(value, 100);          /* the default since Windows Server 2008 */
}

static HRESULT zero(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return number(value, 0);
}

static HRESULT volatile_mode(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return number(value, ca->choices.chosen[CHOICE_ROWS]);
}

static HRESULT time_unit(const struct ca *ca, unsigned index, struct value *value)
{
    static const char *const units[TIME_UNITS] = {"Seconds", "Minutes", "Hours", "Days", "Weeks", "Months", "Years"};

    (void)ca;
    return words(value, units[index]);
}

static HRESULT cert_count(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return number(value, (LONG)ca->certificate_count);
}

static const struct certificate *own(const struct ca *ca, unsigned index)
{
    return authority_certificate(ca->certificates[index].authority);
}

static HRESULT certificate(const struct ca *ca, unsigned index, struct value *value)
{
    return bytes(value, own(ca, index)->raw, CERTSRV_E_PROPERTY_EMPTY);
}

static HRESULT cert_state(const struct ca *ca, unsigned index, struct value *value)
{
    return number(value, own(ca, index)->not_after < ca_now() ? CA_DISP_INVALID : CA_DISP_VALID);
}

static HRESULT suffix(const struct ca *ca, unsigned index, struct value *value)
{
    char *text = ca_suffix(index);
    HRESULT hr = words(value, text);    /* of index 0 it is present, and empty */

    (void)ca;
    free(text);
    return hr;
}

static HRESULT no_crl(void)
{
    return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

static HRESULT base_crl(const struct ca *ca, unsigned index, struct value *value)
{
    const struct crls *crls = ca->certificates[index].crls;

    return crls ? bytes(value, crls_base(crls), CERTSRV_E_PROPERTY_EMPTY) : no_crl();
}

static HRESULT delta_crl(const struct ca *ca, unsigned index, struct value *value)
{
    const struct crls *crls = ca->certificates[index].crls;

    return crls && ca->delta_crls ? bytes(value, crls_delta(crls), no_crl()) : no_crl();
}

static HRESULT crl_index(const struct ca *ca, unsigned index, struct value *value)
{
    return number(value, (LONG)ca->certificates[index].key);
}

/* One certificate manages the CRLs of each key: its first. */
static HRESULT crl_state(const struct ca *ca, unsigned index, struct value *value)
{
    if (ca->certificates[index].key != index) return number(value, CA_DISP_ERROR);
    return number(value, crls_are_signed(ca, index) ? CA_DISP_VALID : CA_DISP_INVALID);
}

/* What `.#` counts, and what is meant without it. */
enum index_kind { NO_INDEX, UNITS_INDEX, CERTIFICATE_INDEX, CRL_INDEX };

static const struct {
    const char *name;
    enum index_kind kind;
    HRESULT (*read)(const struct ca *ca, unsigned index, struct value *value);
} readers[] = {
    {"CAType", NO_INDEX, ca_type},
    {"SanitizedCAName", NO_INDEX, sanitized_name},
    {"SanitizedShortName", NO_INDEX, short_name},
    {"MachineDNSName", NO_INDEX, dns_name},
    {"fUseDS", NO_INDEX, uses_directory},
    {"fDeltaCRLsDisabled", NO_INDEX, delta_crls_disabled},
    {"fServerUpgraded", NO_INDEX, zero},
    {"ConfigDN", NO_INDEX, config_dn},
    {"DomainDN", NO_INDEX, domain_dn},
    {"LogLevel", NO_INDEX, log_level},
    {"SessionCount", NO_INDEX, session_count},
    {"TemplateChangeSequenceNumber", NO_INDEX, zero},
    {"VolatileMode", NO_INDEX, volatile_mode},
    {"LocalizedTimePeriodUnits", UNITS_INDEX, time_unit},
    {"CertCount", NO_INDEX, cert_count},
    {"RawCACertificate", CERTIFICATE_INDEX, certificate},
    {"CertState", CERTIFICATE_INDEX, cert_state},
    {"CertSuffix", CERTIFICATE_INDEX, suffix},
    {"RawCRL", CRL_INDEX, base_crl},
    {"RawDeltaCRL", CRL_INDEX, delta_crl},
    {"CRLIndex", CERTIFICATE_INDEX, crl_index},
    {"CRLState", CRL_INDEX, crl_state},
    {"CRLSuffix", CRL_INDEX, suffix},
    {"SEAuditFilter", NO_INDEX, zero},
};

static int reader_of(int property)
{
    for (int i = 0; i < (int)ARRAYSIZE(readers); i++) {
        if (!strcmp(readers[i].name, properties[property].name)) return i;
    }
    return -1;
}

bool ca_has_index(const struct ca *ca, int property, bool indexed, unsigned index)
{
    int reader = reader_of(property);
    bool there = true;

    if (!indexed || reader < 0) return true;
    rows_read_lock(ca->rows);
    if (readers[reader].kind == UNITS_INDEX) there = index < TIME_UNITS;
    else if (readers[reader].kind != NO_INDEX) there = index < ca->certificate_count;
    rows_read_unlock(ca->rows);
    return there;
}

/* Without an index: the newest certificate, and its key. */
static unsigned current(const struct ca *ca, enum index_kind kind)
{
    unsigned newest = ca->certificate_count - 1;

    if (kind == CERTIFICATE_INDEX) return newest;
    return kind == CRL_INDEX ? ca->certificates[newest].key : 0;
}

HRESULT ca_property(const struct ca *ca, int property, bool indexed, unsigned index, struct value *value)
{
    int reader = reader_of(property);
    HRESULT hr;

    memset(value, 0, sizeof *value);
    if (reader < 0) return CERTSRV_E_PROPERTY_EMPTY;
    rows_read_lock(ca->rows);
    hr = readers[reader].read(ca, indexed ? index : current(ca, readers[reader].kind), value);
    rows_read_unlock(ca->rows);
    return hr;
}
