#include "claim.h"

#include "base/digits.h"
#include "base/utf8.h"
#include "der/ber.h"
#include "der/cmc.h"
#include "der/microsoft.h"
#include "der/spkac.h"
#include "der/text.h"
#include "der/value.h"
#include "events/decoded_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEEP (256u << 10)               /* bytes that are kept from event to event */

#define CLIENT_INFO       "1.3.6.1.4.1.311.21.20"
#define RENEWED           "1.3.6.1.4.1.311.13.1"
#define NAME_VALUE_PAIR   "1.3.6.1.4.1.311.13.2.1"
#define ALTERNATIVE_NAMES "2.5.29.17"
#define OBJECT_SID        "1.3.6.1.4.1.311.25.2"
#define ADD_EXTENSIONS    "1.3.6.1.5.5.7.7.8"
#define ADD_ATTRIBUTES    "1.3.6.1.4.1.311.10.10.1"

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

static bool is_san(const char *name, size_t size)
{
    return size == 3 && !strncasecmp(name, "san", 3);
}

/* Wipe a view into `from` out of the copy of it that begins the claim. */
static void wipe(struct claim *claim, struct der_bytes from, struct der_bytes view)
{
    size_t at = (size_t)(view.data - from.data);

    if (view.size && !claim->text.failed && at <= from.size && view.size <= from.size - at)
        memset(claim->text.data + at, 0, view.size);
}

/* A pair that is no two texts may be a "san" with any value: in pieces, for one. What is about the
 * client is wiped, unless `from` is nothing. */
static void check_pairs(struct claim *claim, struct der_bytes from, struct der_bytes values)
{
    struct name_value_pair pair;
    struct der_fault fault;
    struct der cursor;
    char name[32];

    name_value_pairs_begin(&cursor, &fault, DER_BORNE, values);
    while (name_value_pairs_next(&cursor, &pair)) {
        size_t size = der_text(pair.name.tag, pair.name.content, name, sizeof name, NULL);
        bool is_name = der_is_text(pair.name.tag);

        claim->names_unread |= !is_name || (!pair.secret && !der_is_text(pair.value.tag));
        if (size > sizeof name) continue;
        claim->has_san |= is_san(name, size);
        if (from.size && is_about_client(name, size)) wipe(claim, from, pair.value.content);
    }
    claim->names_unread |= fault.error != DER_OK;
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
            check_pairs(claim, from, attribute.values);
    }
}

/* Alternative names, or a SID, which is written as one of them. */
static void check_names(struct claim *claim, const struct extension *extension)
{
    struct general_name name;
    struct der_fault fault;
    struct der cursor;

    if (!der_oid_is(extension->oid, ALTERNATIVE_NAMES) && !der_oid_is(extension->oid, OBJECT_SID))
        return;
    if (general_names_begin(&cursor, &fault, DER_BORNE, extension->value))
        while (general_names_next(&cursor, &name)) continue;
    claim->names_unread |= fault.error != DER_OK;
}

static void check_extensions(struct claim *claim, struct der_bytes list)
{
    struct extension extension;
    struct der_fault fault;
    struct der cursor;

    extensions_begin(&cursor, &fault, list);
    while (extensions_next(&cursor, &extension)) check_names(claim, &extension);
    claim->names_unread |= fault.error != DER_OK;
}

static void check_attributes(struct claim *claim, struct der_bytes list)
{
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor;

    attributes_begin(&cursor, &fault, list);
    while (attributes_next(&cursor, &attribute))
        if (der_oid_is(attribute.oid, NAME_VALUE_PAIR))
            check_pairs(claim, (struct der_bytes){0}, attribute.values);
    claim->names_unread |= fault.error != DER_OK;
}

static void check_control(struct claim *claim, const struct cmc_control *control)
{
    struct cmc_addition addition;
    struct der_fault fault;

    if (der_oid_is(control->oid, ADD_EXTENSIONS)) {
        if (cmc_add_extensions_read(control->values, &addition, &fault, DER_BORNE))
            check_extensions(claim, addition.list);
        else claim->names_unread = true;
    } else if (der_oid_is(control->oid, ADD_ATTRIBUTES)) {
        if (cmc_add_attributes_read(control->values, &addition, &fault, DER_BORNE))
            check_attributes(claim, addition.list);
        else claim->names_unread = true;
    }
}

/* What the controls of CMC add to a request. */
static void check_controls(struct claim *claim, const struct cms *cms)
{
    struct cmc_control control;
    struct pki_data pki_data;
    struct der_fault fault;
    struct der cursor;

    if (cms_content_is(cms) != CMS_PKI_DATA) return;
    if (!pki_data_read(cms->content, &pki_data, &fault, DER_BORNE)) return;
    cmc_controls_begin(&cursor, &fault, &pki_data);
    while (cmc_controls_next(&cursor, &control)) check_control(claim, &control);
}

/* What is around a request in CMS. */
static void take_layers(struct claim *claim, struct der_bytes from)
{
    struct pkcs10 request;
    struct cms_layers layers;
    struct der_fault fault;

    pkcs10_unwrap_layers(from.data, from.size, &request, &layers, &fault, DER_BORNE);
    for (size_t i = 0; i < layers.count; i++) {
        wipe(claim, from, layers.cms[i].certificates);
        check_controls(claim, &layers.cms[i]);
    }
}

static void take_whole(struct claim *claim, struct der_bytes der, const struct pkcs10 *request)
{
    struct pkcs10_extensions asked;
    struct extension extension;

    bytes_add(&claim->text, der.data, der.size);
    wipe_attributes(claim, der, request);
    pkcs10_extensions_begin(&asked, request);
    while (pkcs10_extensions_next(&asked, &extension)) check_names(claim, &extension);
    if (cms_kind(der.data, der.size)) take_layers(claim, der);
}

/* False: it is no request. */
static bool take_request(struct claim *claim, struct der_bytes der)
{
    struct pkcs10 request;
    struct der_fault fault;
    struct spkac spkac;

    if (!pkcs10_unwrap(der.data, der.size, &request, &fault, DER_BORNE))
        return spkac_read(der.data, der.size, &spkac, &fault, DER_BORNE);
    take_whole(claim, der, &request);
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

/* Whether the event has read the request where it stands, and not converted from BER. */
static bool is_read_there(const struct pkcs10 *request, struct span raw)
{
    uintptr_t at, start = (uintptr_t)raw.text;

    if (!request || !request->info.size) return false;
    at = (uintptr_t)request->info.data;
    return at >= start && at - start < raw.size;
}

/* Of one that cannot be read, the bytes as they are: each value in them was asked for. */
static bool take_any_request(struct claim *claim, struct event *event)
{
    struct span raw = event_der(event, EVENT_REQUEST);
    const struct pkcs10 *request = event_pkcs10(event);
    bool taken = true;

    if (is_read_there(request, raw))
        take_whole(claim, (struct der_bytes){(const unsigned char *)raw.text, raw.size}, request);
    else taken = take_request_or_ber(claim, raw);
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
            claim->has_san |= is_san(line, name);
        }
        bytes_add(&claim->text, "\n", 1);
        bytes_add(&claim->text, all.data + at, size);
    }
    claim->text.failed |= all.failed;
    bytes_free(&all);
}

static bool has_escape(const struct bytes *text)
{
    const char *at = text->data, *end = at + text->size;

    while (end - at > 2 && (at = memchr(at, '%', (size_t)(end - at) - 2))) {
        if (digits_hex_byte(at + 1) >= 0) return true;
        at++;
    }
    return false;
}

/* All of it once more with escapes undone, if there are any. */
static void add_unescaped(struct claim *claim)
{
    size_t size = claim->text.size, at = 0;
    char *out;

    if (!size || !has_escape(&claim->text) || !(out = bytes_reserve(&claim->text, size))) return;
    for (size_t i = 0; i < size; i++) {
        const char *in = claim->text.data + i;
        int escaped = *in == '%' && i + 2 < size ? digits_hex_byte(in + 1) : -1;

        out[at++] = escaped < 0 ? *in : claim_lower((char)escaped);
        if (escaped >= 0) i += 2;
    }
    claim->text.size += at;
}

void claim_read(struct claim *claim, struct event *event)
{
    bytes_reset(&claim->text, KEEP);
    bytes_reset(&claim->needle, KEEP);
    claim->has_san = claim->names_unread = false;
    claim->is_whole = take_any_request(claim, event) && !claim->names_unread &&
                      event_left_out(event, "RequestAttributes") == JSON_NONE;
    take_attributes(claim, event);
    for (size_t i = 0; i < claim->text.size; i++)
        claim->text.data[i] = claim_lower(claim->text.data[i]);
    add_unescaped(claim);
    if (claim->text.failed) claim->is_whole = false;
}

/* Looked for by the byte at `rare`, as wide characters begin with zeros, and by the last one. */
static bool claim_has(const struct claim *claim, const struct bytes *needle, size_t rare)
{
    const char *at = claim->text.data, *end, *found;
    size_t last;

    if (claim->text.failed || needle->failed || !needle->size || needle->size > claim->text.size)
        return false;
    last = needle->size - rare - 1;
    end = at + claim->text.size - last;
    for (at += rare; at < end; at = found + 1) {
        if (!(found = memchr(at, needle->data[rare], (size_t)(end - at)))) return false;
        if (found[last] == needle->data[needle->size - 1] &&
            !memcmp(found - rare, needle->data, needle->size))
            return true;
    }
    return false;
}

/* In lower case as ASCII, whatever the bytes belong to, as the claim's are. */
static void add_lower(struct bytes *out, const char *text, size_t size)
{
    char *to = bytes_reserve(out, size);

    if (!to) return;
    for (size_t i = 0; i < size; i++) to[i] = claim_lower(text[i]);
    out->size += size;
}

/* Two bytes. */
static char *put_unit(char *to, uint32_t unit)
{
    *to++ = claim_lower((char)(unit >> 8));
    *to++ = claim_lower((char)unit);
    return to;
}

/* The text in characters of `width` bytes: 1, 2 or 4. A byte of it becomes four at most. */
static void make_needle(struct claim *claim, const char *text, size_t size, unsigned width)
{
    struct bytes *out = &claim->needle;
    uint32_t point;
    char *to;

    out->size = 0;
    if (width == 1) add_lower(out, text, size);
    if (width == 1 || !(to = bytes_reserve(out, 4 * size))) return;
    for (size_t at = 0; at < size;) {
        at += utf8_next(text + at, size - at, &point);
        if (point < 0x80) point = (uint32_t)claim_lower((char)point);
        if (width == 4) to = put_unit(put_unit(to, point >> 16), point & 0xffff);
        else if (point < 0x10000) to = put_unit(to, point);
        else to = put_unit(put_unit(to, 0xd7c0 + (point >> 10)), 0xdc00 | (point & 0x3ff));
    }
    out->size = (size_t)(to - out->data);
}

/* A byte each, as in a TeletexString; empty: it has other characters, or ASCII alone. */
static void make_latin_needle(struct claim *claim, const char *text, size_t size)
{
    struct bytes *out = &claim->needle;
    bool is_latin = false;
    uint32_t point;

    out->size = 0;
    for (size_t at = 0; at < size;) {
        at += utf8_next(text + at, size - at, &point);
        if (point > 0xff) {
            out->size = 0;
            return;
        }
        is_latin |= point > 0x7f;
        bytes_add(out, &(char){claim_lower((char)point)}, 1);
    }
    if (!is_latin) out->size = 0;
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
    if (!asked) {
        make_latin_needle(claim, text, size);
        asked = claim_has(claim, &claim->needle, 0);
    }
    return source_if(claim, asked);
}

enum fact_source claim_source_of_bytes(struct claim *claim, struct der_bytes bytes)
{
    if (!bytes.size) return FROM_NONE;
    claim->needle.size = 0;
    add_lower(&claim->needle, (const char *)bytes.data, bytes.size);
    return source_if(claim, claim_has(claim, &claim->needle, 0));
}

enum fact_source claim_source_of_decoded(struct claim *claim, const struct bytes *text,
                                         struct der_bytes bytes)
{
    enum fact_source source = claim_source(claim, text->data, text->size);

    if (source != FROM_CA || decoded_text_is_whole(text->data, text->size)) return source;
    return claim_source_of_bytes(claim, bytes) == FROM_ENROLLEE ? FROM_ENROLLEE : FROM_UNKNOWN;
}

bool claim_has_san(struct claim *claim)
{
    static const char *const forms[] = {"san=", "san:"};

    for (int i = 0; i < 2 && !claim->has_san; i++) {
        claim->needle.size = 0;
        bytes_add_text(&claim->needle, forms[i]);
        claim->has_san = claim_has(claim, &claim->needle, 0);
    }
    return claim->has_san;
}
