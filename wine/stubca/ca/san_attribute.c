/* Alternative names out of an attribute. */
#include "san_attribute.h"

#include "extension_write.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UTF8_TAG "{utf8}"

enum { KIND_EMAIL = 1, KIND_DNS = 2, KIND_URL = 6, KIND_IP = 7, KIND_OID = 8 };

/* One to three digits, up to 255. Moves `*at` behind them. */
static bool read_octet(const char **at, unsigned char *octet)
{
    unsigned number = 0;
    size_t digits = strspn(*at, "0123456789");

    if (digits < 1 || digits > 3) return false;
    while (digits--) number = number * 10 + (unsigned)(*(*at)++ - '0');
    *octet = (unsigned char)number;
    return number <= 255;
}

static bool put_ip(struct der_writer *writer, const char *value)
{
    unsigned char bytes[4];

    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i && *value++ != '.') return false;
        if (!read_octet(&value, &bytes[i])) return false;
    }
    if (*value) return false;
    der_put(writer, DER_CONTEXT(KIND_IP), bytes, sizeof bytes);
    return true;
}

static bool put_guid(struct der_writer *writer, const char *value)
{
    unsigned char bytes[16];

    if (strlen(value) != 2 * sizeof bytes ||
        strspn(value, "0123456789abcdefABCDEF") != 2 * sizeof bytes)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++) sscanf(value + 2 * i, "%2hhx", &bytes[i]);
    write_other_name(writer, "1.3.6.1.4.1.311.25.1", DER_OCTET_STRING, bytes, sizeof bytes);
    return true;
}

static bool put_oid(struct der_writer *writer, const char *value)
{
    struct der_writer oid = {0};

    der_put_oid(&oid, value);
    if (SUCCEEDED(oid.result))
        der_put(writer, DER_CONTEXT(KIND_OID), oid.data + 2, oid.size - 2); /* short ones alone */
    free(oid.data);
    return SUCCEEDED(oid.result) && oid.size < 130;
}

static bool put_by_oid(struct der_writer *writer, const char *kind, const char *value)
{
    size_t tag = strlen(UTF8_TAG);

    if (_strnicmp(value, UTF8_TAG, tag)) return false;
    write_other_name(writer, kind, DER_UTF8_STRING, value + tag, strlen(value + tag));
    return SUCCEEDED(writer->result);
}

static bool put_upn(struct der_writer *writer, const char *value)
{
    write_other_name(writer, "1.3.6.1.4.1.311.20.2.3", DER_UTF8_STRING, value, strlen(value));
    return true;
}

static bool put_ascii(struct der_writer *writer, unsigned kind, const char *value)
{
    for (const char *c = value; *c; c++) {
        if (*c & 0x80) return false;
    }
    der_put(writer, DER_CONTEXT(kind), value, strlen(value));
    return true;
}

static bool san_attribute_put_name(struct der_writer *writer, const char *kind, const char *value)
{
    if (!*value) return false;
    if (!_stricmp(kind, "dns")) return put_ascii(writer, KIND_DNS, value);
    if (!_stricmp(kind, "email")) return put_ascii(writer, KIND_EMAIL, value);
    if (!_stricmp(kind, "url")) return put_ascii(writer, KIND_URL, value);
    if (!_stricmp(kind, "upn")) return put_upn(writer, value);
    if (!_stricmp(kind, "ipaddress")) return put_ip(writer, value);
    if (!_stricmp(kind, "guid")) return put_guid(writer, value);
    if (!_stricmp(kind, "oid")) return put_oid(writer, value);
    return put_by_oid(writer, kind, value);
}

HRESULT san_attribute_write(const char *text, struct der_writer *writer, struct reason *reason)
{
    char *copy = heap_text(text), *next = copy;
    size_t names = der_open(writer, DER_SEQUENCE);
    HRESULT hr = *text ? S_OK : text_reason(reason, E_INVALIDARG, "the attribute san names nobody");

    while (next && *next && SUCCEEDED(hr)) {
        char *piece = next, *equals;

        if ((next = strchr(piece, '&'))) *next++ = '\0';
        if ((equals = strchr(piece, '='))) *equals++ = '\0';
        if (!equals || !san_attribute_put_name(writer, piece, equals))
            hr =
                text_reason(reason, E_INVALIDARG,
                            "the attribute san has a name \"%s\" that this CA cannot write", piece);
    }
    der_close(writer, names);
    free(copy);
    return FAILED(hr) ? hr : writer->result;
}
