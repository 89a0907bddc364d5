/*
 * The claim of an enrollee: every place of a request where a name or a SID can stand, as one run of
 * bytes in which values of the certificate are looked for.
 *
 * It holds the request as it was sent, every nested request, control and name/value pair included,
 * and the RequestAttributes that the CA recorded. Some values name the enrollee's machine or an
 * older certificate and ask for nothing. They are left out: the client info
 * (1.3.6.1.4.1.311.21.20), the certificate that is renewed (1.3.6.1.4.1.311.13.1), certificates
 * beside a signature, and the attributes rmd, cdc and ccm, with which clients say which machine and
 * which CA they are and use.
 *
 * A value counts as asked for wherever its characters stand, in UTF-8, UTF-16, UTF-32 or Latin-1 or
 * as %-escapes: so an odd encoding does not make the enrollee's word the CA's. A short value may
 * stand there by chance; then the CA's word is taken for the enrollee's, which is the safer error.
 * Alternative names or a SID that are asked for and cannot be read may have any value in pieces or
 * otherwise, and so may a name/value pair; then a value that is not found is of unknown source. So
 * is one with what is no character: of it only the bytes can be looked for.
 */
#ifndef CLAIM_H
#define CLAIM_H

#include "events/event.h"

/* Who a value is from. */
enum fact_source {
    FROM_NONE,                        /* there is no value */
    FROM_CA,                            /* the certificate alone has it */
    FROM_ENROLLEE,                      /* the request has it too */
    FROM_UNKNOWN, /* the request is not in the journal, or it or names in it cannot be read, and its
                     known parts do not have the value */
};

struct claim {
    struct bytes text, needle;          /* owned; in lower case as far as it is ASCII */
    bool is_whole; /* the request and names in it could be read, and its attributes are all there */
    bool names_unread;                  /* names are, or may be, asked for that cannot be read */
    bool has_san;                       /* an attribute or a name/value pair "san" */
};

/* From now on the claim is that of this event. {0} to begin with; memory is used again. */
void claim_read(struct claim *claim, struct event *event);
void claim_free(struct claim *claim);

/* Who a text of the certificate, UTF-8, or bytes of it are from. */
enum fact_source claim_source(struct claim *claim, const char *text, size_t size);
enum fact_source claim_source_of_bytes(struct claim *claim, struct der_bytes bytes);
/* Who a text is from that was decoded from these bytes. One that is not whole is looked for as the
 * bytes, too; if it is not found it is of unknown source. */
enum fact_source claim_source_of_decoded(struct claim *claim, const struct bytes *text,
                                         struct der_bytes bytes);
/* Whether an attribute "san", in any form, may ask for names as text: dn=, oid=, guid=, ... */
bool claim_has_san(struct claim *claim);

#endif
