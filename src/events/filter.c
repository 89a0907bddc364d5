#include "filter.h"

#include <string.h>
#include <strings.h>

static const char *const types[] = {
    "certificate.issued",
    "certificate.pending",
    "certificate.denied",
    "certificate.revoked",
    "certificate.unrevoked",
    "certificate.retrieved",
    "certificate.imported",
    "crl.issued",
    "ca.started",
    "ca.stopping",
    "event.unknown",
    "module.started",
    "module.stopped",
    "journal.recovered",
    "journal.gap",
    "journal.broken",
    "journal.pruned",
};

#define TYPES (sizeof types / sizeof *types)

const char *filter_type(size_t index)
{
    return index < TYPES ? types[index] : NULL;
}

uint32_t filter_types_like(const char *word)
{
    struct glob pattern;
    uint32_t found = 0;

    if (!strncasecmp(word, FILTER_TYPE_PREFIX, sizeof FILTER_TYPE_PREFIX - 1))
        word += sizeof FILTER_TYPE_PREFIX - 1;
    if (!glob_read(&pattern, word)) return 0;
    for (size_t i = 0; i < TYPES; i++) {
        const char *dot = strchr(types[i], '.');
        size_t group = (size_t)(dot - types[i]), size = strlen(word);

        if (pattern.whole ? glob_matches(&pattern, types[i], strlen(types[i])) ||
                                glob_matches(&pattern, dot + 1, strlen(dot + 1))
                          : !strcasecmp(word, types[i]) ||
                                (size == group && !strncasecmp(word, types[i], group)))
            found |= 1u << i;
        if (!pattern.whole && !strcasecmp(word, dot + 1) &&
            !(found && !strcmp(types[i], "crl.issued")))
            found |= 1u << i;
    }
    return found;
}

bool filter_serial(const char *text, size_t size, char out[FILTER_SERIAL_MAX + 1])
{
    size_t digits = 0;
    bool zero = false;

    if (size > 1 && text[0] == '0' && (text[1] | 0x20) == 'x') text += 2, size -= 2;
    for (size_t i = 0; i < size; i++) {
        char c = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] | 0x20) : text[i];

        if (c == ' ' || c == ':' || c == '-' || c == '\t') continue;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) || digits == FILTER_SERIAL_MAX)
            return false;
        if (c == '0' && !digits) zero = true;
        else out[digits++] = c;
    }
    if (!digits && zero) out[digits++] = '0';
    out[digits] = 0;
    return digits > 0;
}

bool filter_is_open(const struct filter *filter)
{
    return !*filter->since && !*filter->until && !filter->types && !filter->unknown_count &&
           !filter->request_count && !filter->requester_count && !filter->subject_count &&
           !filter->template_count && !filter->serial_count;
}

static bool takes_time(const struct filter *filter, const struct event *event)
{
    const char *time = event->line.time.text;           /* 24 bytes at least */

    return (!*filter->since || memcmp(time, filter->since, 23) >= 0) &&
           (!*filter->until || memcmp(time, filter->until, 23) < 0);
}

static bool takes_type(const struct filter *filter, const struct event *event)
{
    struct span type = event_type(event);

    if (!filter->types && !filter->unknown_count) return true;
    for (size_t i = 0; i < TYPES; i++)
        if (filter->types & 1u << i && span_is(type, types[i])) return true;
    for (unsigned i = 0; i < filter->unknown_count; i++)
        if (glob_matches(&filter->unknown[i], event->line.type.text, event->line.type.size))
            return true;
    return false;
}

static bool is_wanted(const struct filter *filter, int64_t id)
{
    for (unsigned i = 0; i < filter->request_count; i++)
        if (id >= filter->requests[i].first && id <= filter->requests[i].last) return true;
    return false;
}

/* A gap is about the requests whose events were lost. */
static bool lost_one(const struct filter *filter, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    json_at list = json_find(doc, JSON_ROOT, "requestIDs"), each = JSON_NONE;
    int64_t id;

    if (json_kind(doc, list) != JSON_ARRAY) return false;
    while ((each = json_next(doc, list, each)) != JSON_NONE)
        if (json_doc_number(doc, each, &id) && is_wanted(filter, id)) return true;
    return false;
}

static bool takes_request(const struct filter *filter, struct event *event)
{
    int64_t id;

    if (!filter->request_count) return true;
    if (event_request_id(event, &id)) return is_wanted(filter, id);
    return event_type_is(event, "journal.gap") && lost_one(filter, event);
}

static bool any_matches(const struct glob *patterns, unsigned count, const struct bytes *text)
{
    for (unsigned i = 0; i < count; i++)
        if (glob_matches(&patterns[i], text->data ? text->data : "", text->size)) return true;
    return false;
}

static bool takes_requester(const struct filter *filter, struct event *event)
{
    struct bytes text = {0};
    bool takes = !filter->requester_count;

    if (!takes && event_requester(event, &text))
        takes = any_matches(filter->requesters, filter->requester_count, &text);
    event->no_memory |= text.failed;
    bytes_free(&text);
    return takes;
}

static bool is_subject(const void *context, const char *text, size_t size)
{
    const struct filter *filter = context;

    for (unsigned i = 0; i < filter->subject_count; i++)
        if (glob_matches(&filter->subjects[i], text ? text : "", size)) return true;
    return false;
}

static bool takes_subject(const struct filter *filter, struct event *event)
{
    return !filter->subject_count || event_any_name(event, is_subject, filter);
}

static bool attribute_template(struct event *event, struct bytes *out)
{
    return event_attribute(event, "CertificateTemplate", out);
}

/* As the CA tells it, as it was asked for, or as the certificate has it, which is decoded last. */
static bool takes_template(const struct filter *filter, struct event *event)
{
    static bool (*const ways[])(struct event *, struct bytes *) = {
        event_told_template, attribute_template, event_template, event_template_name};
    bool takes = !filter->template_count;
    struct bytes text = {0};

    for (size_t i = 0; i < sizeof ways / sizeof *ways && !takes; i++, text.size = 0)
        takes =
            ways[i](event, &text) && any_matches(filter->templates, filter->template_count, &text);
    event->no_memory |= text.failed;
    bytes_free(&text);
    return takes;
}

static bool takes_serial(const struct filter *filter, struct event *event)
{
    char serial[FILTER_SERIAL_MAX + 1];
    struct bytes text = {0};
    bool takes = !filter->serial_count;

    if (!takes && event_serial(event, &text) && filter_serial(text.data, text.size, serial))
        for (unsigned i = 0; i < filter->serial_count && !takes; i++)
            takes = !strcmp(serial, filter->serials[i]);
    event->no_memory |= text.failed;
    bytes_free(&text);
    return takes;
}

bool filter_takes(const struct filter *filter, struct event *event)
{
    return takes_time(filter, event) && takes_type(filter, event) && takes_request(filter, event) &&
           takes_requester(filter, event) && takes_serial(filter, event) &&
           takes_template(filter, event) && takes_subject(filter, event);
}
