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
    [DEVIATION_NEITHER] = {"neither", "In neither"},
};

static const struct { unsigned bit; const char *word; } fields[] = {
    {DIFFERS_SERIAL, "SerialNumber"},   {DIFFERS_HASH, "CertificateHash"},
    {DIFFERS_DISPOSITION, "Disposition"}, {DIFFERS_REASON, "RevokedReason"},
    {DIFFERS_REQUESTER, "RequesterName"}, {DIFFERS_TEMPLATE, "CertificateTemplate"}};

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

void comparison_sum(const struct comparison *comparison, const struct database_dump *dump,
                    struct bytes *out)
{
    uint64_t differences = 0, others = 0;

    for (int i = 0; i < DEVIATION_KINDS; i++) {
        if (deviation_is_difference((enum deviation_kind)i)) differences += comparison->counts[i];
        else others += comparison->counts[i];
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
        bytes_printf(out, "%" PRIu64 " %s could not be compared: a template by name and by OID, or "
                     "a requester in a code page that is not known. ", comparison->not_compared,
                     plural(comparison->not_compared, "value", "values"));
}
