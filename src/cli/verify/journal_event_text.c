#include "journal_event_text.h"

#include "cli/terminal/console.h"
#include "events/gap.h"
#include "journal/segment.h"
#include "base/timestamp.h"
#include "base/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REQUESTS_SHOWN 20

static bool get_number(struct event *event, const char *path, uint64_t *number)
{
    int64_t found;

    if (!event_number(event, path, &found) || found < 0) return false;
    *number = (uint64_t)found;
    return true;
}

static void journal_event_text_add_time(struct event *event, const char *path, const char *before,
                                        struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    struct span text = json_doc_span(doc, json_find(doc, JSON_ROOT, path));
    char time[TIMESTAMP_TEXT];
    int64_t micros;

    if (text.size < 20 || !timestamp_of_line(text, &micros)) return;
    timestamp_show(text, false, time);
    bytes_add_text(out, before);
    bytes_add_text(out, time);
}

static void journal_event_text_add_requests(struct event *event, struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    json_at list = json_find(doc, JSON_ROOT, "requestIDs"), at = JSON_NONE;
    unsigned count = 0;
    int64_t id;

    while ((at = json_next(doc, list, at)) != JSON_NONE && count <= REQUESTS_SHOWN) {
        if (!json_doc_number(doc, at, &id)) continue;
        if (count == REQUESTS_SHOWN) bytes_add_text(out, " and others");
        else bytes_printf(out, "%s%" PRId64, count ? ", " : " Requests ", id);
        count++;
    }
    if (count) bytes_add_text(out, ": look them up in the CA's database.");
}

static void add_causes(struct event *event, struct bytes *out)
{
    struct bytes causes = {0};

    gap_add_causes(event, &causes);
    if (causes.size) bytes_add_text(out, " Of them ");
    bytes_add(out, causes.data, causes.size);
    if (causes.size) bytes_add_text(out, ".");
    bytes_free(&causes);
}

void record_gap(struct event *event, struct bytes *out)
{
    uint64_t events = 0;

    if (get_number(event, "events", &events))
        bytes_printf(out, "%" PRIu64 " event%s of the CA could not be kept", events,
                     events == 1 ? "" : "s");
    else bytes_add_text(out, "Events of the CA could not be kept");
    journal_event_text_add_time(event, "first", ", from ", out);
    journal_event_text_add_time(event, "last", " to ", out);
    bytes_add_text(out, ", and are not in this journal.");
    add_causes(event, out);
    journal_event_text_add_requests(event, out);
}

/* A name in torn/ as the module makes them: nothing else is looked for. */
static bool is_kept_name(const struct bytes *name)
{
    if (name->size <= 27 || name->size >= DISK_NAME_MAX || memcmp(name->data, "torn/", 5))
        return false;
    for (size_t i = 5; i < name->size; i++)
        if ((name->data[i] < '0' || name->data[i] > '9') && (i < 25 || name->data[i] != '-'))
            return false;
    return true;
}

static void add_kept(struct event *event, struct disk_folder *folder, uint64_t bytes,
                     struct bytes *out)
{
    struct bytes kept = {0};
    char name[DISK_NAME_MAX];
    uint64_t size;

    if (event_text(event, "kept", &kept) && !kept.failed && is_kept_name(&kept)) {
        snprintf(name, sizeof name, "%.*s", (int)kept.size, kept.data);
        bytes_printf(out, " They were moved to %s", name);
        if (FAILED(disk_size(folder, name, &size))) bytes_add_text(out, ", which is not here.");
        else if (size != bytes)
            bytes_printf(out, ", which is here, but of %" PRIu64 " %s.", size,
                         plural(size, "byte", "bytes"));
        else bytes_add_text(out, ", which is here.");
    }
    bytes_free(&kept);
}

/* " of <file> (byte N)" where the event names a segment. */
static void add_place(struct event *event, struct bytes *out)
{
    struct bytes file = {0};
    uint64_t offset;

    if (event_text(event, "file", &file) && !file.failed && file.size == SEGMENT_NAME_SIZE) {
        bytes_add_text(out, " in ");
        bytes_add(out, file.data, file.size);
        if (get_number(event, "offset", &offset))
            bytes_printf(out, " from byte %" PRIu64 " on", offset);
    }
    bytes_free(&file);
}

void record_recovered(struct event *event, struct disk_folder *folder, struct bytes *out)
{
    uint64_t bytes = 0;

    if (get_number(event, "bytes", &bytes))
        bytes_printf(out,
                     "%" PRIu64 " %s being written when the power went or the CA was killed stood",
                     bytes, plural(bytes, "byte that was", "bytes that were"));
    else
        bytes_add_text(
            out, "Bytes that were being written when the power went or the CA was killed stood");
    add_place(event, out);
    bytes_add_text(out, "; the CA had not been told that they were on disk.");
    add_kept(event, folder, bytes, out);
}

void record_head_beyond(struct event *event, struct bytes *out)
{
    uint64_t sequence;

    if (!get_number(event, "head/sequence", &sequence)) return;
    bytes_printf(out, " The file head named event %" PRIu64 ", which was not there: ", sequence);
    bytes_add_text(out, "the last lines were cut off or lost, or the journal was restored from a "
                        "copy that was made before. If it was restored, keep the disk or "
                        "the copy that it replaced: the events up to there are in that alone.");
}

bool record_unwritten(struct event *event, struct bytes *out)
{
    uint64_t runs, uncounted = 0, events = 0;

    if (!get_number(event, "module/unwritten/runs", &runs) || !runs) return false;
    get_number(event, "module/unwritten/uncounted", &uncounted);
    get_number(event, "module/unwritten/events", &events);
    bytes_printf(out,
                 "Before this run %" PRIu64
                 " run%s of the module ended with events that are not in this journal",
                 runs, runs == 1 ? "" : "s");
    journal_event_text_add_time(event, "module/unwritten/began", ", from ", out);
    journal_event_text_add_time(event, "module/unwritten/ended", " to ", out);
    bytes_add_text(out, ": it could not be written.");
    if (runs > uncounted)
        bytes_printf(out, " %" PRIu64 " event%s lost.", events, events == 1 ? " was" : "s were");
    if (uncounted)
        bytes_printf(out, " What %" PRIu64 " of the runs %s lost was not counted.", uncounted,
                     uncounted == 1 ? "has" : "have");
    bytes_add_text(out, " Look up in the CA's database what it did in that time, and see to the "
                        "settings that module.started of this run names.");
    return true;
}

void record_broken(struct event *event, struct bytes *out)
{
    uint64_t sequence;

    bytes_add_text(out, "Lines that had been on disk were found damaged");
    add_place(event, out);
    if (get_number(event, "sequence", &sequence))
        bytes_printf(out, ", where event %" PRIu64 " was expected", sequence);
    bytes_add_text(out, ", when the module opened the journal.");
}

bool record_pruned(struct event *event, struct chain_head *last)
{
    const struct json_doc *doc = event_doc(event);
    struct span hash = json_doc_span(doc, json_find(doc, JSON_ROOT, "hash"));

    if (!get_number(event, "sequence", &last->sequence) || hash.size != LINE_HASH_SIZE)
        return false;
    memcpy(last->hash, hash.text, LINE_HASH_SIZE);
    last->hash[LINE_HASH_SIZE] = 0;
    return true;
}

static void journal_event_text_add_plain(struct event *event, const char *name, const char *before,
                                         struct bytes *out)
{
    struct bytes text = {0};

    if (event_text(event, name, &text) && !text.failed) {
        bytes_add_text(out, before);
        console_add_text(out, text.data, text.size, 0);
    }
    bytes_free(&text);
}

void record_pruned_how(struct event *event, uint64_t last, struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    bool archived = json_kind(doc, json_find(doc, JSON_ROOT, "archived")) == JSON_TRUE,
         told = json_find(doc, JSON_ROOT, "rule") != JSON_NONE;

    bytes_printf(out, "Old files with the events up to %" PRIu64 " were %s", last,
                 archived ? "moved to an archive" : "removed");
    if (!told) bytes_add_text(out, ", as RetainDays says"); /* by 0.1.0, where the module did it */
    journal_event_text_add_plain(event, "rule", " by the rule ", out);
    journal_event_text_add_plain(event, "account", ", asked by ", out);
    bytes_add_text(out, ".");
}
