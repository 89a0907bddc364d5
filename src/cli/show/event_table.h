/* Events as a table: one row an event, in columns that fit the terminal. */
#ifndef EVENT_TABLE_H
#define EVENT_TABLE_H

#include "events/event.h"

struct event_table {
    unsigned width;                     /* columns of the terminal; 0: no terminal, nothing is cut */
    bool local;                         /* times of this machine's zone; else UTC */
    bool dated;                         /* each row has its date; else a line of its own tells it when it changes */
    char date[16];                      /* the last one told */
    struct bytes text, other;           /* owned: room for cells */
};

void event_table_begin(struct event_table *table, unsigned width, bool local);
void event_table_free(struct event_table *table);

/* Append the heads of the columns, and a row; an event that is unverified has a ? before it. What an enrollee wrote is made plain; colours only as console_style gives them. */
void event_table_head(const struct event_table *table, struct bytes *out);
void event_table_row(struct event_table *table, struct event *event, struct bytes *out);

#endif
