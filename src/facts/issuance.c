#include "issuance.h"

#include "base/digits.h"
#include "base/os.h"
#include "base/timestamp.h"
#include "der/microsoft.h"
#include "der/name.h"
#include "der/text.h"
#include "der/usage.h"
#include "der/value.h"
#include "events/decoded_text.h"
#include "events/filter.h"

#include <stdlib.h>
#include <string.h>

#define KEEP (64u << 10)

/* The source of the functions below. */
struct reading {
    struct issuance_reader *reader;
    struct event *event;
    struct issuance *issuance;
    const struct x509 *certificate;     /* NULL: not there, or not readable */
    struct client_info client;
    struct identity identity;
};

bool issuance_is(const struct event *event)
{
    return event_type_is(event, "certificate.issued") ||
           event_type_is(event, "certificate.imported");
}

void issuance_reader_free(struct issuance_reader *reader)
{
    claim_free(&reader->claim);
    names_free(&reader->names);
    bytes_free(&reader->text);
    bytes_free(&reader->scratch);
    bytes_free(&reader->issuer_name);
}

int64_t issuance_date(struct event *event, const char *path)
{
    const struct json_doc *doc = event_doc(event);
    struct span text = json_doc_span(doc, json_find(doc, JSON_ROOT, path));
    int64_t micros;

    if (text.size >= 20 && text.text[0] >= '3' && text.text[0] <= '9')
        return INT64_C(253402300799);   /* 9999-12-31: never */
    return text.size >= 20 && timestamp_of_line(text, &micros) ? micros / 1000000 : FACT_NO_TIME;
}

void issuance_hash(struct span text, uint8_t out[ISSUANCE_HASH])
{
    uint8_t digits[2 * ISSUANCE_HASH];
    size_t count = 0;

    memset(out, 0, ISSUANCE_HASH);
    for (size_t i = 0; i < text.size; i++) {
        int digit = digits_hex_value(text.text[i]);

        if (digit < 0) continue;
        if (count == sizeof digits) return;
        digits[count++] = (uint8_t)digit;
    }
    if (count < 16) return;
    for (size_t i = 0; i < count; i++) {
        size_t at = sizeof digits - count + i;

        out[at / 2] |= (uint8_t)(digits[i] << (at % 2 ? 0 : 4));
    }
}

static void add_hex(struct bytes *out, const uint8_t *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++)
        bytes_add(out, (char[2]){digits[data[i] >> 4], digits[data[i] & 15]}, 2);
}

static bool find_extension(const struct reading *from, const char *oid, struct extension *found)
{
    return from->certificate && extensions_find(from->certificate->extensions, oid, found);
}

/* --- the texts, each appended --- */

static void issuance_add_requester(struct reading *from, struct bytes *out)
{
    event_text(from->event, "request/RequesterName", out);
}

static void issuance_add_caller(struct reading *from, struct bytes *out)
{
    event_text(from->event, "request/CallerName", out);
}

static void issuance_add_template(struct reading *from, struct bytes *out)
{
    event_template(from->event, out);
}

static void add_asked_template(struct reading *from, struct bytes *out)
{
    event_attribute(from->event, "CertificateTemplate", out);
}

/* The certificate's own before the CA's property, which is told of it. */
static void issuance_add_subject(struct reading *from, struct bytes *out)
{
    if (from->certificate) decoded_name_add(out, from->certificate->subject);
    else event_text(from->event, "certificate/DistinguishedName", out);
}

static void add_packed(struct reading *from, struct bytes *out)
{
    bytes_add(out, from->reader->names.packed.data, from->reader->names.packed.size);
}

static void issuance_add_upn(struct reading *from, struct bytes *out)
{
    if (!identity_upn(&from->identity, out)) event_text(from->event, "certificate/UPN", out);
}

static void issuance_add_sid(struct reading *from, struct bytes *out)
{
    identity_sid(&from->identity, out);
}

static void issuance_add_identity(struct reading *from, struct bytes *out)
{
    const struct names *names = &from->reader->names;
    bool unread = names->unread || names->sid_unread;

    if (identity_first(&from->identity, unread, out)) return;
    if (event_text(from->event, "certificate/UPN", out) && unread) bytes_add_text(out, " (+?)");
}

static void issuance_add_serial(struct reading *from, struct bytes *out)
{
    char plain[FILTER_SERIAL_MAX + 1];
    struct bytes *told = &from->reader->scratch;

    told->size = 0;
    if (!from->certificate) event_text(from->event, "certificate/SerialNumber", told);
    else add_hex(told, from->certificate->serial.data, from->certificate->serial.size);
    if (told->size && filter_serial(told->data, told->size, plain)) bytes_add_text(out, plain);
}

static void issuance_add_hash(struct reading *from, struct bytes *out)
{
    struct span der = event_der(from->event, EVENT_CERTIFICATE);
    struct bytes *told = &from->reader->scratch;
    uint8_t sha1[20];

    told->size = 0;
    if (der.size && SUCCEEDED(os_sha1(der.text, der.size, sha1))) {
        add_hex(out, sha1, sizeof sha1);
        return;
    }
    event_text(from->event, "certificate/CertificateHash", told);
    for (size_t i = 0; i < told->size; i++) {
        char c = told->data[i];

        if (c >= 'A' && c <= 'F') c = (char)(c + 32);
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) bytes_add(out, &c, 1);
    }
}

/* Of one extension. False: not all are added. */
static bool add_purposes_of(struct der_bytes value, struct bytes *out, size_t *count)
{
    char dotted[DER_OID_TEXT];
    struct der_fault fault;
    struct der_bytes oid;
    struct der cursor;
    bool all = true;

    if (!purposes_begin(&cursor, &fault, DER_BORNE, value)) return false;
    while (purposes_next(&cursor, &oid)) {
        if (*count == FACT_NAMES_MOST) return false;
        if (!der_oid_text(oid, dotted, sizeof dotted)) {
            all = false;
            continue;
        }
        if ((*count)++) bytes_add_text(out, " ");
        bytes_add_text(out, dotted);
    }
    return all && fault.error == DER_OK;
}

static void add_purposes(struct reading *from, struct bytes *out)
{
    struct extension extension;
    struct der_fault fault;
    struct der cursor;
    size_t count = 0;

    if (!from->certificate) return;
    extensions_begin(&cursor, &fault, from->certificate->extensions);
    while (extensions_next(&cursor, &extension)) {
        if (!der_oid_is(extension.oid, "2.5.29.37")) continue;
        from->issuance->has_purposes = true;
        if (!add_purposes_of(extension.value, out, &count)) from->issuance->purposes_cut = true;
    }
}

static void issuance_add_oid(struct bytes *out, struct der_bytes oid)
{
    char dotted[DER_OID_TEXT];

    if (der_oid_text(oid, dotted, sizeof dotted)) bytes_add_text(out, dotted);
}

static void add_key_algorithm(struct reading *from, struct bytes *out)
{
    if (from->certificate) issuance_add_oid(out, from->certificate->key.algorithm.oid);
}

static void add_curve(struct reading *from, struct bytes *out)
{
    struct der_bytes curve;
    struct der_fault fault;
    struct der cursor;

    if (!from->certificate) return;
    if (!der_oid_is(from->certificate->key.algorithm.oid, "1.2.840.10045.2.1")) return;
    der_begin_with(&cursor, &fault, DER_BORNE, from->certificate->key.algorithm.parameters.data,
                   from->certificate->key.algorithm.parameters.size);
    if (der_oid(&cursor, "curve", &curve)) issuance_add_oid(out, curve);
}

static void add_signature(struct reading *from, struct bytes *out)
{
    if (from->certificate) issuance_add_oid(out, from->certificate->signature_algorithm.oid);
}

static void add_process(struct reading *from, struct bytes *out)
{
    decoded_text_add(out, from->client.process.tag, from->client.process.content);
}

static void add_machine(struct reading *from, struct bytes *out)
{
    decoded_text_add(out, from->client.machine.tag, from->client.machine.content);
}

static void add_user(struct reading *from, struct bytes *out)
{
    decoded_text_add(out, from->client.user.tag, from->client.user.content);
}

static void add_name_keys(struct reading *from, struct bytes *out)
{
    const struct bytes *keys = &from->reader->names.keys;

    if (from->reader->names.count <= FACT_NAMES_MOST && !from->reader->names.unread)
        bytes_add(out, keys->data, keys->size);
    out->failed |= keys->failed;
}

static void (*const adders[FACT_TEXTS])(struct reading *, struct bytes *) = {
    [FACT_REQUESTER] = issuance_add_requester,
    [FACT_CALLER] = issuance_add_caller,
    [FACT_TEMPLATE] = issuance_add_template,
    [FACT_ASKED_TEMPLATE] = add_asked_template,
    [FACT_SUBJECT] = issuance_add_subject,
    [FACT_NAMES] = add_packed,
    [FACT_UPN] = issuance_add_upn,
    [FACT_SID] = issuance_add_sid,
    [FACT_IDENTITY] = issuance_add_identity,
    [FACT_SERIAL] = issuance_add_serial,
    [FACT_HASH] = issuance_add_hash,
    [FACT_PURPOSES] = add_purposes,
    [FACT_KEY_ALGORITHM] = add_key_algorithm,
    [FACT_CURVE] = add_curve,
    [FACT_SIGNATURE] = add_signature,
    [FACT_PROCESS] = add_process,
    [FACT_MACHINE] = add_machine,
    [FACT_USER] = add_user,
    [FACT_NAME_KEYS] = add_name_keys,
};

/* --- dates, keys, numbers --- */

static void read_client(struct reading *from)
{
    const struct pkcs10 *request = event_pkcs10(from->event);
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor;

    if (!request) return;
    attributes_begin(&cursor, &fault, request->attributes);
    while (attributes_next(&cursor, &attribute))
        if (der_oid_is(attribute.oid, "1.3.6.1.4.1.311.21.20") &&
            client_info_read(attribute.values, &from->client, &fault, DER_BORNE)) {
            der_number(from->client.client, &from->issuance->client);
            return;
        }
}

static int64_t known_time(int64_t seconds)
{
    return seconds == DER_TIME_NONE ? FACT_NO_TIME : seconds;
}

static void read_certificate(struct reading *from)
{
    struct issuance *issuance = from->issuance;
    struct basic_constraints constraints;
    struct extension extension;
    struct der_fault fault;

    issuance->has_certificate = from->certificate != NULL;
    issuance->not_before = issuance->not_after = FACT_NO_TIME;
    if (from->certificate) {
        issuance->not_before = known_time(from->certificate->not_before);
        issuance->not_after = known_time(from->certificate->not_after);
    }
    if (issuance->not_before == FACT_NO_TIME)
        issuance->not_before = issuance_date(from->event, "certificate/NotBefore");
    if (issuance->not_after == FACT_NO_TIME)
        issuance->not_after = issuance_date(from->event, "certificate/NotAfter");
    if (!from->certificate) return;
    issuance->bits = public_key_length(&from->certificate->key);
    issuance->is_ca =
        find_extension(from, "2.5.29.19", &extension) &&
        basic_constraints_read(extension.value, &constraints, &fault, DER_BORNE) && constraints.ca;
}

static void read_numbers(struct reading *from)
{
    struct issuance *issuance = from->issuance;
    int64_t micros;

    issuance->sequence = from->event->line.sequence;
    issuance->is_unverified = from->event->unverified;
    issuance->is_imported = event_type_is(from->event, "certificate.imported");
    issuance->has_request_id = event_request_id(from->event, &issuance->request_id);
    issuance->time =
        timestamp_of_line(from->event->line.time, &micros) ? micros / 1000000 : FACT_NO_TIME;
    event_number(from->event, "request/RequestFlags", &issuance->flags);
}

/* One after the other into the reader's text; views of it once it grows no more. */
static void read_texts(struct reading *from)
{
    struct bytes *out = &from->reader->text;
    size_t ends[FACT_TEXTS], start = 0;

    bytes_reset(out, KEEP);
    for (int i = 0; i < FACT_TEXTS; i++) {
        adders[i](from, out);
        ends[i] = out->size;
    }
    for (int i = 0; i < FACT_TEXTS; i++) {
        from->issuance->texts[i] =
            (struct span){out->size ? out->data + start : "", ends[i] - start};
        start = ends[i];
    }
}

/* --- sources --- */

/* A common name, or an address: other parts of a subject name no account or host. */
static bool is_name_part(struct der_bytes type)
{
    return der_oid_is(type, "2.5.4.3") || der_oid_is(type, "1.2.840.113549.1.9.1");
}

/* The enrollee's, if one of its names is. */
static enum fact_source subject_source(struct reading *from)
{
    struct bytes *text = &from->reader->scratch;
    enum fact_source source = FROM_NONE;
    struct name_cursor cursor;
    struct name_part part;
    unsigned parts = 0;

    if (!from->certificate) return FROM_UNKNOWN;
    name_begin(&cursor, from->certificate->subject);
    while (source != FROM_ENROLLEE && parts < FACT_NAMES_MOST && name_next(&cursor, &part)) {
        enum fact_source one;

        if (!is_name_part(part.type)) continue;
        parts++;
        text->size = 0;
        decoded_text_add(text, part.value.tag, part.value.content);
        one = claim_source_of_decoded(&from->reader->claim, text, part.value.content);
        if (one > source || source == FROM_NONE) source = one;
        if (one == FROM_ENROLLEE) source = one;
    }
    return source;
}

static void read_sources(struct reading *from)
{
    struct issuance *issuance = from->issuance;
    const struct names *names = &from->reader->names;
    struct span sid = issuance->texts[FACT_SID];

    issuance->name_count = (uint32_t)names->count;
    issuance->names_unread = names->unread || names->sid_unread;
    issuance->names_cut = names->cut || issuance->names_unread;
    issuance->names_source = (uint8_t)(!from->certificate ? FROM_UNKNOWN
                                       : names->supplied  ? FROM_ENROLLEE
                                       : names->unknown   ? FROM_UNKNOWN
                                       : names->count     ? FROM_CA
                                                          : FROM_NONE);
    issuance->sid_source = (uint8_t)claim_source(&from->reader->claim, sid.text, sid.size);
    if (issuance->sid_source != FROM_ENROLLEE &&
        (!from->certificate || names->sid_unread || !decoded_text_is_whole(sid.text, sid.size)))
        issuance->sid_source = FROM_UNKNOWN;
    issuance->subject_source = (uint8_t)subject_source(from);
}

/* --- keys --- */

static void short_key(struct span text, uint8_t out[8])
{
    uint8_t key[FACT_KEY];

    if (!text.size || !fact_key_text(text.text, text.size, key)) return;
    memcpy(out, key, 8);
}

/* The issuer is nearly always that of the certificate before. */
static void read_issuer(struct reading *from)
{
    struct bytes *last = &from->reader->issuer_name;
    struct der_bytes issuer;

    if (!from->certificate) return;
    issuer = from->certificate->issuer;
    if (last->size != issuer.size || memcmp(last->data, issuer.data, issuer.size)) {
        bytes_reset(last, KEEP);
        bytes_add(last, issuer.data, issuer.size);
        renewed_issuer_key(issuer, from->reader->issuer);
    }
    memcpy(from->issuance->issuer_key, from->reader->issuer, 8);
}

/* A key of the values that have to be equal where a certificate takes the place of another.
 * Alternative names that were not read are not equal to any. Texts that are not whole may be equal
 * where the bytes are not: the subject's bytes count as well, and others are not equal to any. */
static void read_same(struct reading *from)
{
    static const int texts[] = {FACT_REQUESTER, FACT_TEMPLATE, FACT_SUBJECT};
    struct issuance *issuance = from->issuance;
    struct bytes *all = &from->reader->scratch;
    const struct bytes *keys = &from->reader->names.keys;

    all->size = 0;
    if (!from->certificate || keys->failed || !issuance->texts[FACT_REQUESTER].size) return;
    if (from->reader->names.unread) return;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct span text = issuance->texts[texts[i]];

        fact_fold(all, text.text, text.size);
        bytes_add(all, "\0\xfe", 2);
        if (decoded_text_is_whole(text.text, text.size)) continue;
        if (texts[i] != FACT_SUBJECT) return;
        bytes_add(all, from->certificate->subject.data, from->certificate->subject.size);
    }
    bytes_add(all, keys->data, keys->size);
    issuance->has_same = !all->failed && fact_key(all->data, all->size, issuance->same);
}

static void read_keys(struct reading *from)
{
    struct issuance *issuance = from->issuance;
    struct span requester = issuance->texts[FACT_REQUESTER],
                serial = issuance->texts[FACT_SERIAL];

    renewed_serial_key(serial.text, serial.size, issuance->serial_key);
    issuance_hash(issuance->texts[FACT_HASH], issuance->hash);
    read_issuer(from);
    short_key(requester, issuance->requester_key);
    short_key(issuance->texts[FACT_TEMPLATE], issuance->template_key);
    short_key(issuance->texts[FACT_MACHINE], issuance->machine_key);
    while (requester.size && !requester.text[requester.size - 1]) requester.size--;
    issuance->is_machine = requester.size && requester.text[requester.size - 1] == '$';
    issuance->names_old = renewed_read(from->event, &issuance->renewed);
    read_same(from);
}

bool issuance_read(struct issuance_reader *reader, struct event *event, struct issuance *issuance)
{
    struct reading from = {.reader = reader, .event = event, .issuance = issuance};

    *issuance = (struct issuance){0};
    bytes_reset(&reader->scratch, KEEP);
    from.certificate = event_x509(event);
    from.identity.certificate = from.certificate;
    claim_read(&reader->claim, event);
    names_read(&reader->names, from.certificate, &reader->claim);
    read_numbers(&from);
    read_client(&from);
    read_certificate(&from);
    read_texts(&from);
    read_sources(&from);
    read_keys(&from);
    return !reader->text.failed && !reader->scratch.failed && !reader->names.packed.failed &&
           !reader->claim.text.failed && !reader->issuer_name.failed;
}

/* --- conclusions from them --- */

bool issuance_has_purpose(const struct issuance *issuance, const char *oid)
{
    struct span all = issuance->texts[FACT_PURPOSES];
    size_t size = strlen(oid);

    for (size_t at = 0, end; at < all.size; at = end + 1) {
        const char *blank = memchr(all.text + at, ' ', all.size - at);

        end = blank ? (size_t)(blank - all.text) : all.size;
        if (end - at == size && !memcmp(all.text + at, oid, size)) return true;
    }
    return false;
}

bool issuance_is_service(const struct issuance *issuance)
{
    static const char *const purposes[] = {
        "1.3.6.1.4.1.311.20.2.1", /* agents, NDES among them */
        "1.3.6.1.4.1.311.21.6",   /* key recovery */
        "1.3.6.1.5.5.7.3.9",      /* OCSP signing */
    };

    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
        if (issuance_has_purpose(issuance, purposes[i])) return true;
    return false;
}

bool issuance_by_autoenrollment(const struct issuance *issuance)
{
    return issuance->client == CLIENT_AUTOENROLL_2003 || issuance->client == CLIENT_AUTOENROLL;
}
