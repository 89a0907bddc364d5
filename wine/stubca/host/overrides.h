/*
 * Properties that answer otherwise than the database would: as a scenario has it (`property NAME ...`).
 *
 * Any thread. What is not overridden is answered as ever; names, types and tables are judged before.
 */
#ifndef STUBCA_OVERRIDES_H
#define STUBCA_OVERRIDES_H

#include "stubca/ca/rows.h"

struct override {
    int property;                       /* number (properties.h) */
    unsigned getters;                   /* IN_REQUEST, IN_CERTIFICATE or both: through which it is asked */
    DWORD delay_ms;                     /* first of all, this long nothing */
    HRESULT error;                      /* then this; S_OK: */
    struct value value;                 /* then this; of type 0: what the database has. Data is the override's */
};

/* Takes over the value's data. One of the same property takes the former's place. */
void overrides_add(const struct override *override);
void overrides_remove(int property);
void overrides_clear(void);

/* False: there is none. The copy's value data is the caller's, for free(). */
bool overrides_find(int property, unsigned getter, struct override *copy);

#endif
