#include "event.h"

#include "decoded_text.h"
#include "base/case_fold.h"
#include "base/utf8.h"
#include "der/ber.h"
#include "der/cmc.h"
#include "der/microsoft.h"
#include "der/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

_Static_assert(LINE_MAX_SIZE <= JSON_DOC_MAX, "the data of every line is parsed");

#define TYPE_PREFIX "certwitness."
#define KEEP        (256u << 10)        /* bytes of room that are kept from line to line */

enum { READ_CERTIFICATE = 1u << EVENT_DERS, READ_REQUEST = 2u << EVENT_DERS };

static void forget_converted(struct event *event)
{
    for (int i = 0; i < EVENT_DERS; i++) {
        free(event->converted[i]);
        event->converted[i] = NULL;
    }
}

void event_set(struct event *event, const struct line *line)
{
    event->line = *line;
    event->parsed = event->unverified = event->no_memory = false;
    event->tried = 0;
    event->has_certificate = event->has_request = false;
    forget_converted(event);
    for (int i = 0; i < EVENT_DERS; i++) bytes_reset(&event->der[i], KEEP);
}

void event_set_item(struct event *event, const struct reader_item *item)
{
    event_set(event, &item->line);
    event->doc.text = item->data.text;
    event->doc.values = item->data.values;
    event->doc.count = item->data.count;
    event->parsed = true;
    event->unverified = item->unverified;
}

void event_free(struct event *event)
{
    json_doc_free(&event->doc);
    forget_converted(event);
    for (int i = 0; i < EVENT_DERS; i++) bytes_free(&event->der[i]);
}

struct span event_type(const struct event *event)
{
    struct span type = event->line.type;
    size_t skip = sizeof TYPE_PREFIX - 1;

    if (type.size < skip || memcmp(type.text, TYPE_PREFIX, skip)) return type;
    return (struct span){type.text + skip, type.size - skip};
}

bool event_type_is(const struct event *event, const char *type)
{
    return span_is(event_type(event), type);
}

bool event_request_id(const struct event *event, int64_t *id)
{
    static const char prefix[] = "request/";
    struct span subject = event->line.subject;
    size_t skip = sizeof prefix - 1;
    int64_t number = 0;
    bool negative;

    if (subject.size <= skip || subject.size > skip + 11 || memcmp(subject.text, prefix, skip))
        return false;
    negative = subject.text[skip] == '-';
    if ((skip += negative) == subject.size) return false;
    for (; skip < subject.size; skip++) {
        if (subject.text[skip] < '0' || subject.text[skip] > '9') return false;
        number = number * 10 + subject.text[skip] - '0';
    }
    *id = negative ? -number : number;
    return true;
}

const struct json_doc *event_doc(struct event *event)
{
    if (!event->parsed) {
        event->parsed = true;
        json_doc_parse(&event->doc,
                       event->line.data); /* else it is empty, and nothing is found in it */
        event->no_memory |= event->doc.no_memory;
    }
    return &event->doc;
}

bool event_number(struct event *event, const char *path, int64_t *number)
{
    const struct json_doc *doc = event_doc(event);

    return json_doc_number(doc, json_find(doc, JSON_ROOT, path), number);
}

bool event_text(struct event *event, const char *path, struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);

    return json_doc_text(doc, json_find(doc, JSON_ROOT, path), out);
}

struct span event_der(struct event *event, enum event_der which)
{
    static const char *const paths[] = {"certificate/RawCertificate", "request/RawRequest"};
    const struct json_doc *doc = event_doc(event);
    struct bytes *der = &event->der[which];

    if (!(event->tried & 1u << which) &&
        (!json_doc_base64(doc, json_find(doc, JSON_ROOT, paths[which]), der) || der->failed))
        der->size = 0;
    event->no_memory |= der->failed;
    event->tried |= 1u << which;
    return (struct span){der->size ? der->data : "", der->size};
}

static bool event_read_certificate(struct event *event, const void *data, size_t size)
{
    struct der_fault fault;

    return x509_read(data, size, &event->certificate, &fault, DER_BORNE);
}

static bool event_read_request(struct event *event, const void *data, size_t size)
{
    struct der_fault fault;

    return pkcs10_unwrap(data, size, &event->request, &fault, DER_BORNE);
}

/* As it stands, or, should it be BER, as the DER that it stands for. */
static bool read_either(struct event *event, enum event_der which,
                        bool (*read)(struct event *, const void *, size_t))
{
    struct span der = event_der(event, which);
    size_t size, at;

    if (!der.size || read(event, der.text, der.size)) return der.size;
    errno = 0;
    event->converted[which] =
        ber_to_der(der.text, der.size, &size, &at); /* this comes here once for each event */
    event->no_memory |= !event->converted[which] && errno == ENOMEM;
    return event->converted[which] && read(event, event->converted[which], size);
}

const struct x509 *event_x509(struct event *event)
{
    if (!(event->tried & READ_CERTIFICATE))
        event->has_certificate = read_either(event, EVENT_CERTIFICATE, event_read_certificate);
    event->tried |= READ_CERTIFICATE;
    return event->has_certificate ? &event->certificate : NULL;
}

const struct pkcs10 *event_pkcs10(struct event *event)
{
    if (!(event->tried & READ_REQUEST))
        event->has_request = read_either(event, EVENT_REQUEST, event_read_request);
    event->tried |= READ_REQUEST;
    return event->has_request ? &event->request : NULL;
}

/* As event_text, but an empty text is none. */
static bool some_text(struct event *event, const char *path, struct bytes *out)
{
    size_t before = out->size;

    return event_text(event, path, out) && out->size > before;
}

bool event_requester(struct event *event, struct bytes *out)
{
    return some_text(event, "request/RequesterName", out) ||
           some_text(event, "request/CallerName", out);
}

/* In any case, as Windows compares accounts. */
static bool is_same_account(const struct bytes *one, const struct bytes *other)
{
    uint32_t a, b;
    size_t i = 0, j = 0;

    while (i < one->size && j < other->size) {
        i += utf8_next(one->data + i, one->size - i, &a);
        j += utf8_next(other->data + j, other->size - j, &b);
        if (case_fold(a) != case_fold(b)) return false;
    }
    return i == one->size && j == other->size;
}

bool event_other_caller(struct event *event, struct bytes *out)
{
    struct bytes caller = {0}, requester = {0};
    bool other = some_text(event, "request/RequesterName", &requester) &&
                 some_text(event, "request/CallerName", &caller) &&
                 !is_same_account(&caller, &requester);

    if (other) bytes_add(out, caller.data, caller.size);
    event->no_memory |= caller.failed || requester.failed;
    bytes_free(&caller);
    bytes_free(&requester);
    return other;
}

void event_identity(struct event *event, struct identity *identity)
{
    *identity = (struct identity){.certificate = event_x509(event)};
    if (!identity->certificate) identity->request = event_pkcs10(event);
}

static bool first_alternative(struct event *event, struct bytes *out)
{
    struct identity identity;
    struct identity_names names;
    struct general_name name;

    event_identity(event, &identity);
    identity_names_begin(&names, &identity);
    while (identity_names_next(&names, &name)) if (identity_text(out, &name)) return true;
    return false;
}

/* The subject of the certificate that a request wants renewed, where the request has none. */
static bool renewed_subject(const struct pkcs10 *request, struct bytes *out)
{
    struct attribute attribute;
    struct der_fault fault;
    struct x509 renewed;
    struct der cursor;

    attributes_begin(&cursor, &fault, request->attributes);
    while (attributes_next(&cursor, &attribute))
        if (der_oid_is(attribute.oid, "1.3.6.1.4.1.311.13.1") &&
            x509_read(attribute.values.data, attribute.values.size, &renewed, &fault, DER_BORNE))
            return decoded_name_add(out, renewed.subject);
    return false;
}

bool event_subject(struct event *event, struct bytes *out)
{
    const struct x509 *certificate;
    const struct pkcs10 *request;

    if (some_text(event, "certificate/DistinguishedName", out)) return true;
    if ((certificate = event_x509(event))) {
        if (decoded_name_add(out, certificate->subject)) return true;
        return some_text(event, "certificate/UPN", out) || first_alternative(event, out);
    }
    if (some_text(event, "request/Request.DistinguishedName", out)) return true;
    if ((request = event_pkcs10(event)) && decoded_name_add(out, request->subject)) return true;
    return first_alternative(event, out) || (request && renewed_subject(request, out));
}

bool event_any_name(struct event *event,
                    bool (*is)(const void *context, const char *text, size_t size),
                    const void *context)
{
    static const char *const paths[] = {"certificate/DistinguishedName", "certificate/UPN",
                                        "request/Request.DistinguishedName"};
    struct identity identity = {0};
    struct identity_names names;
    struct general_name name;
    struct bytes text = {0};
    bool found = false;

    for (size_t i = 0; i < sizeof paths / sizeof *paths && !found; i++, text.size = 0)
        found = event_text(event, paths[i], &text) && is(context, text.data, text.size);
    if (!found && event_subject(event, &text)) found = is(context, text.data, text.size);
    text.size = 0;
    if (!found) event_identity(event, &identity);
    identity_names_begin(&names, &identity);
    for (; !found && identity_names_next(&names, &name); text.size = 0)
        found = identity_text(&text, &name) && is(context, text.data, text.size);
    event->no_memory |= text.failed;
    bytes_free(&text);
    return found;
}

bool event_template_name(struct event *event, struct bytes *out)
{
    const struct x509 *certificate = event_x509(event);
    struct extension extension;
    struct der_value name;
    struct der_fault fault;

    return certificate &&
           extensions_find(certificate->extensions, "1.3.6.1.4.1.311.20.2", &extension) &&
           template_name_read(extension.value, &name, &fault, DER_BORNE) &&
           decoded_text_add(out, name.tag, name.content);
}

static bool add_template_oid(struct event *event, struct bytes *out)
{
    const struct x509 *certificate = event_x509(event);
    struct template_info template;
    struct extension extension;
    struct der_fault fault;
    char oid[DER_OID_TEXT];

    if (!certificate ||
        !extensions_find(certificate->extensions, "1.3.6.1.4.1.311.21.7", &extension))
        return false;
    if (!template_info_read(extension.value, &template, &fault, DER_BORNE) ||
        !der_oid_text(template.oid, oid, sizeof oid))
        return false;
    bytes_add_text(out, oid);
    return true;
}

bool event_told_template(struct event *event, struct bytes *out)
{
    return some_text(event, "certificate/CertificateTemplate", out);
}

bool event_template(struct event *event, struct bytes *out)
{
    return event_told_template(event, out) ||
           event_template_name(event, out) || add_template_oid(event, out);
}

/* "Name:value" between line breaks; blanks around either do not count. */
static struct span event_trimmed(const char *text, size_t size)
{
    while (size && (*text == ' ' || *text == '\t')) text++, size--;
    while (size && strchr(" \t\r", text[size - 1]) && text[size - 1]) size--;
    return (struct span){text, size};
}

json_at event_left_out(struct event *event, const char *name)
{
    const struct json_doc *doc = event_doc(event);
    json_at list = json_find(doc, JSON_ROOT, "missing"), each = JSON_NONE;

    if (json_kind(doc, list) != JSON_ARRAY) return JSON_NONE;
    while ((each = json_next(doc, list, each)) != JSON_NONE)
        if (json_doc_is(doc, json_find(doc, each, "name"), name) &&
            json_kind(doc, json_find(doc, each, "size")) == JSON_NUMBER)
            return each;
    return JSON_NONE;
}

/* The attributes that are whole: where what follows was left out, the last may be half of one. */
static void whole_attributes(struct event *event, struct bytes *out)
{
    event_text(event, "request/RequestAttributes", out);
    if (event_left_out(event, "RequestAttributes") == JSON_NONE) return;
    while (out->size && out->data[out->size - 1] != '\n') out->size--;
}

bool event_attribute(struct event *event, const char *name, struct bytes *out)
{
    struct bytes all = {0};
    bool found = false;

    whole_attributes(event, &all);
    for (size_t at = 0, size; at < all.size && !found; at += size + 1) {
        const char *line = all.data + at, *end = memchr(line, '\n', all.size - at), *colon;
        struct span key, value;

        size = end ? (size_t)(end - line) : all.size - at;
        if (!(colon = memchr(line, ':', size))) continue;
        key = event_trimmed(line, (size_t)(colon - line));
        value = event_trimmed(colon + 1, size - (size_t)(colon + 1 - line));
        if (!(found =
                  key.size == strlen(name) && !strncasecmp(key.text, name, key.size) && value.size))
            continue;
        bytes_add(out, value.text, value.size);
    }
    event->no_memory |= all.failed;
    bytes_free(&all);
    return found;
}

bool event_serial(struct event *event, struct bytes *out)
{
    static const char digits[] = "0123456789abcdef";
    const struct x509 *certificate;
    struct der_bytes serial;

    if (some_text(event, "certificate/SerialNumber", out)) return true;
    if (!(certificate = event_x509(event))) return false;
    serial = certificate->serial;
    if (serial.size > 1 && !serial.data[0]) serial.data++, serial.size--;
    for (size_t i = 0; i < serial.size; i++)
        bytes_add(out, (char[2]){digits[serial.data[i] >> 4], digits[serial.data[i] & 15]}, 2);
    return true;
}
