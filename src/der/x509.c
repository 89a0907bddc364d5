/*
 * Certificate ::= SEQUENCE { info, signatureAlgorithm, signature BIT STRING }
 * info        ::= SEQUENCE { [0] EXPLICIT version INTEGER DEFAULT 0, serial INTEGER,
 *                            signatureAlgorithm, issuer Name,
 *                            SEQUENCE { notBefore, notAfter }, subject Name, key,
 *                            [1] IMPLICIT issuerUniqueID BIT STRING OPTIONAL,     from version 2 on
 *                            [2] IMPLICIT subjectUniqueID BIT STRING OPTIONAL,    from version 2 on
 *                            [3] EXPLICIT Extensions OPTIONAL }                   in version 3
 */
#include "x509.h"
#include "name.h"
#include "value.h"

static bool x509_read_version(struct der *info, int *version)
{
    const unsigned char *at = info->at;
    struct der explicit;
    int32_t number = 0;

    *version = 1;
    if (!der_next_is(info, DER_CONTEXT_CONSTRUCTED(0))) return !info->fault->error;
    if (!der_enter(info, "version", DER_CONTEXT_CONSTRUCTED(0), &explicit) ||
        !der_small(&explicit, "version", &number) || !der_end(&explicit, "version"))
        return false;
    if (number == 0 && !der_odd(info, DER_E_DEFAULT, "version", at)) return false;
    if (number > 2 && !der_odd(info, DER_E_VERSION, "version", at)) return false;
    *version = number < INT32_MAX ? number + 1 : number;
    return true;
}

static bool read_validity(struct der *info, struct x509 *certificate)
{
    struct der validity;

    return der_enter(info, "validity", DER_SEQUENCE, &validity) &&
           der_date(&validity, "start of the validity", &certificate->not_before) &&
           der_date(&validity, "end of the validity", &certificate->not_after) &&
           der_end(&validity, "validity");
}

static bool read_unique_id(struct der *info, int version, unsigned number, const char *what,
                           struct der_bytes *bits)
{
    struct der_bytes content;

    if (!der_next_is(info, DER_CONTEXT(number))) return !info->fault->error;
    if (version < 2 && !der_odd(info, DER_E_VERSION, "version, which has no unique IDs,", info->at))
        return false;
    if (!der_tagged(info, what, DER_CONTEXT(number), DER_BIT_STRING, &content)) return false;
    *bits = (struct der_bytes){content.data + 1, content.size - 1};
    return true;
}

static bool x509_read_extensions(struct der *info, struct x509 *certificate)
{
    struct der explicit;

    int version = certificate->version;

    if (version < 2 && !info->remarks) return true; /* what is left is refused as too much */
    if (!read_unique_id(info, version, 1, "issuer's unique ID", &certificate->issuer_id)
        || !read_unique_id(info, version, 2, "subject's unique ID", &certificate->subject_id))
        return false;
    if (version < 3 && !info->remarks) return true;
    if (!der_next_is(info, DER_CONTEXT_CONSTRUCTED(3))) return !info->fault->error;
    if (version < 3) der_odd(info, DER_E_VERSION, "version, which has no extensions,", info->at);
    return der_enter(info, "extensions", DER_CONTEXT_CONSTRUCTED(3), &explicit) &&
           extensions_read(&explicit, "extensions", &certificate->extensions) &&
           der_end(&explicit, "extensions");
}

static bool x509_read_info(struct der *outer, struct x509 *certificate, struct algorithm *algorithm)
{
    const unsigned char *first = outer->at;
    struct der info;

    if (!der_enter(outer, "certificate info", DER_SEQUENCE, &info)) return false;
    certificate->info = (struct der_bytes){first, (size_t)(outer->at - first)};
    return x509_read_version(&info, &certificate->version) &&
           der_integer(&info, "serial number", &certificate->serial) &&
           algorithm_read(&info, "signature algorithm", algorithm) &&
           name_read(&info, "issuer", &certificate->issuer) && read_validity(&info, certificate) &&
           name_read(&info, "subject", &certificate->subject) &&
           public_key_read(&info, "public key", &certificate->key) &&
           x509_read_extensions(&info, certificate) && der_end(&info, "certificate info");
}

static bool x509_read_certificate(struct der *whole, struct x509 *certificate)
{
    struct algorithm inner;
    struct der outer;

    if (!der_enter(whole, "certificate", DER_SEQUENCE, &outer) || !der_end(whole, "certificate")
        || !x509_read_info(&outer, certificate, &inner))
        return false;
    const unsigned char *at = outer.at;
    if (!algorithm_read(&outer, "signature algorithm", &certificate->signature_algorithm))
        return false;
    if (!der_same(inner.whole, certificate->signature_algorithm.whole)
        && !der_odd(&outer, DER_E_MISMATCH, "signature algorithm", at))
        return false;
    certificate->inner_algorithm = inner;
    return der_whole_bits(&outer, "signature", &certificate->signature) &&
           der_end(&outer, "signature");
}

bool x509_read(const void *data, size_t size, struct x509 *certificate, struct der_fault *fault,
               struct der_remarks *remarks)
{
    struct der whole;

    *certificate = (struct x509){0};
    der_begin_with(&whole, fault, remarks, data, size);
    if (x509_read_certificate(&whole, certificate)) {
        certificate->rest = der_rest(&whole);
        return true;
    }
    *certificate = (struct x509){0};
    return false;
}
