/* Any bytes as a CRL: every view lies within them, every entry of what is accepted can be read, and shown. */
#include "lib/der_walk.h"
#include "cli/x509/cert_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct crl crl;
    struct der_fault fault;
    bool ok = crl_read(data, size, &crl, &fault, NULL);

    walk_begin(data, size);
    must(ok == !fault.error && fault.offset <= size && ok == !!crl.info.size);
    if (ok) walk_crl(&crl);
    walk_shown(data, size, CERT_CRL, ok);
    return 0;
}
