#include "comparison_show.h"

#include "base/json.h"
#include "base/plural.h"
#include "base/utc.h"
#include "cli/show/code_name.h"

#include <inttypes.h>
#include <string.h>

static const struct { const char *word, *heading; } kinds[DEVIATION_KINDS] = {
    [DEVIATION_BEFORE] = {"beforeJournal", "In the database only: before the journal began"},
    [DEVIATION_AFTER] = {"afterJournal", "In the database only: after the journal's last event"},
    [DEVIATION_GAP] = {"gap", "In the database only: the journal records a gap here"},
    [DEVIATION_OFF] = {"moduleOff",
                       "In the database only: the module was off, or was restarted here"},
    [DEVIATION_UNEXPLAINED] = {"unexplained", "In the database only: unexplained"},
    [DEVIATION_EXPIRED] = {"rowGoneExpired",
                           "In the journal only: the row is gone, its certificate has expired"},
    [DEVIATION_DELETED] = {"rowGoneValid",
                           "In the journal only: the row is gone, its certificate has not expired"},
    [DEVIATION_NO_ROW] = {"rowGone",
                          "In the journal only: the row of a request without certificate"},
    [DEVIATION_DIFFERENT] = {"different", "In both, and different"},
    [DEVIATION_MOVED] = {"moved", "In both, with another RequestID in the database"},
    [DEVIATION_UNREAD] = {"unreadable", "In the database, and could not be read: not compared"},
    [DEVIATION_CA] = {"ofTheCA", "In the database only: of the CA itself, by its disposition"},
    [DEVIATION_NEITHER] = {"neither", "In neither"},
};

static const struct { unsigned bit; const char *word; } fields[] = {
    {DIFFERS_SERIAL, "SerialNumber"},   {DIFFERS_HASH, "CertificateHash"},
    {DIFFERS_DISPOSITION, "Disposition"}, {DIFFERS_REASON, "RevokedReason"},
    {DIFFERS_REQUESTER, "RequesterName"}, {DIFFERS_TEMPLATE, "CertificateTemplate"}};

#define SUM_RESTORES 3                  /* that are told one by one */
#define FIELDS (sizeof fields / sizeof *fields)

const char *deviation_word(enum deviation_kind kind)
{
    return kinds[kind].word;
}

void comparison_heading(enum deviation_kind kind, struct bytes *out)
{
    bytes_add_text(out, kinds[kind].heading);
    bytes_add_text(out, "\n");
}

static void add_disposition(int64_t disposition, struct bytes *out)
{
    const char *name = disposition_name(disposition);

    if (name) bytes_add_text(out, name);
    else bytes_printf(out, "%" PRId64, disposition);
}

static void add_fields(const struct deviation *deviation, struct bytes *out)
{
    bool any = false;

    for (size_t i = 0; i < FIELDS; i++) {
        if (!(deviation->differs & fields[i].bit)) continue;
        bytes_add_text(out, any ? ", " : ": ");
        bytes_add_text(out, fields[i].word);
        any = true;
        if (fields[i].bit != DIFFERS_DISPOSITION) continue;
        bytes_add_text(out, " (journal ");
        add_disposition(deviation->ours, out);
        bytes_add_text(out, ", database ");
        add_disposition(deviation->theirs, out);
        bytes_add_text(out, ")");
    }
}

void comparison_show(const struct deviation *deviation, struct bytes *out)
{
    int64_t id = deviation_id(deviation);
    char time[UTC_TEXT_MAX];

    if (deviation->last > id)
        bytes_printf(out, "  RequestIDs %" PRId64 " to %" PRId64, id, deviation->last);
    else bytes_printf(out, "  RequestID %" PRId64, id);
    if (deviation->kind == DEVIATION_MOVED)
        bytes_printf(out, ", in the database %" PRId64, deviation->other);
    if (deviation->time != FACT_NO_TIME && utc_text(deviation->time * 1000000, false, time))
        bytes_printf(out, ", %s", time);
    add_fields(deviation, out);
    bytes_add_text(out, "\n");
}

void comparison_json(const struct deviation *deviation, struct bytes *out)
{
    struct json json = {.out = out};
    int64_t id = deviation_id(deviation);
    char time[UTC_TEXT_MAX];

    json_object(&json, NULL);
    json_text(&json, "deviation", deviation_word((enum deviation_kind)deviation->kind));
    json_number(&json, "requestId", id);
    if (deviation->last > id) json_number(&json, "lastRequestId", deviation->last);
    if (deviation->kind == DEVIATION_MOVED)
        json_number(&json, "databaseRequestId", deviation->other);
    if (deviation->time != FACT_NO_TIME && utc_text(deviation->time * 1000000, false, time))
        json_text(&json, "time", time);
    if (deviation->ours >= 0) json_number(&json, "journalDisposition", deviation->ours);
    if (deviation->theirs >= 0) json_number(&json, "databaseDisposition", deviation->theirs);
    if (deviation->differs) {
        json_array(&json, "differs");
        for (size_t i = 0; i < FIELDS; i++)
            if (deviation->differs & fields[i].bit) json_text(&json, NULL, fields[i].word);
        json_end(&json);
    }
    json_end(&json);
    bytes_add_text(out, "\n");
}

/* What is not known of rows where numbers began again. */
static void add_restores(const struct comparison *comparison, struct bytes *out)
{
    char time[UTC_TEXT_MAX];

    for (unsigned i = 0; i < comparison->restore_count && i < SUM_RESTORES; i++) {
        const struct restore *restore = &comparison->restores[i];

        if (!utc_text(restore->time * 1000000, false, time)) *time = 0;
        bytes_printf(out, "RequestIDs began again with %" PRId64 " after the start at %s",
                     restore->first, time);
        if (restore->has_unsure)
            bytes_printf(out, ": of rows from %" PRId64 " to %" PRId64 " that the journal does not "
                         "have it is not known whether they are older", restore->kept + 1,
                         restore->first - 1);
        bytes_add_text(out, ". ");
    }
    if (comparison->restore_count > SUM_RESTORES)
        bytes_printf(out, "They began again %s%u times. ",
                     comparison->restore_count == RESTORES_MOST ? "at least " : "",
                     comparison->restore_count);
}

/* The dump has no dates: rows above the journal's last number may be from after its last event. */
static void add_open_ended(const struct comparison *comparison, struct bytes *out)
{
    if (!comparison->open_ended) return;
    bytes_printf(out, "%" PRIu64 " %s above RequestID %" PRId64 ", the journal's last, may be "
                 "newer than its last event, or from before the start or gap that is shown",
                 comparison->open_ended, plural(comparison->open_ended, "row", "rows"),
                 comparison_last_id(comparison));
    if (comparison->is_copy)
        bytes_printf(out, ": --copy leaves %s",
                     plural(comparison->open_ended, "it a difference", "them differences"));
    bytes_add_text(out, ". ");
}

/* Numbers began again, and it is not known when. */
static void add_hidden(const struct comparison *comparison, struct bytes *out)
{
    if (!comparison->hidden) return;
    bytes_printf(out, "%" PRIu64 " %s given to two certificates where no date shows that they "
                 "began again: the CA's clock may have run ahead. ", comparison->hidden,
                 plural(comparison->hidden, "RequestID was", "RequestIDs were"));
    if (comparison->hidden_low < comparison->hidden_high)
        bytes_printf(out, "They are from %" PRId64 " to %" PRId64 ". ", comparison->hidden_low,
                     comparison->hidden_high);
    else bytes_printf(out, "It is %" PRId64 ". ", comparison->hidden_low);
    if (comparison->hidden_after < comparison->hidden_until)
        bytes_printf(out, "If that was once, it was between the journal's lines %" PRIu64
                     " and %" PRIu64 ". ", comparison->hidden_after, comparison->hidden_until);
    else bytes_printf(out, "That was more than once, after the journal's line %" PRIu64 ". ",
                      comparison->hidden_oldest);
    bytes_add_text(out, "Of rows that the journal does not have it is not known whether they are "
                        "from before or since");
    if (comparison->counts[DEVIATION_BEFORE] &&
        comparison->oldest_kept > comparison->hidden_oldest)
        bytes_printf(out, ", also of those below %" PRId64 ", the journal's first",
                     comparison->first_id);
    bytes_add_text(out, ". ");
}

void comparison_sum(const struct comparison *comparison, const struct database_dump *dump,
                    struct bytes *out)
{
    uint64_t differences = 0, others = 0;

    for (int i = 0; i < DEVIATION_KINDS; i++) {
        if (comparison_is_difference(comparison, (enum deviation_kind)i))
            differences += comparison->counts[i];
        else if (i != DEVIATION_UNREAD && i != DEVIATION_CA) others += comparison->counts[i];
    }
    bytes_printf(out, "%" PRIu64 " %s of the database, %" PRIu64 " of them of the CA itself; %"
                 PRIu64 " %s in both. ", dump->rows, plural(dump->rows, "row", "rows"),
                 comparison->ca_rows, comparison->matched,
                 plural(comparison->matched, "request is", "requests are"));
    bytes_printf(out, "%" PRIu64 " %s, and %" PRIu64 " %s that the journal cannot have or that "
                 "neither has. ", differences, plural(differences, "difference", "differences"),
                 others, plural(others, "RequestID", "RequestIDs"));
    if (dump->odd)
        bytes_printf(out, "%" PRIu64 " %s could not be read. ", dump->odd,
                     plural(dump->odd, "line", "lines"));
    if (comparison->not_compared)
        bytes_printf(out, "%" PRIu64 " %s could not be compared: a template by name and by OID, a "
                     "requester in a code page that is not known, or what the journal does not "
                     "have. ", comparison->not_compared,
                     plural(comparison->not_compared, "value", "values"));
    if (comparison->counts[DEVIATION_AFTER] && !comparison->is_copy)
        bytes_add_text(out, "After the journal's last event the module may be off: certwitness "
                            "status on the CA says so. If the journal is a copy from before the "
                            "database was written out, --copy takes these rows for no "
                            "difference. ");
    add_open_ended(comparison, out);
    add_restores(comparison, out);
    add_hidden(comparison, out);
}
