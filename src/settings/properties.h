/* Which properties of a request are asked for: the standard list, and what the setting `Properties` adds to it or takes from it. */
#ifndef PROPERTIES_H
#define PROPERTIES_H

#include "property_catalog.h"

#define PROPERTIES_ITEMS_MAX 64         /* each may cost the CA a call for every event */
#define PROPERTIES_ITEM_MAX  256        /* characters; the CA's own names and attributes have at most 127 */

enum property_when { PROPERTY_NEEDED, PROPERTY_ALWAYS, PROPERTY_IN_REVOCATIONS, PROPERTY_UNISSUED };

/* One of the standard list. NEEDED: the recorder itself cannot do without. UNISSUED: where no certificate exists. */
struct property {
    const char *name;
    enum server_table table;
    LONG type;
    enum property_when when;
};

/* The standard list, in the order in which it is read: the request's half, then the certificate's; in each long values last. */
const struct property *properties_standard(size_t *count);

enum property_source { PROPERTY_OF_REQUEST, PROPERTY_OF_CERTIFICATE, PROPERTY_ATTRIBUTE, PROPERTY_EXTENSION };

/* What the setting adds. */
struct property_extra {
    enum property_source source;
    LONG type;
    const WCHAR *name;                  /* as the CA is asked for it */
    const char *label;                  /* as the setting has it, without the type: UTF-8 */
    const char *key;                    /* the same as a member's name: what JSON has to escape is escaped */
};

struct properties;

/*
 * Read the setting: `list` is REG_MULTI_SZ, strings that each end in a zero, and another zero; NULL is an empty list.
 *
 * An item is `Name`, `table:Name`, `Name:type`, `table:Name:type` or, to take one from the standard list, `!Name`. Tables are request,
 * certificate, attribute (of the request) and extension (of the certificate, by its OID); types string, long, date and binary, needed
 * where the name is not known. Case does not count, blanks around the parts neither. A wrong item is told to `refused`, with a
 * sentence for an administrator, and the others stand; so is the first one beyond PROPERTIES_ITEMS_MAX. `item` is cut to
 * PROPERTIES_ITEM_MAX characters, and nothing of it outlives the call.
 *
 * S_OK: `*out` is the caller's, for properties_free, and never changes again: any thread may read it. E_OUTOFMEMORY: it is NULL.
 */
typedef void properties_refused(void *context, const WCHAR *item, const WCHAR *reason);
HRESULT properties_parse(const WCHAR *list, properties_refused *refused, void *context, struct properties **out);
void properties_free(struct properties *properties);                    /* takes NULL */

/* Of the list that was read; `properties` may be NULL, which is the standard list as it stands. */
bool properties_has(const struct properties *properties, size_t index);         /* whether number `index` of the standard list is left in it */
const struct property_extra *properties_extras(const struct properties *properties, size_t *count);

#endif
