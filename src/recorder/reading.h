/*
 * An event while it is being read: the `data` of its line as far as it has come, and the list of what the CA did not give.
 *
 * A value is added if it fits. One that failed, or would make the line too long, stands in data.missing instead, by the name that it
 * would have had: {"name":…,"hresult":"0x8…"}, with "variant" where the CA gave another type than it promised; {"name":…,"size":…,
 * "sha256":…} of the value as the CA gave it (a string: UTF-16) where it was too long, without the hash above READING_HASH_MAX bytes. One thread.
 *
 * Where values are spared, no BINARY value is added, but its size and hash are noted as if it were too long, with the reason in "why"; of a STRING
 * beyond READING_SPARED_TEXT bytes the beginning is added, and the rest noted so, with "offset", the bytes before it.
 */
#ifndef READING_H
#define READING_H

#include "server.h"

#include "base/json.h"

struct reading {
    ICertServerExit *server;            /* borrowed; NULL: the CA could not be asked */
    struct json data;                   /* into the caller's bytes */
    struct json missing;                /* likewise */
    struct server_held *held;           /* borrowed */
    bool missing_full;                  /* some did not even fit there */
    const char *spared;                 /* why long values are: "lowSpace" or "flood"; NULL: they are not */
};

/* Begin `data`'s object. `out` is the caller's, empty, and holds LINE_DATA_MAX bytes at most when reading_end has returned; `missing` and `held` are
 * the caller's, too, empty before and after. */
void reading_begin(struct reading *reading, struct bytes *out, struct bytes *missing, struct server_held *held);

/* Add data.missing and end the object. E_OUTOFMEMORY: there is none. */
HRESULT reading_end(struct reading *reading);

/* A place to come back to, where what followed turned out not to fit. Nothing leads back from memory that ran out: there will be no event. */
struct reading_mark { struct json json; size_t size; };
struct reading_mark reading_mark(const struct reading *reading);
bool reading_fits(const struct reading *reading);       /* all that was added so far, and room to end what is open */
void reading_take_back(struct reading *reading, const struct reading_mark *mark);

/* Ask the CA. S_OK: the caller frees `*out`. S_FALSE: it has no value. All else is noted already. RequestAttributes come without the
 * secrets in them. */
HRESULT reading_ask(struct reading *reading, enum server_table table, const WCHAR *name, const char *label, LONG type,
                    struct server_value *out);          /* `label` names it in data.missing */
HRESULT reading_get(struct reading *reading, enum server_table table, const char *name, LONG type, struct server_value *out);

/* Ask and add, under the same name. `name` is ASCII of at most 63 characters that needs no escaping. */
void reading_property(struct reading *reading, enum server_table table, const char *name, LONG type);

/* Add a value as the member `key` (escaped already), or note it as `name`. */
void reading_add(struct reading *reading, const char *key, const char *name, const struct server_value *value);

/* Note what failed; `value` may be NULL, and is looked at for the type that the CA gave instead. */
void reading_note(struct reading *reading, const char *name, HRESULT hr, const struct server_value *value);
void reading_note_too_long(struct reading *reading, const char *name, const struct server_value *value);

#define READING_SPARED_TEXT 1024        /* bytes of UTF-16 */

#define READING_HASH_MAX (16 << 20)     /* bytes: the CA waits while they are hashed, some 80 ms; 128 MiB would cost seconds */

/* Members "size" and "sha256" of the object that is open; the size alone above READING_HASH_MAX. */
void reading_digest(struct json *json, const void *data, size_t size);

#endif
