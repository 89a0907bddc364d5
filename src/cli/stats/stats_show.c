#include "stats.h"

#include "cli/terminal/console.h"
#include "base/json.h"
#include "base/utc.h"
#include "base/timestamp.h"
#include "base/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LABEL    26                     /* columns of a row's name */
#define NAME     38                     /* of a template's or requester's: OIDs are long */
#define BAR_MOST 30
#define ROWS     31 /* of the table of days: a month; else they are months, or years */

static void heading(struct bytes *out, const char *text, unsigned width, const char *columns)
{
    bytes_add_text(out, "\n");
    bytes_add_text(out, console_style(STYLE_STRONG));
    if (*columns) bytes_printf(out, "%-*s%s", (int)width + 2, text, columns);
    else bytes_add_text(out, text);
    bytes_add_text(out, console_style(STYLE_PLAIN));
    bytes_add_text(out, "\n");
}

static void label(struct bytes *out, const char *text, size_t size, unsigned width)
{
    unsigned columns;

    bytes_add_text(out, "  ");
    columns = console_add_text(out, text, size, width - 1);
    for (; columns < width; columns++) bytes_add_text(out, " ");
}

static void bar(struct bytes *out, uint64_t part, uint64_t most, unsigned columns)
{
    unsigned length = most ? (unsigned)((double)part / (double)most * columns + 0.5) : 0;

    if (part && !length) length = 1;
    if (length) bytes_add_text(out, "  ");
    while (length--) bytes_add_text(out, "\xe2\x96\x88");
}

static unsigned bar_room(unsigned width, unsigned used)
{
    unsigned room = width > used + 2 ? width - used - 2 : 0;

    return room > BAR_MOST ? BAR_MOST : room;
}

static void counted(struct bytes *out, const char *name, uint64_t number, uint64_t most,
                    unsigned width)
{
    label(out, name, strlen(name), LABEL);
    bytes_printf(out, "%9" PRIu64, number);
    bar(out, number, most, bar_room(width, LABEL + 2 + 9));
    bytes_add_text(out, "\n");
}

static void show_types(const struct stats *stats, unsigned width, struct bytes *out)
{
    const struct tally *types = &stats->types;

    heading(out, "Types", LABEL, "   events");
    for (unsigned i = 0; i < types->count; i++) {
        label(out, types->rows[i].text, types->rows[i].size, LABEL);
        bytes_printf(out, "%9" PRIu64, types->rows[i].counts[0]);
        bar(out, types->rows[i].counts[0], types->rows[0].counts[0],
            bar_room(width, LABEL + 2 + 9));
        bytes_add_text(out, "\n");
    }
    if (types->others[0]) counted(out, "(others)", types->others[0], 0, width);
}

/* The day as text, to the year, the month or itself. */
static void day_text(int day, size_t size, char out[UTC_TEXT_MAX])
{
    utc_text((int64_t)(day + 10957) * 86400 * 1000000, false, out);     /* days from 1970 to 2000 */
    out[size] = 0;
}

/* How much of a date the rows have, so that they are no more than ROWS, or years. */
static size_t date_size(const struct stats *stats)
{
    int days = stats->last_day - stats->first_day + 1;

    return days <= ROWS ? 10 : days <= ROWS * 30 ? 7 : 4;
}

struct period {
    char text[UTC_TEXT_MAX];
    uint64_t events;
};

/* The next row, days without events included; `*day` is the first that is not in it. */
static struct period next_period(const struct stats *stats, int *day, size_t size)
{
    struct period period = {.events = stats->days[*day]};
    char text[UTC_TEXT_MAX];

    day_text(*day, size, period.text);
    while (++*day <= stats->last_day) {
        day_text(*day, size, text);
        if (strcmp(text, period.text)) break;
        period.events += stats->days[*day];
    }
    return period;
}

static void show_days(const struct stats *stats, unsigned width, struct bytes *out)
{
    size_t size = date_size(stats);
    uint64_t most = 0;

    heading(out,
            size == 10  ? stats->filter->local ? "Days" : "Days (UTC)"
            : size == 7 ? "Months"
                        : "Years",
            LABEL, "   events");
    for (int day = stats->first_day; day <= stats->last_day;) {
        struct period period = next_period(stats, &day, size);

        if (period.events > most) most = period.events;
    }
    for (int day = stats->first_day; day <= stats->last_day;) {
        struct period period = next_period(stats, &day, size);

        counted(out, period.text, period.events, most, width);
    }
    if (stats->other_days) counted(out, "(not of 2000 to 2099)", stats->other_days, 0, width);
}

static void table_row(struct bytes *out, const char *name, size_t size,
                      const uint64_t counts[TALLY_COUNTS])
{
    label(out, name, size, NAME);
    bytes_printf(out, "%9" PRIu64 "%9" PRIu64 "%9" PRIu64, counts[STATS_ISSUED],
                 counts[STATS_DENIED], counts[STATS_REVOKED]);
}

static void show_rest(const struct tally *tally, unsigned from, struct bytes *out)
{
    uint64_t counts[TALLY_COUNTS];
    char name[64];
    bool others = false;

    memcpy(counts, tally->others, sizeof counts);
    for (int i = 0; i < TALLY_COUNTS; i++) others |= counts[i] > 0;
    for (unsigned row = from; row < tally->count; row++)
        for (int i = 0; i < TALLY_COUNTS; i++) counts[i] += tally->rows[row].counts[i];
    if (from >= tally->count && !others) return;
    snprintf(name, sizeof name, others ? "(%u more, and others)" : "(%u more)",
             tally->count - from);
    table_row(out, name, strlen(name), counts);
    bytes_add_text(out, "\n");
}

/* Of the OIDs of one forest only the end differs: where there is no room for all, that is shown. */
static void stats_show_add_oid(const struct tally_row *row, size_t room, struct bytes *text)
{
    size_t size = row->size;

    for (size_t i = 0; i < size; i++)
        if (row->text[i] != '.' && (row->text[i] < '0' || row->text[i] > '9')) room = size;
    if (size > room) {
        bytes_add_text(text, "\xe2\x80\xa6");
        size = room - 1;
    }
    bytes_add(text, row->text + row->size - size, size);
}

/* A template by the name that is known of it, with as much of its OID as there is room for. */
static void stats_show_add_template(const struct template_names *names, const struct tally_row *row,
                         struct bytes *text)
{
    const char *name = template_names_find(names, row->text, row->size);
    size_t used = name ? console_columns(name, strlen(name)) + 3 : 0, room = NAME - 1;

    if (name) bytes_add_text(text, name);
    if (used + 5 > room) return;
    if (name) bytes_add_text(text, " (");
    stats_show_add_oid(row, room - used, text);
    if (name) bytes_add_text(text, ")");
}

static void show_tally(const struct stats *stats, const struct tally *tally, const char *title,
                       unsigned width, unsigned top, struct bytes *out)
{
    unsigned rows = tally->count < top ? tally->count : top;
    struct bytes text = {0};
    uint64_t most = 0;

    if (!tally->count) return;
    heading(out, title, NAME, "   issued   denied  revoked");
    for (unsigned i = 0; i < rows; i++)
        if (tally->rows[i].counts[STATS_ISSUED] > most) most = tally->rows[i].counts[STATS_ISSUED];
    for (unsigned i = 0; i < rows; i++) {
        const struct tally_row *row = &tally->rows[i];

        text.size = 0;
        if (tally == &stats->templates) stats_show_add_template(&stats->names, row, &text);
        else bytes_add(&text, row->text, row->size);
        table_row(out, text.size ? text.data : "(none)", text.size ? text.size : 6, row->counts);
        bar(out, row->counts[STATS_ISSUED], most, bar_room(width, NAME + 2 + 27));
        bytes_add_text(out, "\n");
    }
    bytes_free(&text);
    show_rest(tally, rows, out);
}

static uint64_t valid(const struct stats *stats)
{
    return stats_left(stats, TERM_30_DAYS) + stats_left(stats, TERM_60_DAYS) +
           stats_left(stats, TERM_90_DAYS) + stats_left(stats, TERM_LATER);
}

static uint64_t stats_show_sum_of(const uint64_t terms[TERMS])
{
    uint64_t sum = 0;

    for (int term = 0; term < TERMS; term++) sum += terms[term];
    return sum;
}

static void show_certificates(const struct stats *stats, unsigned width, struct bytes *out)
{
    uint64_t issued = stats_show_sum_of(stats->issued_terms),
             in_30 = stats_left(stats, TERM_30_DAYS),
             in_60 = in_30 + stats_left(stats, TERM_60_DAYS);
    char now[UTC_TEXT_MAX], title[64];

    utc_text(stats->now * 1000000, false, now);
    now[16] = 0;
    now[10] = ' ';
    snprintf(title, sizeof title, "Certificates, %s UTC", now);
    heading(out, title, LABEL, "");
    counted(out, "issued in these events", issued, issued, width);
    counted(out, "valid", valid(stats), issued, width);
    counted(out, "  expire within 30 days", in_30, issued, width);
    counted(out, "  expire within 60 days", in_60, issued, width);
    counted(out, "  expire within 90 days", in_60 + stats_left(stats, TERM_90_DAYS), issued, width);
    counted(out, "revoked or on hold", stats_show_sum_of(stats->revoked_terms), issued, width);
    counted(out, "expired, not revoked", stats_left(stats, TERM_EXPIRED), issued, width);
    if (stats_left(stats, TERM_NOT_YET))
        counted(out, "not yet valid", stats_left(stats, TERM_NOT_YET), issued, width);
    if (stats_left(stats, TERM_UNKNOWN))
        counted(out, "of no known end", stats_left(stats, TERM_UNKNOWN), issued, width);
    if (stats->untracked) counted(out, "revoked or not: unknown", stats->untracked, issued, width);
}

static void show_lost(const struct stats *stats, unsigned top, struct bytes *out)
{
    const struct tally *tally = &stats->lost_requesters;
    uint64_t rest = tally->others[0];

    if (!tally->count && !rest) return;
    heading(out, "Lost, by requester", NAME, "   events");
    for (unsigned i = 0; i < tally->count; i++) {
        if (i >= top) {
            rest += tally->rows[i].counts[0];
            continue;
        }
        label(out, tally->rows[i].size ? tally->rows[i].text : "(none)",
              tally->rows[i].size ? tally->rows[i].size : 6, NAME);
        bytes_printf(out, "%9" PRIu64 "\n", tally->rows[i].counts[0]);
    }
    if (!rest) return;
    label(out, "(others)", 8, NAME);
    bytes_printf(out, "%9" PRIu64 "\n", rest);
}

static void show_records(const struct stats *stats, unsigned width, struct bytes *out)
{
    char name[LABEL];

    heading(out, "On record", LABEL, "");
    counted(out, "recoveries", stats->recoveries, 0, width);
    counted(out, "gaps", stats->gaps, 0, width);
    if (stats->gaps) counted(out, "  events lost in them", stats->lost, 0, width);
    for (int i = 0; i < GAP_CAUSES; i++) {
        snprintf(name, sizeof name, "    %s", gap_causes[i].name);
        if (stats->lost_why[i]) counted(out, name, stats->lost_why[i], 0, width);
    }
    counted(out, "breaks", stats->breaks, 0, width);
    if (stats->hashed) counted(out, "requests as a hash only", stats->hashed, 0, width);
}

void stats_show(const struct stats *stats, unsigned width, unsigned top, struct bytes *out)
{
    char first[TIMESTAMP_TEXT], last[TIMESTAMP_TEXT];

    if (!stats->events) {
        bytes_add_text(out, "No events.\n");
        return;
    }
    timestamp_show((struct span){stats->first_time, strlen(stats->first_time)},
                   stats->filter->local, first);
    timestamp_show((struct span){stats->last_time, strlen(stats->last_time)}, stats->filter->local,
                   last);
    bytes_printf(out, "%" PRIu64 " %s, %s to %s%s\n", stats->events,
                 plural(stats->events, "event", "events"), first, last,
                 stats->filter->local ? "" : " UTC");
    if (stats->unverified)
        bytes_printf(out, "%" PRIu64 " of them %s only; no verified line leads to %s\n",
                     stats->unverified,
                     plural(stats->unverified, "is verified by its own hash",
                            "are verified by their own hashes"),
                     plural(stats->unverified, "it", "them"));
    show_types(stats, width, out);
    show_days(stats, width, out);
    show_tally(stats, &stats->templates, "Templates", width, top, out);
    show_tally(stats, &stats->requesters, "Requesters", width, top, out);
    show_certificates(stats, width, out);
    show_lost(stats, top, out);
    show_records(stats, width, out);
}

static void json_count(struct json *json, const char *name, uint64_t number)
{
    json_key(json, name);
    bytes_printf(json->out, "%" PRIu64, number);
}

static void json_counts(struct json *json, const uint64_t counts[TALLY_COUNTS])
{
    json_count(json, "issued", counts[STATS_ISSUED]);
    json_count(json, "denied", counts[STATS_DENIED]);
    json_count(json, "revoked", counts[STATS_REVOKED]);
}

/* `names`: of what the rows are about, where it has any; else NULL. */
static void json_tally(struct json *json, const char *name, const char *key,
                       const struct tally *tally, const struct template_names *names)
{
    const char *known;

    json_object(json, name);
    json_array(json, "rows");
    for (unsigned i = 0; i < tally->count; i++) {
        json_object(json, NULL);
        json_string(json, key, tally->rows[i].text, tally->rows[i].size);
        known = names ? template_names_find(names, tally->rows[i].text, tally->rows[i].size) : NULL;
        if (known) json_text(json, "templateKnownAs", known);
        json_counts(json, tally->rows[i].counts);
        json_end(json);
    }
    json_end(json);
    json_object(json, "others");
    json_counts(json, tally->others);
    json_end(json);
    json_end(json);
}

static void json_types(const struct stats *stats, struct json *json)
{
    json_array(json, "types");
    for (unsigned i = 0; i < stats->types.count; i++) {
        json_object(json, NULL);
        json_string(json, "type", stats->types.rows[i].text, stats->types.rows[i].size);
        json_count(json, "events", stats->types.rows[i].counts[0]);
        json_end(json);
    }
    json_end(json);
    json_count(json, "otherTypes", stats->types.others[0]);
}

static void json_days(const struct stats *stats, struct json *json)
{
    char text[UTC_TEXT_MAX];

    json_array(json, "days");
    for (int day = stats->first_day; day <= stats->last_day; day++) {
        if (!stats->days[day]) continue;
        day_text(day, 10, text);
        json_object(json, NULL);
        json_text(json, "day", text);
        json_count(json, "events", stats->days[day]);
        json_end(json);
    }
    json_end(json);
    json_count(json, "otherDays", stats->other_days);
}

static void json_certificates(const struct stats *stats, struct json *json)
{
    uint64_t in_30 = stats_left(stats, TERM_30_DAYS),
             in_60 = in_30 + stats_left(stats, TERM_60_DAYS);
    char now[UTC_TEXT_MAX];

    utc_text(stats->now * 1000000, false, now);
    json_object(json, "certificates");
    json_text(json, "asOf", now);
    json_count(json, "issued", stats_show_sum_of(stats->issued_terms));
    json_count(json, "valid", valid(stats));
    json_count(json, "expireWithin30Days", in_30);
    json_count(json, "expireWithin60Days", in_60);
    json_count(json, "expireWithin90Days", in_60 + stats_left(stats, TERM_90_DAYS));
    json_count(json, "revoked", stats_show_sum_of(stats->revoked_terms));
    json_count(json, "expired", stats_left(stats, TERM_EXPIRED));
    json_count(json, "notYetValid", stats_left(stats, TERM_NOT_YET));
    json_count(json, "unknownEnd", stats_left(stats, TERM_UNKNOWN));
    json_count(json, "untracked", stats->untracked);
    json_end(json);
}

static void json_lost(const struct stats *stats, struct json *json)
{
    const struct tally *tally = &stats->lost_requesters;

    json_object(json, "lostWhy");
    for (int i = 0; i < GAP_CAUSES; i++)
        if (stats->lost_why[i]) json_count(json, gap_causes[i].name, stats->lost_why[i]);
    json_end(json);
    json_array(json, "lostRequesters");
    for (unsigned i = 0; i < tally->count; i++) {
        json_object(json, NULL);
        json_string(json, "requester", tally->rows[i].text, tally->rows[i].size);
        json_count(json, "events", tally->rows[i].counts[0]);
        json_end(json);
    }
    json_end(json);
    json_count(json, "lostOthers", tally->others[0]);
}

void stats_json(const struct stats *stats, const char *journal, bool complete, struct bytes *out)
{
    struct json json = {.out = out};

    json_object(&json, NULL);
    json_text(&json, "journal", journal);
    json_bool(&json, "complete", complete);
    json_count(&json, "events", stats->events);
    json_count(&json, "unverified", stats->unverified);
    json_text(&json, "first", stats->first_time);
    json_text(&json, "last", stats->last_time);
    json_types(stats, &json);
    json_days(stats, &json);
    json_tally(&json, "templates", "template", &stats->templates, &stats->names);
    json_tally(&json, "requesters", "requester", &stats->requesters, NULL);
    json_certificates(stats, &json);
    json_object(&json, "records");
    json_count(&json, "recoveries", stats->recoveries);
    json_count(&json, "gaps", stats->gaps);
    json_count(&json, "lostEvents", stats->lost);
    json_lost(stats, &json);
    json_count(&json, "breaks", stats->breaks);
    json_count(&json, "requestsAsHash", stats->hashed);
    json_end(&json);
    json_end(&json);
    bytes_add_text(out, "\n");
}
