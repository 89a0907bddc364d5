/*
 * Properties that answer otherwise than the database would: as a scenario has it (`property NAME ...`).
 *
 * Any thread. What is not overridden is answered as ever; names, types and tables are judged before.
 */
#ifndef STUBCA_PROPERTY_OVERRIDES_H
#define STUBCA_PROPERTY_OVERRIDES_H

#include "stubca/ca/rows.h"

struct property_override {
    int property;                       /* number (properties.h) */
    unsigned getters;                   /* IN_REQUEST, IN_CERTIFICATE or both: through which it is asked */
    DWORD delay_ms;                     /* first of all, this long nothing */
    HRESULT error;                      /* then this; S_OK: */
    struct value value;                 /* then this; of type 0: what the database has. Data is the override's */
};

/* Takes over the value's data. One of the same property takes the former's place. */
void property_overrides_add(const struct property_override *override);
void property_overrides_remove(int property);
void property_overrides_clear(void);

/* False: there is none. The copy's value data is the caller's, for free(). */
bool property_overrides_find(int property, unsigned getter, struct property_override *copy);

#endif
