#include "stats.h"

#include "base/timestamp.h"

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
    template_names_free(&stats->names);
    tally_free(&stats->lost_requesters);
    certificates_free(&stats->certificates);
    free(stats);
}

/* "2026-11-21", which begins a line's time, as a day since 2000; -1: not in this century. */
static int stats_day_of(const char *text)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int year = (text[2] - '0') * 10 + text[3] - '0', month = (text[5] - '0') * 10 + text[6] - '0',
        day = (text[8] - '0') * 10 + text[9] - '0';

    if (text[0] != '2' || text[1] != '0' || month < 1 || month > 12 || day < 1 || day > 31)
        return -1;
    return year * 365 + (year + 3) / 4 + before[month - 1] + (month > 2 && year % 4 == 0) + day - 1;
}

static void count_day(struct stats *stats, struct span time)
{
    char text[TIMESTAMP_TEXT];

    timestamp_show(time, stats->filter->local, text);
    if (memcmp(text, stats->day_text, sizeof stats->day_text)) {
        memcpy(stats->day_text, text, sizeof stats->day_text);
        stats->day = stats_day_of(text);
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

    template_names_learn(&stats->names, event);
    if (!event_template(event, &text) && column == STATS_DENIED)
        event_attribute(event, "CertificateTemplate", &text);
    tally_add(&stats->templates, text.size ? text.data : "", text.size, column);
    text.size = 0;
    event_requester(event, &text);
    tally_add(&stats->requesters, text.size ? text.data : "", text.size, column);
    bytes_free(&text);
}

static bool stats_count_lost(void *context, const struct bytes *name, uint64_t lost)
{
    struct stats *stats = context;

    if (lost)
        tally_add_many(&stats->lost_requesters, name->size ? name->data : "", name->size, 0, lost);
    return true;
}

static void count_gap(struct stats *stats, struct event *event)
{
    int64_t lost;

    stats->gaps++;
    if (event_number(event, "events", &lost) && lost > 0) stats->lost += (uint64_t)lost;
    for (int i = 0; i < GAP_CAUSES; i++) stats->lost_why[i] += gap_lost(event, &gap_causes[i]);
    gap_requesters(event, stats_count_lost, stats);
    stats->lost_requesters.others[0] += gap_unnamed(event);
}

static void count_type(struct stats *stats, struct event *event)
{
    struct span type = event_type(event);

    tally_add(&stats->types, type.text, type.size, 0);
    if (span_is(type, "certificate.issued")) count_names(stats, event, STATS_ISSUED);
    else if (span_is(type, "certificate.denied")) count_names(stats, event, STATS_DENIED);
    else if (span_is(type, "certificate.revoked")) count_names(stats, event, STATS_REVOKED);
    else if (span_is(type, "journal.recovered")) stats->recoveries++;
    else if (span_is(type, "journal.broken")) stats->breaks++;
    else if (span_is(type, "journal.gap")) count_gap(stats, event);
    stats->hashed += event_left_out(event, "RawRequest") != JSON_NONE;
}

/* Seconds of a date of the certificate as the CA told it; DER_TIME_NONE: it told none. */
static int64_t told_date(struct event *event, const char *path)
{
    const struct json_doc *doc = event_doc(event);
    struct span text = json_doc_span(doc, json_find(doc, JSON_ROOT, path));
    int64_t micros;

    if (text.size >= 20 && text.text[0] >= '3' && text.text[0] <= '9')
        return INT64_MAX;               /* 9999-12-31: never */
    return text.size >= 20 && timestamp_of_line(text, &micros) ? micros / 1000000 : DER_TIME_NONE;
}

static enum stats_term term_at(int64_t now, int64_t not_before, int64_t not_after)
{
    if (not_after == DER_TIME_NONE) return TERM_UNKNOWN;
    if (not_after < now) return TERM_EXPIRED;
    if (not_before != DER_TIME_NONE && not_before > now) return TERM_NOT_YET;
    if (not_after - now > 90 * DAY_SECONDS) return TERM_LATER;
    return not_after - now <= 30 * DAY_SECONDS   ? TERM_30_DAYS
           : not_after - now <= 60 * DAY_SECONDS ? TERM_60_DAYS
                                                 : TERM_90_DAYS;
}

/* The certificate itself is read only for a date that the CA did not tell. */
static enum stats_term term_of(const struct stats *stats, struct event *event)
{
    int64_t begin = told_date(event, "certificate/NotBefore"),
            end = told_date(event, "certificate/NotAfter");
    bool is_told = begin != DER_TIME_NONE && end != DER_TIME_NONE;
    const struct x509 *certificate = is_told ? NULL : event_x509(event);

    if (certificate && begin == DER_TIME_NONE) begin = certificate->not_before;
    if (certificate && end == DER_TIME_NONE) end = certificate->not_after;
    return term_at(stats->now, begin, end);
}

static void on_issued(struct stats *stats, struct event *event)
{
    enum stats_term term = term_of(stats, event);
    struct certificate_key key;
    uint8_t *state = NULL;

    if (certificates_key(&stats->certificates, event, &key)) {
        if (certificates_find(&stats->certificates, &key))
            return; /* the same certificate told of twice */
        state = certificates_add(&stats->certificates, &key);
    }
    if (state) *state = (uint8_t)term;
    else stats->untracked++;
    stats->issued_terms[term]++;
}

static void on_revoked(struct stats *stats, struct event *event, bool revoked)
{
    struct certificate_key key;
    uint8_t *state = certificates_key(&stats->certificates, event, &key)
                         ? certificates_find(&stats->certificates, &key)
                         : NULL;

    if (!state || !(*state & REVOKED) == !revoked) return;
    *state ^= REVOKED;
    stats->revoked_terms[*state & ~REVOKED] += revoked ? 1 : (uint64_t)-1;
}

static void stats_keep_time(char out[40], struct span time)
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
    if (!stats->events++) stats_keep_time(stats->first_time, event->line.time);
    stats->unverified += event->unverified;
    stats_keep_time(stats->last_time, event->line.time);
    count_type(stats, event);
    count_day(stats, event->line.time);
    if (event_type_is(event, "certificate.issued")) on_issued(stats, event);
}

void stats_sort(struct stats *stats)
{
    tally_sort(&stats->types);
    tally_sort(&stats->templates);
    tally_sort(&stats->requesters);
    tally_sort(&stats->lost_requesters);
}

uint64_t stats_left(const struct stats *stats, enum stats_term term)
{
    return stats->issued_terms[term] - stats->revoked_terms[term];
}
