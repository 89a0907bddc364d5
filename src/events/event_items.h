/* The certificates, requests and CRLs that an event carries, as bytes, with what is wrong with
 * each. */
#ifndef EVENT_ITEMS_H
#define EVENT_ITEMS_H

#include "der/cms.h"
#include "der/crl.h"
#include "event.h"

enum event_item_kind {
    ITEM_CERTIFICATE,
    ITEM_REQUEST,
    ITEM_CA_CERTIFICATE,
    ITEM_CRL,
    ITEM_DELTA_CRL
};

struct event_item {
    enum event_item_kind kind;
    int64_t
        index; /* of the CA's certificate, or of the key that a CRL belongs to; -1 for all else */
    struct span der;                    /* size 0: there are no bytes */
    uint8_t sha256[32]; /* of the bytes; where there are none, as the event tells it */
    bool has_sha256;
    bool unchanged;     /* a CRL that is the same as before: an earlier event has its bytes */
    const char *spared; /* why its bytes are not in the journal, though the line had room: "its
                           requester made many"; NULL: it had none */
    bool readable;                      /* one of these is set, as `kind` says; views into `der` */
    struct x509 certificate;
    struct pkcs10 request; /* the first in it, where it comes in CMS; of KEYGEN, the key alone */
    bool is_cms;                        /* a request that comes in CMS (PKCS #7, CMC) */
    bool is_keygen; /* a request that KEYGEN made: no subject, nothing else that is asked for */
    struct crl crl;
    char problem[256]; /* "": nothing is wrong. ASCII; nothing of what an enrollee wrote */
};

/* "certificate", "request", "caCertificate", "crl", "deltaCrl". */
const char *event_item_name(enum event_item_kind kind);

/*
 * Call `each` for every item, until it returns false. Items and their views hold only during the
 * call. `room` is memory that is used again from event to event, for the caller to free.
 *
 * What is looked at: that base64 is such, that size, SHA-256, CertificateHash and SerialNumber are
 * those of the bytes, that the DER can be read, odd in form or not, and a request that comes in
 * CMS, too. Bytes that were left out since they were many, or were spared, are no problem.
 */
void event_items(struct event *event, struct bytes *room,
                 bool (*each)(void *context, struct event_item *item), void *context);

#endif
