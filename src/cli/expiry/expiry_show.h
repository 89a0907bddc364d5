/*
 * The rows of expiry, as a table with sections, as CSV or as JSON; the CA itself and its CRLs come
 * first.
 *
 * expiry_show_begin, expiry_show_ca, expiry_show_item for each item in order, expiry_show_end.
 */
#ifndef EXPIRY_SHOW_H
#define EXPIRY_SHOW_H

#include "cli/inventory/fact_columns.h"
#include "expiry_own.h"

enum expiry_form { EXPIRY_TABLE, EXPIRY_CSV, EXPIRY_JSON };

struct expiry_show {
    const struct expiry *expiry;        /* borrowed, as those that follow */
    const struct expiry_owns *owns;
    struct facts *facts;
    struct fact_view view;
    struct fact_columns columns;
    enum expiry_form form;
    bool has_head;                      /* of the table of certificates */
    struct bytes out, heading;          /* owned; the heading that was written last */
    struct csv csv;
    uint64_t shown, due;                /* the latter: those of them that need a person */
    uint64_t ended;                     /* of those shown, since the last run */
    bool has_state;                     /* earlier runs are remembered */
    unsigned trouble; /* of the CA itself: certificates that end in the window, late CRLs */
};

void expiry_show_begin(struct expiry_show *show);
/* Faults of the CA itself are counted in `trouble`. */
void expiry_show_ca(struct expiry_show *show);
/* Another reading of the item's certificate is in `fact`. */
void expiry_show_item(struct expiry_show *show, const struct expiry_item *item,
                      const struct fact *fact);
/* The last lines: how many are not shown, and from when on the journal knows. */
void expiry_show_end(struct expiry_show *show);
void expiry_show_free(struct expiry_show *show);

#endif
