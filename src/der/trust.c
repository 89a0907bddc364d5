/*
 * CertAux ::= SEQUENCE { trust SEQUENCE OF OID OPTIONAL, reject [0] IMPLICIT SEQUENCE OF OID
 * OPTIONAL, alias UTF8String OPTIONAL, keyid OCTET STRING OPTIONAL, other [1] IMPLICIT SEQUENCE OF
 * Algorithm OPTIONAL }
 */
#include "trust.h"
#include "value.h"

static bool read_purposes(struct der *der, uint32_t tag, struct der_bytes *list)
{
    struct der_bytes oid;
    struct der inside;

    if (!der_next_is(der, tag)) return !der->fault->error;
    if (!der_enter(der, "purposes", tag, &inside)) return false;
    *list = der_rest(&inside);
    while (der_more(&inside)) der_oid(&inside, "purpose", &oid);
    return !inside.fault->error;
}

static bool read_trust(struct der *whole, struct trust *trust)
{
    struct der inside;

    if (!der_enter(whole, "trust settings", DER_SEQUENCE, &inside) ||
        !der_end(whole, "trust settings"))
        return false;
    if (!read_purposes(&inside, DER_SEQUENCE, &trust->trusted)) return false;
    if (!read_purposes(&inside, DER_CONTEXT_CONSTRUCTED(0), &trust->rejected)) return false;
    if (der_next_is(&inside, DER_UTF8_STRING) && !der_checked(&inside, "alias", &trust->alias))
        return false;
    if (der_next_is(&inside, DER_OCTET_STRING) &&
        !der_read(&inside, "key identifier", DER_OCTET_STRING, &trust->key_id))
        return false;
    if (der_next_is(&inside, DER_CONTEXT_CONSTRUCTED(1)) &&
        !der_read(&inside, "other settings", DER_CONTEXT_CONSTRUCTED(1), NULL))
        return false;
    return der_end(&inside, "trust settings");
}

bool trust_read(struct der_bytes data, struct trust *trust, struct der_fault *fault,
                struct der_remarks *remarks)
{
    struct der whole;

    *trust = (struct trust){0};
    der_begin_with(&whole, fault, remarks, data.data, data.size);
    if (read_trust(&whole, trust)) return true;
    *trust = (struct trust){0};
    return false;
}
