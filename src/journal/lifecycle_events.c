#include "lifecycle_events.h"

#include "journal_event.h"
#include "base/json.h"

/* What `data` says, out of `what`; `shortest`: without all that can be left out. */
typedef void spell(struct bytes *data, const void *what, bool shortest);

/* Now. Where no line can be made of all that there is to say, the least of it is said. */
static HRESULT lifecycle_events_add(struct writer *writer, const char *type, spell *spell,
                                    const void *what)
{
    HRESULT hr = E_INVALIDARG;

    for (int shortest = 0; shortest < 2 && hr == E_INVALIDARG; shortest++) {
        struct bytes data = {.limit = LINE_DATA_MAX};

        spell(&data, what, shortest);
        if (data.failed) hr = data.for_good ? E_OUTOFMEMORY : E_INVALIDARG;
        else hr = writer_add(writer, type, NULL, os_now(), (struct span){data.data, data.size});
        bytes_free(&data);
    }
    return hr;
}

struct start {
    const char *run;
    const struct recovery *found;
    const struct unwritten *before;
    struct span module, more;
};

static void add_moved_aside(struct json *json, const struct recover_foreign *foreign)
{
    if (!foreign->count) return;
    json_array(json, "movedAside");
    for (unsigned i = 0; i < foreign->count; i++) json_text(json, NULL, foreign->kept[i]);
    json_end(json);
}

static void add_unwritten(struct json *json, const struct unwritten *before)
{
    char hresult[11] = "";

    if (!before->runs) return;
    unwritten_hresult(before->hr, hresult);
    json_object(json, "unwritten");
    json_text(json, "run", before->run);
    json_text(json, "began", before->began);
    json_text(json, "ended", before->ended);
    json_number(json, "runs", (int64_t)before->runs);
    if (before->uncounted) json_number(json, "uncounted", (int64_t)before->uncounted);
    json_number(json, "events", (int64_t)before->events);
    json_text(json, "hresult", hresult);
    json_end(json);
}

static void spell_started(struct bytes *data, const void *what, bool shortest)
{
    const struct start *start = what;
    struct json json = {.out = data};

    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", start->run);
    json_bool(&json, "endedCleanly", start->found->ended_cleanly && !start->before->runs);
    add_unwritten(&json, start->before);
    if (shortest) json_bool(&json, "shortened", true);
    else {
        if (*start->found->source) json_text(&json, "previousSource", start->found->source);
        add_moved_aside(&json, &start->found->foreign);
        json_members(&json, start->module.text, start->module.size);
    }
    json_end(&json);
    if (!shortest) json_members(&json, start->more.text, start->more.size);
    json_end(&json);
}

HRESULT lifecycle_started(struct writer *writer, const struct recovery *found,
                          const struct unwritten *before, struct span module, struct span more)
{
    const struct start start = {writer->run, found, before, module, more};

    return lifecycle_events_add(writer, JOURNAL_STARTED, spell_started, &start);
}

static void spell_stopped(struct bytes *data, const void *what, bool shortest)
{
    struct json json = {.out = data};

    (void)shortest;
    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", what);
    json_end(&json);
    json_end(&json);
}

HRESULT lifecycle_stopped(struct writer *writer)
{
    return lifecycle_events_add(writer, JOURNAL_STOPPED, spell_stopped, writer->run);
}

/* What the file `head` named beyond all that is there. */
static void lifecycle_events_add_head(struct json *json, const struct head *head)
{
    if (!head->line.sequence) return;
    json_object(json, "head");
    json_text(json, "run", head->run);
    json_number(json, "sequence", (int64_t)head->line.sequence);
    json_text(json, "hash", head->line.hash);
    json_end(json);
}

static void spell_finding(struct bytes *data, const void *what, bool shortest)
{
    const struct recovery *found = what;
    struct json json = {.out = data};

    (void)shortest;
    json_object(&json, NULL);
    json_text(&json, "file", found->file);
    json_number(&json, "offset", (int64_t)found->offset);
    json_number(&json, "sequence", (int64_t)found->sequence);
    json_number(&json, "bytes", (int64_t)found->bytes);
    if (*found->kept) json_text(&json, "kept", found->kept);
    lifecycle_events_add_head(&json, &found->vouched);
    json_end(&json);
}

HRESULT lifecycle_finding(struct writer *writer, const struct recovery *found)
{
    if (found->finding == RECOVER_NOTHING) return S_OK;
    return lifecycle_events_add(writer,
                                found->finding == RECOVER_TORN ? JOURNAL_RECOVERED : JOURNAL_BROKEN,
                                spell_finding, found);
}

static void spell_gap(struct bytes *data, const void *what, bool shortest)
{
    losses_json(what, !shortest, data);
}

HRESULT lifecycle_gap(struct writer *writer, const struct losses *lost)
{
    return lost->events ? lifecycle_events_add(writer, JOURNAL_GAP, spell_gap, lost) : S_OK;
}

static void spell_pruned(struct bytes *data, const void *what, bool shortest)
{
    const struct request *request = what;
    struct json json = {.out = data};

    (void)shortest;
    json_object(&json, NULL);
    json_number(&json, "sequence", (int64_t)request->last.sequence);
    json_text(&json, "hash", request->last.hash);
    json_number(&json, "segments", (int64_t)request->segments);
    json_text(&json, "before", request->before);
    json_bool(&json, "archived", request->archived);
    json_text(&json, "rule", request->rule);
    json_text(&json, "account", request->account);
    json_end(&json);
}

HRESULT lifecycle_pruned(struct writer *writer, const struct request *request)
{
    return lifecycle_events_add(writer, JOURNAL_PRUNED, spell_pruned, request);
}
