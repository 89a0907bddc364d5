/* Making and signing of certificates and CRLs. */
#include "authority.h"
#include "stubca/base/der_write.h"
#include "der/usage.h"
#include "der/value.h"
#include "extension_write.h"
#include "stubca/base/heap.h"
#include "signing_key.h"
#include "stubca/base/text.h"

#include <bcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMON_NAME   "2.5.4.3"
#define KEY_ID        "2.5.29.14"
#define KEY_USAGE     "2.5.29.15"
#define ALT_NAME      "2.5.29.17"
#define BASIC         "2.5.29.19"
#define CRL_NUMBER    "2.5.29.20"
#define CRL_REASON    "2.5.29.21"
#define DELTA_CRL     "2.5.29.27"
#define CRL_POINTS    "2.5.29.31"
#define AUTHORITY_KEY "2.5.29.35"
#define EXTENDED_USE  "2.5.29.37"
#define FRESHEST_CRL  "2.5.29.46"
#define ACCESS        "1.3.6.1.5.5.7.1.1"
#define CA_ISSUERS    "1.3.6.1.5.5.7.48.2"
#define CA_VERSION    "1.3.6.1.4.1.311.21.1"
#define PREVIOUS_HASH "1.3.6.1.4.1.311.21.2"
#define NEXT_PUBLISH  "1.3.6.1.4.1.311.21.4"

enum { SERIAL_SIZE = 16, SERIAL_MAX = 20, NAME_MAX_CHARACTERS = 64, KEY_ID_MAX = 64 };

struct authority {
    struct signing_key *key;            /* shared by the certificates that a CA has for it */
    unsigned version;
    struct certificate *certificate;
};

/* The first thing that could not be written, and what it belongs to; frees what was. */
static HRESULT unwritten(struct der_writer *writer, const char *what, struct reason *reason)
{
    free(writer->data);
    return text_reason(reason, writer->result,
                       "the %s holds an OID, number or date that cannot be written", what);
}

static struct der_bytes written(const struct der_writer *writer)
{
    return (struct der_bytes){writer->data, writer->size};
}

/* ---- extensions ---- */

/* A list of extensions in the making. One the caller brings takes the place of ours with the same
 * OID. */
struct extension_list {
    struct der_writer *out;
    const struct extra_extension *extra;
    size_t extra_count;
};

static void put_extension(struct der_writer *w, const char *oid, bool critical,
                          struct der_bytes value)
{
    size_t extension = der_open(w, DER_SEQUENCE);

    der_put_oid(w, oid);
    if (critical) der_put_boolean(w, true);
    der_put(w, DER_OCTET_STRING, value.data, value.size);
    der_close(w, extension);
}

/* Write `value`, and free it. */
static void authority_add(struct extension_list *list, const char *oid, bool critical,
                          struct der_writer *value)
{
    bool replaced = false;

    for (size_t i = 0; i < list->extra_count; i++)
        replaced = replaced || !strcmp(list->extra[i].oid, oid);
    if (FAILED(value->result) && SUCCEEDED(list->out->result)) list->out->result = value->result;
    if (!replaced) put_extension(list->out, oid, critical, written(value));
    free(value->data);
    *value = (struct der_writer){0};
}

static void add_extras(struct extension_list *list)
{
    for (size_t i = 0; i < list->extra_count; i++)
        put_extension(list->out, list->extra[i].oid, list->extra[i].critical, list->extra[i].value);
}

/* The bytes of a key identifier in hex. */
static size_t from_hex(const char *hex, unsigned char *bytes, size_t capacity)
{
    size_t size = 0;
    unsigned byte;

    for (; size < capacity && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        bytes[size++] = (unsigned char)byte;
    return size;
}

/* The SHA-1 of the key's bits. */
static void add_key_identifier(struct extension_list *list, struct der_bytes key)
{
    struct der_writer value = {0};
    unsigned char id[20];
    char *hex = sha1_of(key);

    der_put(&value, DER_OCTET_STRING, id, from_hex(hex, id, sizeof id));
    free(hex);
    authority_add(list, KEY_ID, false, &value);
}

static void add_authority_key(struct extension_list *list, const struct authority *authority)
{
    struct der_writer value = {0};
    size_t sequence = der_open(&value, DER_SEQUENCE);
    unsigned char id[20];
    size_t size = from_hex(authority->certificate->subject.key_identifier, id, sizeof id);

    der_put(&value, DER_CONTEXT(0), id, size);
    der_close(&value, sequence);
    authority_add(list, AUTHORITY_KEY, false, &value);
}

static void add_key_usage(struct extension_list *list, unsigned bits)
{
    struct der_writer value = {0};

    der_put_named_bits(&value, bits);
    authority_add(list, KEY_USAGE, true, &value);
}

static void add_extended_key_usage(struct extension_list *list, const char *const *oids)
{
    struct der_writer value = {0};
    size_t sequence = der_open(&value, DER_SEQUENCE);

    while (*oids) der_put_oid(&value, *oids++);
    der_close(&value, sequence);
    authority_add(list, EXTENDED_USE, false, &value);
}

static void add_basic_constraints_of_a_ca(struct extension_list *list)
{
    struct der_writer value = {0};
    size_t sequence = der_open(&value, DER_SEQUENCE);

    der_put_boolean(&value, true);
    der_close(&value, sequence);
    authority_add(list, BASIC, true, &value);
}

/* CRLDistributionPoints, which freshestCRL is too: SEQUENCE OF { [0] { [0] GeneralNames { [6] URI }
 * } } */
static void add_crl_url(struct extension_list *list, const char *oid, const char *url)
{
    struct der_writer value = {0};
    size_t points = der_open(&value, DER_SEQUENCE), point = der_open(&value, DER_SEQUENCE);
    size_t name = der_open(&value, DER_CONTEXT_CONSTRUCTED(0)),
           full = der_open(&value, DER_CONTEXT_CONSTRUCTED(0));

    der_put(&value, DER_CONTEXT(6), url, strlen(url));
    der_close(&value, full);
    der_close(&value, name);
    der_close(&value, point);
    der_close(&value, points);
    authority_add(list, oid, false, &value);
}

/* AuthorityInfoAccess: SEQUENCE OF { caIssuers, [6] URI } */
static void add_issuer_url(struct extension_list *list, const char *url)
{
    struct der_writer value = {0};
    size_t all = der_open(&value, DER_SEQUENCE), one = der_open(&value, DER_SEQUENCE);

    der_put_oid(&value, CA_ISSUERS);
    der_put(&value, DER_CONTEXT(6), url, strlen(url));
    der_close(&value, one);
    der_close(&value, all);
    authority_add(list, ACCESS, false, &value);
}

static void authority_add_number(struct extension_list *list, const char *oid, bool critical,
                                 unsigned number)
{
    struct der_writer value = {0};

    der_put_number(&value, number);
    authority_add(list, oid, critical, &value);
}

static void authority_add_time(struct extension_list *list, const char *oid, int64_t seconds)
{
    struct der_writer value = {0};

    der_put_time(&value, seconds);
    authority_add(list, oid, false, &value);
}

static void add_copy(struct extension_list *list, const struct subject_extension *extension)
{
    struct der_writer value = {0};

    if (!extension) return;
    der_put_raw(&value, extension->value);
    authority_add(list, extension->oid, extension->critical, &value);
}

/* ---- certificates ---- */

/* What goes into the certificate's info, but for the extensions. */
struct certificate_info {
    unsigned char serial[SERIAL_MAX];
    size_t serial_size;
    struct der_bytes issuer, subject, public_key;
    int64_t not_before, not_after;
};

/* Writes the info up to its extensions; put_tail ends it. */
static size_t authority_put_head(struct der_writer *w, const struct certificate_info *info)
{
    size_t whole = der_open(w, DER_SEQUENCE), inside = der_open(w, DER_CONTEXT_CONSTRUCTED(0));

    der_put_number(w, 2);                                       /* version 3 */
    der_close(w, inside);
    der_put_positive(w, info->serial, info->serial_size);
    signing_key_put_algorithm(w);
    der_put_raw(w, info->issuer);
    inside = der_open(w, DER_SEQUENCE);
    der_put_time(w, info->not_before);
    der_put_time(w, info->not_after);
    der_close(w, inside);
    der_put_raw(w, info->subject);
    der_put_raw(w, info->public_key);
    return whole;
}

static void put_tail(struct der_writer *w, size_t whole, struct der_writer *extensions)
{
    size_t explicit = der_open(w, DER_CONTEXT_CONSTRUCTED(3)), list = der_open(w, DER_SEQUENCE);

    if (FAILED(extensions->result) && SUCCEEDED(w->result)) w->result = extensions->result;
    der_put_raw(w, written(extensions));
    der_close(w, list);
    der_close(w, explicit);
    der_close(w, whole);
    free(extensions->data);
}

/* Sign the info, which is freed, and read the certificate back: what our own reader refuses never
 * leaves. */
static HRESULT authority_finish(struct authority *authority, struct der_writer *info,
                                struct certificate **certificate, struct reason *reason)
{
    struct der_writer out = {0};
    HRESULT hr;

    if (FAILED(info->result)) return unwritten(info, "certificate", reason);
    hr = signing_key_sign(authority->key, info, &out, reason);
    if (SUCCEEDED(hr)) hr = certificate_read(out.data, out.size, certificate, reason);
    free(out.data);
    free(info->data);
    return hr;
}

static HRESULT random_serial(struct certificate_info *info, struct reason *reason)
{
    info->serial_size = SERIAL_SIZE;
    if (BCryptGenRandom(NULL, info->serial, SERIAL_SIZE, BCRYPT_USE_SYSTEM_PREFERRED_RNG))
        return text_reason(reason, NTE_FAIL, "no random bytes for a serial number");
    info->serial[0] =
        (info->serial[0] & 0x3F) | 0x40; /* positive, and of the same length every time */
    return S_OK;
}

static int authority_hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A serial number in hex, as certificate.serial: positive, at most 20 bytes as RFC 5280 has it. */
static bool parse_serial(const char *hex, unsigned char *serial, size_t *size)
{
    size_t count = strlen(hex);

    for (*size = 0; count && count % 2 == 0 && *hex == '0' && hex[1] == '0'; hex += 2)
        count -= 2; /* leading zeros */
    if (!count || count % 2 || count / 2 > SERIAL_MAX) return false;
    for (; *hex; hex += 2) {
        if (authority_hex_digit(hex[0]) < 0 || authority_hex_digit(hex[1]) < 0) return false;
        serial[(*size)++] =
            (unsigned char)(authority_hex_digit(hex[0]) << 4 | authority_hex_digit(hex[1]));
    }
    return *size < SERIAL_MAX || serial[0] < 0x80; /* the 00 in front would be the 21st */
}

static HRESULT serial_for(const struct issue *issue, struct certificate_info *info,
                          struct reason *reason)
{
    if (!issue->serial) return random_serial(info, reason);
    if (parse_serial(issue->serial, info->serial, &info->serial_size)) return S_OK;
    return text_reason(reason, E_INVALIDARG,
                       "the serial number is not 1 to 20 bytes of hex, positive");
}

static HRESULT check_issue(const struct issue *issue, struct reason *reason)
{
    if (issue->not_after < issue->not_before)
        return text_reason(reason, E_INVALIDARG, "the validity ends before it begins");
    for (size_t i = 0; i < issue->extra_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (!strcmp(issue->extra[i].oid, issue->extra[j].oid))
                return text_reason(reason, E_INVALIDARG, "the same extension twice");
        }
    }
    return S_OK;
}

/* The request's own, if it has one that can be read; else that of its key. */
static void add_requested_key_identifier(struct extension_list *list, const struct subject *subject)
{
    struct der_writer value = {0};
    unsigned char id[KEY_ID_MAX];
    size_t size = from_hex(subject->key_identifier, id, sizeof id);

    der_put(&value, DER_OCTET_STRING, id, size);
    authority_add(list, KEY_ID, false, &value);
}

static void put_issued_extensions(struct der_writer *out, const struct authority *authority,
                                  const struct request *request, const struct issue *issue)
{
    struct extension_list list = {out, issue->extra, issue->extra_count};

    add_requested_key_identifier(&list, &request->subject);
    add_authority_key(&list, authority);
    if (issue->key_usage) add_key_usage(&list, issue->key_usage);
    if (issue->extended_key_usage) add_extended_key_usage(&list, issue->extended_key_usage);
    if (!issue->without_alternative_name)
        add_copy(&list, subject_extension(&request->subject, ALT_NAME));
    if (issue->crl_url) add_crl_url(&list, CRL_POINTS, issue->crl_url);
    if (issue->issuer_url) add_issuer_url(&list, issue->issuer_url);
    add_extras(&list);
}

HRESULT authority_issue(struct authority *authority, const struct request *request,
                        const struct issue *issue, struct certificate **certificate,
                        struct reason *reason)
{
    struct certificate_info info = {
        .issuer = authority->certificate->subject.raw_name,
        .subject = request->subject.raw_name,
        .public_key = request->subject.public_key_info,
        .not_before = issue->not_before,
        .not_after = issue->not_after,
    };
    struct der_writer w = {0}, extensions = {0};
    size_t whole;
    HRESULT hr;

    *certificate = NULL;
    *reason = (struct reason){""};
    if (FAILED(hr = check_issue(issue, reason)) || FAILED(hr = serial_for(issue, &info, reason)))
        return hr;
    whole = authority_put_head(&w, &info);
    put_issued_extensions(&extensions, authority, request, issue);
    put_tail(&w, whole, &extensions);
    return authority_finish(authority, &w, certificate, reason);
}

/* ---- the authority itself ---- */

static size_t count_characters(const char *utf8)
{
    size_t count = 0;

    for (; *utf8; utf8++) count += (*utf8 & 0xC0) != 0x80;
    return count;
}

static HRESULT put_common_name(struct der_writer *w, const char *common_name, struct reason *reason)
{
    size_t count = count_characters(common_name);

    if (!text_is_utf8(common_name, strlen(common_name)) || !count || count > NAME_MAX_CHARACTERS)
        return text_reason(reason, E_INVALIDARG, "the CA's name is not 1 to %d characters of UTF-8",
                           NAME_MAX_CHARACTERS);
    size_t name = der_open(w, DER_SEQUENCE), set = der_open(w, DER_SET),
           part = der_open(w, DER_SEQUENCE);
    der_put_oid(w, COMMON_NAME);
    der_put(w, DER_UTF8_STRING, common_name, strlen(common_name));
    der_close(w, part);
    der_close(w, set);
    der_close(w, name);
    return w->result;
}

/* The key bits in a SubjectPublicKeyInfo that we wrote ourselves. */
static struct der_bytes key_bits(const struct der_writer *public_key)
{
    struct public_key key = {0};
    struct der_fault fault;
    struct der der;

    der_begin(&der, &fault, public_key->data, public_key->size);
    public_key_read(&der, "key", &key);
    return key.bits;
}

static void add_previous_hash(struct extension_list *list, const struct authority *former)
{
    struct der_writer value = {0};
    unsigned char hash[20];

    if (!former) return;
    der_put(&value, DER_OCTET_STRING, hash, from_hex(former->certificate->hash, hash, sizeof hash));
    authority_add(list, PREVIOUS_HASH, false, &value);
}

static void add_template_name(struct extension_list *list, const char *name)
{
    struct der_writer value = {0};
    struct template template = {.name = (char *)name, .schema = 1};

    write_template(&value, &template);
    authority_add(list, OID_TEMPLATE_NAME, false, &value);
}

/* What certifies a CA: itself, the CA above it, or another key of its own. */
struct certifying {
    struct authority *signer;           /* NULL: itself */
    const struct authority *former;     /* whose certificate this one renews; NULL: none */
    const char *template;               /* NULL: none */
    const char *crl_url, *issuer_url;   /* the signer's; NULL: not said */
    int64_t not_before, not_after;
};

static void put_ca_extensions(struct der_writer *out, const struct authority *subject,
                              const struct der_writer *public_key, const struct certifying *by)
{
    struct extension_list list = {.out = out};

    add_basic_constraints_of_a_ca(&list);
    add_key_usage(&list,
                  1 << KEY_USAGE_CERT_SIGN | 1 << KEY_USAGE_CRL_SIGN |
                      1 << KEY_USAGE_DIGITAL_SIGNATURE);
    add_key_identifier(&list, key_bits(public_key));
    authority_add_number(&list, CA_VERSION, false, subject->version);
    add_previous_hash(&list, by->former);
    if (by->template) add_template_name(&list, by->template);
    if (by->signer) add_authority_key(&list, by->signer);
    if (by->crl_url) add_crl_url(&list, CRL_POINTS, by->crl_url);
    if (by->issuer_url) add_issuer_url(&list, by->issuer_url);
}

static HRESULT certify(struct authority *subject, struct der_bytes name,
                       const struct certifying *by, struct certificate **certificate,
                       struct reason *reason)
{
    struct certificate_info info = {
        .issuer = by->signer ? by->signer->certificate->subject.raw_name : name, .subject = name,
        .not_before = by->not_before, .not_after = by->not_after,
    };
    struct der_writer key = {0}, extensions = {0}, w = {0};
    size_t whole;
    HRESULT hr;

    if (FAILED(hr = signing_key_put_public(subject->key, &key, reason))) goto done;
    if (FAILED(hr = random_serial(&info, reason))) goto done;
    info.public_key = written(&key);
    whole = authority_put_head(&w, &info);
    put_ca_extensions(&extensions, subject, &key, by);
    put_tail(&w, whole, &extensions);
    hr = authority_finish(by->signer ? by->signer : subject, &w, certificate, reason);
done:
    free(key.data);
    return hr;
}

/* Takes over `key`, or makes one where it is NULL. */
static HRESULT create(struct der_bytes name, struct signing_key *key, unsigned version,
                      const struct certifying *by, struct authority **authority,
                      struct reason *reason)
{
    struct authority *made = heap_take(sizeof *made);
    HRESULT hr = S_OK;

    made->version = version;
    made->key = key;
    if (!key) hr = signing_key_make(&made->key, reason);
    if (SUCCEEDED(hr)) hr = certify(made, name, by, &made->certificate, reason);
    if (FAILED(hr)) authority_close(made);
    else *authority = made;
    return hr;
}

/* By the CA above, or by itself where there is none. */
static struct certifying certified_by(const struct superior *superior, int64_t not_before,
                                      int64_t not_after)
{
    struct certifying by = {.not_before = not_before, .not_after = not_after};

    if (!superior) return by;
    by.signer = superior->authority;
    by.template = "SubCA";
    by.crl_url = superior->crl_url;
    by.issuer_url = superior->issuer_url;
    return by;
}

HRESULT authority_create(const char *common_name, int64_t not_before, int64_t not_after,
                         const struct superior *superior, struct authority **authority,
                         struct reason *reason)
{
    struct certifying by = certified_by(superior, not_before, not_after);
    struct der_writer name = {0};
    HRESULT hr;

    *authority = NULL;
    *reason = (struct reason){""};
    if (not_after < not_before)
        return text_reason(reason, E_INVALIDARG, "the validity ends before it begins");
    hr = put_common_name(&name, common_name, reason);
    if (SUCCEEDED(hr)) hr = create(written(&name), NULL, 0, &by, authority, reason);
    free(name.data);
    return hr;
}

HRESULT authority_renew(const struct authority *former, bool new_key, unsigned version,
                        int64_t not_before, int64_t not_after, const struct superior *superior,
                        struct authority **authority, struct reason *reason)
{
    struct certifying by = certified_by(superior, not_before, not_after);

    *authority = NULL;
    *reason = (struct reason){""};
    if (not_after < not_before)
        return text_reason(reason, E_INVALIDARG, "the validity ends before it begins");
    by.former = former;
    return create(former->certificate->subject.raw_name,
                  new_key ? NULL : signing_key_hold(former->key), version, &by, authority, reason);
}

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

HRESULT authority_cross(struct authority *subject, const struct superior *signer,
                        struct certificate **certificate, struct reason *reason)
{
    const struct certificate *one = subject->certificate, *other = signer->authority->certificate;
    struct certifying by = {
        .signer = signer->authority,
        .template = "CrossCA",
        .crl_url = signer->crl_url,
        .issuer_url = signer->issuer_url,
        .not_before = later(one->not_before, other->not_before),
        .not_after = earlier(one->not_after, other->not_after),
    };

    *certificate = NULL;
    *reason = (struct reason){""};
    if (by.not_after < by.not_before)
        return text_reason(reason, E_INVALIDARG, "the two certificates are never valid at once");
    return certify(subject, one->subject.raw_name, &by, certificate, reason);
}

void authority_close(struct authority *authority)
{
    if (!authority) return;
    certificate_free(authority->certificate);
    signing_key_let_go(authority->key);
    free(authority);
}

const struct certificate *authority_certificate(const struct authority *authority)
{
    return authority->certificate;
}

/* ---- CRLs ---- */

static HRESULT check_crl(const struct crl *crl, struct reason *reason)
{
    if (crl->next_update < crl->this_update)
        return text_reason(reason, E_INVALIDARG, "the CRL's next update comes before this one");
    if (crl->delta && crl->base_number > crl->number)
        return text_reason(reason, E_INVALIDARG, "a delta CRL's number is below that of its base");
    for (size_t i = 0; i < crl->count; i++) {
        int code = crl->entries[i].reason;

        if (code < 0 || code > 10 || code == 7 || (code == 8 && !crl->delta))
            return text_reason(reason, E_INVALIDARG,
                               "entry %u of the CRL has reason %d, which it cannot have",
                               (unsigned)i, code);
    }
    return S_OK;
}

static void put_entry_extensions(struct der_writer *w, int reason_code)
{
    struct der_writer value = {0};
    size_t list = der_open(w, DER_SEQUENCE);

    der_put_enumerated(&value, (unsigned)reason_code);
    put_extension(w, CRL_REASON, false, written(&value));
    der_close(w, list);
    free(value.data);
}

static HRESULT put_entry(struct der_writer *w, const struct crl_entry *entry, struct reason *reason)
{
    unsigned char serial[SERIAL_MAX];
    size_t size, whole;

    if (!parse_serial(entry->serial, serial, &size))
        return text_reason(reason, E_INVALIDARG,
                           "a serial number of the CRL is not 1 to 20 bytes of hex, positive");
    whole = der_open(w, DER_SEQUENCE);
    der_put_positive(w, serial, size);
    der_put_time(w, entry->when);
    if (entry->reason) put_entry_extensions(w, entry->reason);
    der_close(w, whole);
    return S_OK;
}

/* The list is left out where it would be empty, as RFC 5280 asks. */
static HRESULT put_entries(struct der_writer *w, const struct crl *crl, struct reason *reason)
{
    size_t list;

    if (!crl->count) return S_OK;
    list = der_open(w, DER_SEQUENCE);
    for (size_t i = 0; i < crl->count; i++) {
        HRESULT hr = put_entry(w, &crl->entries[i], reason);

        if (FAILED(hr)) return hr;
    }
    der_close(w, list);
    return S_OK;
}

static void put_crl_extensions(struct der_writer *w, const struct authority *authority,
                               const struct crl *crl)
{
    size_t explicit = der_open(w, DER_CONTEXT_CONSTRUCTED(0)), sequence = der_open(w, DER_SEQUENCE);
    struct extension_list list = {.out = w};

    add_authority_key(&list, authority);
    authority_add_number(&list, CA_VERSION, false, authority->version);
    authority_add_number(&list, CRL_NUMBER, false, crl->number);
    if (crl->next_publish) authority_add_time(&list, NEXT_PUBLISH, crl->next_publish);
    if (crl->delta) authority_add_number(&list, DELTA_CRL, true, crl->base_number);
    else if (crl->delta_url) add_crl_url(&list, FRESHEST_CRL, crl->delta_url);
    der_close(w, sequence);
    der_close(w, explicit);
}

static HRESULT put_crl(struct der_writer *w, const struct authority *authority,
                       const struct crl *crl, struct reason *reason)
{
    size_t whole = der_open(w, DER_SEQUENCE);
    HRESULT hr;

    der_put_number(w, 1);                                       /* version 2 */
    signing_key_put_algorithm(w);
    der_put_raw(w, authority->certificate->subject.raw_name);
    der_put_time(w, crl->this_update);
    der_put_time(w, crl->next_update);
    if (FAILED(hr = put_entries(w, crl, reason))) return hr;
    put_crl_extensions(w, authority, crl);
    der_close(w, whole);
    return S_OK;
}

HRESULT authority_sign_crl(struct authority *authority, const struct crl *crl, unsigned char **der,
                           size_t *size, struct reason *reason)
{
    struct der_writer w = {0}, out = {0};
    HRESULT hr;

    *der = NULL;
    *size = 0;
    *reason = (struct reason){""};
    if (FAILED(hr = check_crl(crl, reason))) return hr;
    hr = put_crl(&w, authority, crl, reason);
    if (SUCCEEDED(hr) && FAILED(w.result)) return unwritten(&w, "CRL", reason);
    if (SUCCEEDED(hr)) hr = signing_key_sign(authority->key, &w, &out, reason);
    free(w.data);
    if (FAILED(hr)) {
        free(out.data);
        return hr;
    }
    *der = out.data;
    *size = out.size;
    return S_OK;
}
