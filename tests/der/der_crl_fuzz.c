/* Any bytes, strictly and with remarks, as a CRL: every view lies within them, every entry of what is accepted can be read, and shown. */
#include "lib/der_walk.h"
#include "cli/x509/cert_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct crl crl;
    struct der_fault fault;
    bool strict = crl_read(data, size, &crl, &fault, NULL), ok;

    walk_begin(data, size);
    must(strict == !fault.error && fault.offset <= size && strict == !!crl.info.size);
    if (strict) walk_crl(&crl);
    ok = crl_read(data, size, &crl, &fault, walk_with_remarks());
    must(ok == !fault.error && fault.offset <= size && ok == !!crl.info.size && (ok || !strict));
    walk_remarks(strict);
    if (ok) walk_crl(&crl);
    walk_remarks(false);
    walk_shown(data, size, CERT_CRL);
    return 0;
}
