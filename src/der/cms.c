#include "cms.h"
#include "value.h"

const char *cms_kind(const void *data, size_t size)
{
    static const struct { const char *oid, *kind; } kinds[] = {
        {"1.2.840.113549.1.7.2", "signed data"}, {"1.2.840.113549.1.7.3", "enveloped data"}, {"1.2.840.113549.1.7.1", "data"},
        {"1.2.840.113549.1.7.5", "digested data"}, {"1.2.840.113549.1.7.6", "encrypted data"},
    };
    struct der_bytes oid;
    struct der_fault fault;
    struct der whole, inside;

    der_begin(&whole, &fault, data, size);
    if (!der_enter(&whole, "content", DER_SEQUENCE, &inside) || !der_oid(&inside, "kind of content", &oid)) return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) if (der_oid_is(oid, kinds[i].oid)) return kinds[i].kind;
    return NULL;
}
