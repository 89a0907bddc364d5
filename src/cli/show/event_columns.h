/*
 * What can be a column of a table of events, and events as CSV (csv.h) with these columns.
 *
 * A cell that an event has nothing for is empty. What an enrollee wrote is in the cells as it is;
 * the table and the CSV make it plain.
 */
#ifndef EVENT_COLUMNS_H
#define EVENT_COLUMNS_H

#include "cli/terminal/csv.h"
#include "events/event.h"
#include "events/template_names.h"

#define EVENT_COLUMNS_MOST 32

struct event_column {
    const char *name;                   /* "requester": for --columns and the head of a CSV */
    unsigned width;                     /* in a terminal; 0: it shares what the others leave */
    /* Append what the event has for it. */
    void (*add)(struct event *event, const struct template_names *names, struct bytes *out);
};

struct event_columns {
    const struct event_column *list[EVENT_COLUMNS_MOST];
    unsigned count;
};

/* All columns that there are, in their usual order; NULL behind the last. */
const struct event_column *event_column_at(unsigned index);
void event_columns_all(struct event_columns *columns);

/* Rows of a CSV: the names of the columns, and an event. Times are in UTC, as they are recorded. */
void event_columns_csv_head(const struct event_columns *columns, struct csv *csv);
void event_columns_csv(const struct event_columns *columns, struct event *event,
                       const struct template_names *names, struct csv *csv);

/* Whom the event's certificate stands for (identity.h), as one name. */
bool event_columns_identity(struct event *event, struct bytes *out);

#endif
