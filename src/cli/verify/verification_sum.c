#include "verification.h"

#include "base/timestamp.h"
#include "base/plural.h"

#include <inttypes.h>
#include <string.h>

static struct span verification_sum_time_of(const char *time)
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
    char first[TIMESTAMP_TEXT], last[TIMESTAMP_TEXT];
    const struct reader_totals *totals = &v->totals;

    bytes_printf(&v->text, "%" PRIu64 " to %" PRIu64, totals->first, totals->head.sequence);
    row(v, "Events");
    timestamp_show(verification_sum_time_of(v->first_time), false, first);
    timestamp_show(verification_sum_time_of(v->last_time), false, last);
    bytes_printf(&v->text, "%s to %s UTC", first, last);
    row(v, "Time");
    bytes_printf(&v->text,
                 "%" PRIu64 " in %" PRIu64 " file%s (%.1f MB), %" PRIu64 " run%s of the module",
                 totals->lines, totals->segments, totals->segments == 1 ? "" : "s",
                 (double)v->bytes / 1e6, v->runs, v->runs == 1 ? "" : "s");
    if (v->unclean)
        bytes_printf(&v->text, ", before %" PRIu64 " of which the one before had not ended cleanly",
                     v->unclean);
    row(v, "Lines");
}

static void sum_records(struct verification *v)
{
    const struct reader_totals *totals = &v->totals;

    bytes_printf(&v->text, "%" PRIu64 " recover%s, %" PRIu64 " gap%s, %" PRIu64 " break%s",
                 totals->recoveries, totals->recoveries == 1 ? "y" : "ies", totals->gaps,
                 totals->gaps == 1 ? "" : "s", totals->breaks, totals->breaks == 1 ? "" : "s");
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
        "not closed; whether a writer has it open is not known",
    };

    bytes_add_text(&v->text, sentences[v->writer]);
    row(v, "State");
}

static uint64_t heads_proven(const struct verification *v)
{
    return v->head_counts[HEAD_PROVEN] + v->head_counts[HEAD_LINKED] + v->head_counts[HEAD_ASIDE];
}

static uint64_t heads_contradicted(const struct verification *v)
{
    return v->head_counts[HEAD_CONTRADICTED] + v->head_counts[HEAD_OTHER_ASIDE];
}

static void add_count(struct bytes *out, uint64_t count, const char *what)
{
    if (count) bytes_printf(out, ", %" PRIu64 " %s", count, what);
}

static void sum_heads(struct verification *v)
{
    if (!v->heads->count) return;
    bytes_printf(&v->text, "%" PRIu64 " given: %" PRIu64 " proven", (uint64_t)v->heads->count,
                 heads_proven(v));
    add_count(&v->text, heads_contradicted(v), "contradicted");
    add_count(&v->text, v->heads_missing, "beyond the end");
    add_count(&v->text, v->heads_unchecked, "not checked");
    row(v, "Heads");
    if (v->head_contradicted && v->head_proven < v->head_contradicted) {
        if (v->head_proven)
            bytes_printf(
                &v->text,
                "the journal was changed, or restored and written on, between event %" PRIu64
                " and event %" PRIu64,
                v->head_proven + 1, v->head_contradicted);
        else
            bytes_printf(&v->text,
                         "the journal was changed, or restored and written on, at event %" PRIu64
                         " or before it",
                         v->head_contradicted);
        row(v, "");
    }
}

static void sum_dates(struct verification *v)
{
    if (date_check_verdict(&v->dates) == DATES_NOT_COMPARED) return;
    date_check_tell(&v->dates, &v->text);
    row(v, "Dates");
}

static const char *voucher_word(enum voucher voucher)
{
    static const char *const words[] = {"nothing", "first event", "journal.pruned",
                                        "head",    "--begins-at", "file head"};

    return words[voucher];
}

static void sum_beginning(struct verification *v)
{
    static const char *const sentences[] = {
        [VOUCHED_BY_NOTHING] = "nothing confirms that no events before it were removed",
        [VOUCHED_BY_FIRST] = "the first of all",
        [VOUCHED_BY_PRUNED] = "journal.pruned reports those before it",
        [VOUCHED_BY_HEAD] =
            "the head of the line before it, which was given, is the one that it names",
        [VOUCHED_BY_OPTION] = "as --begins-at says",
    };

    bytes_printf(&v->text, "event %" PRIu64 ": %s", v->totals.first, sentences[v->beginning]);
    row(v, "Beginning");
}

static void sum_end(struct verification *v)
{
    uint64_t last = v->totals.head.sequence;

    bytes_printf(&v->text, "event %" PRIu64 ": ", last);
    if (v->end == VOUCHED_BY_HEAD) bytes_add_text(&v->text, "a head that was given is its own");
    else if (v->end == VOUCHED_BY_FILE)
        bytes_add_text(&v->text, "the file head in this folder names it (whoever can write to the "
                                 "folder can write that file too)");
    else if (v->vouched_to)
        bytes_printf(&v->text,
                     "a head confirms it up to event %" PRIu64
                     "; nothing confirms what follows, nor that nothing was cut off",
                     v->vouched_to);
    else bytes_add_text(&v->text, "nothing confirms that no event after it was cut off");
    row(v, "End");
}

static void sum_faults(struct verification *v)
{
    if (!v->faults) return;
    bytes_printf(&v->text, "%" PRIu64 " place%s; after %s %" PRIu64 " %s alone", v->faults,
                 plural(v->faults, "", "s"), plural(v->faults, "it", "the first of them"),
                 v->stray_lines,
                 plural(v->stray_lines, "line is whole by its own hash",
                        "lines are whole by their own hashes"));
    row(v, "Wrong");
}

static void sum_text(struct verification *v)
{
    if (!v->totals.lines) return;
    bytes_add(&v->text, v->source.data, v->source.size);
    row(v, "Source");
    sum_events(v);
    sum_beginning(v);
    if (!v->faults) sum_end(v);
    sum_faults(v);
    sum_records(v);
    if (!v->faults) sum_state(v);
    sum_dates(v);
    sum_heads(v);
    report_line(v->report, "");
    report_line(v->report, v->faults          ? "Head, up to which it holds:"
                           : v->report->wrong ? "Head, as it is now:"
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
    json_text(json, "state", v->faults ? "not known" : state_word(v));
    report_number(json, "faults", v->faults);
    json_object(json, "unverified");
    report_number(json, "lines", v->stray_lines);
    report_number(json, "stretches", v->stretches);
    json_end(json);
    json_object(json, "beginning");
    report_number(json, "sequence", totals->first);
    json_text(json, "vouchedBy", voucher_word(v->beginning));
    json_end(json);
    json_object(json, "end");
    report_number(json, "sequence", totals->head.sequence);
    json_text(json, "vouchedBy", voucher_word(v->end));
    report_number(json, "vouchedTo", v->vouched_to);
    json_end(json);
    json_object(json, "heads");
    report_number(json, "given", v->heads->count);
    report_number(json, "proven", heads_proven(v));
    report_number(json, "contradicted", heads_contradicted(v));
    report_number(json, "missing", v->heads_missing);
    report_number(json, "notChecked", v->heads_unchecked);
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
    " Copy the whole folder before anything else touches it, compare it with heads that were noted "
    "elsewhere (--head; entries 100 to 104 of the event "
    "log), and find out who or what wrote to it.";

static void add_whole(struct verification *v)
{
    bytes_printf(&v->text,
                 "every line is whole and follows the one before it, from event %" PRIu64
                 " to event %" PRIu64 ".",
                 v->totals.first, v->totals.head.sequence);
    if (v->head_proven)
        bytes_printf(&v->text, " Up to event %" PRIu64 " it is as it was when that head was noted.",
                     v->head_proven);
}

static void verification_sum_add_end(struct verification *v)
{
    if (v->end) return;
    bytes_add_text(&v->text, v->head_proven ? " Nothing confirms its end."
                                            : " Whether all of it was computed anew, or its end "
                                              "cut off, shows only against a head that "
                                              "was noted elsewhere (--head): note the one above.");
}

static void tell_verdict(struct verification *v, enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_HOLDS:
        bytes_add_text(&v->text, "The journal holds: ");
        add_whole(v);
        verification_sum_add_end(v);
        return;
    case VERDICT_HOLDS_FROM:
        bytes_printf(&v->text, "The journal holds from event %" PRIu64 " on: ", v->totals.first);
        add_whole(v);
        verification_sum_add_end(v);
        return;
    case VERDICT_TORN:
        bytes_printf(&v->text,
                     "The journal is whole up to event %" PRIu64 ", and ends in a torn tail: ",
                     v->totals.head.sequence);
        add_whole(v);
        verification_sum_add_end(v);
        return;
    case VERDICT_UNPROVEN:
        if (!v->totals.lines) {
            bytes_add_text(&v->text, "Nothing is proven.");
            return;
        }
        bytes_add_text(&v->text, "Not everything that was asked about this journal is proven: see "
                                 "above. Nothing contradicts it: ");
        add_whole(v);
        return;
    case VERDICT_CONTRADICTED:
        bytes_add_text(&v->text,
                       "The journal is contradicted: it is not the one that a head was noted of.");
        if (v->faults && v->totals.lines)
            bytes_printf(&v->text,
                         " Up to event %" PRIu64
                         " every line is whole and follows the one before it.",
                         v->totals.head.sequence);
        bytes_add_text(&v->text, advice);
        return;
    case VERDICT_DAMAGED:
        bytes_add_text(&v->text, v->faults ? "The journal does not hold."
                                           : "Something is wrong with the journal.");
        if (v->faults && v->totals.lines)
            bytes_printf(&v->text,
                         " Up to event %" PRIu64
                         " every line is whole and follows the one before it.",
                         v->totals.head.sequence);
        bytes_add_text(&v->text, advice);
        return;
    case VERDICT_NO_JOURNAL:
        bytes_add_text(&v->text, "This is not a journal: its files hold not one whole line.");
        return;
    case VERDICT_UNREADABLE:
        bytes_add_text(&v->text, "Not all of the journal could be read.");
    }
}

void verification_sum_up(struct verification *v, enum verdict verdict)
{
    static const char *const words[] = {"holds",   "holds from",   "torn tail",  "not proven",
                                        "damaged", "contradicted", "unreadable", "not a journal"};
    static const enum report_weight weights[] = {REPORT_NOTE,     REPORT_NOTE,  REPORT_NOTE,
                                                 REPORT_UNPROVEN, REPORT_WRONG, REPORT_WRONG,
                                                 REPORT_WRONG,    REPORT_WRONG};
    struct json *json = report_json(v->report);

    report_summary(v->report);
    if (json) sum_json(v, json);
    else if (verdict != VERDICT_NO_JOURNAL) sum_text(v);
    tell_verdict(v, verdict);
    report_verdict(v->report, words[verdict], weights[verdict], &v->text);
}
