#include "export_index.h"

#include "cli/show/code_name.h"
#include "cli/x509/cert_words.h"
#include "der/name.h"
#include "import_list.h"
#include "base/utc.h"

#include <stdio.h>
#include <string.h>

void export_index_begin(struct export_index *index, struct bytes *csv, struct bytes *json)
{
    static const char *const columns[] = {
        "sequence", "time",    "type",   "request",   "item",     "key",        "file",
        "serial",   "subject", "issuer", "notBefore", "notAfter", "requester",  "template",
        "sha1",     "sha256",  "size",   "problem",   "remark",   "unverified", "caller",
        "flags",    "san",     "upn",    "sid",       "eku",      "publicKey",  "algorithm",
    };

    csv_begin(&index->csv, csv);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) csv_word(&index->csv, columns[i]);
    csv_end_row(&index->csv);
    index->json = (struct json){.out = json};
    index->names = (struct template_names){0};
    index->learnt = 0;
    json_array(&index->json, NULL);
    bytes_add_text(json, "\n");
}

void export_index_end(struct export_index *index)
{
    template_names_free(&index->names);
    bytes_add_text(index->json.out, "\n");
    json_end(&index->json);
    bytes_add_text(index->json.out, "\n");
}

static void export_index_put_text(struct export_index *index, const char *name, const char *text,
                                  size_t size)
{
    csv_text(&index->csv, text, size);
    if (size) json_string(&index->json, name, text, size);
}

static void put_word(struct export_index *index, const char *name, const char *word)
{
    export_index_put_text(index, name, word ? word : "", word ? strlen(word) : 0);
}

static void put_number(struct export_index *index, const char *name, bool there, int64_t number)
{
    if (!there) {
        csv_word(&index->csv, "");
        return;
    }
    csv_number(&index->csv, number);
    json_number(&index->json, name, number);
}

static void export_index_put_hex(struct export_index *index, const char *name, bool there,
                                 const void *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    struct bytes text = {0};

    for (size_t i = 0; there && i < size; i++)
        bytes_add(&text, (char[2]){digits[bytes[i] >> 4], digits[bytes[i] & 15]}, 2);
    export_index_put_text(index, name, text.data, text.size);
    index->json.out->failed |= text.failed;
    bytes_free(&text);
}

static void export_index_put_name(struct export_index *index, const char *column,
                                  const struct der_bytes *name)
{
    struct bytes text = {0};
    size_t size = name ? name_text(*name, NULL, 0) : 0;
    char *room = size ? bytes_reserve(&text, size) : NULL;

    if (room) text.size = name_text(*name, room, size);
    export_index_put_text(index, column, text.data, text.size);
    index->json.out->failed |= text.failed;
    bytes_free(&text);
}

static void put_time(struct export_index *index, const char *name, bool there, int64_t seconds)
{
    char text[UTC_TEXT_MAX];

    put_word(index, name,
             there && seconds != DER_TIME_NONE && utc_text(seconds * 1000000, false, text) ? text
                                                                                           : NULL);
}

static void put_asked(struct export_index *index, const char *name, struct event *event,
                      bool (*ask)(struct event *, struct bytes *), bool there)
{
    struct bytes text = {0};

    if (there) ask(event, &text);
    export_index_put_text(index, name, text.data, text.size);
    index->json.out->failed |= text.failed;
    bytes_free(&text);
}

static void put_bytes(struct export_index *index, const char *name, struct bytes *text)
{
    export_index_put_text(index, name, text->data, text->size);
    index->json.out->failed |= text->failed;
    text->size = 0;
}

static void export_index_put_template(struct export_index *index, struct event *event, bool there)
{
    struct bytes text = {0};

    if (there) {
        if (index->learnt != event->line.sequence) template_names_learn(&index->names, event);
        index->learnt = event->line.sequence;
        if (!template_names_add(&index->names, event, &text))
            event_attribute(event, "CertificateTemplate", &text);
    }
    put_bytes(index, "template", &text);
    bytes_free(&text);
}

static bool export_index_add_caller(struct event *event, struct bytes *out)
{
    return event_text(event, "request/CallerName", out);
}

static bool export_index_add_flags(struct event *event, struct bytes *out)
{
    int64_t flags;

    if (!event_number(event, "request/RequestFlags", &flags)) return false;
    request_flags_words(flags, out);
    return true;
}

/* What an item is signed with; its key, where it has one. */
static void put_algorithms(struct export_index *index, const struct identity *identity,
                           const struct event_item *item)
{
    bool is_crl = item->kind == ITEM_CRL || item->kind == ITEM_DELTA_CRL;
    const struct algorithm *algorithm = NULL;
    struct bytes text = {0};

    if (identity->certificate) key_words(&identity->certificate->key, &text);
    else if (identity->request) key_words(&identity->request->key, &text);
    put_bytes(index, "publicKey", &text);
    if (identity->certificate) algorithm = &identity->certificate->signature_algorithm;
    else if (identity->request && !item->is_keygen)
        algorithm = &identity->request->signature_algorithm;
    else if (is_crl && item->readable) algorithm = &item->crl.signature_algorithm;
    if (algorithm) algorithm_words(algorithm, &text);
    put_bytes(index, "algorithm", &text);
    bytes_free(&text);
}

/* Whom it stands for, what it is for, and how strong it is. */
static void put_identity(struct export_index *index, const struct event_item *item)
{
    bool is_certificate = item->kind == ITEM_CERTIFICATE || item->kind == ITEM_CA_CERTIFICATE;
    struct identity identity = {
        .certificate = item->readable && is_certificate ? &item->certificate : NULL,
        .request = item->readable && item->kind == ITEM_REQUEST ? &item->request : NULL,
    };
    struct extension extension;
    struct bytes text = {0};

    identity_all(&identity, &text);
    put_bytes(index, "san", &text);
    identity_upn(&identity, &text);
    put_bytes(index, "upn", &text);
    identity_sid(&identity, &text);
    put_bytes(index, "sid", &text);
    if (identity_extension(&identity, "2.5.29.37", &extension))
        purposes_words(extension.value, &text);
    put_bytes(index, "eku", &text);
    bytes_free(&text);
    put_algorithms(index, &identity, item);
}

static void put_contents(struct export_index *index, const struct event_item *item)
{
    bool is_crl = item->kind == ITEM_CRL || item->kind == ITEM_DELTA_CRL,
         is_request = item->kind == ITEM_REQUEST;
    const struct x509 *certificate =
        item->readable && !is_crl && !is_request ? &item->certificate : NULL;
    const struct crl *crl = item->readable && is_crl ? &item->crl : NULL;
    struct der_bytes serial = certificate ? certificate->serial : (struct der_bytes){0};

    if (serial.size > 1 && !serial.data[0]) serial.data++, serial.size--;
    export_index_put_hex(index, "serial", certificate, serial.data, serial.size);
    export_index_put_name(index, "subject",
                          certificate                    ? &certificate->subject
                          : is_request && item->readable ? &item->request.subject
                                                         : NULL);
    export_index_put_name(index, "issuer",
                          certificate ? &certificate->issuer
                          : crl       ? &crl->issuer
                                      : NULL);
    put_time(index, "notBefore", certificate || crl,
             certificate ? certificate->not_before
             : crl       ? crl->this_update
                         : 0);
    put_time(index, "notAfter", certificate || (crl && crl->has_next_update),
             certificate ? certificate->not_after
             : crl       ? crl->next_update
                         : 0);
}

static const char *remark_of(const struct event_item *item)
{
    if (*item->problem) return NULL;
    if (!item->der.size && !item->has_sha256) return "only its size is in the journal";
    if (!item->der.size)
        return item->unchanged ? "the same as in an earlier event"
                               : "only size and SHA-256 are in the journal";
    return item->kind == ITEM_CERTIFICATE && item->readable &&
                   !import_list_takes(item->certificate.serial)
               ? IMPORT_LIST_LEFT_OUT
               : NULL;
}

void export_index_add(struct export_index *index, struct event *event,
                      const struct event_item *item, const char *file)
{
    bool of_request = item->kind == ITEM_CERTIFICATE || item->kind == ITEM_REQUEST;
    struct span type = event_type(event);
    uint8_t sha1[20];
    int64_t id = 0;
    bool has_id = event_request_id(event, &id);

    if (index->json.comma) bytes_add_text(index->json.out, ",\n"), index->json.comma = false;
    json_object(&index->json, NULL);
    put_number(index, "sequence", true, (int64_t)event->line.sequence);
    export_index_put_text(index, "time", event->line.time.text, event->line.time.size);
    export_index_put_text(index, "type", type.text, type.size);
    put_number(index, "request", has_id, id);
    put_word(index, "item", event_item_name(item->kind));
    put_number(index, "key", item->index >= 0, item->index);
    put_word(index, "file", file);
    put_contents(index, item);
    put_asked(index, "requester", event, event_requester, of_request);
    export_index_put_template(index, event, of_request);
    export_index_put_hex(index, "sha1",
                         item->der.size && SUCCEEDED(os_sha1(item->der.text, item->der.size, sha1)),
                         sha1, sizeof sha1);
    export_index_put_hex(index, "sha256", item->has_sha256, item->sha256, sizeof item->sha256);
    put_number(index, "size", item->der.size, (int64_t)item->der.size);
    put_word(index, "problem", *item->problem ? item->problem : NULL);
    put_word(index, "remark", remark_of(item));
    put_word(index, "unverified", event->unverified ? "yes" : NULL);
    put_asked(index, "caller", event, export_index_add_caller, of_request);
    put_asked(index, "flags", event, export_index_add_flags, of_request);
    put_identity(index, item);
    json_end(&index->json);
    csv_end_row(&index->csv);
}
