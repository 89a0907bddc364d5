/*
 * Properties with values other than the database's, set by a scenario (`property NAME ...`).
 *
 * Any thread. Properties that are not overridden are answered as usual; names, types and tables
 * are checked before.
 */
#ifndef STUBCA_PROPERTY_OVERRIDES_H
#define STUBCA_PROPERTY_OVERRIDES_H

#include "stubca/ca/rows.h"

struct property_override {
    int property;                       /* number (properties.h) */
    unsigned getters;                   /* IN_REQUEST, IN_CERTIFICATE or both: the getters that
                                         * it applies to */
    DWORD delay_ms;                     /* first, this delay */
    HRESULT error;                      /* then this result; S_OK: the value */
    struct value value;                 /* type 0: that of the database. The override owns the
                                         * data */
};

/* Add an override and take ownership of its value's data. It replaces one of the same property. */
void property_overrides_add(const struct property_override *override);
void property_overrides_remove(int property);
void property_overrides_clear(void);

/* Find an override; false: none. The caller frees the value data of the copy. */
bool property_overrides_find(int property, unsigned getter, struct property_override *copy);

#endif
