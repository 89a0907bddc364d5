#include "render.h"
#include "render_name.h"

#include "base/json.h"

#include <string.h>

/* The size of the next piece of a template: {name}, whose name is in `name`, or text. `*inside`: it
 * stands in a string. */
static size_t render_piece(const char *at, bool *inside, char name[RENDER_NAME_MAX])
{
    size_t size = *at == '{' ? render_name(at, name) : 0;

    if (size) return size;
    *name = 0;
    if (*inside && *at == '\\' && at[1]) return 2;
    if (*at == '"') *inside = !*inside;
    return 1;
}

/* A string, with or without its quotes. */
static void render_string(struct bytes *out, const struct bytes *value, bool quotes)
{
    struct bytes quoted = {0};
    struct json json = {.out = &quoted};

    json_string(&json, NULL, value->size ? value->data : "", value->size);
    if (value->failed || quoted.failed || quoted.size < 2) bytes_fail(out);
    else bytes_add(out, quoted.data + !quotes, quoted.size - 2 * !quotes);
    bytes_free(&quoted);
}

/* A whole value: the line's sequence is a number, a member of the data what it is there. */
static void render_value(struct bytes *out, const char *name, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    struct bytes value = {0};
    bool is_word = render_word(&value, name, event);
    json_at at = is_word ? JSON_NONE : render_member(name, event);
    struct span span = json_doc_span(doc, at);

    if (at != JSON_NONE && json_kind(doc, at) != JSON_TEXT) bytes_add(out, span.text, span.size);
    else if (at == JSON_NONE && !value.size && !value.failed) bytes_add_text(out, "null");
    else if (is_word && !strcmp(name, "sequence")) bytes_add(out, value.data, value.size);
    else {
        if (at != JSON_NONE) json_doc_text(doc, at, &value);
        render_string(out, &value, true);
    }
    if (value.failed || event->no_memory) bytes_fail(out);
    bytes_free(&value);
}

void render_json(struct bytes *out, const char *template, struct event *event)
{
    struct bytes value = {0};
    char name[RENDER_NAME_MAX];
    bool inside = false;

    for (size_t size; *template; template += size) {
        size = render_piece(template, &inside, name);
        if (!*name) bytes_add(out, template, size);
        else if (!inside) render_value(out, name, event);
        else {
            bytes_reset(&value, 0);
            render_raw(&value, name, event);
            render_string(out, &value, false);
        }
    }
    bytes_free(&value);
}

/* --- before there is an event --- */

/* {"a":TEMPLATE}, in which null stands for each whole value. */
static void render_sample(struct bytes *out, const char *template)
{
    char name[RENDER_NAME_MAX];
    bool inside = false;

    bytes_add_text(out, "{\"a\":");
    for (size_t size; *template; template += size) {
        size = render_piece(template, &inside, name);
        if (*name && !inside) bytes_add_text(out, "null");
        else bytes_add(out, template, size);
    }
    bytes_add_text(out, "}");
}

/* It is one object or list. */
static bool render_is_whole(const struct json_doc *doc)
{
    json_at first = json_next(doc, JSON_ROOT, JSON_NONE);
    enum json_kind kind = json_kind(doc, json_member(doc, first));

    return (kind == JSON_OBJECT || kind == JSON_ARRAY) &&
           json_next(doc, JSON_ROOT, first) == JSON_NONE;
}

static bool render_has_value(struct span text)
{
    char name[RENDER_NAME_MAX] = "";
    bool inside = true;

    for (size_t at = 0; at < text.size && !*name;)
        at += render_piece(text.text + at, &inside, name);
    return *name;
}

const char *render_json_fault(const char *template)
{
    const char *fault = NULL;
    struct json_doc doc = {0};
    struct bytes sample = {0};

    render_sample(&sample, template);
    if (sample.failed || !json_doc_parse(&doc, (struct span){sample.data, sample.size}) ||
        !render_is_whole(&doc))
        fault = "is not JSON: with values in it, it has to be one object {...} or one list [...]; "
                "{name} stands inside quotes, or alone for a whole value";
    for (unsigned i = 0; !fault && i < doc.count; i++)
        if (doc.values[i].is_name && render_has_value((struct span){
                doc.text.text + doc.values[i].start, doc.values[i].size}))
            fault = "has a value in the name of a member, where it could take the place of another "
                    "member; write the name out";
    json_doc_free(&doc);
    bytes_free(&sample);
    return fault;
}
