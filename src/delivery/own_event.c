#include "own_event.h"

#include <inttypes.h>
#include <string.h>

static struct span own_event_value(const struct json_doc *doc, const char *name)
{
    return json_doc_span(doc, json_find(doc, JSON_ROOT, name));
}

bool own_event_read(struct json_doc *doc, struct span text, struct line *line)
{
    memset(line, 0, sizeof *line);
    json_doc_free(doc);
    memset(doc, 0, sizeof *doc);
    if (!json_doc_parse(doc, text)) return false;
    line->source = own_event_value(doc, "source");
    line->type = own_event_value(doc, "type");
    line->time = own_event_value(doc, "time");
    line->data = own_event_value(doc, "data");
    return true;
}

static bool own_event_pruned_words(struct event *event, struct bytes *out)
{
    int64_t first, last;

    if (!event_number(event, "first", &first) || !event_number(event, "last", &last)) return false;
    bytes_printf(out, "lines %" PRId64 " to %" PRId64 " were removed from the journal before they "
                      "were delivered", first, last);
    return true;
}

static bool own_event_fault_words(struct event *event, struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    int64_t line;

    if (!event_number(event, "line", &line)) return false;
    bytes_add_text(out, "the journal is damaged (");
    if (!event_text(event, "fault", out)) bytes_add_text(out, "unknown");
    bytes_printf(out, "), line %" PRId64 " of the file ", line);
    if (!event_text(event, "file", out)) bytes_add_text(out, "?");
    if (span_is(json_doc_span(doc, json_find(doc, JSON_ROOT, "onRecord")), "true"))
        bytes_add_text(out, "; the journal itself tells of it");
    else bytes_add_text(out, ". Keep it as it is and look with: certwitness verify");
    return true;
}

bool own_event_words(struct event *event, struct bytes *out)
{
    if (event_type_is(event, "delivery.pruned")) return own_event_pruned_words(event, out);
    if (event_type_is(event, "delivery.fault")) return own_event_fault_words(event, out);
    return false;
}
