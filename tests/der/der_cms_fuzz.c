/* Any bytes, strictly and with remarks, as signed data: every view lies within them, all that is accepted can be walked over without a fault, and shown; and the request
 * in it is found or its absence told. */
#include "lib/der_walk.h"
#include "cli/x509/cert_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cms_layers layers;
    struct pkcs10 request;
    struct der_fault fault;
    struct cms cms;
    bool strict = cms_read(data, size, &cms, &fault, NULL), ok;

    walk_begin(data, size);
    must(strict == !fault.error && fault.offset <= size && strict == !!cms.content_type.size && (!strict || cms_kind(data, size)));
    if (strict) walk_cms(&cms);
    ok = cms_read(data, size, &cms, &fault, walk_with_remarks());
    must(ok == !fault.error && fault.offset <= size && ok == !!cms.content_type.size && (ok || !strict));
    walk_remarks(strict);
    if (ok) walk_cms(&cms);
    walk_remarks(false);
    walk_shown(data, size, CERT_CMS);
    walk_begin(data, size);
    strict = pkcs10_unwrap(data, size, &request, &fault, NULL);
    must(strict == !fault.error && fault.offset <= size && strict == !!request.info.size);
    if (strict) walk_request(&request);
    ok = pkcs10_unwrap(data, size, &request, &fault, walk_with_remarks());
    must(ok == !fault.error && fault.offset <= size && (ok || !strict));
    if (ok) walk_request(&request);
    walk_remarks(false);
    must(pkcs10_unwrap_layers(data, size, &request, &layers, &fault, DER_BORNE) == ok && layers.count <= CMS_NESTED_MAX);
    for (size_t i = 0; i < layers.count; i++) walk_cms(&layers.cms[i]);
    return 0;
}
