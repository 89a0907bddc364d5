#include "renewed.h"

#include "base/os.h"
#include "der/ber.h"
#include "der/cms.h"
#include "der/value.h"
#include "events/decoded_text.h"
#include "events/filter.h"

#include <stdlib.h>
#include <string.h>

enum { FLAG_RENEWAL = 2, FLAG_ON_BEHALF_OF = 0x10 };

bool renewed_serial_key(const char *digits, size_t size, uint8_t out[FACT_KEY])
{
    char plain[FILTER_SERIAL_MAX + 1];

    memset(out, 0, FACT_KEY);
    return size && filter_serial(digits, size, plain) && fact_key(plain, strlen(plain), out);
}

bool renewed_serial_key_of(struct der_bytes serial, uint8_t out[FACT_KEY])
{
    static const char digits[] = "0123456789abcdef";
    struct bytes text = {0};
    bool made;

    for (size_t i = 0; i < serial.size; i++)
        bytes_add(&text, (char[2]){digits[serial.data[i] >> 4], digits[serial.data[i] & 15]}, 2);
    made = !text.failed && renewed_serial_key(text.data, text.size, out);
    if (!made) memset(out, 0, FACT_KEY);
    bytes_free(&text);
    return made;
}

void renewed_issuer_key(struct der_bytes name, uint8_t out[8])
{
    uint8_t key[FACT_KEY] = {0};
    struct bytes text = {0};

    if (decoded_name_add(&text, name) && !text.failed) fact_key_text(text.data, text.size, key);
    memcpy(out, key, 8);
    bytes_free(&text);
}

static bool named_by(struct renewed *renewed, struct der_bytes issuer, struct der_bytes serial)
{
    if (!issuer.size || !renewed_serial_key_of(serial, renewed->serial)) return false;
    renewed_issuer_key(issuer, renewed->issuer);
    return true;
}

static void named_in(struct renewed *renewed, struct der_bytes der, const struct x509 *old)
{
    if (!named_by(renewed, old->issuer, old->serial)) return;
    if (FAILED(os_sha1(der.data, der.size, renewed->hash)))
        memset(renewed->hash, 0, sizeof renewed->hash);
}

static bool by_attribute(const struct pkcs10 *request, struct renewed *renewed)
{
    struct attribute attribute;
    struct der_fault fault, of_old;
    struct x509 old;
    struct der cursor;
    bool named = false;

    if (!request) return false;
    attributes_begin(&cursor, &fault, request->attributes);
    while (attributes_next(&cursor, &attribute)) {
        if (!der_oid_is(attribute.oid, "1.3.6.1.4.1.311.13.1")) continue;
        named = true;
        if (x509_read(attribute.values.data, attribute.values.size, &old, &of_old, DER_BORNE)) {
            named_in(renewed, attribute.values, &old);
            break;
        }
    }
    return named;
}

/* One signer that is named so: beside it the new key may have signed, which has no certificate.
 * False: there is none. */
static bool by_signer_of(const void *data, size_t size, struct renewed *renewed)
{
    struct cms_signer signer;
    struct der_fault fault;
    struct der cursor;
    struct cms cms;
    unsigned named = 0;

    if (!cms_read(data, size, &cms, &fault, DER_BORNE)) return false;
    cms_signers_begin(&cursor, &fault, &cms);
    while (named < 2 && cms_signers_next(&cursor, &signer))
        if (signer.issuer.size && !named++)
            renewed->is_vouched = named_by(renewed, signer.issuer, signer.serial);
    if (named > 1) renewed->is_vouched = false;
    return named;
}

static bool by_signer(struct event *event, struct renewed *renewed)
{
    struct span der = event_der(event, EVENT_REQUEST);
    unsigned char *converted;
    int64_t flags;
    size_t size, at;
    bool named;

    if (!der.size || !event_number(event, "request/RequestFlags", &flags)) return false;
    if (!(flags & FLAG_RENEWAL) || flags & FLAG_ON_BEHALF_OF) return false;
    if (by_signer_of(der.text, der.size, renewed)) return true;
    if (!(converted = ber_to_der(der.text, der.size, &size, &at))) return false;
    named = by_signer_of(converted, size, renewed);
    free(converted);
    return named;
}

bool renewed_read(struct event *event, struct renewed *renewed)
{
    bool is_signed;

    *renewed = (struct renewed){0};
    is_signed = by_signer(event, renewed);
    if (renewed->is_vouched) return true;
    *renewed = (struct renewed){0};
    return by_attribute(event_pkcs10(event), renewed) || is_signed;
}
