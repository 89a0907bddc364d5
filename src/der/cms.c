/*
 * ContentInfo ::= SEQUENCE { type OID, content [0] EXPLICIT SignedData }
 * SignedData  ::= SEQUENCE { version INTEGER, digestAlgorithms SET OF Algorithm,
 *                            content SEQUENCE { type OID,
 *                                               content [0] EXPLICIT OCTET STRING OPTIONAL },
 *                            certificates [0] IMPLICIT SET OF ANY OPTIONAL,
 *                            crls [1] IMPLICIT SET OF ANY OPTIONAL, signers SET OF SignerInfo }
 * SignerInfo  ::= SEQUENCE { version INTEGER,
 *                            sid CHOICE { SEQUENCE { issuer Name, serial INTEGER },
 *                                         [0] IMPLICIT OCTET STRING },
 *                            digestAlgorithm,
 *                            signedAttributes [0] IMPLICIT SET OF Attribute OPTIONAL,
 *                            signatureAlgorithm, signature OCTET STRING,
 *                            unsignedAttributes [1] IMPLICIT SET OF Attribute OPTIONAL }
 */
#include "cms.h"
#include "name.h"
#include "value.h"

#define DATA        "1.2.840.113549.1.7.1"
#define SIGNED_DATA "1.2.840.113549.1.7.2"

const char *cms_kind(const void *data, size_t size)
{
    static const struct { const char *oid, *kind; } kinds[] = {
        {SIGNED_DATA, "signed data"}, {"1.2.840.113549.1.7.3", "enveloped data"}, {DATA, "data"},
        {"1.2.840.113549.1.7.5", "digested data"}, {"1.2.840.113549.1.7.6", "encrypted data"},
    };
    const unsigned char *bytes = data;
    struct der_bytes oid;
    struct der_fault fault;
    struct der whole, inside;

    if (size > 2 && bytes[0] == DER_SEQUENCE && bytes[1] == 0x80)
        der_begin(&inside, &fault, bytes + 2, size - 2);
    else {
        der_begin_with(&whole, &fault, DER_BORNE, data, size);
        if (!der_enter(&whole, "CMS", DER_SEQUENCE, &inside)) return NULL;
    }
    if (!der_oid(&inside, "kind of CMS", &oid)) return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (der_oid_is(oid, kinds[i].oid)) return kinds[i].kind;
    return NULL;
}

static bool cms_read_version(struct der *der, const char *what, bool (*is_known)(int), int *version)
{
    const unsigned char *at = der->at;
    int32_t number;

    if (!der_small(der, what, &number)) return false;
    if (!is_known(number) && !der_odd(der, DER_E_VERSION, what, at)) return false;
    *version = number;
    return true;
}

static bool cms_has_version(int version) { return version == 1 || (version >= 3 && version <= 5); }
static bool signer_has_version(int version) { return version == 1 || version == 3; }

static bool read_digest_algorithms(struct der *der, struct cms *cms)
{
    struct der inside, whole;
    struct algorithm algorithm;

    if (!der_enter_unordered(der, "digest algorithms", DER_SET, &inside)) return false;
    for (whole = inside; der_more(&inside);)
        if (!algorithm_read(&inside, "digest algorithm", &algorithm)) return false;
    cms->digest_algorithms = der_rest(&whole);
    return true;
}

/* None where one is due, or one of another type than the kind of content has. */
static bool read_odd_content(struct der *der, struct cms *cms)
{
    const unsigned char *at = der->at;
    struct der_value value;

    if (!der_more(der)) {
        cms->has_content = false;
        return der_odd(der, DER_E_EMPTY, "content", at);
    }
    if (!der_any(der, "content", &value)) return false;
    if (value.tag == (DER_OCTET_STRING | 0x20)) return der_refuse(der, DER_E_FORM, "content", at);
    cms->content = value.whole;
    return der_odd(der, DER_E_CHOICE, "content", at);
}

/* Content that is no plain data stands in PKCS #7 as what it is (RFC 5652, 5.2.1), and all that is
 * met is a SEQUENCE. */
static bool read_octets(struct der *der, struct cms *cms)
{
    struct der_value value;

    if (der_next_is(der, DER_SEQUENCE) && !der_oid_is(cms->content_type, DATA)) {
        if (!der_any(der, "content", &value)) return false;
        cms->content = value.whole;
        return true;
    }
    if (!der->remarks || der_next_is(der, DER_OCTET_STRING))
        return der_read(der, "content", DER_OCTET_STRING, &cms->content);
    return read_odd_content(der, cms);
}

static bool read_content(struct der *der, struct cms *cms)
{
    struct der inside, wrapped;

    if (!der_enter(der, "content", DER_SEQUENCE, &inside) ||
        !der_oid(&inside, "type of the content", &cms->content_type))
        return false;
    if (!der_more(&inside)) return !inside.fault->error;
    cms->has_content = true;
    return der_enter(&inside, "content", DER_CONTEXT_CONSTRUCTED(0), &wrapped) &&
           read_octets(&wrapped, cms) && der_end(&wrapped, "content") &&
           der_end(&inside, "content");
}

/* SEQUENCE, or one of the other choices, which have tags of their own. */
static bool cms_read_other(struct der *der, const char *what, struct der_value *other)
{
    const unsigned char *at = der->at;

    if (!der_any(der, what, other)) return false;
    if (other->tag == DER_SEQUENCE ||
        (other->tag >= DER_CONTEXT_CONSTRUCTED(0) && other->tag <= DER_CONTEXT_CONSTRUCTED(3)))
        return true;
    *other = (struct der_value){0};
    return der_refuse(der, DER_E_CHOICE, what, at);
}

static bool read_others(struct der *der, const char *what, unsigned number, struct der_bytes *list)
{
    struct der inside, whole;
    struct der_value other;

    if (!der_next_is(der, DER_CONTEXT_CONSTRUCTED(number))) return !der->fault->error;
    if (!der_enter_unordered(der, what, DER_CONTEXT_CONSTRUCTED(number), &inside)) return false;
    for (whole = inside; der_more(&inside);)
        if (!cms_read_other(&inside, what, &other)) return false;
    *list = der_rest(&whole);
    return true;
}

static bool read_whose(struct der *der, struct cms_signer *signer)
{
    struct der inside;

    if (der_next_is(der, DER_CONTEXT(0)))
        return der_read(der, "signer's key identifier", DER_CONTEXT(0), &signer->key_id);
    return der_enter(der, "signer's issuer and serial number", DER_SEQUENCE, &inside) &&
           name_read(&inside, "signer's issuer", &signer->issuer) &&
           der_integer(&inside, "signer's serial number", &signer->serial) &&
           der_end(&inside, "signer's issuer and serial number");
}

static bool cms_read_attributes(struct der *der, const char *what, unsigned number,
                                struct der_bytes *list)
{
    if (!der_next_is(der, DER_CONTEXT_CONSTRUCTED(number))) return !der->fault->error;
    return attributes_read(der, what, DER_CONTEXT_CONSTRUCTED(number), list);
}

static bool read_signer(struct der *der, struct cms_signer *signer)
{
    struct der inside;

    return der_enter(der, "signer", DER_SEQUENCE, &inside) &&
           cms_read_version(&inside, "version of a signer", signer_has_version, &signer->version) &&
           read_whose(&inside, signer) &&
           algorithm_read(&inside, "digest algorithm", &signer->digest_algorithm) &&
           cms_read_attributes(&inside, "signed attributes", 0, &signer->signed_attributes) &&
           algorithm_read(&inside, "signature algorithm", &signer->signature_algorithm) &&
           der_read(&inside, "signature", DER_OCTET_STRING, &signer->signature) &&
           cms_read_attributes(&inside, "unsigned attributes", 1, &signer->unsigned_attributes) &&
           der_end(&inside, "signer");
}

static bool read_signers(struct der *der, struct cms *cms)
{
    struct cms_signer signer = {0};
    struct der inside, whole;
    unsigned count = 0;

    if (!der_enter_unordered(der, "signers", DER_SET, &inside)) return false;
    for (whole = inside; der_more(&inside); count++) {
        if (count == CMS_SIGNERS_MAX &&
            !der_odd(&inside, DER_E_TOO_MANY, "list of signers", inside.at))
            return false;
        if (!read_signer(&inside, &signer)) return false;
    }
    cms->signers = der_rest(&whole);
    return true;
}

static bool read_signed(struct der *der, struct cms *cms)
{
    struct der inside;

    return der_enter(der, "signed data", DER_SEQUENCE, &inside) &&
           cms_read_version(&inside, "version", cms_has_version, &cms->version) &&
           read_digest_algorithms(&inside, cms) && read_content(&inside, cms) &&
           read_others(&inside, "certificates", 0, &cms->certificates) &&
           read_others(&inside, "CRLs", 1, &cms->crls) && read_signers(&inside, cms) &&
           der_end(&inside, "signers") && der_end(der, "signed data");
}

static bool read_content_info(struct der *der, struct cms *cms)
{
    struct der inside, wrapped;
    struct der_bytes oid;

    if (!der_enter(der, "CMS", DER_SEQUENCE, &inside) || !der_end(der, "CMS")) return false;
    const unsigned char *at = inside.at;
    if (!der_oid(&inside, "kind of CMS", &oid)) return false;
    if (!der_oid_is(oid, SIGNED_DATA)) return der_refuse(der, DER_E_ALGORITHM, "kind of CMS", at);
    return der_enter(&inside, "signed data", DER_CONTEXT_CONSTRUCTED(0), &wrapped) &&
           read_signed(&wrapped, cms) && der_end(&inside, "CMS");
}

static bool cms_read_all(const void *data, size_t size, struct cms *cms, struct der_fault *fault,
                     struct der_remarks *remarks, bool (*read)(struct der *, struct cms *))
{
    struct der whole;

    *cms = (struct cms){0};
    der_begin_with(&whole, fault, remarks, data, size);
    if (read(&whole, cms)) return true;
    *cms = (struct cms){0};
    return false;
}

bool cms_read(const void *data, size_t size, struct cms *cms, struct der_fault *fault,
              struct der_remarks *remarks)
{
    return cms_read_all(data, size, cms, fault, remarks, read_content_info);
}

bool cms_read_inner(const void *data, size_t size, struct cms *cms, struct der_fault *fault,
                    struct der_remarks *remarks)
{
    return cms_read_all(data, size, cms, fault, remarks, read_signed);
}

enum cms_content cms_content_is(const struct cms *cms)
{
    if (!cms->has_content) return CMS_NOTHING;
    if (der_oid_is(cms->content_type, "1.3.6.1.5.5.7.12.2")) return CMS_PKI_DATA;
    if (der_oid_is(cms->content_type, SIGNED_DATA)) return CMS_SIGNED;
    if (!der_oid_is(cms->content_type, DATA)) return CMS_OTHER;
    return cms_kind(cms->content.data, cms->content.size) ? CMS_SIGNED : CMS_REQUEST;
}

bool cms_content_signed(const struct cms *cms, struct cms *inner, struct der_fault *fault,
                        struct der_remarks *remarks)
{
    const void *data = cms->content.data;
    size_t size = cms->content.size;

    return cms_kind(data, size) ? cms_read(data, size, inner, fault, remarks)
                                : cms_read_inner(data, size, inner, fault, remarks);
}

void cms_others_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list)
{
    der_begin_with(cursor, fault, DER_BORNE, list.data, list.size);
}

bool cms_others_next(struct der *cursor, struct der_value *other)
{
    *other = (struct der_value){0};
    return der_more(cursor) && cms_read_other(cursor, "certificate or CRL", other);
}

void cms_signers_begin(struct der *cursor, struct der_fault *fault, const struct cms *cms)
{
    der_begin_with(cursor, fault, DER_BORNE, cms->signers.data, cms->signers.size);
}

bool cms_signers_next(struct der *cursor, struct cms_signer *signer)
{
    *signer = (struct cms_signer){0};
    if (der_more(cursor) && read_signer(cursor, signer)) return true;
    *signer = (struct cms_signer){0};
    return false;
}
