#include "event_items.h"

#include "der/cmc.h"
#include "der/spkac.h"
#include "filter.h"
#include "base/os.h"

#include <stdio.h>
#include <string.h>

const char *event_item_name(enum event_item_kind kind)
{
    static const char *const names[] = {"certificate", "request", "caCertificate", "crl",
                                        "deltaCrl"};

    return names[kind];
}

static void add_problem(struct event_item *item, const char *problem)
{
    size_t size = strlen(item->problem);

    snprintf(item->problem + size, sizeof item->problem - size, "%s%s", size ? "; " : "", problem);
}

/* Of 64 hexadecimal digits. */
static bool read_sha256(struct span text, uint8_t out[32])
{
    if (text.size != 64) return false;
    for (size_t i = 0; i < 64; i++) {
        char c = text.text[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

        if (digit < 0) return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
    return true;
}

static void read_der(struct event_item *item)
{
    struct der_fault fault;
    char sentence[192];

    switch (item->kind) {
    case ITEM_CERTIFICATE:
    case ITEM_CA_CERTIFICATE:
        item->readable =
            x509_read(item->der.text, item->der.size, &item->certificate, &fault, DER_BORNE);
        break;
    case ITEM_REQUEST:
        item->is_cms = cms_kind(item->der.text, item->der.size);
        item->readable =
            pkcs10_unwrap(item->der.text, item->der.size, &item->request, &fault, DER_BORNE);
        break;
    case ITEM_CRL:
    case ITEM_DELTA_CRL:
        item->readable = crl_read(item->der.text, item->der.size, &item->crl, &fault, DER_BORNE);
        break;
    }
    if (item->readable) return;
    der_fault_text(&fault, sentence, sizeof sentence);
    add_problem(item, sentence);
}

static bool event_items_read_keygen(struct event_item *item)
{
    struct der_fault fault;
    struct spkac spkac;

    if (!spkac_read(item->der.text, item->der.size, &spkac, &fault, DER_BORNE)) return false;
    item->request.key = spkac.key;
    item->is_keygen = true;
    return true;
}

/* RawCertificate or RawRequest, as the event reads it. */
static void event_items_read_property(struct event *event, struct event_item *item)
{
    const struct x509 *certificate = item->kind == ITEM_CERTIFICATE ? event_x509(event) : NULL;
    const struct pkcs10 *request = item->kind == ITEM_REQUEST ? event_pkcs10(event) : NULL;

    if (certificate) item->certificate = *certificate;
    if (request) item->request = *request;
    item->readable =
        certificate || request || (item->kind == ITEM_REQUEST && event_items_read_keygen(item));
    if (item->readable) item->is_cms = request && cms_kind(item->der.text, item->der.size);
    else read_der(item);
}

/* What there is of bytes has been put into the item. */
static void take_der(struct event_item *item, const char *der, size_t size)
{
    item->der = (struct span){der, size};
    item->has_sha256 = SUCCEEDED(os_sha256(der, size, item->sha256));
}

/* Whether two numbers in hexadecimal are the same; what is no number is not compared. */
static bool hex_differs(struct event *event, const char *path, const unsigned char *data,
                        size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char told[FILTER_SERIAL_MAX + 1], found[FILTER_SERIAL_MAX + 1];
    struct bytes text = {0}, own = {0};
    bool differs = false;

    if (event_text(event, path, &text) && text.size && filter_serial(text.data, text.size, told)) {
        for (size_t i = 0; i < size; i++)
            bytes_add(&own, (char[2]){digits[data[i] >> 4], digits[data[i] & 15]}, 2);
        differs = own.size && !own.failed && filter_serial(own.data, own.size, found) &&
                  strcmp(told, found);
    }
    bytes_free(&text);
    bytes_free(&own);
    return differs;
}

static void event_items_check_certificate(struct event *event, struct event_item *item)
{
    uint8_t sha1[20];

    if (SUCCEEDED(os_sha1(item->der.text, item->der.size, sha1)) &&
        hex_differs(event, "certificate/CertificateHash", sha1, sizeof sha1))
        add_problem(item, "CertificateHash is not that of the bytes");
    if (item->readable && hex_differs(event, "certificate/SerialNumber",
                                      item->certificate.serial.data, item->certificate.serial.size))
        add_problem(item, "SerialNumber is not that of the certificate");
}

/* RawCertificate or RawRequest of which the line has size and hash only; false: nor that. */
static bool take_left_out(struct event *event, struct event_item *item)
{
    const struct json_doc *doc = event_doc(event);
    json_at note =
        event_left_out(event, item->kind == ITEM_CERTIFICATE ? "RawCertificate" : "RawRequest");
    json_at sha256 = json_find(doc, note, "sha256"), why = json_find(doc, note, "why");

    if (note == JSON_NONE || json_find(doc, note, "offset") != JSON_NONE) return false;
    item->has_sha256 = json_kind(doc, sha256) == JSON_TEXT &&
                       read_sha256(json_doc_span(doc, sha256), item->sha256);
    item->spared = json_doc_is(doc, why, "lowSpace") ? "little space was left"
                   : json_doc_is(doc, why, "flood")  ? "its requester made many"
                                                     : NULL;
    return true;
}

/* RawCertificate or RawRequest; false: it is not there. */
static bool take_property(struct event *event, enum event_der which, struct event_item *item)
{
    const struct json_doc *doc = event_doc(event);
    json_at value =
        json_find(doc, JSON_ROOT,
                  which == EVENT_CERTIFICATE ? "certificate/RawCertificate" : "request/RawRequest");
    struct span der = event_der(event, which);

    *item = (struct event_item){
        .kind = which == EVENT_CERTIFICATE ? ITEM_CERTIFICATE : ITEM_REQUEST, .index = -1};
    if (json_kind(doc, value) == JSON_NOTHING) return take_left_out(event, item);
    if (der.size) {
        take_der(item, der.text, der.size);
        event_items_read_property(event, item);
    } else
        add_problem(item, json_kind(doc, value) == JSON_TEXT && !json_doc_span(doc, value).size
                              ? "it is empty"
                              : "it is no base64");
    if (der.size && which == EVENT_CERTIFICATE) event_items_check_certificate(event, item);
    return true;
}

/* {"size":...,"sha256":...,"base64":...}, the last left out where there was no room for it, or
 * {"unchanged":...}. */
static void take_object(const struct json_doc *doc, json_at object, struct bytes *room,
                        struct event_item *item)
{
    json_at base64 = json_find(doc, object, "base64"), sha256 = json_find(doc, object, "sha256"),
            size = json_find(doc, object, "size");
    json_at same = json_find(doc, object, "unchanged");
    uint8_t told[32] = {0};
    int64_t number;

    bytes_reset(room, 256 << 10);
    item->unchanged = json_kind(doc, same) != JSON_NOTHING;
    if (item->unchanged) sha256 = same;
    item->has_sha256 =
        json_kind(doc, sha256) == JSON_TEXT && read_sha256(json_doc_span(doc, sha256), told);
    if (!item->has_sha256) add_problem(item, "it has no SHA-256");
    else memcpy(item->sha256, told, sizeof told);
    if (json_kind(doc, base64) == JSON_NOTHING) return;
    if (!json_doc_base64(doc, base64, room) || room->failed || !room->size) {
        add_problem(item, "it is no base64");
        return;
    }
    take_der(item, room->data, room->size);
    read_der(item);
    if (json_doc_number(doc, size, &number) && number != (int64_t)room->size)
        add_problem(item, "it is not as long as its size says");
    if (json_kind(doc, sha256) == JSON_TEXT && memcmp(told, item->sha256, sizeof told))
        add_problem(item, "its SHA-256 is not that of the bytes");
}

struct walk {
    struct event *event;
    struct bytes *room;
    bool (*each)(void *context, struct event_item *item);
    void *context;
};

/* The member `name` of an element of "keys" or "certificates". */
static bool give_member(struct walk *walk, json_at element, const char *name,
                        enum event_item_kind kind)
{
    const struct json_doc *doc = event_doc(walk->event);
    json_at object = json_find(doc, element, name);
    struct event_item item = {.kind = kind, .index = -1};

    if (json_kind(doc, object) == JSON_NOTHING) return true;
    json_doc_number(doc, json_find(doc, element, "index"), &item.index);
    take_object(doc, object, walk->room, &item);
    return walk->each(walk->context, &item);
}

static bool give_list(struct walk *walk, const char *path)
{
    const struct json_doc *doc = event_doc(walk->event);
    json_at list = json_find(doc, JSON_ROOT, path);

    if (json_kind(doc, list) != JSON_ARRAY) return true;
    for (json_at element = JSON_NONE; (element = json_next(doc, list, element)) != JSON_NONE;) {
        if (!give_member(walk, element, "RawCACertificate", ITEM_CA_CERTIFICATE)) return false;
        if (!give_member(walk, element, "RawCRL", ITEM_CRL)) return false;
        if (!give_member(walk, element, "RawDeltaCRL", ITEM_DELTA_CRL)) return false;
    }
    return true;
}

void event_items(struct event *event, struct bytes *room,
                 bool (*each)(void *context, struct event_item *item), void *context)
{
    struct walk walk = {event, room, each, context};
    struct event_item item;

    if (take_property(event, EVENT_REQUEST, &item) && !each(context, &item)) return;
    if (take_property(event, EVENT_CERTIFICATE, &item) && !each(context, &item)) return;
    if (give_list(&walk, "ca/certificates")) give_list(&walk, "ca/keys");
}
