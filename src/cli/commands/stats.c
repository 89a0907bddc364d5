#include "stats.h"

#include "cli/commands.h"
#include "cli/terminal/console.h"
#include "events/events.h"
#include "base/moment.h"
#include "cli/terminal/paragraph.h"

#include <stdlib.h>
#include <string.h>

#define DAY_SECONDS 86400
#define REVOKED     0x80              /* of a certificate's state; the rest is its term */

struct stats *stats_open(const struct filter *filter, int64_t now)
{
    struct stats *stats = calloc(1, sizeof *stats);

    if (!stats) return NULL;
    stats->filter = filter;
    stats->now = now;
    stats->first_day = STATS_DAYS;
    stats->last_day = stats->day = -1;
    return stats;
}

void stats_free(struct stats *stats)
{
    if (!stats) return;
    tally_free(&stats->types);
    tally_free(&stats->templates);
    tally_free(&stats->requesters);
    certificates_free(&stats->certificates);
    free(stats);
}

/* "2026-11-21", which begins a line's time, as a day since 2000; -1: not in this century. */
static int day_of(const char *text)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int year = (text[2] - '0') * 10 + text[3] - '0', month = (text[5] - '0') * 10 + text[6] - '0', day = (text[8] - '0') * 10 + text[9] - '0';

    if (text[0] != '2' || text[1] != '0' || month < 1 || month > 12 || day < 1 || day > 31) return -1;
    return year * 365 + (year + 3) / 4 + before[month - 1] + (month > 2 && year % 4 == 0) + day - 1;
}

static void count_day(struct stats *stats, struct span time)
{
    char text[MOMENT_TEXT];

    moment_show(time, stats->filter->local, text);
    if (memcmp(text, stats->day_text, sizeof stats->day_text)) {
        memcpy(stats->day_text, text, sizeof stats->day_text);
        stats->day = day_of(text);
    }
    if (stats->day < 0 || stats->day >= STATS_DAYS) {
        stats->other_days++;
        return;
    }
    stats->days[stats->day]++;
    if (stats->day < stats->first_day) stats->first_day = stats->day;
    if (stats->day > stats->last_day) stats->last_day = stats->day;
}

static void count_names(struct stats *stats, struct event *event, unsigned column)
{
    struct bytes text = {0};

    if (!event_template(event, &text) && column == STATS_DENIED) event_attribute(event, "CertificateTemplate", &text);
    tally_add(&stats->templates, text.size ? text.data : "", text.size, column);
    text.size = 0;
    event_requester(event, &text);
    tally_add(&stats->requesters, text.size ? text.data : "", text.size, column);
    bytes_free(&text);
}

static void count_type(struct stats *stats, struct event *event)
{
    struct span type = event_type(event);
    int64_t lost;

    tally_add(&stats->types, type.text, type.size, 0);
    if (span_is(type, "certificate.issued")) count_names(stats, event, STATS_ISSUED);
    else if (span_is(type, "certificate.denied")) count_names(stats, event, STATS_DENIED);
    else if (span_is(type, "certificate.revoked")) count_names(stats, event, STATS_REVOKED);
    else if (span_is(type, "journal.recovered")) stats->recoveries++;
    else if (span_is(type, "journal.broken")) stats->breaks++;
    else if (span_is(type, "journal.gap")) {
        stats->gaps++;
        if (event_number(event, "events", &lost) && lost > 0) stats->lost += (uint64_t)lost;
    }
}

static enum stats_term term_at(const struct stats *stats, int64_t not_after)
{
    int64_t left = not_after - stats->now;

    if (left < 0) return TERM_EXPIRED;
    if (left > 90 * DAY_SECONDS) return TERM_LATER;
    return left <= 30 * DAY_SECONDS ? TERM_30_DAYS : left <= 60 * DAY_SECONDS ? TERM_60_DAYS : TERM_90_DAYS;
}

static enum stats_term term_of(const struct stats *stats, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    struct span text = json_doc_span(doc, json_find(doc, JSON_ROOT, "certificate/NotAfter"));
    const struct x509 *certificate;
    int64_t micros;

    if (text.size >= 20 && text.text[0] >= '3' && text.text[0] <= '9') return TERM_LATER;       /* 9999-12-31: never */
    if (text.size >= 20 && moment_of_line(text, &micros)) return term_at(stats, micros / 1000000);
    return (certificate = event_x509(event)) ? term_at(stats, certificate->not_after) : TERM_UNKNOWN;
}

static void on_issued(struct stats *stats, struct event *event)
{
    enum stats_term term = term_of(stats, event);
    struct certificate_key key;
    uint8_t *state = NULL;

    if (certificates_key(&stats->certificates, event, &key)) {
        if (certificates_find(&stats->certificates, &key)) return;      /* the same certificate told of twice */
        state = certificates_add(&stats->certificates, &key);
    }
    if (state) *state = (uint8_t)term;
    else stats->untracked++;
    stats->issued_terms[term]++;
}

static void on_revoked(struct stats *stats, struct event *event, bool revoked)
{
    struct certificate_key key;
    uint8_t *state = certificates_key(&stats->certificates, event, &key) ? certificates_find(&stats->certificates, &key) : NULL;

    if (!state || !(*state & REVOKED) == !revoked) return;
    *state ^= REVOKED;
    stats->revoked_terms[*state & ~REVOKED] += revoked ? 1 : (uint64_t)-1;
}

static void keep_time(char out[40], struct span time)
{
    size_t size = time.size < 39 ? time.size : 39;

    memcpy(out, time.text, size);
    out[size] = 0;
}

void stats_add(struct stats *stats, struct event *event)
{
    bool takes = filter_takes(stats->filter, event);

    if (event_type_is(event, "certificate.revoked")) on_revoked(stats, event, true);
    if (event_type_is(event, "certificate.unrevoked")) on_revoked(stats, event, false);
    if (!takes) return;
    if (!stats->events++) keep_time(stats->first_time, event->line.time);
    stats->unverified += event->unverified;
    keep_time(stats->last_time, event->line.time);
    count_type(stats, event);
    count_day(stats, event->line.time);
    if (event_type_is(event, "certificate.issued")) on_issued(stats, event);
}

void stats_sort(struct stats *stats)
{
    tally_sort(&stats->types);
    tally_sort(&stats->templates);
    tally_sort(&stats->requesters);
}

uint64_t stats_left(const struct stats *stats, enum stats_term term)
{
    return stats->issued_terms[term] - stats->revoked_terms[term];
}

static void print(struct events *events, struct stats *stats, bool as_json, unsigned top)
{
    struct bytes out = {0};

    stats_sort(stats);
    if (as_json) stats_json(stats, events->path.data, events->notes.outcome == OUTCOME_FINE, &out);
    else stats_show(stats, paragraph_width(), top, &out);
    console_progress(NULL);
    console_write(out.data, out.failed ? 0 : out.size);
    if (out.failed) console_note("there is not enough memory");
    bytes_free(&out);
}

/* Counts of a part of the journal would be taken for counts of all: when interrupted, none are printed. */
static enum outcome count_all(struct events *events, const struct filter *filter, bool as_json, unsigned top)
{
    struct stats *stats = stats_open(filter, os_now() / 1000000);
    struct event *event;

    if (!stats) {
        console_note("there is not enough memory");
        return OUTCOME_CANNOT;
    }
    while ((event = events_next(events))) stats_add(stats, event);
    if (console_interrupted()) console_note("%s: interrupted at event %llu", events->path.data, (unsigned long long)events->notes.last);
    else print(events, stats, as_json, top);
    stats_free(stats);
    return events->notes.outcome;
}

static enum outcome stats_run(const struct arguments *arguments)
{
    unsigned long long top = 10;
    struct events events;
    struct filter filter;
    enum outcome outcome, read;

    if (!filter_read(&filter, arguments) || !option_number(arguments, "top", 0, TALLY_MAX, &top)) return OUTCOME_CANNOT;
    if (!events_open(&events, operand_at(arguments, 0), 0, NULL)) return events_close(&events);
    events.progress = "counting";
    outcome = count_all(&events, &filter, option_given(arguments, "json"), (unsigned)top);
    read = events_close(&events);
    return outcome > read ? outcome : read;
}

static const struct option_row options[] = {
    FILTER_OPTIONS,
    {"top", "N", "name the N templates and requesters with most (10)"},
    {"json", NULL, "one JSON object, in which all are named"},
    {0},
};

const struct command command_stats = {
    .name = "stats", .operands = "[JOURNAL]", .operands_least = 0, .operands_most = 1, .options = options, .run = stats_run,
    .summary = "count events and certificates",
    .more = FILTER_HELP
            "\nCertificates are told apart by serial number and hash: a restored CA gives\n"
            "RequestIDs a second time. They count as valid if this journal tells of their\n"
            "issuing, their NotAfter has not come, and the last that it tells of them is no\n"
            "revocation; what was issued before the journal's first event is not known to it.\n"
            "A revocation counts whether the options take it or not. \"Expire within 60 days\"\n"
            "includes those within 30. The template of a denied request is the one that it\n"
            "asked for.\n"
            "Beyond 4096 templates or requesters further ones are counted as others.\n\n"
            "  certwitness stats\n"
            "  certwitness stats --since 30d --template WebServer\n"
            "  certwitness stats /evidence/ca01 --json | jq .certificates\n\n"
            "Exit code: 0 counted, 1 the journal is damaged and what could be read was\n"
            "counted, 2 it could not be read.\n",
};
