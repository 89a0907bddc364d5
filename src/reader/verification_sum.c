#include "verification.h"

#include "moment.h"

#include <inttypes.h>
#include <string.h>

static struct span time_of(const char *time)
{
    return (struct span){time, strlen(time)};
}

/* A row, from what stands in `text`, which is emptied. */
static void row(struct verification *v, const char *label)
{
    report_row(v->report, label, &v->text);
    v->text.size = 0;
}

static void sum_events(struct verification *v)
{
    char first[MOMENT_TEXT], last[MOMENT_TEXT];
    const struct reader_totals *totals = &v->totals;

    bytes_printf(&v->text, "%" PRIu64 " to %" PRIu64, totals->first, totals->head.sequence);
    row(v, "Events");
    moment_show(time_of(v->first_time), false, first);
    moment_show(time_of(v->last_time), false, last);
    bytes_printf(&v->text, "%s to %s UTC", first, last);
    row(v, "Time");
    bytes_printf(&v->text, "%" PRIu64 " in %" PRIu64 " file%s (%.1f MB), %" PRIu64 " run%s of the module", totals->lines, totals->segments,
                 totals->segments == 1 ? "" : "s", (double)v->bytes / 1e6, v->runs, v->runs == 1 ? "" : "s");
    if (v->unclean) bytes_printf(&v->text, ", before %" PRIu64 " of which the one before had not ended cleanly", v->unclean);
    row(v, "Lines");
}

static void sum_records(struct verification *v)
{
    const struct reader_totals *totals = &v->totals;

    bytes_printf(&v->text, "%" PRIu64 " recover%s, %" PRIu64 " gap%s, %" PRIu64 " break%s", totals->recoveries, totals->recoveries == 1 ? "y" : "ies",
                 totals->gaps, totals->gaps == 1 ? "" : "s", totals->breaks, totals->breaks == 1 ? "" : "s");
    row(v, "On record");
}

static const char *state_word(const struct verification *v)
{
    static const char *const words[] = {"closed", "written", "not closed", "not known"};

    return words[v->writer];
}

static void sum_state(struct verification *v)
{
    static const char *const sentences[] = {
        "closed: its last line is module.stopped",
        "a writer has it open now",
        "not closed, and no writer has it open: a copy, or the CA was killed",
        "not closed; whether a writer has it open cannot be told",
    };

    bytes_add_text(&v->text, sentences[v->writer]);
    row(v, "State");
}

static uint64_t heads_proven(const struct verification *v)
{
    return v->head_counts[HEAD_PROVEN] + v->head_counts[HEAD_LINKED];
}

static void add_count(struct bytes *out, uint64_t count, const char *what)
{
    if (count) bytes_printf(out, ", %" PRIu64 " %s", count, what);
}

/* Heads of lines behind the last one that was read. */
static uint64_t heads_missing(const struct verification *v)
{
    return v->result == READER_FAULT ? 0 : v->head_counts[HEAD_WAITS];
}

static uint64_t heads_not_checked(const struct verification *v)
{
    return v->head_counts[HEAD_GONE] + v->head_counts[HEAD_WAITS] - heads_missing(v);
}

static void sum_heads(struct verification *v)
{
    if (!v->heads->count) return;
    bytes_printf(&v->text, "%" PRIu64 " given: %" PRIu64 " proven", (uint64_t)v->heads->count, heads_proven(v));
    add_count(&v->text, v->head_counts[HEAD_CONTRADICTED], "contradicted");
    add_count(&v->text, heads_missing(v), "behind the end");
    add_count(&v->text, heads_not_checked(v), "not checked");
    row(v, "Heads");
    if (v->head_contradicted && v->head_proven < v->head_contradicted) {
        if (v->head_proven) bytes_printf(&v->text, "the journal was changed between event %" PRIu64 " and event %" PRIu64, v->head_proven + 1,
                                         v->head_contradicted);
        else bytes_printf(&v->text, "the journal was changed at event %" PRIu64 " or before it", v->head_contradicted);
        row(v, "");
    }
}

static void sum_dates(struct verification *v)
{
    if (date_check_verdict(&v->dates) == DATES_NOT_COMPARED) return;
    date_check_tell(&v->dates, &v->text);
    row(v, "Dates");
}

static void sum_text(struct verification *v)
{
    if (!v->totals.lines) return;
    bytes_add(&v->text, v->source.data, v->source.size);
    row(v, "Source");
    sum_events(v);
    sum_records(v);
    if (v->result != READER_FAULT) sum_state(v);
    sum_dates(v);
    sum_heads(v);
    report_line(v->report, "");
    report_line(v->report, v->result == READER_FAULT ? "Head, up to which it holds:" : v->report->wrong ? "Head, as it is now:"
                           : "Head, to note down elsewhere:");
    bytes_printf(&v->text, "  %" PRIu64 ":%s", v->totals.head.sequence, v->totals.head.hash);
    bytes_add(&v->text, "", 1);
    report_line(v->report, v->text.failed ? "" : v->text.data);
    v->text.size = 0;
}

static void sum_json(struct verification *v, struct json *json)
{
    const struct reader_totals *totals = &v->totals;

    json_string(json, "source", v->source.size ? v->source.data : "", v->source.size);
    report_number(json, "first", totals->first);
    json_text(json, "firstTime", v->first_time);
    report_number(json, "last", totals->head.sequence);
    json_text(json, "lastTime", v->last_time);
    json_object(json, "head");
    report_number(json, "sequence", totals->head.sequence);
    json_text(json, "hash", totals->head.hash);
    json_end(json);
    report_number(json, "lines", totals->lines);
    report_number(json, "files", totals->segments);
    report_number(json, "bytes", v->bytes);
    report_number(json, "runs", v->runs);
    report_number(json, "uncleanEnds", v->unclean);
    report_number(json, "recoveries", totals->recoveries);
    report_number(json, "gaps", totals->gaps);
    report_number(json, "breaks", totals->breaks);
    json_object(json, "leftBehind");
    report_number(json, "lines", totals->left_lines);
    report_number(json, "bytes", totals->left_bytes);
    json_end(json);
    json_object(json, "damaged");
    report_number(json, "lines", totals->damaged_lines);
    report_number(json, "bytes", totals->damaged_bytes);
    json_end(json);
    json_text(json, "state", v->result == READER_FAULT ? "not known" : state_word(v));
    json_object(json, "heads");
    report_number(json, "given", v->heads->count);
    report_number(json, "proven", heads_proven(v));
    report_number(json, "contradicted", v->head_counts[HEAD_CONTRADICTED]);
    report_number(json, "missing", heads_missing(v));
    report_number(json, "notChecked", heads_not_checked(v));
    json_end(json);
    json_object(json, "dates");
    json_text(json, "verdict", date_verdict_word(date_check_verdict(&v->dates)));
    report_number(json, "certificates", v->dates.certificates);
    if (date_check_verdict(&v->dates) == DATES_LOCAL) {
        json_number(json, "leastMinutes", v->dates.least);
        json_number(json, "mostMinutes", v->dates.most);
    }
    json_end(json);
}

static const char advice[] =
    " Copy the whole folder before anything else touches it, compare it with heads that were noted elsewhere (--head; entries 100 to 104 of the event "
    "log), and find out who or what wrote to it.";

static void tell_verdict(struct verification *v, enum verdict verdict)
{
    bool to_the_end = v->result != READER_FAULT;

    switch (verdict) {
    case VERDICT_HOLDS:
        bytes_printf(&v->text, "The journal holds: every line is whole and follows the one before it, from event %" PRIu64 " to event %" PRIu64 ".",
                     v->totals.first, v->totals.head.sequence);
        if (heads_proven(v)) bytes_printf(&v->text, " Up to event %" PRIu64 " it is as it was when that head was noted.", v->head_proven);
        else bytes_add_text(&v->text, " Whether all of it was computed anew, or its end cut off, shows only against a head that was noted elsewhere "
                            "(--head): note the one above.");
        return;
    case VERDICT_WRONG:
        bytes_add_text(&v->text, to_the_end ? "Something is wrong with the journal." : "The journal does not hold.");
        if (!to_the_end && v->totals.lines) bytes_printf(&v->text, " Up to event %" PRIu64 " every line is whole and follows the one before it.",
                                                         v->totals.head.sequence);
        bytes_add_text(&v->text, advice);
        return;
    case VERDICT_NO_JOURNAL:
        bytes_add_text(&v->text, "This is not a journal: its first file does not begin with a line of one, and no whole line follows.");
        return;
    case VERDICT_UNREADABLE:
        bytes_add_text(&v->text, "Not all of the journal could be read.");
    }
}

void verification_sum_up(struct verification *v, enum verdict verdict)
{
    static const char *const words[] = {"holds", "wrong", "not a journal", "unreadable"};
    struct json *json = report_json(v->report);

    report_summary(v->report);
    if (json) sum_json(v, json);
    else if (verdict != VERDICT_NO_JOURNAL) sum_text(v);
    tell_verdict(v, verdict);
    report_verdict(v->report, words[verdict], verdict == VERDICT_HOLDS ? REPORT_NOTE : REPORT_WRONG, &v->text);
}
