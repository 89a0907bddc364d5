/* Any bytes as a PKCS#10 request: every view lies within them, and what is accepted can be walked over without a
 * fault. */
#include "der/name.h"
#include "der/pkcs10.h"
#include "der/text.h"
#include "der/value.h"

#include <stdlib.h>

static const uint8_t *start, *end;

static void must(bool ok)
{
    if (!ok) abort();
}

static void within(struct der_bytes view)
{
    must(!view.size || (view.data >= start && view.data <= end && view.size <= (size_t)(end - view.data)));
}

static void walk_name(struct der_bytes name)
{
    struct name_cursor cursor;
    struct name_part part;
    char text[64];
    size_t size;

    within(name);
    for (name_begin(&cursor, name); name_next(&cursor, &part);) {
        within(part.type);
        within(part.value.whole);
        must(der_text(part.value.tag, part.value.content, text, sizeof text, NULL) <= 3 * part.value.content.size);
        der_oid_text(part.type, text, sizeof text);
    }
    must(!cursor.fault.error);
    size = name_text(name, text, sizeof text);
    must(name_text(name, NULL, 0) == size);
}

static void walk_alternative_names(struct der_bytes value)
{
    struct general_name name;
    struct der_fault fault;
    struct der_bytes upn;
    struct der cursor;
    char text[256];

    if (general_names_begin(&cursor, &fault, value)) {
        while (general_names_next(&cursor, &name)) {
            within(name.content);
            within(name.type);
            within(name.value.whole);
            if (general_name_upn(&name, &upn)) within(upn);
            if (name.kind == GENERAL_NAME_DIRECTORY) walk_name(name.content);
        }
    }
    must(fault.offset <= value.size);
    der_fault_text(&fault, text, sizeof text);
}

static void walk_extensions(struct der_bytes list)
{
    struct extension extension, found;
    struct der_fault fault;
    struct der cursor;
    char oid[DER_OID_TEXT];

    within(list);
    for (extensions_begin(&cursor, &fault, list); extensions_next(&cursor, &extension);) {
        within(extension.oid);
        within(extension.value);
        if (!der_oid_text(extension.oid, oid, sizeof oid)) continue;
        must(extensions_find(list, oid, &found) && der_same(found.value, extension.value));
        walk_alternative_names(extension.value);
    }
    must(!fault.error);
}

static void walk_attributes(const struct pkcs10 *request)
{
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor;

    for (pkcs10_attributes(request, &cursor, &fault); pkcs10_next_attribute(&cursor, &attribute);) {
        within(attribute.oid);
        within(attribute.values);
        must(attribute.values.size || request->has_challenge);
    }
    must(!fault.error);
}

static void walk_key(const struct public_key *key)
{
    struct der_bytes a, b, c;
    struct der_fault fault;

    within(key->whole);
    within(key->bits);
    within(key->algorithm.parameters);
    public_key_length(key);
    if (public_key_rsa(key, &fault, &a, &b)) within(a), within(b);
    must(fault.offset <= key->whole.size);
    if (public_key_ec(key, &fault, &a, &b, &c)) within(a), within(b), within(c);
    must(fault.offset <= key->whole.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct der_fault fault;
    struct pkcs10 request;
    char text[256];

    start = data;
    end = data + size;
    if (!pkcs10_read(data, size, &request, &fault)) {
        must(fault.error && fault.offset <= size && !request.info.size);
        der_fault_text(&fault, text, sizeof text);
        return 0;
    }
    must(!fault.error);
    within(request.info);
    within(request.signature);
    within(request.signature_algorithm.whole);
    within(pkcs10_secret_challenge(&request).whole);
    walk_name(request.subject);
    walk_key(&request.key);
    walk_extensions(request.extensions);
    walk_extensions(request.microsoft_extensions);
    walk_attributes(&request);
    return 0;
}
