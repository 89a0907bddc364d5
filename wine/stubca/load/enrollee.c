/* Somebody who asks for certificates. */
#include "enrollee.h"

#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "stubca/ca/signing_key.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

#define COMMON_NAME "2.5.4.3"

struct enrollee {
    struct signing_key *key;
};

HRESULT enrollee_create(struct enrollee **out, struct reason *reason)
{
    struct enrollee *enrollee = heap_take(sizeof *enrollee);
    HRESULT hr = signing_key_make(&enrollee->key, reason);

    *out = NULL;
    if (SUCCEEDED(hr)) *out = enrollee;
    else enrollee_free(enrollee);
    return hr;
}

void enrollee_free(struct enrollee *enrollee)
{
    if (!enrollee) return;
    signing_key_let_go(enrollee->key);
    free(enrollee);
}

static void enrollee_put_name(struct der_writer *w, const char *common_name)
{
    size_t name = der_open(w, DER_SEQUENCE), set = der_open(w, DER_SET),
           part = der_open(w, DER_SEQUENCE);

    der_put_oid(w, COMMON_NAME);
    der_put(w, DER_UTF8_STRING, common_name, strlen(common_name));
    der_close(w, part);
    der_close(w, set);
    der_close(w, name);
}

/* CertificationRequestInfo of RFC 2986. */
static HRESULT put_info(struct der_writer *w, const struct enrollee *enrollee,
                        const char *common_name, struct reason *reason)
{
    size_t info = der_open(w, DER_SEQUENCE);
    HRESULT hr;

    der_put_number(w, 0);
    enrollee_put_name(w, common_name);
    hr = signing_key_put_public(enrollee->key, w, reason);
    der_put(w, DER_CONTEXT_CONSTRUCTED(0), NULL, 0);   /* attributes: none */
    der_close(w, info);
    return hr;
}

HRESULT enrollee_request(struct enrollee *enrollee, const char *common_name, const char *path,
                         struct reason *reason)
{
    struct der_writer info = {0}, whole = {0};
    HRESULT hr;

    if (FAILED(hr = put_info(&info, enrollee, common_name, reason))) goto done;
    if (FAILED(hr = info.result)) text_reason(reason, hr, "the request cannot be written");
    else hr = signing_key_sign(enrollee->key, &info, &whole, reason);
    if (SUCCEEDED(hr))
        hr = file_write_pem(path, "CERTIFICATE REQUEST", whole.data, whole.size, reason);
done:
    free(info.data);
    free(whole.data);
    return hr;
}
