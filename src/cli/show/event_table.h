/* Events as a table: one row an event, in columns that fit the terminal. */
#ifndef EVENT_TABLE_H
#define EVENT_TABLE_H

#include "event_columns.h"

struct event_table {
    unsigned width; /* columns of the terminal; 0: no terminal, nothing is cut */
    bool local;                         /* times of this machine's zone; else UTC */
    bool dated; /* each row has its date; else a line of its own tells it when it changes */
    unsigned identity, template;        /* the columns that these take; 0: they are not shown */
    const struct template_names *names; /* borrowed */
    const struct event_columns *chosen; /* borrowed; NULL: the usual ones. For the caller to set
                                         * after event_table_begin */
    char date[16];                      /* the last one told */
    struct bytes text, other;           /* owned: room for cells */
};

/*
 * The usual columns are time, event, request, requester and subject, from TABLE_IDENTITY columns
 * on also the identity, and from TABLE_TEMPLATE on the template. Behind the subject stands in
 * brackets why it was denied or revoked, and without a terminal or from TABLE_CALLER columns on
 * who asked, where that is not the requester.
 */
#define TABLE_CALLER   100
#define TABLE_IDENTITY 120
#define TABLE_TEMPLATE 150
void event_table_begin(struct event_table *table, unsigned width, bool local,
                       const struct template_names *names);
void event_table_free(struct event_table *table);

/* Append the heads of the columns, and a row; an event that is unverified has a ? before it. What
 * an enrollee wrote is made plain; colours only as console_style gives them. */
void event_table_head(const struct event_table *table, struct bytes *out);
void event_table_row(struct event_table *table, struct event *event, struct bytes *out);

#endif
