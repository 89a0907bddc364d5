/*
 * CertificateList ::= SEQUENCE { info, signatureAlgorithm, signature BIT STRING }
 * info            ::= SEQUENCE { version INTEGER OPTIONAL, signatureAlgorithm, issuer Name,
 *                                thisUpdate, nextUpdate OPTIONAL,
 *                                entries SEQUENCE OF Entry OPTIONAL,
 *                                [0] EXPLICIT Extensions OPTIONAL }        in version 2
 * Entry           ::= SEQUENCE { serial INTEGER, date,
 *                                Extensions OPTIONAL }                     in version 2
 */
#include "crl.h"
#include "identifier.h"
#include "name.h"
#include "value.h"

#define NO_EXTENSIONS "version, which has no extensions,"

static bool read_entry(struct der *cursor, bool may_extend, struct crl_entry *entry)
{
    struct der inside;

    *entry = (struct crl_entry){0};
    if (!der_enter(cursor, "entry", DER_SEQUENCE, &inside) ||
        !der_integer(&inside, "serial number of an entry", &entry->serial) ||
        !der_date(&inside, "date of an entry", &entry->date))
        return false;
    if (der_more(&inside) && inside.remarks && !may_extend)
        der_odd(&inside, DER_E_VERSION, NO_EXTENSIONS, inside.at);
    if ((may_extend || inside.remarks) && der_more(&inside) &&
        !extensions_read(&inside, "extensions of an entry", &entry->extensions))
        return false;
    return der_end(&inside, "entry");
}

static bool read_entries(struct der *info, struct crl *crl)
{
    struct crl_entry entry;
    struct der inside;

    if (!der_next_is(info, DER_SEQUENCE)) return !info->fault->error;
    if (!der_enter(info, "entries", DER_SEQUENCE, &inside)) return false;
    crl->entries = der_rest(&inside);
    for (; der_more(&inside); crl->count++) {
        if (!read_entry(&inside, crl->version > 1, &entry)) return false;
    }
    return !inside.fault->error;
}

/* Version 1 is told by leaving the number out; 2 is the only one that is written. */
static bool crl_read_version(struct der *info, int *version)
{
    const unsigned char *at = info->at;
    int32_t number;

    *version = 1;
    if (!der_next_is(info, DER_INTEGER)) return !info->fault->error;
    if (!der_small(info, "version", &number)) return false;
    *version = number < INT32_MAX ? number + 1 : number;
    return number == 1 || der_odd(info, DER_E_VERSION, "version", at);
}

static bool read_times(struct der *info, struct crl *crl)
{
    if (!der_date(info, "time of the CRL", &crl->this_update)) return false;
    if (!der_next_is(info, DER_UTC_TIME) && !der_next_is(info, DER_GENERALIZED_TIME))
        return !info->fault->error;
    crl->has_next_update = der_date(info, "time of the next CRL", &crl->next_update);
    return crl->has_next_update;
}

static bool crl_read_extensions(struct der *info, struct crl *crl)
{
    struct der explicit;

    if (crl->version < 2 && !info->remarks) return true; /* what is left is refused as too much */
    if (!der_next_is(info, DER_CONTEXT_CONSTRUCTED(0))) return !info->fault->error;
    if (crl->version < 2) der_odd(info, DER_E_VERSION, NO_EXTENSIONS, info->at);
    return der_enter(info, "extensions", DER_CONTEXT_CONSTRUCTED(0), &explicit) &&
           extensions_read(&explicit, "extensions", &crl->extensions) &&
           der_end(&explicit, "extensions");
}

static bool crl_read_info(struct der *outer, struct crl *crl, struct algorithm *algorithm)
{
    const unsigned char *first = outer->at;
    struct der info;

    if (!der_enter(outer, "CRL info", DER_SEQUENCE, &info)) return false;
    crl->info = (struct der_bytes){first, (size_t)(outer->at - first)};
    return crl_read_version(&info, &crl->version) &&
           algorithm_read(&info, "signature algorithm", algorithm) &&
           name_read(&info, "issuer", &crl->issuer) && read_times(&info, crl) &&
           read_entries(&info, crl) && crl_read_extensions(&info, crl) &&
           der_end(&info, "CRL info");
}

static bool crl_read_crl(struct der *whole, struct crl *crl)
{
    struct algorithm inner;
    struct der outer;

    if (!der_enter(whole, "CRL", DER_SEQUENCE, &outer) || !der_end(whole, "CRL") ||
        !crl_read_info(&outer, crl, &inner))
        return false;
    const unsigned char *at = outer.at;
    if (!algorithm_read(&outer, "signature algorithm", &crl->signature_algorithm)) return false;
    if (!der_same(inner.whole, crl->signature_algorithm.whole)
        && !der_odd(&outer, DER_E_MISMATCH, "signature algorithm", at))
        return false;
    crl->inner_algorithm = inner;
    return der_whole_bits(&outer, "signature", &crl->signature) && der_end(&outer, "signature");
}

bool crl_read(const void *data, size_t size, struct crl *crl, struct der_fault *fault,
              struct der_remarks *remarks)
{
    struct der whole;

    *crl = (struct crl){0};
    der_begin_with(&whole, fault, remarks, data, size);
    if (crl_read_crl(&whole, crl)) return true;
    *crl = (struct crl){0};
    return false;
}

void crl_entries_begin(struct der *cursor, struct der_fault *fault, const struct crl *crl)
{
    der_begin_with(cursor, fault, DER_BORNE, crl->entries.data, crl->entries.size);
}

bool crl_entries_next(struct der *cursor, struct crl_entry *entry)
{
    if (der_more(cursor) && read_entry(cursor, true, entry)) return true;
    *entry = (struct crl_entry){0};
    return false;
}

static bool read_reason(struct der_bytes value, struct crl_entry_details *details,
                        struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_bytes content;
    struct der at;

    if (!der_alone(value, "reason", DER_ENUMERATED, &content, fault, remarks)) return false;
    details->has_reason = der_number(content, &details->reason);
    if (details->has_reason) return true;
    der_begin(&at, fault, value.data, value.size);
    return der_refuse(&at, DER_E_INTEGER_TOO_LARGE, "reason", content.data);
}

static bool read_detail(const struct extension *extension, struct crl_entry_details *details,
                        struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_bytes value = extension->value;

    if (der_oid_is(extension->oid, "2.5.29.21")) return read_reason(value, details, fault, remarks);
    if (der_oid_is(extension->oid, "2.5.29.23"))
        return der_alone(value, "hold instruction", DER_OID, &details->hold_instruction, fault,
                         remarks);
    if (der_oid_is(extension->oid, "2.5.29.24")) {
        details->has_invalidity =
            der_time_alone(value, "date of invalidity", &details->invalidity, fault, remarks);
        return details->has_invalidity;
    }
    if (der_oid_is(extension->oid, "2.5.29.29")) {
        struct general_name name;
        struct der cursor;

        if (!general_names_begin(&cursor, fault, remarks, value)) return false;
        while (general_names_next(&cursor, &name)) { }
        if (!fault->error) details->issuer = value;
    }
    return !fault->error;
}

bool crl_entry_read_details(const struct crl_entry *entry, struct crl_entry_details *details,
                            struct der_fault *fault, struct der_remarks *remarks)
{
    struct extension extension;
    struct der_fault list_fault;
    struct der cursor;

    *details = (struct crl_entry_details){0};
    *fault = (struct der_fault){0};
    extensions_begin(&cursor, &list_fault, entry->extensions);
    while (extensions_next(&cursor, &extension)) {
        if (!read_detail(&extension, details, fault, remarks)) return false;
    }
    return true;
}
