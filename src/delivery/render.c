#include "render.h"
#include "render_name.h"

#include "base/timestamp.h"
#include "cli/show/event_words.h"
#include "delivery/own_event.h"
#include "cli/terminal/console.h"

#include <stdlib.h>
#include <string.h>

static void render_span(struct bytes *out, struct span span)
{
    bytes_add(out, span.text, span.size);
}

static bool render_line(struct bytes *out, const char *name, const struct line *line)
{
    if (!strcmp(name, "source")) render_span(out, line->source);
    else if (!strcmp(name, "type")) render_span(out, line->type);
    else if (!strcmp(name, "subject")) render_span(out, line->subject);
    else if (!strcmp(name, "time")) render_span(out, line->time);
    else if (!strcmp(name, "hash")) render_span(out, line->hash);
    else if (!strcmp(name, "sequence")) {
        if (line->sequence) bytes_printf(out, "%llu", (unsigned long long)line->sequence);
    } else return false;
    return true;
}

/* The CA's name, which is percent-escaped in the source. */
static void render_ca(struct bytes *out, struct span source)
{
    struct span ca = source_ca(source);

    for (size_t i = 0; i < ca.size; i++) {
        char digits[3] = {0}, *end = digits, letter = ca.text[i];

        if (letter == '%' && i + 2 < ca.size) {
            memcpy(digits, ca.text + i + 1, 2);
            letter = (char)strtoul(digits, &end, 16);
        }
        if (end == digits + 2 && *digits != '-' && *digits != '+' && *digits != ' ') i += 2;
        else letter = ca.text[i];
        bytes_add(out, &letter, 1);
    }
}

static void render_utc(struct bytes *out, const struct event *event)
{
    char text[TIMESTAMP_TEXT];

    timestamp_show(event->line.time, false, text);
    bytes_add_text(out, text);
}

/* "issued", "denied", "crl.issued" */
static void render_kind(struct bytes *out, const struct event *event)
{
    static const char prefix[] = "certificate.";
    struct span type = event_type(event);
    size_t skip = sizeof prefix - 1;

    if (type.size < skip || memcmp(type.text, prefix, skip)) skip = 0;
    bytes_add(out, type.text + skip, type.size - skip);
}

static bool render_told(struct bytes *out, const char *name, struct event *event)
{
    if (!strcmp(name, "ca")) render_ca(out, event->line.source);
    else if (!strcmp(name, "utc")) render_utc(out, event);
    else if (!strcmp(name, "kind")) render_kind(out, event);
    else if (!strcmp(name, "caller")) event_other_caller(event, out);
    else if (!strcmp(name, "reason")) event_reason(event, out);
    else if (!strcmp(name, "words")) {
        if (!own_event_words(event, out)) event_words(event, out);
    }
    else return false;
    return true;
}

static bool render_known(struct bytes *out, const char *name, struct event *event)
{
    if (!strcmp(name, "requester")) event_requester(event, out);
    else if (!strcmp(name, "certificateSubject")) event_subject(event, out);
    else if (!strcmp(name, "template")) event_template(event, out);
    else if (!strcmp(name, "serial")) event_serial(event, out);
    else return false;
    return true;
}

json_at render_member(const char *name, struct event *event)
{
    char path[RENDER_NAME_MAX];

    strcpy(path, name);
    for (char *dot = path; (dot = strchr(dot, '.'));) *dot = '/';
    return json_find(event_doc(event), JSON_ROOT, path);
}

bool render_word(struct bytes *out, const char *name, struct event *event)
{
    return render_line(out, name, &event->line) || render_known(out, name, event) ||
           render_told(out, name, event);
}

/* Of the data: a string's characters, anything else as it stands there. */
void render_raw(struct bytes *out, const char *name, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    bool is_word = render_word(out, name, event);
    json_at at = is_word ? JSON_NONE : render_member(name, event);

    if (at != JSON_NONE && !json_doc_text(doc, at, out)) render_span(out, json_doc_span(doc, at));
    if (event->no_memory) bytes_fail(out);
}

size_t render_name(const char *text, char out[RENDER_NAME_MAX])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t size = strspn(text + 1, valid);

    if (!size || size >= RENDER_NAME_MAX || text[size + 1] != '}' || !strchr(letters, text[1]))
        return 0;
    memcpy(out, text + 1, size);
    out[size] = 0;
    return size + 2;
}

void render_plain(struct bytes *out, const char *template, struct event *event, unsigned columns)
{
    struct bytes value = {0};
    char name[RENDER_NAME_MAX];

    while (*template) {
        size_t size = *template == '{' ? render_name(template, name) : 0;

        if (size) {
            bytes_reset(&value, 0);
            render_raw(&value, name, event);
            console_add_text(out, value.size ? value.data : "", value.size, columns);
            if (value.failed) bytes_fail(out);
        } else bytes_add(out, template, 1);
        template += size ? size : 1;
    }
    bytes_free(&value);
}
