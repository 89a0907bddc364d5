/* Any bytes as a certificate: every view lies within them, all that is accepted can be walked over without a fault, and shown. */
#include "lib/der_walk.h"
#include "cli/x509/cert_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct x509 certificate;
    struct der_fault fault;
    bool ok = x509_read(data, size, &certificate, &fault, NULL);

    walk_begin(data, size);
    must(ok == !fault.error && fault.offset <= size && ok == !!certificate.info.size);
    if (ok) walk_certificate(&certificate);
    walk_shown(data, size, CERT_CERTIFICATE, ok);
    return 0;
}
