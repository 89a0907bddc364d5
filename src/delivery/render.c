#include "render.h"

#include "base/json.h"

#include <string.h>

#define NAME_MAX_SIZE 128

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
    else if (!strcmp(name, "sequence"))
        bytes_printf(out, "%llu", (unsigned long long)line->sequence);
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

/* A member of the data: a string's characters, anything else as it stands there. */
static void render_member(struct bytes *out, const char *name, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    char path[NAME_MAX_SIZE];
    json_at at;

    strcpy(path, name);
    for (char *dot = path; (dot = strchr(dot, '.'));) *dot = '/';
    at = json_find(doc, JSON_ROOT, path);
    if (at != JSON_NONE && !json_doc_text(doc, at, out)) render_span(out, json_doc_span(doc, at));
}

static void render_value(struct bytes *out, const char *name, struct event *event)
{
    struct bytes value = {0}, quoted = {0};
    struct json json = {.out = &quoted};

    if (!render_line(&value, name, &event->line) && !render_known(&value, name, event))
        render_member(&value, name, event);
    json_string(&json, NULL, value.size ? value.data : "", value.size);
    if (value.failed || quoted.failed || quoted.size < 2) bytes_fail(out);
    else bytes_add(out, quoted.data + 1, quoted.size - 2);
    bytes_free(&value);
    bytes_free(&quoted);
}

/* The name in {name}; 0: it is none. */
static size_t render_name(const char *text, char out[NAME_MAX_SIZE])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t size = strspn(text + 1, valid);

    if (!size || size >= NAME_MAX_SIZE || text[size + 1] != '}' || !strchr(letters, text[1]))
        return 0;
    memcpy(out, text + 1, size);
    out[size] = 0;
    return size + 2;
}

void render_json(struct bytes *out, const char *template, struct event *event)
{
    char name[NAME_MAX_SIZE];

    while (*template) {
        size_t size = *template == '{' ? render_name(template, name) : 0;

        if (size) render_value(out, name, event);
        else bytes_add(out, template, 1);
        template += size ? size : 1;
    }
}
