#include "cli/commands.h"

#include "base/error_text.h"
#include "cli/compare/comparison_show.h"
#include "cli/inventory/fact_filter.h"
#include "cli/journal_events.h"
#include "cli/journal_path.h"
#include "cli/terminal/console.h"
#include "cli/terminal/paragraph.h"

#include <stdlib.h>

#define OUT_KEEP (256u << 10)           /* bytes that are written at once */

static enum outcome compare_failed(const struct comparison *comparison)
{
    char reason[ERROR_TEXT_MAX];

    console_note("what is compared could not be kept in memory and in a temporary file: %s",
                 error_text(comparison->hr, reason));
    return OUTCOME_CANNOT;
}

/* False: the file is no dump of certutil, or could not be read. */
static bool read_database(struct comparison *comparison, const char *path,
                          struct database_dump *dump)
{
    struct database_row row;

    if (!database_dump_open(dump, path)) return false;
    while (!console_interrupted() && database_dump_next(dump, &row))
        comparison_row(comparison, &row);
    if (ferror(dump->file)) console_note("%s: reading failed at line %llu", path,
                                         (unsigned long long)dump->lines);
    else if (!dump->rows && !dump->has_heading)
        console_note("%s: there is no row of seven cells that begins with a RequestID. The file is "
                     "written by: certutil -view -out \"" DATABASE_DUMP_COLUMNS "\" csv > db.csv",
                     path);
    else return !console_interrupted();
    return false;
}

static enum outcome read_journal(struct comparison *comparison, const struct options *options)
{
    struct bytes path = {0};
    struct events events;
    struct event *event;
    enum outcome outcome;

    if (!journal_path_find(operand_at(options, 1), option_value(options, "ca"), &path)) {
        bytes_free(&path);
        return OUTCOME_CANNOT;
    }
    if (events_open_from(&events, &journal_events_client, path.data, 0, NULL)) {
        events.doing = "comparing";
        while ((event = events_next(&events))) comparison_event(comparison, event);
    }
    outcome = events_close(&events);
    bytes_free(&path);
    return outcome;
}

static void compare_write(struct bytes *out, size_t least)
{
    if (out->size < least || out->failed) return;
    console_write(out->data, out->size);
    out->size = 0;
}

static void show_deviations(struct comparison *comparison, bool as_json, struct bytes *out)
{
    struct deviation deviation;
    int kind = DEVIATION_KINDS;

    while (!console_interrupted() && comparison_next(comparison, &deviation)) {
        if (!as_json && deviation.kind != kind) {
            if (kind != DEVIATION_KINDS) bytes_add_text(out, "\n");
            comparison_heading((enum deviation_kind)deviation.kind, out);
            kind = deviation.kind;
        }
        if (as_json) comparison_json(&deviation, out);
        else comparison_show(&deviation, out);
        compare_write(out, OUT_KEEP);
    }
    if (!as_json && kind != DEVIATION_KINDS) bytes_add_text(out, "\n");
}

static bool has_differences(const struct comparison *comparison, const struct database_dump *dump)
{
    for (int i = 0; i < DEVIATION_KINDS; i++)
        if (comparison->counts[i] && comparison_is_difference(comparison, (enum deviation_kind)i))
            return true;
    return dump->odd;
}

static enum outcome compare_show(struct comparison *comparison, const struct database_dump *dump,
                                 bool as_json)
{
    struct bytes out = {0}, sum = {0};
    bool failed;

    show_deviations(comparison, as_json, &out);
    comparison_sum(comparison, dump, &sum);
    if (sum.size) sum.data[sum.size - 1] = 0;
    if (as_json) console_note("%s", sum.size ? sum.data : "");
    else paragraph_add(&out, sum.data, sum.size ? sum.size - 1 : 0, 0, paragraph_width());
    compare_write(&out, 0);
    failed = out.failed || sum.failed || console_interrupted();
    if (out.failed || sum.failed) console_note("there is not enough memory");
    bytes_free(&out);
    bytes_free(&sum);
    if (FAILED(comparison->hr)) return compare_failed(comparison);
    return failed ? OUTCOME_CANNOT
           : has_differences(comparison, dump) ? OUTCOME_WRONG
                                               : OUTCOME_FINE;
}

static enum outcome compare_all(struct comparison *comparison, const struct options *options)
{
    struct database_dump dump = {0};
    enum outcome outcome = OUTCOME_CANNOT, shown;

    if (read_database(comparison, operand_at(options, 0), &dump) &&
        (outcome = read_journal(comparison, options)) != OUTCOME_CANNOT) {
        if (FAILED(comparison_end(comparison))) shown = compare_failed(comparison);
        else shown = compare_show(comparison, &dump, option_given(options, "json"));
        if (shown > outcome) outcome = shown;
    }
    database_dump_close(&dump);
    return outcome;
}

static enum outcome compare_run(const struct options *options)
{
    struct comparison *comparison = calloc(1, sizeof *comparison);
    enum outcome outcome = OUTCOME_CANNOT;
    int64_t now;

    if (!comparison) console_note("there is not enough memory");
    else if (fact_filter_now(options, &now)) {
        comparison_begin(comparison, now, option_given(options, "copy"));
        outcome = compare_all(comparison, options);
        comparison_free(comparison);
    }
    free(comparison);
    return outcome;
}

static const struct option_row options[] = {
    JOURNAL_OPTION,
    {"now", "TIME", "as of this time, not of this machine's clock: what has expired by then"},
    {"copy", NULL, "JOURNAL is a copy, older than DB.csv: rows after its end are no difference"},
    {"json", NULL, "one JSON object for each deviation"},
    {0},
};

const struct command command_compare = {
    .name = "compare",
    .operands = "DB.csv [JOURNAL]",
    .operands_least = 1,
    .operands_most = 2,
    .options = options,
    .run = compare_run,
    .summary = "the journal beside the CA's database",
    .more = "DB.csv is what the CA's database holds, as this line writes it on the CA. The\n"
            "columns have to be these, in this order; the language does not matter.\n\n"
            "  certutil -view -out \"RequestID,Request.Disposition,Request.RequesterName,\n"
            "  SerialNumber,CertificateHash,CertificateTemplate,Request.RevokedReason\"\n"
            "  csv > db.csv\n\n"
            "(all on one line).\n\n" JOURNAL_HELP "\n"
            "Requests are matched by RequestID, and certificates by serial number, which\n"
            "finds rows whose RequestID moved. Told are requests that only one of the two\n"
            "has, with the reason as far as the journal knows it; and what differs: serial\n"
            "number, hash, disposition, reason of revocation, requester, template.\n\n"
            "  certwitness compare db.csv\n"
            "  certwitness compare db.csv D:\\Evidence\\CA1 --json > deviations.jsonl\n\n"
            "Exit code: 0 the same, but for what was before the journal began, rows of the CA\n"
            "itself, RequestIDs that neither has, and with --copy rows after the journal's\n"
            "last event; 1 they differ, or a line or the journal could not be read in full;\n"
            "2 it could not be done.\n",
};
