/* Reading of lists of extensions. */
#include "extension.h"
#include "value.h"

static bool extension_read_extension(struct der *der, const char *what, struct extension *extension)
{
    struct der inside;

    *extension = (struct extension){0};
    if (!der_enter(der, what, DER_SEQUENCE, &inside) ||
        !der_oid(&inside, "OID of an extension", &extension->oid))
        return false;
    if (der_next_is(&inside, DER_BOOLEAN)) {
        const unsigned char *at = inside.at;

        if (!der_boolean(&inside, "critical flag", &extension->critical)) return false;
        if (!extension->critical && !der_odd(&inside, DER_E_DEFAULT, "critical flag", at))
            return false;
    }
    return der_read(&inside, "value of an extension", DER_OCTET_STRING, &extension->value) &&
           der_end(&inside, what);
}

static bool is_among(const struct der_bytes *seen, size_t count, struct der_bytes oid)
{
    while (count--) {
        if (der_same(seen[count], oid)) return true;
    }
    return false;
}

bool extensions_read(struct der *der, const char *what, struct der_bytes *list)
{
    struct der_bytes seen[EXTENSIONS_MAX];
    struct extension extension;
    struct der inside, whole;
    size_t count = 0;

    *list = (struct der_bytes){0};
    const unsigned char *first = der->at;
    if (!der_enter(der, what, DER_SEQUENCE, &inside)) return false;
    if (!der_more(&inside) && !der_odd(der, DER_E_EMPTY, what, first)) return false;
    for (whole = inside; der_more(&inside);) {
        const unsigned char *at = inside.at;

        if (count == EXTENSIONS_MAX && !der_odd(der, DER_E_TOO_MANY, what, at)) return false;
        if (!extension_read_extension(&inside, "extension", &extension)) return false;
        if (is_among(seen, count, extension.oid) && !der_odd(der, DER_E_REPEATED, "extension", at))
            return false;
        if (count < EXTENSIONS_MAX) seen[count++] = extension.oid;
    }
    if (inside.fault->error) return false;
    *list = der_rest(&whole);
    return true;
}

void extensions_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list)
{
    der_begin_with(cursor, fault, DER_BORNE, list.data, list.size);
}

bool extensions_next(struct der *cursor, struct extension *extension)
{
    *extension = (struct extension){0};
    return der_more(cursor) && extension_read_extension(cursor, "extension", extension);
}

bool extensions_find(struct der_bytes list, const char *dotted_oid, struct extension *extension)
{
    struct der_fault fault;
    struct der cursor;

    extensions_begin(&cursor, &fault, list);
    while (extensions_next(&cursor, extension)) {
        if (der_oid_is(extension->oid, dotted_oid)) return true;
    }
    return false;
}
