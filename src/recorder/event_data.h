/*
 * An event while it is being read: the `data` of its line so far, and the list of values that are
 * missing.
 *
 * A value is added if it fits. A value that failed or would make the line too long is listed in
 * data.missing instead, under the name that it would have had: {"name":…,"hresult":"0x8…"}, with
 * "variant" if the CA gave a type other than promised; or, if it was too long,
 * {"name":…,"size":…,"sha256":…} of the value as the CA gave it (strings as UTF-16), without the
 * hash above EVENT_DATA_HASH_MAX bytes. One thread.
 *
 * Long values are spared, that is, left out, while space is short or a requester floods the CA
 * (`spared`). BINARY values are then not added: size and hash are listed as if they were too long,
 * with the reason in "why". Of a STRING longer than EVENT_DATA_SPARED_TEXT bytes the beginning is
 * added; the rest is listed in the same way, with "offset", the number of bytes before it.
 */
#ifndef EVENT_DATA_H
#define EVENT_DATA_H

#include "server.h"

#include "base/json.h"

struct event_data {
    ICertServerExit *server;            /* borrowed; set by the caller after event_data_begin;
                                         * NULL: the CA could not be asked */
    struct json data;                   /* writes to the caller's buffer */
    struct json missing;                /* likewise */
    struct bytes *text;                 /* borrowed: a string during its conversion from UTF-16 */
    struct server_held *held;           /* borrowed: memory in use while the CA is called */
    bool missing_full;                  /* some values did not fit there either */
    const char *spared;                 /* set by the caller after event_data_begin: why long
                                         * values are spared, "lowSpace" or "flood"; NULL: they
                                         * are not */
};

/*
 * Begin the object `data` in `out`. All four belong to the caller, are empty, and have to live
 * until event_data_end. After it `out` holds the object, at most LINE_DATA_MAX bytes, and the
 * others are empty again. If the CA throws in between, the caller frees them.
 */
void event_data_begin(struct event_data *event_data, struct bytes *out, struct bytes *missing,
                      struct bytes *text, struct server_held *held);

/* Add data.missing and end the object. E_OUTOFMEMORY: what `out` holds is not an object. */
HRESULT event_data_end(struct event_data *event_data);

/*
 * A position to return to if the members after it turn out not to fit. It cannot undo a failure of
 * memory: there will then be no event.
 */
struct event_data_mark { struct json json; size_t size; };
struct event_data_mark event_data_mark(const struct event_data *event_data);
/* True if all members so far fit, with space to close the open objects. */
bool event_data_fits(const struct event_data *event_data);
/* Remove what was added to `data` after the mark; data.missing keeps its entries. */
void event_data_take_back(struct event_data *event_data, const struct event_data_mark *mark);

/*
 * Ask the CA for a property, and add nothing to `data`. `label` is its name in data.missing; `type`
 * is as for server_get. S_OK: the caller frees `*out` with server_value_free. S_FALSE: it has no
 * value. Any other result has been added to data.missing. RequestAttributes are returned without
 * the secrets in them.
 */
HRESULT event_data_ask(struct event_data *event_data, enum server_table table, const WCHAR *name,
                       const char *label, LONG type, struct server_value *out);
/* As event_data_ask, by a name of at most 63 ASCII characters, which is also its label. */
HRESULT event_data_get(struct event_data *event_data, enum server_table table, const char *name,
                       LONG type, struct server_value *out);

/*
 * Ask for a property and add it under the same name. `name` is ASCII of at most 63 characters that
 * need no escaping.
 */
void event_data_property(struct event_data *event_data, enum server_table table, const char *name,
                         LONG type);

/*
 * Add a value as the member `key` (already escaped), or list it in data.missing as `name`. The
 * caller keeps the value.
 */
void event_data_add(struct event_data *event_data, const char *key, const char *name,
                    const struct server_value *value);

/*
 * List a failure in data.missing. `value` may be NULL; with DISP_E_TYPEMISMATCH its `given` type is
 * listed, too.
 */
void event_data_note(struct event_data *event_data, const char *name, HRESULT hr,
                     const struct server_value *value);
/* List the size and the hash of a BINARY or STRING value that is too long. */
void event_data_note_too_long(struct event_data *event_data, const char *name,
                              const struct server_value *value);

#define EVENT_DATA_SPARED_TEXT 1024        /* bytes of UTF-16 */

#define EVENT_DATA_HASH_MAX (16 << 20)     /* bytes: the CA waits some 80 ms for the hash; 128
                                            * MiB would take seconds */

#endif
