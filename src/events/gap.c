#include "gap.h"

#include <inttypes.h>
#include <string.h>

const struct gap_cause gap_causes[GAP_CAUSES] = {
    {"queueFull", "as QueueMiB was full"},
    {"queueHalf", "as half of QueueMiB was full"},
    {"lowSpace", "as less than MinFreeMiB was free"},
    {"noMemory", "for want of memory"},
    {"noLine", "as no line could be made of them"},
    {"exception", "by exceptions of the CA's"},
    {"unwritten", "as the journal was closed before"},
};

/* What is no number, or none that counts, is 0. */
static uint64_t count_at(const struct json_doc *doc, json_at value)
{
    int64_t number;

    return json_doc_number(doc, value, &number) && number > 0 ? (uint64_t)number : 0;
}

uint64_t gap_lost(struct event *event, const struct gap_cause *cause)
{
    const struct json_doc *doc = event_doc(event);

    return count_at(doc, json_find(doc, json_find(doc, JSON_ROOT, "why"), cause->name));
}

void gap_add_causes(struct event *event, struct bytes *out)
{
    size_t before = out->size;

    for (int i = 0; i < GAP_CAUSES; i++) {
        uint64_t lost = gap_lost(event, &gap_causes[i]);

        if (lost)
            bytes_printf(out, "%s%" PRIu64 " %s", out->size > before ? ", " : "", lost,
                         gap_causes[i].words);
    }
}

void gap_requesters(struct event *event,
                    bool (*each)(void *context, const struct bytes *name, uint64_t lost),
                    void *context)
{
    const struct json_doc *doc = event_doc(event);
    json_at list = json_find(doc, JSON_ROOT, "requesters"), one = JSON_NONE;
    struct bytes name = {0};
    bool more = json_kind(doc, list) == JSON_ARRAY;

    while (more && (one = json_next(doc, list, one)) != JSON_NONE) {
        json_at text = json_find(doc, one, "name");

        name.size = 0;
        if (json_kind(doc, text) != JSON_TEXT || !json_doc_text(doc, text, &name) || name.failed)
            continue;
        more = each(context, &name, count_at(doc, json_find(doc, one, "events")));
    }
    event->no_memory |= name.failed;
    bytes_free(&name);
}

uint64_t gap_unnamed(struct event *event)
{
    const struct json_doc *doc = event_doc(event);

    return count_at(doc, json_find(doc, JSON_ROOT, "requestersLeftOut"));
}
