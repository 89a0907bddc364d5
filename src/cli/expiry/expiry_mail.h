/*
 * Digests for owners: one message in a file for each owner (site_owners.h) who has to act, and one
 * for what has no owner. What of the CA itself needs a person is in the message of its owner.
 *
 * A file is RFC 5322 text with X-Unsent, which mail programs open as a draft; nothing is sent. Its
 * name is made of the site file's line and address, never of an enrollee's words. These are in the
 * text, made plain.
 *
 * expiry_mail_begin, expiry_mail_add for each certificate, expiry_mail_write, expiry_mail_end.
 */
#ifndef EXPIRY_MAIL_H
#define EXPIRY_MAIL_H

#include "expiry_own.h"
#include "site_owners.h"

struct expiry_mail {
    const struct expiry *expiry;        /* borrowed, as those that follow */
    const struct expiry_owns *owns;
    const char *folder;
    const struct site_owners *owners;
    const struct template_names *names;
    struct sorter items;                /* owned; by owner and end */
    bool keeps;                         /* a message that is there was not sent yet: it is an error,
                                         * since --state would never tell its certificates again */
    uint8_t *files;                     /* owned; of each owner, and the last of what has none */
    unsigned own_certificates, own_crls; /* of the CA itself, that its owner is told of */
};

/* False: the folder cannot be made or is not safe, and standard error has been told. End follows
 * either way. */
bool expiry_mail_begin(struct expiry_mail *mail);
void expiry_mail_add(struct expiry_mail *mail, const struct expiry_item *item,
                     const struct fact *fact);
/* Write the files. False: standard error has been told. */
bool expiry_mail_write(struct expiry_mail *mail, struct facts *facts);
/* Not `keep`: with `keeps` those that were written are removed. */
void expiry_mail_end(struct expiry_mail *mail, bool keep);

#endif
