/*
 * The index of an export: a row for every certificate, request and CRL of every event, in the
 * journal's order, as CSV for spreadsheets and as JSON for programs (an array, an object to a
 * line). Both have the same columns by the same names:
 *
 *     sequence time type request item key file serial subject issuer notBefore notAfter requester
 *     template sha1 sha256 size problem remark unverified caller flags san upn sid eku publicKey
 *     algorithm
 *
 * `item` is certificate, request, caCertificate, crl or deltaCrl. `file` is the name below the
 * folder, with '/' in it; several rows may have the same. `key` is the index of the CA's key or
 * certificate. notBefore and notAfter are thisUpdate and nextUpdate of a CRL. `problem` says what
 * is wrong, `remark` why there is no file though nothing is, or why importcert.cmd leaves it out;
 * `unverified` is "yes" where nothing but the hash of its own line vouches for the event.
 *
 * `template` is the certificate's, or of a request that has none the one that it asks for; "NAME
 * (OID)" where an event up to this one names the template of that OID (template_names.h). `caller`
 * is who sent the request, `flags` the request's flags as a number and in words. `san`, `upn` and
 * `sid` are the names that a certificate stands for or a request asks for (identity.h), `eku` its
 * purposes, `publicKey` the kind and length of its key, `algorithm` the one that it, or the CRL, is
 * signed with.
 *
 * What there is not is an empty cell, and no member in JSON.
 */
#ifndef EXPORT_INDEX_H
#define EXPORT_INDEX_H

#include "cli/terminal/csv.h"
#include "events/event_items.h"
#include "events/template_names.h"
#include "base/json.h"

struct export_index {
    struct csv csv;
    struct json json;
    struct template_names names;        /* owned; learnt from the events */
    uint64_t learnt;                    /* sequence of the event that they learnt from last, or 0 */
};

/* Both are appended to, and remember failure. */
void export_index_begin(struct export_index *index, struct bytes *csv, struct bytes *json);
/* `file` may be NULL. */
void export_index_add(struct export_index *index, struct event *event,
                      const struct event_item *item, const char *file);
void export_index_end(struct export_index *index);

#endif
