/* The properties of the CA itself. */
#include "stubca/ca/ca.h"

#include "stubca/ca/ca_name.h"
#include "stubca/base/heap.h"
#include "stubca/ca/properties.h"
#include "stubca/ca/crls.h"
#include "stubca/ca/revocation.h"
#include "stubca/base/text.h"

#include <certadm.h>
#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

enum { TIME_UNITS = 7 };

/* Each function fills in a value or says why there is none. Callers hold the lock for reading. */

static HRESULT ca_property_number(struct value *value, LONG number)
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

/* Templates come from a directory. */
static HRESULT ca_type(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return ca_property_number(value, ca->parent ? ENUM_ENTERPRISE_SUBCA : ENUM_ENTERPRISE_ROOTCA);
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
    return ca_property_number(value, 1);
}

static HRESULT delta_crls_disabled(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return ca_property_number(value, !ca->delta_crls);
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
    return ca_property_number(value, 3);            /* the default: errors and warnings */
}

static HRESULT session_count(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return ca_property_number(value, 100);          /* the default since Windows Server 2008 */
}

static HRESULT zero(const struct ca *ca, unsigned index, struct value *value)
{
    (void)ca, (void)index;
    return ca_property_number(value, 0);
}

static HRESULT volatile_mode(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return ca_property_number(value, ca->choices.chosen[CHOICE_ROWS]);
}

static HRESULT time_unit(const struct ca *ca, unsigned index, struct value *value)
{
    static const char *const units[TIME_UNITS] = {"Seconds", "Minutes", "Hours", "Days",
                                                  "Weeks",   "Months",  "Years"};

    (void)ca;
    return words(value, units[index]);
}

static HRESULT cert_count(const struct ca *ca, unsigned index, struct value *value)
{
    (void)index;
    return ca_property_number(value, (LONG)ca->certificate_count);
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
    if (parent_has_revoked(ca->parent, own(ca, index)->serial))
        return ca_property_number(value, CA_DISP_REVOKED);
    return ca_property_number(value, own(ca, index)->not_after < ca_now() ? CA_DISP_INVALID
                                                                          : CA_DISP_VALID);
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
    return ca_property_number(value, (LONG)ca->certificates[index].key);
}

/* One certificate manages the CRLs of each key: its first. */
static HRESULT crl_state(const struct ca *ca, unsigned index, struct value *value)
{
    if (ca->certificates[index].key != index) return ca_property_number(value, CA_DISP_ERROR);
    return ca_property_number(value, crls_are_signed(ca, index) ? CA_DISP_VALID : CA_DISP_INVALID);
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

HRESULT ca_property(const struct ca *ca, int property, bool indexed, unsigned index,
                    struct value *value)
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
