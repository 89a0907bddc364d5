/*
 * What a file of certificates, requests and CRLs holds: DER, or text with DER in it, piece by
 * piece. Text is PEM with any label, several blocks included, or nothing but base64, in an 8-bit
 * code or, as PowerShell writes it, in UTF-16.
 */
#ifndef CERT_FILE_H
#define CERT_FILE_H

#include "der/pem.h"
#include "base/bytes.h"
#include "base/span.h"

struct cert_file {
    struct bytes *data;                 /* borrowed */
    bool is_der, done;
    struct pem pem;
    unsigned count;
};

/* `data` is what was read, and is written over: text is decoded where it stands. It has to hold as
 * long as pieces are asked for. */
void cert_file_begin(struct cert_file *file, struct bytes *data);

struct cert_piece {
    unsigned number;                    /* from 1 */
    struct span label; /* a PEM block's, may be hostile; nothing for anything else */
    struct span der;                    /* holds as long as `data` does */
    const char *refusal;                /* why there is no DER here; NULL: there is */
    size_t offset; /* where in the file, as far as that can be told: of the byte that offends, if
                      one does */
};

/* False: there is no more. A file has at least one piece, be it a refusal. */
bool cert_file_next(struct cert_file *file, struct cert_piece *piece);

#endif
