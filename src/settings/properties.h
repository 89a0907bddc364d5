/*
 * The properties of a request that are read: the standard list, and the changes to it by the
 * setting `Properties`.
 */
#ifndef PROPERTIES_H
#define PROPERTIES_H

#include "property_catalog.h"

#define PROPERTIES_ITEMS_MAX 64         /* each may cost one call of the CA for every event */
#define PROPERTIES_ITEM_MAX  256        /* characters; the CA's own names and attributes have at
                                         * most 127 */

enum property_when { PROPERTY_NEEDED, PROPERTY_ALWAYS, PROPERTY_IN_REVOCATIONS, PROPERTY_UNISSUED };

/*
 * One property of the standard list. NEEDED: the recorder itself needs it. UNISSUED: read only if
 * there is no certificate.
 */
struct property {
    const char *name;
    enum server_table table;
    LONG type;
    enum property_when when;
};

/*
 * The standard list, in the order of reading: the request's half, then the certificate's; in each,
 * long values come last.
 */
const struct property *properties_standard(size_t *count);

enum property_source {
    PROPERTY_OF_REQUEST,
    PROPERTY_OF_CERTIFICATE,
    PROPERTY_ATTRIBUTE,
    PROPERTY_EXTENSION
};

/* A property that the setting adds. */
struct property_extra {
    enum property_source source;
    LONG type;
    const WCHAR *name;                  /* the name passed to the CA */
    const char *label;                  /* as in the setting, without the type: UTF-8 */
    const char *key;                    /* the label as a member's name, escaped for JSON */
};

struct properties;

/*
 * Parse the setting: `list` is REG_MULTI_SZ, zero-terminated strings and a final zero; NULL is an
 * empty list.
 *
 * An item is `Name`, `table:Name`, `Name:type`, `table:Name:type` or, to remove a property from
 * the standard list, `!Name`. Tables are request, certificate, attribute (of the request) and
 * extension (of the certificate, by its OID). Types are string, long, date and binary; an unknown
 * name needs one. Case is ignored, and so are blanks around the parts. A wrong item is passed to
 * `refused`, with a sentence for an administrator, and the other items apply; so is the first item
 * beyond PROPERTIES_ITEMS_MAX. `item` is cut to PROPERTIES_ITEM_MAX characters and valid during
 * the call only.
 *
 * S_OK: the caller frees `*out` with properties_free. It never changes, and any thread may read
 * it. E_OUTOFMEMORY: it is NULL.
 */
typedef void properties_refused(void *context, const WCHAR *item, const WCHAR *reason);
HRESULT properties_parse(const WCHAR *list, properties_refused *refused, void *context,
                         struct properties **out);
void properties_free(struct properties *properties);                    /* takes NULL */

/* Access to the parsed list; NULL for `properties` is the unchanged standard list. */
/* true if the property number `index` of the standard list is still in it */
bool properties_has(const struct properties *properties, size_t index);
const struct property_extra *properties_extras(const struct properties *properties, size_t *count);

#endif
