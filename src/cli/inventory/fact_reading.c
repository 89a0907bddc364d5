#include "fact_reading.h"

#include "base/error_text.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "cli/filter_options.h"
#include "cli/journal_events.h"
#include "cli/terminal/console.h"

#include <inttypes.h>
#include <string.h>

enum outcome fact_reading_failed(const struct facts *facts)
{
    char reason[ERROR_TEXT_MAX];

    console_note("what the journal tells could not be kept in memory and in a temporary file: %s. "
                 "TMPDIR, on Windows TMP, names the folder for temporary files",
                 facts ? error_text(facts->hr, reason) : "there is not enough memory");
    return OUTCOME_CANNOT;
}

static void read_all(struct facts *facts, struct events *events, const struct filter *filter)
{
    struct event *event;

    while (SUCCEEDED(facts->hr) && (event = events_next(events)))
        facts_add(facts, event, issuance_is(event) && filter_takes(filter, event));
}

struct facts *fact_reading(const struct options *options, const struct filter *filter,
                           int64_t least_end, enum outcome *outcome)
{
    struct facts *facts = facts_open(least_end, FACTS_MEMORY);
    struct events events;

    *outcome = OUTCOME_CANNOT;
    if (!facts) {
        fact_reading_failed(NULL);
        return NULL;
    }
    if (journal_events_open(&events, options, 0, NULL)) {
        events.doing = "reading";
        read_all(facts, &events, filter);
    }
    if (console_interrupted())
        console_note("%s: interrupted at event %" PRIu64, events.path.data, events.notes.last);
    *outcome = events_close(&events);
    if (*outcome != OUTCOME_CANNOT && FAILED(facts_join(facts)))
        *outcome = fact_reading_failed(facts);
    if (*outcome != OUTCOME_CANNOT) return facts;
    facts_close(facts);
    return NULL;
}

void fact_reading_tell_span(const struct facts *facts, struct bytes *out)
{
    char first[TIMESTAMP_TEXT], last[TIMESTAMP_TEXT];

    if (!*facts->first_time) {
        bytes_add_text(out, "The journal has no events. ");
        return;
    }
    timestamp_show((struct span){facts->first_time, strlen(facts->first_time)}, false, first);
    timestamp_show((struct span){facts->last_time, strlen(facts->last_time)}, false, last);
    bytes_printf(out,
                 "The journal begins at %s and its last event is of %s (UTC): certificates that "
                 "were issued before or after are not known to it. ", first, last);
    if (facts->gaps)
        bytes_printf(out, "It records that %" PRIu64 " %s lost (journal.gap): certificates and "
                     "revocations of these are not known. ", facts->lost,
                     plural(facts->lost, "event was", "events were"));
    if (facts->narrowed)
        bytes_printf(out, "At %" PRIu64 " %s of the module EventMask left out certificates, "
                     "revocations or CRLs: these are not known. ", facts->narrowed,
                     plural(facts->narrowed, "start", "starts"));
    if (facts->links.unknown_revoked)
        bytes_printf(out, "It tells of %" PRIu64 " %s of certificates that it does not know. ",
                     facts->links.unknown_revoked,
                     plural(facts->links.unknown_revoked, "revocation", "revocations"));
    if (facts->links.not_compared)
        bytes_printf(out, "%" PRIu64 " %s with too many equal ones to be compared, and %s as not "
                     "renewed. ", facts->links.not_compared,
                     plural(facts->links.not_compared, "certificate stands", "certificates stand"),
                     plural(facts->links.not_compared, "counts", "count"));
}
