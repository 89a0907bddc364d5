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

int64_t ca_now(void)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return (int64_t)(((ULONGLONG)now.dwHighDateTime << 32 | now.dwLowDateTime) / 10000000) - 11644473600;
}

/* A CA that has just been made has published nothing: what lies there is a former one's. */
static void remove_old_crls(const struct ca *ca)
{
    static const char *const names[] = {"base", "delta"};

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        char *path = text_format("%s/%s.crl", ca->folder, names[i]);

        file_remove(path);
        free(path);
    }
}

static HRESULT write_own_certificate(const struct ca *ca, struct reason *reason)
{
    const struct der_bytes *raw = &authority_certificate(ca->authority)->raw;
    char *path = text_format("%s/ca.cer", ca->folder);
    HRESULT hr = file_write_pem(path, "CERTIFICATE", raw->data, raw->size, reason);

    free(path);
    return hr;
}

HRESULT ca_open(const struct ca_settings *settings, struct ca **out, struct reason *reason)
{
    struct ca *ca = heap_take(sizeof *ca);
    int64_t now = ca_now();
    HRESULT hr;

    *out = NULL;
    ca->name = heap_text(settings->name);
    ca->sanitized = ca_name_sanitized(settings->name);
    ca->short_name = ca_name_short(ca->sanitized);
    ca->dns_name = heap_text(settings->dns_name);
    ca->folder = heap_text(settings->folder);
    ca->crl_url = heap_text(settings->crl_url);
    ca->delta_crls = settings->delta_crls;
    ca->templates = templates_open();
    ca->rows = rows_open();
    ca->crls = crls_open();
    if (FAILED(hr = folder_make(ca->folder, reason))) goto done;
    if (FAILED(hr = authority_create(ca->name, now - CLOCK_SKEW, now + settings->days * DAY, &ca->authority, reason))) {
        goto done;
    }
    if (FAILED(hr = write_own_certificate(ca, reason))) goto done;
    remove_old_crls(ca);
    *out = ca;
    ca = NULL;
done:
    ca_close(ca);
    return hr;
}

void ca_close(struct ca *ca)
{
    if (!ca) return;
    authority_close(ca->authority);
    templates_close(ca->templates);
    rows_close(ca->rows);
    crls_close(ca->crls);
    free(ca->name);
    free(ca->sanitized);
    free(ca->short_name);
    free(ca->dns_name);
    free(ca->folder);
    free(ca->crl_url);
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

static HRESULT time_unit(const struct ca *ca, unsigned index, struct value *value)
{
    static const char *const units[] = {"Seconds", "Minutes", "Hours", "Days", "Weeks", "Months", "Years"};

    (void)ca;
    if (index >= ARRAYSIZE(units)) return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    return words(value, units[index]);
}

static HRESULT cert_count(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return number(value, 1);
}

static HRESULT certificate(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return bytes(value, authority_certificate(ca->authority)->raw, CERTSRV_E_PROPERTY_EMPTY);
}

static HRESULT cert_state(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return number(value, authority_certificate(ca->authority)->not_after < ca_now() ? CA_DISP_INVALID : CA_DISP_VALID);
}

static HRESULT suffix(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return words(value, "");            /* present, and empty: there is one certificate and one key */
}

static HRESULT base_crl(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return bytes(value, crls_base(ca->crls), CERTSRV_E_PROPERTY_EMPTY);
}

static HRESULT delta_crl(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return bytes(value, crls_delta(ca->crls), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
}

static HRESULT crl_state(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return number(value, CA_DISP_VALID);
}

static const struct {
    const char *name;
    unsigned count;                     /* of what `.#` counts; 0: no index, or the function judges it */
    HRESULT (*read)(const struct ca *ca, unsigned index, struct value *value);
} readers[] = {
    {"CAType", 0, ca_type},
    {"SanitizedCAName", 0, sanitized_name},
    {"SanitizedShortName", 0, short_name},
    {"MachineDNSName", 0, dns_name},
    {"fUseDS", 0, uses_directory},
    {"fDeltaCRLsDisabled", 0, delta_crls_disabled},
    {"fServerUpgraded", 0, zero},
    {"ConfigDN", 0, config_dn},
    {"DomainDN", 0, domain_dn},
    {"LogLevel", 0, log_level},
    {"SessionCount", 0, session_count},
    {"TemplateChangeSequenceNumber", 0, zero},
    {"VolatileMode", 0, zero},
    {"LocalizedTimePeriodUnits", 0, time_unit},
    {"CertCount", 0, cert_count},
    {"RawCACertificate", 1, certificate},
    {"CertState", 1, cert_state},
    {"CertSuffix", 1, suffix},
    {"RawCRL", 1, base_crl},
    {"RawDeltaCRL", 1, delta_crl},
    {"CRLIndex", 1, zero},
    {"CRLState", 1, crl_state},
    {"CRLSuffix", 1, suffix},
    {"SEAuditFilter", 0, zero},
};

HRESULT ca_property(const struct ca *ca, int property, unsigned index, struct value *value)
{
    HRESULT hr = CERTSRV_E_PROPERTY_EMPTY;

    memset(value, 0, sizeof *value);
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        if (strcmp(readers[i].name, properties[property].name)) continue;
        if (readers[i].count && index >= readers[i].count) return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
        rows_read_lock(ca->rows);
        hr = readers[i].read(ca, index, value);
        rows_read_unlock(ca->rows);
    }
    return hr;
}
