/* Any bytes as a certificate: every view lies within them, and names and extensions can be walked over without a
 * fault. */
#include "der/name.h"
#include "der/x509.h"

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

static void walk_extensions(struct der_bytes list)
{
    struct extension extension;
    struct der_fault fault;
    struct der cursor;

    within(list);
    for (extensions_begin(&cursor, &fault, list); extensions_next(&cursor, &extension);) {
        within(extension.oid);
        within(extension.value);
    }
    must(!fault.error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct x509 certificate;
    struct der_fault fault;
    char text[256];

    start = data;
    end = data + size;
    if (!x509_read(data, size, &certificate, &fault)) {
        must(fault.error && fault.offset <= size && !certificate.info.size);
        der_fault_text(&fault, text, sizeof text);
        return 0;
    }
    must(!fault.error && certificate.version >= 1 && certificate.version <= 3 && certificate.serial.size);
    must(certificate.not_before >= -62167219200 && certificate.not_after <= 253402300799);
    within(certificate.info);
    within(certificate.serial);
    within(certificate.signature);
    within(certificate.key.whole);
    must(name_text(certificate.subject, text, sizeof text) == name_text(certificate.subject, NULL, 0));
    within(certificate.issuer);
    public_key_length(&certificate.key);
    walk_extensions(certificate.extensions);
    return 0;
}
