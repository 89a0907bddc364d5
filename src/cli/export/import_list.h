/*
 * importcert.cmd: what brings certificates back that the CA's own database lost, as lines for
 * cmd.exe that an administrator can read: an import for each certificate when it is first seen, and
 * what became of it since, in the order in which it happened.
 *
 * A certificate is listed if it can be read, the event and the bytes agree, and its issuer is this
 * CA: by the names in the CA's own certificates (module.started) and of whoever issued what
 * `certificate.issued` tells of. In the list stand numbers, hexadecimal digits and times alone. One
 * whose serial number is longer than a CA gives, zero or negative has a remark in place of its
 * commands: cmd.exe runs what is left of a line that is too long for it as a command. A revocation
 * that comes without the certificate's bytes (`!RawCertificate`) counts for the one that is listed
 * with its serial number and hash.
 */
#ifndef IMPORT_LIST_H
#define IMPORT_LIST_H

#include "events/certificates.h"
#include "events/event_items.h"
#include "digest_set.h"

#define IMPORT_LIST_ISSUERS 64 /* names that are remembered; a CA has as many as it was renamed */

struct import_list {
    struct bytes *out;                  /* borrowed */
    struct bytes issuers[IMPORT_LIST_ISSUERS];
    unsigned issuer_count;
    struct digest_set listed;                 /* by all their bytes */
    struct certificates known; /* the same, to be found by what a revocation without bytes tells */
    uint64_t count, commands, foreign; /* certificates listed; with revocations and their taking
                                          back; certificates of other CAs */
};

#define IMPORT_LIST_LEFT_OUT                                                                       \
    "not imported, as its serial number is over 20 octets long, zero or negative"

/* Whether a certificate with this serial number may be listed. */
bool import_list_takes(struct der_bytes serial);

void import_list_begin(struct import_list *list, struct bytes *out);

/* An item of an event, of any kind, in the order of the journal: certificates of CAs are learned
 * from. `wanted`: it may be listed; `file` is its name (export_folder_name). */
void import_list_add(struct import_list *list, struct event *event, const struct event_item *item,
                     const char *file, bool wanted);

/* The event itself, after its items. */
void import_list_event(struct import_list *list, struct event *event, bool wanted);

void import_list_end(struct import_list *list); /* writes the last lines and frees what it owns */

#endif
