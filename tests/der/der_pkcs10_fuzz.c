/* Any bytes as a PKCS#10 request: every view lies within them, all that is accepted can be walked over without a fault, and shown. */
#include "lib/der_walk.h"
#include "cli/x509/cert_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pkcs10 request;
    struct der_fault fault;
    bool ok = pkcs10_read(data, size, &request, &fault, NULL);

    walk_begin(data, size);
    must(ok == !fault.error && fault.offset <= size && ok == !!request.info.size);
    if (ok) walk_request(&request);
    walk_shown(data, size, CERT_PKCS10, ok);
    return 0;
}
