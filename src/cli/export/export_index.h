/*
 * The index of an export: a row for every certificate, request and CRL of every event, in the journal's order, as CSV for spreadsheets and as
 * JSON for programs (an array, an object to a line). Both have the same columns by the same names:
 *
 *     sequence time type request item key file serial subject issuer notBefore notAfter requester template sha1 sha256 size problem remark
 *     unverified
 *
 * `item` is certificate, request, caCertificate, crl or deltaCrl. `file` is the name below the folder, with '/' in it; several rows may have
 * the same. `key` is the index of the CA's key or certificate. notBefore and notAfter are thisUpdate and nextUpdate of a CRL. `problem` says
 * what is wrong, `remark` why there is no file though nothing is, or why importcert.cmd leaves it out; `unverified` is "yes" where nothing but the hash of its own line vouches for the
 * event. What there is not is an empty cell, and no member in JSON.
 */
#ifndef EXPORT_INDEX_H
#define EXPORT_INDEX_H

#include "csv.h"
#include "events/event_items.h"
#include "base/json.h"

struct export_index {
    struct csv csv;
    struct json json;
};

/* Both are appended to, and remember failure. */
void export_index_begin(struct export_index *index, struct bytes *csv, struct bytes *json);
/* `file` may be NULL. */
void export_index_add(struct export_index *index, struct event *event, const struct event_item *item, const char *file);
void export_index_end(struct export_index *index);

#endif
