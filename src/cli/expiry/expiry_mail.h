/*
 * Digests for owners: one message in a file for each owner (site_owners.h) who has to act, and one
 * for the certificates that have no owner.
 *
 * A file is RFC 5322 text with X-Unsent, which mail programs open as a draft; nothing is sent. Its
 * name is made of the site file's line and address, never of an enrollee's words. These are in the
 * text, made plain.
 *
 * expiry_mail_begin, expiry_mail_add for each certificate, expiry_mail_end.
 */
#ifndef EXPIRY_MAIL_H
#define EXPIRY_MAIL_H

#include "expiry.h"
#include "site_owners.h"

struct expiry_mail {
    const struct expiry *expiry;        /* borrowed, as those that follow */
    const char *folder;
    const struct site_owners *owners;
    const struct template_names *names;
    struct sorter items;                /* owned; by owner and end */
    unsigned written;
};

/* False: the folder cannot be made or is not safe, and standard error has been told. End follows
 * either way. */
bool expiry_mail_begin(struct expiry_mail *mail);
void expiry_mail_add(struct expiry_mail *mail, const struct expiry_item *item,
                     const struct fact *fact);
/* Write the files. False: standard error has been told. */
bool expiry_mail_end(struct expiry_mail *mail, struct facts *facts, bool write);

#endif
