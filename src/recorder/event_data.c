#include "event_data.h"

#include "settings/secret.h"
#include "base/utf16_windows.h"

#include "journal/line.h"
#include "base/digits.h"
#include "base/os.h"
#include "base/utc.h"

#include <string.h>
#include <wchar.h>

#define MISSING_MAX (64 << 10) /* bytes kept for data.missing, at the end of data */
#define CLOSING_MAX 256 /* and for the names and braces of the objects that hold the values */
#define USUAL_MAX   (16 << 10) /* bytes of the data of most events, and of most texts */
/* bytes of one value; a larger one cannot fit into a line as base64 or JSON */
#define VALUE_MAX (512 << 10)
#define FULL "{\"name\":\"missing\",\"hresult\":\"0x8007006f\"}" /* ERROR_BUFFER_OVERFLOW */

void event_data_begin(struct event_data *event_data, struct bytes *out, struct bytes *missing,
                      struct bytes *text, struct server_held *held)
{
    memset(event_data, 0, sizeof *event_data);
    event_data->held = held;
    event_data->text = text;
    bytes_reserve(out, USUAL_MAX);      /* at once, not by doubling it from one value to the next */
    out->limit = LINE_DATA_MAX - MISSING_MAX;
    event_data->data.out = out;
    event_data->missing.out = missing;
    event_data->missing.out->limit = MISSING_MAX - 128;
    json_object(&event_data->data, NULL);
    json_array(&event_data->missing, NULL);
}

HRESULT event_data_end(struct event_data *event_data)
{
    struct bytes *out = event_data->data.out;

    event_data->missing.out->limit = MISSING_MAX - 64;
    if (event_data->missing_full) json_members(&event_data->missing, FULL, sizeof FULL - 1);
    json_end(&event_data->missing);
    out->limit = LINE_DATA_MAX;
    json_key(&event_data->data, "missing");
    bytes_add(out, event_data->missing.out->data, event_data->missing.out->size);
    json_end(&event_data->data);
    if (event_data->missing.out->failed) bytes_fail(out);
    bytes_free(event_data->missing.out);
    bytes_free(event_data->text);
    return out->failed ? E_OUTOFMEMORY : S_OK;
}

struct event_data_mark event_data_mark(const struct event_data *event_data)
{
    return (struct event_data_mark){event_data->data, event_data->data.out->size};
}

bool event_data_fits(const struct event_data *event_data)
{
    const struct bytes *out = event_data->data.out;

    return !out->failed && out->limit - out->size >= CLOSING_MAX;
}

void event_data_take_back(struct event_data *event_data, const struct event_data_mark *mark)
{
    event_data->data = mark->json;
    bytes_take_back(event_data->data.out, mark->size);
}

/* Members "size" and "sha256" of the object that is open; the size alone above EVENT_DATA_HASH_MAX.
 */
static void event_data_digest(struct json *json, const void *data, size_t size)
{
    uint8_t hash[32];

    json_number(json, "size", (int64_t)size);
    if (size <= EVENT_DATA_HASH_MAX && SUCCEEDED(os_sha256(data, size, hash)))
        json_hex(json, "sha256", hash, sizeof hash);
}

/* An entry of the list: begun by one, and taken back by the other where it does not fit any more.
 */
static struct json begin_missing(struct event_data *event_data, const char *name, size_t *size)
{
    struct json before = event_data->missing;

    *size = event_data->missing.out->size;
    json_object(&event_data->missing, NULL);
    json_text(&event_data->missing, "name", name);
    return before;
}

static void end_missing(struct event_data *event_data, struct json before, size_t size)
{
    json_end(&event_data->missing);
    if (!event_data->missing.out->failed) return;
    event_data->missing = before;
    bytes_take_back(event_data->missing.out, size);
    event_data->missing_full = true;
}

void event_data_note(struct event_data *event_data, const char *name, HRESULT hr,
                     const struct server_value *value)
{
    const uint8_t bytes[] = {(uint8_t)(hr >> 24), (uint8_t)(hr >> 16), (uint8_t)(hr >> 8),
                             (uint8_t)hr};
    char text[] = "0x00000000";
    size_t size;
    struct json before = begin_missing(event_data, name, &size);

    digits_hex(bytes, sizeof bytes, text + 2);
    json_text(&event_data->missing, "hresult", text);
    if (value && hr == DISP_E_TYPEMISMATCH && value->given)
        json_number(&event_data->missing, "variant", value->given);
    end_missing(event_data, before, size);
}

void event_data_note_too_long(struct event_data *event_data, const char *name,
                              const struct server_value *value)
{
    size_t size;
    struct json before = begin_missing(event_data, name, &size);

    event_data_digest(&event_data->missing, value->bstr, value->size);
    end_missing(event_data, before, size);
}

/* The digest of the bytes after the first `offset` of a value that is spared. */
static void note_spared(struct event_data *event_data, const char *name,
                        const struct server_value *value, size_t offset)
{
    size_t size, left = value->size - offset;
    struct json before = begin_missing(event_data, name, &size);

    if (offset) json_number(&event_data->missing, "offset", (int64_t)offset);
    event_data_digest(&event_data->missing, (const char *)value->bstr + offset, left);
    json_text(&event_data->missing, "why", event_data->spared);
    end_missing(event_data, before, size);
}

static void add_string(struct event_data *event_data, const char *key, const WCHAR *value,
                       size_t count)
{
    struct bytes *text = event_data->text;

    utf16_add_utf8(text, value, count);
    if (text->failed) bytes_fail(event_data->data.out);
    else json_string(&event_data->data, key, text->data, text->size);
    bytes_reset(text, USUAL_MAX);
}

/* server_get has seen to it that the time has a text. */
static void event_data_add_time(struct json *json, const char *key, int64_t time)
{
    char text[UTC_TEXT_MAX];

    if (utc_text(time, false, text)) json_text(json, key, text);
}

static void event_data_add_value(struct event_data *event_data, const char *key,
                                 const struct server_value *value)
{
    struct json *json = &event_data->data;

    switch (value->type) {
    case PROPTYPE_LONG:   json_number(json, key, value->number); break;
    case PROPTYPE_DATE:   event_data_add_time(json, key, value->time); break;
    case PROPTYPE_BINARY: json_base64(json, key, value->bstr, value->size); break;
    case PROPTYPE_STRING:
        add_string(event_data, key, value->bstr, value->size / sizeof(WCHAR));
        break;
    }
}

/* A pair of surrogates stays together. */
static void add_beginning(struct event_data *event_data, const char *key, const char *name,
                          const struct server_value *value)
{
    size_t count = EVENT_DATA_SPARED_TEXT / sizeof(WCHAR);

    if (IS_HIGH_SURROGATE(value->bstr[count - 1])) count--;
    add_string(event_data, key, value->bstr, count);
    note_spared(event_data, name, value, count * sizeof(WCHAR));
}

/* False: it is to be added whole. */
static bool spare(struct event_data *event_data, const char *key, const char *name,
                  const struct server_value *value)
{
    if (!event_data->spared) return false;
    if (value->type == PROPTYPE_BINARY) note_spared(event_data, name, value, 0);
    else if (value->type == PROPTYPE_STRING && value->size > EVENT_DATA_SPARED_TEXT)
        add_beginning(event_data, key, name, value);
    else return false;
    return true;
}

void event_data_add(struct event_data *event_data, const char *key, const char *name,
                    const struct server_value *value)
{
    struct event_data_mark before = event_data_mark(event_data);

    if (spare(event_data, key, name, value)) return;
    if (value->size <= VALUE_MAX) {
        event_data_add_value(event_data, key, value);
        if (event_data_fits(event_data)) return;
    }
    event_data_take_back(event_data, &before);
    if (value->type == PROPTYPE_BINARY || value->type == PROPTYPE_STRING)
        event_data_note_too_long(event_data, name, value);
    else event_data_note(event_data, name, HRESULT_FROM_WIN32(ERROR_BUFFER_OVERFLOW), NULL);
}

/* The CA's text without the secrets in it; what is digested, where it is too long, is without them
 * too. Where it stands: it may be long. */
static void blank(struct server_value *value)
{
    value->size = secret_blank(value->bstr, value->size / sizeof(WCHAR)) * sizeof(WCHAR);
}

HRESULT event_data_ask(struct event_data *event_data, enum server_table table, const WCHAR *name,
                       const char *label, LONG type, struct server_value *out)
{
    HRESULT hr = server_get(event_data->server, event_data->held, table, name, type, out);

    if (hr == S_OK && type == PROPTYPE_STRING && secret_is_attributes(name, wcslen(name)))
        blank(out);
    if (hr != S_OK && hr != S_FALSE) event_data_note(event_data, label, hr, out);
    return hr;
}

HRESULT event_data_get(struct event_data *event_data, enum server_table table, const char *name,
                       LONG type, struct server_value *out)
{
    WCHAR wide[64];

    utf16_from_utf8(name, wide, ARRAYSIZE(wide));       /* no name of ours is longer */
    return event_data_ask(event_data, table, wide, name, type, out);
}

void event_data_property(struct event_data *event_data, enum server_table table, const char *name,
                         LONG type)
{
    struct server_value value;

    if (event_data_get(event_data, table, name, type, &value) != S_OK) return;
    event_data_add(event_data, name, name, &value);
    server_value_free(&value);
}
