#include "event_table.h"

#include "cli/terminal/console.h"
#include "event_words.h"
#include "base/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DATED_WIDTH 110                 /* columns from which on every row has room for its date */

enum { EVENT_COLUMNS = 14, REQUEST_COLUMNS = 7, GAPS = 4, LEAST_COLUMNS = 8 };

void event_table_begin(struct event_table *table, unsigned width, bool local,
                       const struct template_names *names)
{
    *table = (struct event_table){
        .width = width, .local = local, .dated = !width || width >= DATED_WIDTH, .names = names,
        .identity = width >= TABLE_IDENTITY ? width / 5 : 0,
        .template = width >= TABLE_TEMPLATE ? width / 8 : 0,
    };
}

void event_table_free(struct event_table *table)
{
    bytes_free(&table->text);
    bytes_free(&table->other);
}

static unsigned time_columns(const struct event_table *table)
{
    return table->dated ? 19 : 8;
}

/* What the time, the event and the request leave, shared between requester and subject. */
static unsigned rest_columns(const struct event_table *table)
{
    unsigned fixed = time_columns(table) + EVENT_COLUMNS + REQUEST_COLUMNS + GAPS;

    return table->width > fixed + 20 ? table->width - fixed : 20;
}

/* Identity and template, each with the blank behind it. */
static unsigned extra_columns(const struct event_table *table)
{
    return table->identity + !!table->identity + table->template + !!table->template;
}

static unsigned requester_columns(const struct event_table *table)
{
    unsigned columns = (rest_columns(table) - extra_columns(table)) * 3 / 10;

    return !table->width ? 20 : columns > 30 ? 30 : columns;
}

static void event_table_add_blanks(struct bytes *out, unsigned count)
{
    while (count--) bytes_add(out, " ", 1);
}

/* A cell and the blank behind it. Without a terminal nothing is cut, so that scripts find all of
 * it. */
static void add_cell(const struct event_table *table, struct bytes *out, struct span text,
                     unsigned columns)
{
    unsigned used = console_add_text(out, text.text, text.size, table->width ? columns : 0);

    event_table_add_blanks(out, (used < columns ? columns - used : 0) + 1);
}

static struct span event_table_span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static void event_table_trim(struct bytes *out, size_t start)
{
    while (!out->failed && out->size > start && out->data[out->size - 1] == ' ') out->size--;
}

/* What a chosen column takes: its own width, or its share of what those with a width leave. */
static unsigned chosen_columns(const struct event_table *table, const struct event_column *column)
{
    unsigned fixed = 0, shared = 0, share;

    for (unsigned i = 0; i < table->chosen->count; i++) {
        fixed += table->chosen->list[i]->width + 1;
        shared += !table->chosen->list[i]->width;
    }
    if (column->width) return column->width;
    share = table->width > fixed ? (table->width + 1 - fixed) / shared : 0;
    return !table->width ? 20 : share < LEAST_COLUMNS ? LEAST_COLUMNS : share;
}

static void chosen_head(const struct event_table *table, struct bytes *out)
{
    for (unsigned i = 0; i < table->chosen->count; i++) {
        const struct event_column *column = table->chosen->list[i];
        char head[16] = "";

        for (size_t c = 0; column->name[c] && c < sizeof head - 1; c++)
            head[c] = (char)(column->name[c] >= 'a' ? column->name[c] - 32 : column->name[c]);
        add_cell(table, out, event_table_span_of(head), chosen_columns(table, column));
    }
}

static void usual_head(const struct event_table *table, struct bytes *out)
{
    add_cell(table, out,
             event_table_span_of(table->dated   ? table->local ? "TIME (LOCAL)" : "TIME (UTC)"
                                 : table->local ? "LOCAL"
                                                : "UTC"),
             time_columns(table));
    add_cell(table, out, event_table_span_of("EVENT"), EVENT_COLUMNS);
    add_cell(table, out, event_table_span_of("REQUEST"), REQUEST_COLUMNS);
    add_cell(table, out, event_table_span_of("REQUESTER"), requester_columns(table));
    if (table->identity) add_cell(table, out, event_table_span_of("IDENTITY"), table->identity);
    if (table->template) add_cell(table, out, event_table_span_of("TEMPLATE"), table->template);
    bytes_add_text(out, "SUBJECT");
}

void event_table_head(const struct event_table *table, struct bytes *out)
{
    size_t start = out->size;

    bytes_add_text(out, console_style(STYLE_STRONG));
    if (table->chosen) chosen_head(table, out);
    else usual_head(table, out);
    event_table_trim(out, start);
    bytes_add_text(out, console_style(STYLE_PLAIN));
    event_table_trim(out, start);
    bytes_add_text(out, "\n");
}

static const char *style_of(enum event_rank rank)
{
    static const enum console_style styles[] = {STYLE_FAINT, STYLE_GOOD, STYLE_WARN, STYLE_BAD,
                                                STYLE_BAD};

    return console_style(styles[rank]);
}

/* Where rows have no room for a date, it gets a line when it changes. */
static void event_table_add_time(struct event_table *table, struct event *event, struct bytes *out)
{
    char time[TIMESTAMP_TEXT];

    timestamp_show(event->line.time, table->local, time);
    if (!table->dated && strncmp(table->date, time, 10)) {
        snprintf(table->date, sizeof table->date, "%.10s", time);
        bytes_add_text(out, console_style(STYLE_FAINT));
        bytes_add_text(out, table->date);
        bytes_add_text(out, console_style(STYLE_PLAIN));
        bytes_add_text(out, "\n");
    }
    add_cell(table, out, event_table_span_of(table->dated ? time : time + 11), time_columns(table));
}

/* "certificate." and "journal." go without saying. */
static struct span short_type(const struct event *event)
{
    static const char *const understood[] = {"certificate.", "journal."};
    struct span type = event_type(event);

    for (size_t i = 0; i < sizeof understood / sizeof *understood; i++) {
        size_t skip = strlen(understood[i]);

        if (type.size > skip && !memcmp(type.text, understood[i], skip))
            return (struct span){type.text + skip, type.size - skip};
    }
    return type;
}

static void event_table_add_reason(const struct event_table *table, const struct bytes *reason,
                                   unsigned columns, struct bytes *out)
{
    bytes_add_text(out, " (");
    console_add_text(out, reason->data, reason->size, table->width ? columns : 0);
    bytes_add_text(out, ")");
}

/* The columns that a text takes once it is made plain; no more than `most` are counted. */
static unsigned columns_of(const struct bytes *text, unsigned most)
{
    struct bytes plain = {0};
    unsigned columns = console_add_text(&plain, text->data, text->size, most);

    bytes_free(&plain);
    return columns;
}

/* Who asked, where that is not the requester, and why it was denied or revoked. */
static bool add_remark(const struct event_table *table, struct event *event, struct bytes *out)
{
    bool has_room = !table->width || table->width >= TABLE_CALLER;

    bytes_add_text(out, "by ");
    if (has_room && event_other_caller(event, out)) bytes_add_text(out, ": ");
    else out->size = 0;
    if (!event_reason(event, out) && out->size) out->size -= 2;
    return out->size;
}

/* The subject, and the reason in brackets: that gets half of the room if it needs it, and what the
 * subject leaves. */
static void event_table_add_subject(struct event_table *table, struct event *event,
                                    unsigned columns, struct bytes *out)
{
    struct bytes *subject = &table->text, *reason = &table->other;
    unsigned wanted = 0, left;

    subject->size = reason->size = 0;
    event_subject(event, subject);
    if (add_remark(table, event, reason)) wanted = columns_of(reason, columns) + 3;
    left = columns - columns_of(subject, columns);
    if (table->width && wanted > left && wanted > columns / 2)
        wanted = left > columns / 2 ? left : columns / 2;
    console_add_text(out, subject->data, subject->size, table->width ? columns - wanted : 0);
    if (wanted) event_table_add_reason(table, reason, wanted - 3, out);
}

/* Where a text is `prefix` with numbers behind it, of which only the last differ within a forest,
 * what does not fit is cut off in front. */
static void keep_end(struct bytes *text, const char *prefix, const char *between, unsigned columns)
{
    size_t skip = strlen(prefix), cut;

    if (text->failed || text->size <= columns || columns < 4 || text->size < skip) return;
    if (memcmp(text->data, prefix, skip)) return;
    for (size_t i = skip; i < text->size; i++)
        if (text->data[i] != *between && (text->data[i] < '0' || text->data[i] > '9')) return;
    if ((cut = text->size - columns + 1) < 3) cut = 3;  /* the ellipsis is three bytes */
    memmove(text->data + 3, text->data + cut, text->size - cut);
    memcpy(text->data, "\xe2\x80\xa6", 3);
    text->size -= cut - 3;
}

/* By its name where that is known, else the end of its OID, which differs within a forest. */
static void event_table_add_template(struct event_table *table, struct event *event)
{
    struct bytes *text = &table->text;
    const char *name;

    text->size = 0;
    if (!event_template(event, text)) {
        event_attribute(event, "CertificateTemplate", text);
    } else if ((name = template_names_find(table->names, text->data, text->size))) {
        text->size = 0;
        bytes_add_text(text, name);
    } else {
        keep_end(text, "", ".", table->template);
    }
}

static void add_extra(struct event_table *table, struct event *event, struct bytes *out)
{
    struct bytes *text = &table->text;

    text->size = 0;
    if (table->identity) {
        event_columns_identity(event, text);
        keep_end(text, "S-", "-", table->identity);
        add_cell(table, out, (struct span){text->data, text->size}, table->identity);
    }
    if (table->template) {
        event_table_add_template(table, event);
        add_cell(table, out, (struct span){text->data, text->size}, table->template);
    }
}

static void event_table_add_request(struct event_table *table, struct event *event,
                                    struct bytes *out)
{
    char number[24] = "";
    int64_t id;

    if (event_request_id(event, &id)) snprintf(number, sizeof number, "%" PRId64, id);
    add_cell(table, out, event_table_span_of(number), REQUEST_COLUMNS);
    table->text.size = 0;
    event_requester(event, &table->text);
    add_cell(table, out, (struct span){table->text.data, table->text.size},
             requester_columns(table));
    add_extra(table, event, out);
    event_table_add_subject(table, event,
                rest_columns(table) - extra_columns(table) - requester_columns(table), out);
}

static void usual_row(struct event_table *table, struct event *event, struct bytes *out)
{
    enum event_rank rank = event_rank(event);
    size_t start;

    event_table_add_time(table, event, out);
    bytes_add_text(out, style_of(rank));
    if (event->unverified) bytes_add_text(out, "? ");
    add_cell(table, out, short_type(event), EVENT_COLUMNS - (event->unverified ? 2 : 0));
    start = out->size;
    if (rank != EVENT_TROUBLE) bytes_add_text(out, console_style(STYLE_PLAIN));
    table->text.size = 0;
    if (event_words(event, &table->text))
        console_add_text(out, table->text.data, table->text.size,
                         table->width ? rest_columns(table) + REQUEST_COLUMNS + 1 : 0);
    else event_table_add_request(table, event, out);
    if (rank == EVENT_TROUBLE) bytes_add_text(out, console_style(STYLE_PLAIN));
    event_table_trim(out, start);
    bytes_add_text(out, "\n");
}

static void chosen_cell(struct event_table *table, const struct event_column *column,
                        struct event *event)
{
    struct bytes *text = &table->text;
    char time[TIMESTAMP_TEXT];

    text->size = 0;
    if (!strcmp(column->name, "time")) {
        timestamp_show(event->line.time, table->local, time);
        bytes_add_text(text, time);
    } else if (!strcmp(column->name, "event")) {
        struct span type = short_type(event);

        if (event->unverified) bytes_add_text(text, "? ");
        bytes_add(text, type.text, type.size);
    } else {
        column->add(event, table->names, text);
    }
}

static void chosen_row(struct event_table *table, struct event *event, struct bytes *out)
{
    size_t start = out->size;

    for (unsigned i = 0; i < table->chosen->count; i++) {
        const struct event_column *column = table->chosen->list[i];

        chosen_cell(table, column, event);
        add_cell(table, out, (struct span){table->text.data, table->text.size},
                 chosen_columns(table, column));
    }
    event_table_trim(out, start);
    bytes_add_text(out, "\n");
}

void event_table_row(struct event_table *table, struct event *event, struct bytes *out)
{
    if (table->chosen) chosen_row(table, event, out);
    else usual_row(table, event, out);
    bytes_reset(&table->text, 1 << 16);
    bytes_reset(&table->other, 1 << 16);
}
