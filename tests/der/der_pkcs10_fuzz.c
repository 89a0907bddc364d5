/* Any bytes, strictly and with remarks, as a PKCS#10 request: every view lies within them, all that is accepted can be walked over without a fault, and shown. */
#include "lib/der_walk.h"
#include "cli/x509/cert_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pkcs10 request;
    struct der_fault fault;
    bool strict = pkcs10_read(data, size, &request, &fault, NULL), ok;

    walk_begin(data, size);
    must(strict == !fault.error && fault.offset <= size && strict == !!request.info.size);
    if (strict) walk_request(&request);
    ok = pkcs10_read(data, size, &request, &fault, walk_with_remarks());
    must(ok == !fault.error && fault.offset <= size && ok == !!request.info.size && (ok || !strict));
    walk_remarks(strict);
    if (ok) walk_request(&request);
    walk_remarks(false);
    walk_shown(data, size, CERT_PKCS10);
    return 0;
}
