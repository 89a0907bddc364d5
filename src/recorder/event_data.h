/*
 * An event while it is being read: the `data` of its line as far as it has come, and the list of what the CA did not give.
 *
 * A value is added if it fits. One that failed, or would make the line too long, stands in data.missing instead, by the name that it
 * would have had: {"name":…,"hresult":"0x8…"}, with "variant" where the CA gave another type than it promised; {"name":…,"size":…,
 * "sha256":…} of the value as the CA gave it (a string: UTF-16) where it was too long, without the hash above EVENT_DATA_HASH_MAX bytes. One thread.
 *
 * Where values are spared, no BINARY value is added, but its size and hash are noted as if it were too long, with the reason in "why"; of a STRING
 * beyond EVENT_DATA_SPARED_TEXT bytes the beginning is added, and the rest noted so, with "offset", the bytes before it.
 */
#ifndef EVENT_DATA_H
#define EVENT_DATA_H

#include "server.h"

#include "base/json.h"

struct event_data {
    ICertServerExit *server;            /* borrowed; NULL: the CA could not be asked */
    struct json data;                   /* into the caller's bytes */
    struct json missing;                /* likewise */
    struct bytes *text;                 /* borrowed: a string on its way from UTF-16 */
    struct server_held *held;           /* borrowed */
    bool missing_full;                  /* some did not even fit there */
    const char *spared;                 /* why long values are: "lowSpace" or "flood"; NULL: they are not */
};

/* Begin `data`'s object. `out` is the caller's, empty, and holds LINE_DATA_MAX bytes at most when event_data_end has returned; `missing`, `text` and
 * `held` are the caller's, too, empty before and after. */
void event_data_begin(struct event_data *reading, struct bytes *out, struct bytes *missing, struct bytes *text,
                      struct server_held *held);

/* Add data.missing and end the object. E_OUTOFMEMORY: there is none. */
HRESULT event_data_end(struct event_data *reading);

/* A place to come back to, where what followed turned out not to fit. Nothing leads back from memory that ran out: there will be no event. */
struct event_data_mark { struct json json; size_t size; };
struct event_data_mark event_data_mark(const struct event_data *reading);
bool event_data_fits(const struct event_data *reading);       /* all that was added so far, and room to end what is open */
void event_data_take_back(struct event_data *reading, const struct event_data_mark *mark);

/* Ask the CA. S_OK: the caller frees `*out`. S_FALSE: it has no value. All else is noted already. RequestAttributes come without the
 * secrets in them. */
HRESULT event_data_ask(struct event_data *reading, enum server_table table, const WCHAR *name, const char *label, LONG type,
                    struct server_value *out);          /* `label` names it in data.missing */
HRESULT event_data_get(struct event_data *reading, enum server_table table, const char *name, LONG type, struct server_value *out);

/* Ask and add, under the same name. `name` is ASCII of at most 63 characters that needs no escaping. */
void event_data_property(struct event_data *reading, enum server_table table, const char *name, LONG type);

/* Add a value as the member `key` (escaped already), or note it as `name`. */
void event_data_add(struct event_data *reading, const char *key, const char *name, const struct server_value *value);

/* Note what failed; `value` may be NULL, and is looked at for the type that the CA gave instead. */
void event_data_note(struct event_data *reading, const char *name, HRESULT hr, const struct server_value *value);
void event_data_note_too_long(struct event_data *reading, const char *name, const struct server_value *value);

#define EVENT_DATA_SPARED_TEXT 1024        /* bytes of UTF-16 */

#define EVENT_DATA_HASH_MAX (16 << 20)     /* bytes: the CA waits while they are hashed, some 80 ms; 128 MiB would cost seconds */

#endif
