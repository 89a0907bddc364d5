/* Any bytes, strictly and with remarks, as a certificate: every view lies within them, all that is accepted can be walked over without a fault, and shown. */
#include "lib/der_walk.h"
#include "cli/x509/cert_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct x509 certificate;
    struct der_fault fault;
    bool strict = x509_read(data, size, &certificate, &fault, NULL), ok;

    walk_begin(data, size);
    must(strict == !fault.error && fault.offset <= size && strict == !!certificate.info.size);
    if (strict) walk_certificate(&certificate);
    ok = x509_read(data, size, &certificate, &fault, walk_with_remarks());
    must(ok == !fault.error && fault.offset <= size && ok == !!certificate.info.size && (ok || !strict));
    walk_remarks(strict);
    if (ok) walk_certificate(&certificate);
    walk_remarks(false);
    walk_shown(data, size, CERT_CERTIFICATE);
    return 0;
}
