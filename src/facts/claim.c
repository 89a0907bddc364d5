#include "claim.h"

#include "base/utf8.h"
#include "der/ber.h"
#include "der/cmc.h"
#include "der/microsoft.h"
#include "der/spkac.h"
#include "der/text.h"
#include "der/value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEEP (256u << 10)               /* bytes that are kept from event to event */

#define CLIENT_INFO       "1.3.6.1.4.1.311.21.20"
#define RENEWED           "1.3.6.1.4.1.311.13.1"
#define NAME_VALUE_PAIR   "1.3.6.1.4.1.311.13.2.1"

void claim_free(struct claim *claim)
{
    bytes_free(&claim->text);
    bytes_free(&claim->needle);
}

static char claim_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Whether a name/value pair or an attribute says no more than where the client runs. */
static bool is_about_client(const char *name, size_t size)
{
    static const char *const names[] = {"rmd", "cdc", "ccm", "certificatetemplate"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (size == strlen(names[i]) && !strncasecmp(name, names[i], size)) return true;
    return false;
}

/* Wipe a view into `from` out of the copy of it that begins the claim. */
static void wipe(struct claim *claim, struct der_bytes from, struct der_bytes view)
{
    size_t at = (size_t)(view.data - from.data);

    if (view.size && !claim->text.failed && at <= from.size && view.size <= from.size - at)
        memset(claim->text.data + at, 0, view.size);
}

static void wipe_pairs(struct claim *claim, struct der_bytes from, struct der_bytes values)
{
    struct name_value_pair pair;
    struct der_fault fault;
    struct der cursor;
    char name[32];

    name_value_pairs_begin(&cursor, &fault, DER_BORNE, values);
    while (name_value_pairs_next(&cursor, &pair)) {
        size_t size = der_text(pair.name.tag, pair.name.content, name, sizeof name, NULL);

        if (size <= sizeof name && is_about_client(name, size))
            wipe(claim, from, pair.value.content);
    }
}

static void wipe_attributes(struct claim *claim, struct der_bytes from,
                            const struct pkcs10 *request)
{
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor;

    attributes_begin(&cursor, &fault, request->attributes);
    while (attributes_next(&cursor, &attribute)) {
        if (der_oid_is(attribute.oid, CLIENT_INFO) || der_oid_is(attribute.oid, RENEWED))
            wipe(claim, from, attribute.values);
        else if (der_oid_is(attribute.oid, NAME_VALUE_PAIR))
            wipe_pairs(claim, from, attribute.values);
    }
}

static void wipe_certificates(struct claim *claim, struct der_bytes from)
{
    struct der_fault fault;
    struct cms cms, inner;

    if (!cms_read(from.data, from.size, &cms, &fault, DER_BORNE)) return;
    for (int depth = 0; depth < CMS_NESTED_MAX; depth++, cms = inner) {
        wipe(claim, from, cms.certificates);
        if (cms_content_is(&cms) != CMS_SIGNED ||
            !cms_content_signed(&cms, &inner, &fault, DER_BORNE))
            return;
    }
}

/* False: it is no request. */
static bool take_request(struct claim *claim, struct der_bytes der)
{
    struct pkcs10 request;
    struct der_fault fault;
    struct spkac spkac;

    if (!pkcs10_unwrap(der.data, der.size, &request, &fault, DER_BORNE)) {
        return spkac_read(der.data, der.size, &spkac, &fault, DER_BORNE);
    }
    bytes_add(&claim->text, der.data, der.size);
    wipe_attributes(claim, der, &request);
    if (cms_kind(der.data, der.size)) wipe_certificates(claim, der);
    return true;
}

static bool take_request_or_ber(struct claim *claim, struct span raw)
{
    struct der_bytes der = {(const unsigned char *)raw.text, raw.size};
    unsigned char *converted;
    size_t size, at;
    bool taken;

    if (!raw.size) return false;
    if (take_request(claim, der)) return true;
    if (!(converted = ber_to_der(raw.text, raw.size, &size, &at))) return false;
    taken = take_request(claim, (struct der_bytes){converted, size});
    free(converted);
    return taken;
}

/* Of one that cannot be read, the bytes as they are: each value in them was asked for. */
static bool take_any_request(struct claim *claim, struct span raw)
{
    bool taken = take_request_or_ber(claim, raw);

    if (!taken) bytes_add(&claim->text, raw.text, raw.size);
    return taken;
}

/* "Name:value" between line breaks. */
static void take_attributes(struct claim *claim, struct event *event)
{
    struct bytes all = {0};

    event_text(event, "request/RequestAttributes", &all);
    for (size_t at = 0, size; at < all.size; at += size + 1) {
        const char *line = all.data + at, *end = memchr(line, '\n', all.size - at), *colon;
        size_t name;

        size = end ? (size_t)(end - line) : all.size - at;
        if ((colon = memchr(line, ':', size))) {
            name = (size_t)(colon - line);
            while (name && (*line == ' ' || *line == '\t')) line++, name--;
            while (name && (line[name - 1] == ' ' || line[name - 1] == '\t')) name--;
            if (is_about_client(line, name)) continue;
        }
        bytes_add(&claim->text, "\n", 1);
        bytes_add(&claim->text, all.data + at, size);
    }
    claim->text.failed |= all.failed;
    bytes_free(&all);
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* All of it once more with escapes undone, if there are any. */
static void add_unescaped(struct claim *claim)
{
    size_t size = claim->text.size, at = 0;
    bool has_escapes = false;
    char *out;

    for (size_t i = 0; i + 2 < size && !has_escapes; i++)
        has_escapes = claim->text.data[i] == '%' && digit_of(claim->text.data[i + 1]) >= 0 &&
                      digit_of(claim->text.data[i + 2]) >= 0;
    if (!has_escapes || !(out = bytes_reserve(&claim->text, size))) return;
    for (size_t i = 0; i < size; i++) {
        const char *in = claim->text.data + i;
        int high = -1, low = -1;

        if (*in == '%' && i + 2 < size) high = digit_of(in[1]), low = digit_of(in[2]);
        out[at++] = high >= 0 && low >= 0 ? claim_lower((char)(high << 4 | low)) : *in;
        if (high >= 0 && low >= 0) i += 2;
    }
    claim->text.size += at;
}

void claim_read(struct claim *claim, struct event *event)
{
    bytes_reset(&claim->text, KEEP);
    bytes_reset(&claim->needle, KEEP);
    claim->is_whole = take_any_request(claim, event_der(event, EVENT_REQUEST)) &&
                      event_left_out(event, "RequestAttributes") == JSON_NONE;
    take_attributes(claim, event);
    for (size_t i = 0; i < claim->text.size; i++)
        claim->text.data[i] = claim_lower(claim->text.data[i]);
    add_unescaped(claim);
    if (claim->text.failed) claim->is_whole = false;
}

/* Looked for by the byte at `rare`, as wide characters begin with zeros. */
static bool claim_has(const struct claim *claim, const struct bytes *needle, size_t rare)
{
    const char *at = claim->text.data, *end, *found;

    if (claim->text.failed || needle->failed || !needle->size || needle->size > claim->text.size)
        return false;
    end = at + claim->text.size - (needle->size - rare - 1);
    for (at += rare; at < end; at = found + 1) {
        if (!(found = memchr(at, needle->data[rare], (size_t)(end - at)))) return false;
        if (!memcmp(found - rare, needle->data, needle->size)) return true;
    }
    return false;
}

static void add_unit(struct bytes *out, uint32_t unit)
{
    bytes_add(out, (char[2]){(char)(unit >> 8), (char)unit}, 2);
}

/* The text in characters of `width` bytes. */
static void make_needle(struct claim *claim, const char *text, size_t size, unsigned width)
{
    struct bytes *out = &claim->needle;
    uint32_t point;

    out->size = 0;
    for (size_t at = 0, taken; at < size; at += taken) {
        taken = utf8_next(text + at, size - at, &point);
        if (point < 0x80) point = (uint32_t)claim_lower((char)point);
        if (width == 1)
            for (size_t i = 0; i < taken; i++)
                bytes_add(out, (char[1]){claim_lower(text[at + i])}, 1);
        else if (width == 4) add_unit(out, point >> 16), add_unit(out, point & 0xffff);
        else if (point < 0x10000) add_unit(out, point);
        else add_unit(out, 0xd7c0 + (point >> 10)), add_unit(out, 0xdc00 | (point & 0x3ff));
    }
    /* the claim's bytes are in lower case as ASCII, whatever they belong to */
    for (size_t i = 0; i < out->size; i++) out->data[i] = claim_lower(out->data[i]);
}

static enum fact_source source_if(const struct claim *claim, bool asked)
{
    return asked ? FROM_ENROLLEE : claim->is_whole ? FROM_CA : FROM_UNKNOWN;
}

enum fact_source claim_source(struct claim *claim, const char *text, size_t size)
{
    bool asked = false;

    while (size && !text[size - 1]) size--;
    if (!size) return FROM_NONE;
    for (unsigned width = 1; width <= 4 && !asked; width *= 2) {
        make_needle(claim, text, size, width);
        asked = claim_has(claim, &claim->needle, width - 1);
    }
    return source_if(claim, asked);
}

enum fact_source claim_source_of_bytes(struct claim *claim, struct der_bytes bytes)
{
    if (!bytes.size) return FROM_NONE;
    claim->needle.size = 0;
    for (size_t i = 0; i < bytes.size; i++)
        bytes_add(&claim->needle, (char[1]){claim_lower((char)bytes.data[i])}, 1);
    return source_if(claim, claim_has(claim, &claim->needle, 0));
}
