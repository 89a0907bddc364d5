#include "bundle.h"

#include "cli/terminal/outline.h"
#include "der/ber.h"
#include "der/pkcs10.h"
#include "remark_show.h"

#include <stdlib.h>

/* Content of its own: anything but plain data that is no request. */
static bool has_content_of_its_own(const struct cms *cms)
{
    struct pkcs10 request;
    struct der_fault fault;

    return cms_content_is(cms) != CMS_REQUEST ||
           pkcs10_read(cms->content.data, cms->content.size, &request, &fault, DER_BORNE);
}

/* Certificates and CRLs are all that it is for, whatever its content. */
static bool bundle_read_der(struct bundle *bundle, const void *data, size_t size)
{
    const struct cms *cms = &bundle->cms;
    struct der_fault fault;

    der_remarks_begin(&bundle->remarks, data, size);
    if (!cms_kind(data, size) ||
        !cms_read(data, size, &bundle->cms, &fault, &bundle->remarks) || cms->signers.size)
        return false;
    return !cms->has_content ||
           ((cms->certificates.size || cms->crls.size) && !has_content_of_its_own(cms));
}

static size_t count_in(struct der_bytes list)
{
    struct der_fault fault;
    struct der_value value;
    struct der cursor;
    size_t count = 0;

    for (cms_others_begin(&cursor, &fault, list); cms_others_next(&cursor, &value);) count++;
    return count;
}

/* Whether the content is one of the certificates, as certreq and CAs write it. */
static bool content_is_within(const struct cms *cms)
{
    struct der_fault fault;
    struct der_value value;
    struct der cursor;

    for (cms_others_begin(&cursor, &fault, cms->certificates); cms_others_next(&cursor, &value);)
        if (der_same(value.whole, cms->content)) return true;
    return false;
}

static void bundle_count(struct bundle *bundle)
{
    const struct cms *cms = &bundle->cms;

    bundle->certificates = count_in(cms->certificates);
    bundle->crls = count_in(cms->crls);
    if (cms->has_content && !content_is_within(cms)) bundle->unsigned_bytes = cms->content.size;
}

bool bundle_read(struct bundle *bundle, const void *data, size_t size)
{
    size_t der_size, at;

    *bundle = (struct bundle){0};
    if (!bundle_read_der(bundle, data, size)) {
        if (!(bundle->converted = ber_to_der(data, size, &der_size, &at))) return false;
        if (!bundle_read_der(bundle, bundle->converted, der_size)) {
            bundle_free(bundle);
            return false;
        }
        remarks_put_ber(&bundle->remarks, "bundle", at);
    }
    bundle_count(bundle);
    return true;
}

void bundle_free(struct bundle *bundle)
{
    free(bundle->converted);
    bundle->converted = NULL;
}

bool bundle_show(const struct bundle *bundle, const char *origin, bool as_json, struct bytes *out)
{
    struct outline outline;

    if (!bundle->remarks.count && !bundle->unsigned_bytes) return false;
    outline_begin(&outline, out, as_json);
    outline_group(&outline, NULL, "Bundle", NULL);
    if (as_json) outline_word(&outline, "type", NULL, "bundle");
    if (origin) outline_word(&outline, "from", "From", origin);
    outline_number(&outline, "certificates", "Certificates", (int64_t)bundle->certificates);
    outline_number(&outline, "crls", "CRLs", (int64_t)bundle->crls);
    if (bundle->unsigned_bytes)
        outline_number(&outline, "unsignedContentBytes",
                       "Bytes of content that nobody signed, not shown",
                       (int64_t)bundle->unsigned_bytes);
    remarks_show(&outline, &bundle->remarks);
    outline_close(&outline);
    return true;
}
