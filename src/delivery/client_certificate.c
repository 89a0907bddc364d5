#include "client_certificate.h"

#include "base/base64.h"
#include "base/file_read.h"
#include "base/utc.h"
#include "der/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (256u << 10)          /* bytes; a file with a whole chain has some KiB */

bool client_certificate_find(struct bytes *file, struct x509 *out)
{
    static const char label[] = "CERTIFICATE";
    struct der_fault fault;
    struct pem_block block;
    struct pem pem;
    size_t size;

    pem_begin(&pem, file->data, file->size);
    while (pem_next(&pem, &block) == PEM_BLOCK) {
        if (block.label.size != sizeof label - 1 ||
            memcmp(block.label.data, label, block.label.size))
            continue;
        return base64_decode(block.base64.data, block.base64.size, true,
                             (unsigned char *)file->data, &size) == block.base64.size &&
               x509_read(file->data, size, out, &fault, DER_BORNE);
    }
    return false;
}

bool client_certificate_is_timely(const char *path, char *why, size_t room)
{
    int64_t now_s = os_now() / 1000000, odd_s = 0;
    struct x509 certificate;
    struct bytes file = {0};
    char time[UTC_TEXT_MAX] = "";

    if (SUCCEEDED(file_read(path, FILE_MOST, &file)) && file.size &&
        client_certificate_find(&file, &certificate)) {
        if (now_s > certificate.not_after) odd_s = certificate.not_after;
        if (now_s < certificate.not_before) odd_s = certificate.not_before;
    }
    if (odd_s && utc_text(odd_s * 1000000, false, time))
        snprintf(why, room, "the client certificate %s %s %s; %s", path,
                 odd_s < now_s ? "has expired at" : "is not valid before", time,
                 odd_s < now_s ? "nothing is sent until it is renewed"
                               : "nothing is sent until then; look at the clock");
    bytes_free(&file);
    return !odd_s;
}
