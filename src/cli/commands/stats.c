#include "cli/stats/stats.h"

#include "cli/commands.h"
#include "cli/terminal/console.h"
#include "cli/filter_options.h"
#include "cli/journal_events.h"
#include "cli/journal_path.h"
#include "cli/terminal/paragraph.h"

static void stats_print(struct events *events, struct stats *stats, bool as_json, unsigned top)
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

/* Counts of a part of the journal would be taken for counts of all: when interrupted, none are
 * printed. */
static enum outcome count_all(struct events *events, const struct filter *filter,
                              const struct options *options, unsigned top)
{
    struct stats *stats = stats_open(filter, os_now() / 1000000);
    struct event *event;

    if (!stats) {
        console_note("there is not enough memory");
        return OUTCOME_CANNOT;
    }
    while ((event = events_next(events))) stats_add(stats, event);
    if (console_interrupted())
        console_note("%s: interrupted at event %llu", events->path.data,
                     (unsigned long long)events->notes.last);
    else {
        stats_print(events, stats, option_given(options, "json"), top);
        if (!stats->events) filter_options_note_none(options, events->path.data, events->looked_at);
    }
    stats_free(stats);
    return events->notes.outcome;
}

static enum outcome stats_run(const struct options *options)
{
    unsigned long long top = 10;
    struct events events;
    struct filter filter;
    enum outcome outcome, read;

    if (!filter_options_read(&filter, options) ||
        !option_number(options, "top", 0, TALLY_MAX, &top))
        return OUTCOME_CANNOT;
    if (!journal_events_open(&events, options, 0, NULL)) return events_close(&events);
    events.doing = "counting";
    outcome = count_all(&events, &filter, options, (unsigned)top);
    read = events_close(&events);
    return outcome > read ? outcome : read;
}

static const struct option_row options[] = {
    JOURNAL_OPTION,
    FILTER_OPTIONS,
    {"top", "N", "name the N templates and requesters with most (10)"},
    {"json", NULL, "one JSON object, in which all are named"},
    {0},
};

const struct command command_stats = {
    .name = "stats",
    .operands = "[JOURNAL]",
    .operands_least = 0,
    .operands_most = 1,
    .options = options,
    .run = stats_run,
    .summary = "count events and certificates",
    .more = JOURNAL_HELP
    "\n" FILTER_HELP
    "\nCertificates are told apart by serial number and hash: a restored CA gives\n"
    "RequestIDs a second time. They count as valid if this journal records that they\n"
    "were issued, their NotAfter has not come, and the last event about them is not a\n"
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
