/*
 * Any bytes as client info, and as the value of every other attribute and extension: read by every decoder as they are, then
 * shown as part of a request that is made around them. The first byte says which attribute or extension.
 */
#include "lib/der_walk.h"
#include "der/value.h"
#include "cli/x509/cert_show.h"

#include <string.h>

/* OIDs' whole DER. Attributes first. */
#define OID(bytes) {"" bytes, sizeof "" bytes - 1}
#define MS "\x2B\x06\x01\x04\x01\x82\x37"
static const struct { const char *der; size_t size; } oids[] = {
    OID("\x06\x09" MS "\x15\x14"), OID("\x06\x0A" MS "\x0D\x02\x03"), OID("\x06\x0A" MS "\x0D\x02\x02"),
    OID("\x06\x0A" MS "\x0D\x02\x01"), OID("\x06\x09" MS "\x0D\x01"), OID("\x06\x03\x2A\x03\x04"),
#define ATTRIBUTES 6
    OID("\x06\x03\x55\x1D\x11"), OID("\x06\x03\x55\x1D\x13"), OID("\x06\x03\x55\x1D\x0F"), OID("\x06\x03\x55\x1D\x25"),
    OID("\x06\x03\x55\x1D\x20"), OID("\x06\x03\x55\x1D\x21"), OID("\x06\x03\x55\x1D\x24"), OID("\x06\x03\x55\x1D\x36"),
    OID("\x06\x03\x55\x1D\x1E"), OID("\x06\x03\x55\x1D\x0E"), OID("\x06\x03\x55\x1D\x23"), OID("\x06\x03\x55\x1D\x1F"),
    OID("\x06\x03\x55\x1D\x1C"), OID("\x06\x03\x55\x1D\x15"), OID("\x06\x03\x55\x1D\x17"), OID("\x06\x03\x55\x1D\x18"),
    OID("\x06\x08\x2B\x06\x01\x05\x05\x07\x01\x01"), OID("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x0F"),
    OID("\x06\x09" MS "\x14\x02"), OID("\x06\x09" MS "\x15\x01"), OID("\x06\x09" MS "\x15\x02"), OID("\x06\x09" MS "\x15\x04"),
    OID("\x06\x09" MS "\x15\x07"), OID("\x06\x09" MS "\x15\x0A"), OID("\x06\x09" MS "\x15\x0B"), OID("\x06\x09" MS "\x15\x0C"),
    OID("\x06\x09" MS "\x15\x0E"), OID("\x06\x09" MS "\x19\x02"), OID("\x06\x03\x2A\x03\x04"),
};

/* DER, written from its end to its beginning, so that lengths are known. */
static unsigned char made[70000], *at;

static void put(const void *data, size_t size)
{
    at -= size;
    memcpy(at, data, size);
}

static void wrap(unsigned char tag, const unsigned char *last)
{
    size_t size = (size_t)(last - at);

    if (size < 0x80) put((unsigned char[]){tag, (unsigned char)size}, 2);
    else if (size < 0x100) put((unsigned char[]){tag, 0x81, (unsigned char)size}, 3);
    else put((unsigned char[]){tag, 0x82, (unsigned char)(size >> 8), (unsigned char)size}, 4);
}

/* A request with an empty name and no key to speak of, and one attribute. */
static void make_request(unsigned kind, const uint8_t *value, size_t size)
{
    unsigned char *const signature = made + sizeof made - 9, *end = made + sizeof made;

    at = end;
    put("\x30\x03\x06\x01\x2A\x03\x02\x00\x01", 9);
    put(value, size);
    if (kind < ATTRIBUTES) {
        wrap(DER_SET, signature);
        put(oids[kind].der, oids[kind].size);
    } else {
        wrap(DER_OCTET_STRING, signature);
        put(oids[kind].der, oids[kind].size);
        wrap(DER_SEQUENCE, signature);
        wrap(DER_SEQUENCE, signature);
        wrap(DER_SET, signature);
        put("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x0E", 11);
    }
    wrap(DER_SEQUENCE, signature);
    wrap(DER_CONTEXT_CONSTRUCTED(0), signature);
    put("\x02\x01\x00\x30\x00\x30\x08\x30\x03\x06\x01\x2A\x03\x01\x00", 15);
    wrap(DER_SEQUENCE, signature);
    wrap(DER_SEQUENCE, end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned kind = size ? data[0] % (sizeof oids / sizeof *oids) : 0;
    struct pkcs10 request;
    struct der_fault fault;
    bool ok;

    if (!size || size > 60000) return 0;
    walk_begin(data, size);
    walk_value((struct der_bytes){data + 1, size - 1});
    walk_with_remarks();
    walk_value((struct der_bytes){data + 1, size - 1});
    walk_remarks(false);
    make_request(kind, data + 1, size - 1);
    ok = pkcs10_read(at, (size_t)(made + sizeof made - at), &request, &fault, NULL);
    must(ok || kind < ATTRIBUTES);                      /* what stands in an OCTET STRING is nobody's business */
    walk_shown(at, (size_t)(made + sizeof made - at), CERT_REQUEST);
    return 0;
}
