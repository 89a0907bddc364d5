/*
 * CertificationRequest ::= SEQUENCE { info, signatureAlgorithm, signature BIT STRING }
 * info                 ::= SEQUENCE { version INTEGER, subject Name, key, attributes [0] IMPLICIT
 * SET OF Attribute }
 */
#include "pkcs10.h"
#include "name.h"
#include "value.h"

#define EXTENSION_REQUEST "1.2.840.113549.1.9.14"
#define MICROSOFT_REQUEST "1.3.6.1.4.1.311.2.1.14"

/* One of the attributes that may stand there once, with one value. What stands there beyond is
 * checked all the same. */
static bool pkcs10_read_extensions(struct der *values, const char *what, struct der_bytes *list)
{
    struct der_bytes other;

    if (list->data && !der_odd(values, DER_E_REPEATED, what, values->at)) return false;
    if (!values->remarks) return extensions_read(values, what, list) && der_end(values, what);
    while (der_more(values)) {
        if (!extensions_read(values, what, &other)) return false;
        if (!list->data) *list = other;
        if (der_more(values)) der_odd(values, DER_E_REPEATED, what, values->at);
    }
    return !values->fault->error;
}

static bool pkcs10_read_challenge(struct der *values, struct pkcs10 *request)
{
    struct der_value challenge;

    if (request->has_challenge &&
        !der_odd(values, DER_E_REPEATED, "challenge password", values->at))
        return false;
    if (values->remarks && !der_more(values)) return !values->fault->error;
    if (!der_checked(values, "challenge password", &challenge)) return false;
    if (!request->has_challenge) request->challenge_size = challenge.content.size;
    request->has_challenge = true;
    return der_end(values, "challenge password");
}

static bool pkcs10_read_values(struct der *values, const struct attribute *attribute,
                               struct pkcs10 *request)
{
    struct der_value value;

    if (der_oid_is(attribute->oid, EXTENSION_REQUEST))
        return pkcs10_read_extensions(values, "extension request", &request->extensions);
    if (der_oid_is(attribute->oid, MICROSOFT_REQUEST))
        return pkcs10_read_extensions(values, "Microsoft extension request",
                                      &request->microsoft_extensions);
    if (attribute->is_secret) return pkcs10_read_challenge(values, request);
    while (der_more(values)) der_checked(values, "value of an attribute", &value);
    return !values->fault->error;
}

static bool pkcs10_read_attributes(struct der *info, struct pkcs10 *request)
{
    struct attribute attribute;
    struct der attributes, values;

    if (!der_more(info)) return !info->fault->error;            /* left out: see the header */
    if (!der_enter_set(info, "attributes", DER_CONTEXT_CONSTRUCTED(0), &attributes)) return false;
    request->attributes = der_rest(&attributes);
    while (der_more(&attributes)) {
        if (!attribute_read(&attributes, &attribute, &values)) return false;
        if (!pkcs10_read_values(&values, &attribute, request)) return false;
    }
    return !attributes.fault->error;
}

static bool pkcs10_read_info(struct der *outer, struct pkcs10 *request)
{
    const unsigned char *first = outer->at;
    struct der info;
    int32_t version;

    if (!der_enter(outer, "request info", DER_SEQUENCE, &info)) return false;
    request->info = (struct der_bytes){first, (size_t)(outer->at - first)};
    const unsigned char *version_at = info.at;
    if (!der_small(&info, "version", &version)) return false;
    if (version && !der_odd(&info, DER_E_VERSION, "version", version_at)) return false;
    request->version = version;
    return name_read(&info, "subject", &request->subject) &&
           public_key_read(&info, "public key", &request->key) &&
           pkcs10_read_attributes(&info, request) && der_end(&info, "request info");
}

static bool pkcs10_read_request(struct der *whole, struct pkcs10 *request)
{
    struct der outer;

    return der_enter(whole, "request", DER_SEQUENCE, &outer) && der_end(whole, "request") &&
           pkcs10_read_info(&outer, request) &&
           algorithm_read(&outer, "signature algorithm", &request->signature_algorithm) &&
           der_whole_bits(&outer, "signature", &request->signature) && der_end(&outer, "signature");
}

bool pkcs10_read(const void *data, size_t size, struct pkcs10 *request, struct der_fault *fault,
                 struct der_remarks *remarks)
{
    struct der whole;

    *request = (struct pkcs10){0};
    der_begin_with(&whole, fault, remarks, data, size);
    if (pkcs10_read_request(&whole, request)) return true;
    *request = (struct pkcs10){0};
    return false;
}

struct der_value pkcs10_secret_challenge(const struct pkcs10 *request)
{
    struct der_value challenge = {0};
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor, values;

    attributes_begin(&cursor, &fault, request->attributes);
    while (der_more(&cursor) && attribute_read(&cursor, &attribute, &values)) {
        if (attribute.is_secret && der_more(&values) &&
            der_any(&values, "challenge password", &challenge))
            break;
    }
    return challenge;
}

void pkcs10_extensions_begin(struct pkcs10_extensions *cursor, const struct pkcs10 *request)
{
    *cursor = (struct pkcs10_extensions){.request = request};
    attributes_begin(&cursor->attributes, &cursor->fault, request->attributes);
    der_begin_with(&cursor->values, &cursor->fault, DER_BORNE, NULL, 0);
    cursor->list = cursor->values;
}

/* The next attribute that asks for extensions: extensionRequest in a first round, Microsoft's in a
 * second. */
static bool next_attribute(struct pkcs10_extensions *cursor)
{
    static const char *const oids[] = {EXTENSION_REQUEST, MICROSOFT_REQUEST};
    struct attribute attribute;

    for (; cursor->round < 2; cursor->round++) {
        while (attributes_next(&cursor->attributes, &attribute)) {
            if (!der_oid_is(attribute.oid, oids[cursor->round])) continue;
            der_begin_with(&cursor->values, &cursor->fault, DER_BORNE, attribute.values.data,
                           attribute.values.size);
            return true;
        }
        attributes_begin(&cursor->attributes, &cursor->fault, cursor->request->attributes);
    }
    return false;
}

bool pkcs10_extensions_next(struct pkcs10_extensions *cursor, struct extension *extension)
{
    while (!extensions_next(&cursor->list, extension)) {
        while (!der_more(&cursor->values)) if (!next_attribute(cursor)) return false;
        if (!der_enter(&cursor->values, "extension request", DER_SEQUENCE, &cursor->list))
            return false;
    }
    return true;
}

bool pkcs10_extension(const struct pkcs10 *request, const char *dotted_oid,
                      struct extension *extension)
{
    struct pkcs10_extensions cursor;

    pkcs10_extensions_begin(&cursor, request);
    while (pkcs10_extensions_next(&cursor, extension))
        if (der_oid_is(extension->oid, dotted_oid)) return true;
    return false;
}
