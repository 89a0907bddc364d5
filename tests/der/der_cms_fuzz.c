/* Any bytes as signed data: every view lies within them, all that is accepted can be walked over without a fault, and shown; and the request
 * in it is found or its absence told. */
#include "lib/der_walk.h"
#include "cli/x509/cert_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pkcs10 request;
    struct der_fault fault;
    struct cms cms;
    bool ok = cms_read(data, size, &cms, &fault, NULL);

    walk_begin(data, size);
    must(ok == !fault.error && fault.offset <= size && ok == !!cms.content_type.size && (!ok || cms_kind(data, size)));
    if (ok) walk_cms(&cms);
    walk_shown(data, size, CERT_CMS, ok);
    ok = pkcs10_unwrap(data, size, &request, &fault, NULL);
    must(ok == !fault.error && fault.offset <= size && ok == !!request.info.size);
    if (ok) walk_request(&request);
    return 0;
}
