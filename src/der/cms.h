/*
 * CMS (RFC 5652, once PKCS #7): what requests and bundles of certificates also come in. Taken apart
 * is signed data; no signature is verified here.
 *
 * RFC 5652 allows BER; read is DER, which is what Windows writes, but for the order of sets: that
 * is borne, whatever it is. What is BER becomes DER first (ber.h). Certificates, CRLs, attributes'
 * values and the content are views, not looked at.
 */
#ifndef DER_CMS_H
#define DER_CMS_H

#include "attribute.h"
#include "key.h"

/* What kind of CMS it is: "signed data" and the like; NULL: it is no CMS. Looks at the outermost
 * tag and the OID in it alone, so that CMS in BER is known for what it is. */
const char *cms_kind(const void *data, size_t size);

/* Signers borne in one: who looks for their certificates goes through all for each. Requests have
 * one or two. With remarks there may be more, of which nobody needs to look at those beyond. */
#define CMS_SIGNERS_MAX 16

/* How deep one may stand in another, the outermost counted. Windows nests two: an agent's around a
 * client's. */
#define CMS_NESTED_MAX 4

struct cms {
    int version;                                /* 1, 3, 4 or 5; with remarks, any */
    struct der_bytes digest_algorithms;         /* for algorithm_read, one after the other */
    struct der_bytes content_type;              /* contents of the OID */
    bool has_content;
    struct der_bytes content; /* what the OCTET STRING holds; or the SEQUENCE that PKCS #7 has in
                               * its place, with remarks whatever stands there */
    struct der_bytes certificates, crls; /* for cms_others_begin; nothing where they are left out */
    struct der_bytes signers;                   /* for cms_signers_begin */
};

/* Read a ContentInfo of signed data, which is all of `data`; DER_E_ALGORITHM: it is CMS of another
 * kind. Or signed data without that around it, as it stands in signed data. */
bool cms_read(const void *data, size_t size, struct cms *cms, struct der_fault *fault,
              struct der_remarks *remarks);
bool cms_read_inner(const void *data, size_t size, struct cms *cms, struct der_fault *fault,
                    struct der_remarks *remarks);

/* What the content is, by its type; of plain data, by how it begins. */
enum cms_content {
    CMS_NOTHING,  /* left out: a bundle of certificates, or a signature apart from what it signs */
    CMS_REQUEST,  /* plain data: if it is a request, then PKCS#10 */
    CMS_PKI_DATA, /* CMC's, for cmc.h */
    CMS_SIGNED,   /* signed data once more */
    CMS_OTHER
};
enum cms_content cms_content_is(const struct cms *cms);

/* Read content that is CMS_SIGNED; it may or may not have a ContentInfo around it. The fault counts
 * from the content's start. */
bool cms_content_signed(const struct cms *cms, struct cms *inner, struct der_fault *fault,
                        struct der_remarks *remarks);

/* Certificates or CRLs: those whose tag is DER_SEQUENCE are X.509, others of a kind that is hardly
 * met. */
void cms_others_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list);
bool cms_others_next(struct der *cursor, struct der_value *other);

struct cms_signer {
    int version;                                /* 1 or 3 */
    struct der_bytes issuer,
        serial; /* whose certificate: a whole Name, contents of an INTEGER; or nothing, and ... */
    struct der_bytes key_id;                    /* ... its subjectKeyIdentifier */
    struct algorithm digest_algorithm, signature_algorithm;
    struct der_bytes signed_attributes,
        unsigned_attributes; /* for attributes_begin; nothing where they are left out */
    struct der_bytes signature;
};
void cms_signers_begin(struct der *cursor, struct der_fault *fault, const struct cms *cms);
bool cms_signers_next(struct der *cursor, struct cms_signer *signer);

#endif
