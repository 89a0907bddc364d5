/*
 * The alternative names of a certificate, each with its kind and its source.
 *
 * Names are hostile. All of them are compared; FACT_NAMES_MOST are kept to be shown, each cut at
 * FACT_NAME_MOST bytes. They are packed one behind the other: source, kind, size in two bytes, and
 * the text. Of more than NAMES_JUDGED names those behind are of unknown source: each is looked for
 * in all of the request. Those that cannot be read are `unread`. They are not among the others,
 * unless it is the value alone: of a UPN that is no text, of a SID that is no OCTET STRING.
 *
 * A text may hold what is no character. It is told with U+FFFD, looked for and compared as its
 * bytes, and counts as cut. If the bytes are not found in the request it is unread, too: a request
 * may ask for it in another way of writing.
 */
#ifndef NAMES_H
#define NAMES_H

#include "claim.h"
#include "fact_key.h"

#define FACT_NAMES_MOST 100
#define FACT_NAME_MOST  256
#define NAMES_JUDGED    1000

enum fact_name_kind {
    NAME_OTHER, NAME_EMAIL, NAME_DNS, NAME_X400, NAME_DIRECTORY, NAME_EDI, NAME_URI, NAME_IP,
    NAME_ID, NAME_UPN, NAME_SID, NAME_KINDS
};

struct fact_name {
    enum fact_source source;
    enum fact_name_kind kind;
    struct span text;                   /* UTF-8, hostile */
};

/* The names that were read. Memory is used again; {0} to begin with. */
struct names {
    struct bytes packed;                /* owned; those that are kept */
    struct bytes keys;                  /* owned; 8 bytes for each name, sorted, none twice */
    struct bytes text;                  /* owned; of one name */
    size_t count;                       /* of all names */
    bool supplied, unknown;             /* one of them is from the enrollee; of unknown source */
    bool cut;                           /* not all are kept, or one is not kept whole */
    bool unread;                        /* some cannot be read */
    bool sid_unread;                    /* so is the SID in an extension of its own */
};

/* Those of the certificate; of none, none. */
void names_read(struct names *names, const struct x509 *certificate, struct claim *claim);
void names_free(struct names *names);

/* Take the next of the packed names off the front. False: there are no more. */
bool names_next(struct span *packed, struct fact_name *name);

/* "DNS", "UPN", "email": as people call the kind. */
const char *names_kind(enum fact_name_kind kind);

/* Whether each key of `part` is one of `whole`. */
bool names_within(struct span part, struct span whole);

#endif
