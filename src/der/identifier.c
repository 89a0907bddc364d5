/* Reading of values that stand alone, and of the authority's key. */
#include "identifier.h"
#include "general_name.h"
#include "value.h"

/* SEQUENCE { key [0] IMPLICIT OCTET STRING OPTIONAL, issuer [1] IMPLICIT GeneralNames OPTIONAL,
 *            serial [2] IMPLICIT INTEGER OPTIONAL } */
static bool read_authority(struct der *whole, struct authority_key *authority)
{
    struct der inside;

    if (!der_enter(whole, "authority's key", DER_SEQUENCE, &inside) ||
        !der_end(whole, "authority's key"))
        return false;
    if (der_next_is(&inside, DER_CONTEXT(0)) &&
        !der_read(&inside, "key identifier", DER_CONTEXT(0), &authority->key))
        return false;
    if (der_next_is(&inside, DER_CONTEXT_CONSTRUCTED(1)) &&
        !general_names_read(&inside, "authority's issuer", DER_CONTEXT_CONSTRUCTED(1),
                            &authority->issuer))
        return false;
    if (der_next_is(&inside, DER_CONTEXT(2)) &&
        !der_tagged(&inside, "authority's serial number", DER_CONTEXT(2), DER_INTEGER,
                    &authority->serial))
        return false;
    return der_end(&inside, "authority's key");
}

bool authority_key_read(struct der_bytes value, struct authority_key *authority,
                        struct der_fault *fault, struct der_remarks *remarks)
{
    struct der whole;

    *authority = (struct authority_key){0};
    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (read_authority(&whole, authority)) return true;
    *authority = (struct authority_key){0};
    return false;
}

bool der_alone(struct der_bytes value, const char *what, uint32_t tag, struct der_bytes *content,
               struct der_fault *fault, struct der_remarks *remarks)
{
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (der_tagged(&whole, what, tag, tag, content) && der_end(&whole, what)) return true;
    *content = (struct der_bytes){0};
    return false;
}

bool der_time_alone(struct der_bytes value, const char *what, int64_t *seconds,
                    struct der_fault *fault, struct der_remarks *remarks)
{
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (der_time(&whole, what, seconds) && der_end(&whole, what)) return true;
    *seconds = 0;
    return false;
}
