/* Attribute ::= SEQUENCE { type OID, values SET OF ANY } */
#include "attribute.h"
#include "value.h"

bool attribute_read(struct der *der, struct attribute *attribute, struct der *values)
{
    struct der_value value;
    struct der inside;

    *attribute = (struct attribute){0};
    if (!der_enter(der, "attribute", DER_SEQUENCE, &inside)) return false;
    if (!der_oid(&inside, "type of an attribute", &attribute->oid)) return false;
    const unsigned char *first = inside.at;
    if (!der_enter(&inside, "values of an attribute", DER_SET, values) ||
        !der_end(&inside, "attribute"))
        return false;
    if (!der_more(values) && !der_odd(&inside, DER_E_EMPTY, "values of an attribute", first))
        return false;
    attribute->is_secret = der_oid_is(attribute->oid, "1.2.840.113549.1.9.7");
    if (!attribute->is_secret) {
        attribute->values = der_rest(values);
    } else {
        struct der secret = *values;

        value = (struct der_value){0};
        if (der_more(&secret) && !der_any(&secret, "challenge password", &value)) return false;
        attribute->secret_size = value.content.size;
    }
    return true;
}

void attributes_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list)
{
    der_begin_with(cursor, fault, DER_BORNE, list.data, list.size);
}

bool attributes_next(struct der *cursor, struct attribute *attribute)
{
    struct der values;

    if (der_more(cursor) && attribute_read(cursor, attribute, &values)) return true;
    *attribute = (struct attribute){0};
    return false;
}

bool attributes_read(struct der *der, const char *what, uint32_t tag, struct der_bytes *list)
{
    struct attribute attribute;
    struct der inside, whole, values;

    *list = (struct der_bytes){0};
    if (!der_enter_unordered(der, what, tag, &inside)) return false;
    for (whole = inside; der_more(&inside);)
        if (!attribute_read(&inside, &attribute, &values)) return false;
    *list = der_rest(&whole);
    return true;
}
