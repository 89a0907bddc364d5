/*
 * Certificates, requests and CRLs as a person or a program wants to read them: everything in them,
 * decoded.
 *
 * What matters where AD CS issues is spelled out: user principal names, the account's SID, template
 * and its versions, application policies, what made a request. What is not known is shown in
 * hexadecimal, what is refused with the reason. Of passwords (a request's challenge) nothing is
 * shown but that they are there. What is odd is shown as what it means, with a remark and its
 * offset; BER as the DER that it stands for. Refused is only what cannot be read.
 */
#ifndef CERT_SHOW_H
#define CERT_SHOW_H

#include "der/der.h"
#include "base/bytes.h"
#include "cli/terminal/outline.h"

enum cert_kind {
    CERT_ANY,                   /* find out */
    CERT_CERTIFICATE,
    CERT_REQUEST,               /* PKCS#10, by itself or in CMS; or what KEYGEN made */
    CERT_CRL,
    CERT_PKCS10,                /* by itself alone */
    CERT_CMS,                   /* signed data, whatever is in it */
    CERT_KEYGEN,                /* KEYGEN alone */
    CERT_OTHER_CMS,             /* CMS that is no signed data: named, and not taken apart */
};

struct cert_show_options {
    enum cert_kind kind;
    bool as_json;               /* one object and a LF; else lines of text */
    bool full; /* in text, long values (keys, signatures) in full; JSON has them so anyway */
    const char *origin; /* where it comes from, shown first; NULL: not said. May be hostile */
    size_t entries_max; /* how many entries of a CRL to show; how many there are is always told */
    const struct outline_names *names;  /* for OIDs that no standard names; NULL: none.
                                         * cert_show_within takes those of its outline */
    struct der_bytes whole; /* what the data stands in, from which the offsets of remarks count;
                               nothing: the data */
};

/*
 * Write the DER that is all of `data` to `out`, after what is there. False, and nothing written,
 * where it is refused: the fault says why; for CERT_ANY it is that of the kind that could be read
 * furthest. True with a fault: CMS whose content is refused, which is shown with the reason. What
 * is sound takes a few times the input; what was made to be long, a hundred times. `out` may have a
 * limit and remembers failure (bytes.h). Any thread.
 */
bool cert_show(const void *data, size_t size, const struct cert_show_options *options,
               struct bytes *out, struct der_fault *fault);

/* The same as a group within an outline that is open, under a key and a label of the caller's
 * (outline.h); `as_json` and `full` do not count. */
bool cert_show_within(struct outline *outline, const char *key, const char *label, const void *data,
                      size_t size, const struct cert_show_options *options,
                      struct der_fault *fault);

#endif
