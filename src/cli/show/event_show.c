#include "event_show.h"

#include "cli/x509/cert_show.h"
#include "code_name.h"
#include "cli/terminal/console.h"
#include "base/utf8.h"
#include "base/timestamp.h"
#include "cli/x509/name_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES_MAX 100                 /* of a CRL; `certwitness cert --entries` shows more */
#define DEPTH_MAX   8 /* of groups in an outline: what the recorder writes has four */

/* A member's name, or a type, as a label: of what was forged it may hold anything. */
static const char *label_of(struct bytes *label, struct span text)
{
    label->size = 0;
    console_add_text(label, text.text, text.size, 60);
    bytes_add(label, "", 1);
    return label->failed ? "?" : label->data;
}

static void event_show_der(struct outline *outline, const char *key, const char *label,
                           enum cert_kind kind, const struct bytes *der)
{
    struct cert_show_options options = {.kind = kind,
                                        .entries_max = outline->as_json ? SIZE_MAX : ENTRIES_MAX};
    struct der_fault fault;
    char reason[256];

    if (cert_show_within(outline, key, label, der->data, der->size, &options, &fault)) return;
    der_fault_text(&fault, reason, sizeof reason);
    outline_group(outline, key, label, NULL);
    outline_word(outline, "refused", "Cannot be decoded", reason);
    outline_number(outline, "bytes", "Bytes", (int64_t)der->size);
    outline_close(outline);
}

/* Base64 of something that can be decoded. */
static void show_recorded(struct outline *outline, const struct json_doc *doc, json_at value,
                          const char *key, const char *label, enum cert_kind kind)
{
    struct bytes der = {0};

    if (!json_doc_base64(doc, value, &der) || der.failed) {
        if (!outline->as_json) outline_word(outline, NULL, label, "(no base64)");
    } else {
        event_show_der(outline, key, label, kind, &der);
    }
    bytes_free(&der);
}

/* "CertificateTemplate:User\nccm:pc17": one line each. */
static void event_show_attributes(struct outline *outline, const struct json_doc *doc,
                                  json_at value, const char *label)
{
    struct bytes text = {0};

    json_doc_text(doc, value, &text);
    outline_list(outline, "attributes", label);
    for (size_t at = 0, size; at < text.size; at += size + 1) {
        const char *end = memchr(text.data + at, '\n', text.size - at);

        size = end ? (size_t)(end - text.data) - at : text.size - at;
        if (size && text.data[at + size - 1] == '\r')
            outline_text(outline, NULL, NULL, text.data + at, size - 1);
        else if (size) outline_text(outline, NULL, NULL, text.data + at, size);
    }
    outline_close(outline);
    bytes_free(&text);
}

/* A number, and in brackets what it is called. */
static void show_named(struct outline *outline, const char *label, int64_t number, const char *name,
                       const char *more)
{
    struct bytes text = {0};

    bytes_printf(&text, "%" PRId64, number);
    if (more) bytes_add_text(&text, more);
    if (name) {
        bytes_add_text(&text, " (");
        bytes_add_text(&text, name);
        bytes_add_text(&text, ")");
    }
    outline_text(outline, NULL, label, text.data, text.size);
    bytes_free(&text);
}

static void show_number(struct outline *outline, struct span name, const char *label,
                        int64_t number)
{
    struct bytes flags = {0};
    char hexadecimal[16];

    snprintf(hexadecimal, sizeof hexadecimal, " = 0x%08x", (unsigned)number);
    if (span_is(name, "Disposition"))
        show_named(outline, label, number, disposition_name(number), NULL);
    else if (span_is(name, "StatusCode"))
        show_named(outline, label, number, status_name(number), number ? hexadecimal : NULL);
    else if (span_is(name, "RevokedReason"))
        show_named(outline, label, number, revocation_reason_name(number), NULL);
    else if (span_is(name, "RequestType"))
        show_named(outline, label, number, request_type_name(number), hexadecimal);
    else if (span_is(name, "RequestFlags")) {
        request_flags_names(number, &flags);
        bytes_add(&flags, "", 1);
        show_named(outline, label, number, flags.failed || !*flags.data ? NULL : flags.data,
                   hexadecimal);
    } else show_named(outline, label, number, NULL, NULL);
    bytes_free(&flags);
}

/* Why a long value is not in the line, in words; NULL: it is no such word. */
static const char *spared_words(const struct json_doc *doc, json_at why)
{
    if (json_doc_is(doc, why, "lowSpace"))
        return "lowSpace (less than twice MinFreeMiB was free; the CA's database has the bytes, "
               "and the hash proves them)";
    if (json_doc_is(doc, why, "flood"))
        return "flood (100 of this requester within an hour before; the CA's database has the "
               "bytes, and the hash proves them)";
    return NULL;
}

static void event_show_text(struct outline *outline, const struct json_doc *doc, struct span name,
                            json_at value, const char *label)
{
    static const struct { const char *name; enum cert_kind kind;
    } ders[] = {
        {"RawCertificate", CERT_CERTIFICATE},
        {"RawRequest", CERT_REQUEST},
        {"RawOldCertificate", CERT_CERTIFICATE},
    };
    struct bytes text = {0};

    for (size_t i = 0; i < sizeof ders / sizeof *ders; i++) {
        if (!span_is(name, ders[i].name)) continue;
        show_recorded(outline, doc, value, NULL, label, ders[i].kind);
        return;
    }
    if (span_is(name, "RequestAttributes")) {
        event_show_attributes(outline, doc, value, label);
        return;
    }
    if (span_is(name, "why") && spared_words(doc, value)) {
        outline_word(outline, NULL, label, spared_words(doc, value));
        return;
    }
    json_doc_text(doc, value, &text);
    outline_text(outline, NULL, label, text.data, text.size);
    outline->out->failed |= text.failed;
    bytes_free(&text);
}

static void event_show_value(struct outline *outline, const struct json_doc *doc, struct span name,
                             json_at value, const char *label);

/* The members of an object, or the elements of an array. Recursion is bounded by DEPTH_MAX. */
static void show_members(struct outline *outline, const struct json_doc *doc, json_at whole)
{
    bool object = json_kind(doc, whole) == JSON_OBJECT;
    struct bytes label = {0};
    json_at each = JSON_NONE;

    while ((each = json_next(doc, whole, each)) != JSON_NONE && !outline->out->failed) {
        struct span name = object ? json_doc_span(doc, each) : (struct span){"", 0};
        bool group = json_kind(doc, object ? json_member(doc, each) : each) == JSON_OBJECT;

        event_show_value(outline, doc, name, object ? json_member(doc, each) : each,
                         object  ? label_of(&label, name)
                         : group ? "Item"
                                 : NULL);
    }
    bytes_free(&label);
}

/* A CRL, or a certificate of the CA, as it was recorded: {"size":…,"sha256":…,"base64":…}. */
static bool show_in_object(struct outline *outline, const struct json_doc *doc, struct span name,
                           json_at value, const char *label)
{
    json_at bytes = json_find(doc, value, "base64");
    bool is_certificate = span_is(name, "RawCACertificate"),
         is_crl = span_is(name, "RawCRL") || span_is(name, "RawDeltaCRL");

    if ((!is_certificate && !is_crl) || json_kind(doc, bytes) != JSON_TEXT) return false;
    show_recorded(outline, doc, bytes, NULL, label, is_crl ? CERT_CRL : CERT_CERTIFICATE);
    return true;
}

static void event_show_value(struct outline *outline, const struct json_doc *doc, struct span name,
                             json_at value, const char *label)
{
    struct span span = json_doc_span(doc, value);
    int64_t number;

    switch (json_kind(doc, value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (json_next(doc, value, JSON_NONE) == JSON_NONE ||
            show_in_object(outline, doc, name, value, label))
            break;
        outline_group(outline, NULL, label, NULL);
        if (outline->level < DEPTH_MAX) show_members(outline, doc, value);
        else outline_word(outline, NULL, NULL, "...");
        outline_close(outline);
        break;
    case JSON_TEXT:
        event_show_text(outline, doc, name, value, label);
        break;
    case JSON_NUMBER:
        if (json_doc_number(doc, value, &number)) {
            show_number(outline, name, label, number);
            break;
        }
        /* fall through */
    default:
        outline_text(outline, NULL, label, span.text, span.size);
    }
}

static void show_span(struct outline *outline, const char *label, struct span span)
{
    outline_text(outline, NULL, label, span.text, span.size);
}

static void show_other_name(struct outline *outline, const char *key, const char *label,
                            const struct bytes *name, const struct bytes *told)
{
    if (name->size == told->size && !memcmp(name->data, told->data, told->size) &&
        !outline->as_json)
        return;
    outline_text(outline, key, label, name->data, name->size);
}

/* An OID says little: the names that the certificate and the request have for it come along. */
static void event_show_template(struct outline *outline, const struct template_names *names,
                          struct event *event)
{
    struct bytes told = {0}, name = {0};
    const char *learnt;

    if (event_template(event, &told) && outline->as_json) {
        outline_text(outline, "template", NULL, told.data, told.size);
        learnt = template_names_find(names, told.data, told.size);
        if (learnt) outline_word(outline, "templateKnownAs", NULL, learnt);
    } else if (told.size) {
        template_names_add_to(names, told.data, told.size, &name);
        outline_text(outline, NULL, "Template", name.data, name.size);
        outline->out->failed |= name.failed;
        name.size = 0;
    }
    if (event_template_name(event, &name))
        show_other_name(outline, "templateName", "Its name in the certificate", &name, &told);
    name.size = 0;
    if (event_attribute(event, "CertificateTemplate", &name))
        show_other_name(outline, "templateAsked", "Template asked for", &name, &told);
    bytes_free(&told);
    bytes_free(&name);
}

static const char *find_name(const void *context, const char *dotted)
{
    return template_names_find(context, dotted, strlen(dotted));
}

struct outline_names event_show_names(const struct template_names *names)
{
    return (struct outline_names){.find = find_name, .context = names};
}

void event_show(struct event *event, const struct template_names *names, bool local,
                struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    struct outline_names known = event_show_names(names);
    struct bytes label = {0}, heading = {0};
    struct outline outline;
    char time[TIMESTAMP_TEXT];

    outline_begin(&outline, out, false);
    outline.names = &known;
    bytes_printf(&heading, "Event %" PRIu64 ", ", event->line.sequence);
    bytes_add_text(&heading, label_of(&label, event_type(event)));
    bytes_add(&heading, "", 1);
    bytes_add_text(out, console_style(STYLE_STRONG));
    outline_group(&outline, NULL, heading.failed ? "Event" : heading.data, NULL);
    bytes_add_text(out, console_style(STYLE_PLAIN));
    show_span(&outline, "Time", event->line.time);
    timestamp_show(event->line.time, true, time);
    if (local) outline_word(&outline, NULL, "Local time", time);
    show_span(&outline, "Source", event->line.source);
    show_span(&outline, "Run", event->line.run);
    show_span(&outline, "Hash", event->line.hash);
    if (event->unverified)
        outline_word(&outline, NULL, "Verified", "no: its line is verified by its own hash only");
    event_show_template(&outline, names, event);
    if (doc->count) show_members(&outline, doc, JSON_ROOT);
    else outline_word(&outline, NULL, "Data", "(cannot be parsed)");
    outline_close(&outline);
    bytes_add_text(out, "\n");
    bytes_free(&label);
    bytes_free(&heading);
}

static struct span whole_of(const struct event *event)
{
    return (struct span){event->line.text.text, event->line.text.size - 1};     /* without its LF */
}

/* A run of bytes as JSON that is plain. A line has no LF within; CR and TAB may stand between its
 * tokens, and are as good as blanks. */
static void add_plain_json(struct bytes *out, struct span text)
{
    uint32_t point;

    for (size_t at = 0, plain; at < text.size; at += plain) {
        const char *from = text.text + at;

        for (plain = 0; at + plain < text.size && from[plain] >= 0x20 && from[plain] < 0x7f;
             plain++)
            continue;
        bytes_add(out, from, plain);
        if (at + plain == text.size) return;
        at += plain;
        plain = utf8_next(text.text + at, text.size - at, &point);
        if (point < 0x20) bytes_add_text(out, " ");
        else if (utf8_is_plain(point)) bytes_add(out, text.text + at, plain);
        else json_escape(out, point);
    }
}

void event_show_line(const struct event *event, struct bytes *out)
{
    add_plain_json(out, whole_of(event));
    bytes_add_text(out, "\n");
}

static void decode_number(struct outline *outline, struct event *event, const char *path,
                          const char *key, const char *(*name)(int64_t))
{
    const char *found;
    int64_t number;

    if (event_number(event, path, &number) && (found = name(number)))
        outline_word(outline, key, NULL, found);
}

static void decode_request(struct outline *outline, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    struct bytes text = {0};
    int64_t number;

    decode_number(outline, event, "request/Disposition", "disposition", disposition_name);
    if (event_number(event, "request/StatusCode", &number)) {
        char hexadecimal[16];

        snprintf(hexadecimal, sizeof hexadecimal, "0x%08x", (unsigned)number);
        outline_word(outline, "status", NULL, hexadecimal);
    }
    decode_number(outline, event, "request/StatusCode", "statusName", status_name);
    decode_number(outline, event, "request/RevokedReason", "revocationReason",
                  revocation_reason_name);
    decode_number(outline, event, "request/RequestType", "requestType", request_type_name);
    if (event_number(event, "request/RequestFlags", &number)) request_flags_names(number, &text);
    if (text.size) outline_text(outline, "requestFlags", NULL, text.data, text.size);
    if (json_kind(doc, json_find(doc, JSON_ROOT, "request/RequestAttributes")) == JSON_TEXT)
        event_show_attributes(outline, doc, json_find(doc, JSON_ROOT, "request/RequestAttributes"),
                              NULL);
    bytes_free(&text);
}

static void decode_ders(struct outline *outline, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    json_at certificate = json_find(doc, JSON_ROOT, "certificate/RawCertificate"),
            request = json_find(doc, JSON_ROOT, "request/RawRequest");

    if (certificate != JSON_NONE)
        show_recorded(outline, doc, certificate, "certificate", NULL, CERT_CERTIFICATE);
    if (request != JSON_NONE) show_recorded(outline, doc, request, "request", NULL, CERT_REQUEST);
}

static void decode_crls(struct outline *outline, struct event *event)
{
    static const char *const members[] = {"RawCRL/base64", "RawDeltaCRL/base64"};
    const struct json_doc *doc = event_doc(event);
    json_at keys = json_find(doc, JSON_ROOT, "ca/keys"), key = JSON_NONE;

    if (json_kind(doc, keys) != JSON_ARRAY) return;
    outline_list(outline, "crls", NULL);
    while ((key = json_next(doc, keys, key)) != JSON_NONE)
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            json_at recorded = json_find(doc, key, members[i]);

            if (recorded != JSON_NONE) show_recorded(outline, doc, recorded, NULL, NULL, CERT_CRL);
        }
    outline_close(outline);
}

static void decode_ca_certificates(struct outline *outline, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    json_at list = json_find(doc, JSON_ROOT, "ca/certificates"), each = JSON_NONE;

    if (json_kind(doc, list) != JSON_ARRAY) return;
    outline_list(outline, "caCertificates", NULL);
    while ((each = json_next(doc, list, each)) != JSON_NONE) {
        json_at recorded = json_find(doc, each, "RawCACertificate/base64");

        if (recorded != JSON_NONE)
            show_recorded(outline, doc, recorded, NULL, NULL, CERT_CERTIFICATE);
    }
    outline_close(outline);
}

void event_show_json(struct event *event, const struct template_names *names, struct bytes *out)
{
    struct outline_names known = event_show_names(names);
    struct outline outline;

    outline_begin(&outline, out, true);
    outline.names = &known;
    outline_group(&outline, NULL, NULL, NULL);
    json_key(&outline.json, "event");
    add_plain_json(out, whole_of(event));
    if (event->unverified) outline_flag(&outline, "verified", NULL, false);
    outline_group(&outline, "decoded", NULL, NULL);
    event_show_template(&outline, names, event);
    decode_request(&outline, event);
    decode_ders(&outline, event);
    decode_crls(&outline, event);
    decode_ca_certificates(&outline, event);
    outline_close(&outline);
    outline_close(&outline);
}
