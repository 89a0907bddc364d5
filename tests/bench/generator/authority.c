#include "authority.h"

#include "der_put.h"
#include "parts.h"
#include "random.h"

#define COMMON_NAME "Corp Issuing CA 1"
#define CRL_URL     "http://pki.corp.example/ca1.crl"
#define ISSUER_URL  "http://pki.corp.example/ca1.crt"

void authority_put_name(struct bytes *out)
{
    parts_put_subject(out, COMMON_NAME, "PKI");
}

void authority_serial(const struct authority *authority, uint64_t number, unsigned char out[SERIAL_SIZE])
{
    random_bytes(authority->seed, number, DRAW_SERIAL, out, SERIAL_SIZE);
    out[0] = 0x61;
}

/* The whole of what is signed, with algorithm and signature. */
static void authority_sign(const struct authority *authority, const struct bytes *info, struct bytes *out)
{
    struct bytes signature = {0};
    size_t whole = put_open(out, TAG_SEQUENCE);

    bytes_add(out, info->data, info->size);
    key_put_algorithm(&authority->key, false, out);
    key_sign(&authority->key, false, info->data, info->size, &signature);
    put_bits(out, signature.data, signature.size);
    if (info->failed || signature.failed) bytes_fail(out);
    put_close(out, whole);
    bytes_free(&signature);
}

static void put_subject_key(struct bytes *out, const struct key *key)
{
    struct bytes value = {0};
    unsigned char id[20];

    key_identifier(key, id);
    put_value(&value, TAG_OCTETS, id, sizeof id);
    parts_put_extension(out, "2.5.29.14", false, &value);
    bytes_free(&value);
}

static void put_authority_key(struct bytes *out, const struct key *key)
{
    struct bytes value = {0};
    unsigned char id[20];
    size_t whole = put_open(&value, TAG_SEQUENCE);

    key_identifier(key, id);
    put_value(&value, TAG_CONTEXT, id, sizeof id);
    put_close(&value, whole);
    parts_put_extension(out, "2.5.29.35", false, &value);
    bytes_free(&value);
}

static void put_key_usage(struct bytes *out, uint32_t bits)
{
    struct bytes value = {0};

    put_named_bits(&value, bits);
    parts_put_extension(out, "2.5.29.15", true, &value);
    bytes_free(&value);
}

static void put_basic_constraints(struct bytes *out, bool is_ca)
{
    struct bytes value = {0};
    size_t whole = put_open(&value, TAG_SEQUENCE);

    if (is_ca) put_true(&value);
    put_close(&value, whole);
    parts_put_extension(out, "2.5.29.19", true, &value);
    bytes_free(&value);
}

static void put_crl_url(struct bytes *out)
{
    struct bytes value = {0};
    size_t list = put_open(&value, TAG_SEQUENCE), point = put_open(&value, TAG_SEQUENCE);
    size_t name = put_open(&value, TAG_CONSTRUCTED), full = put_open(&value, TAG_CONSTRUCTED);

    put_text(&value, TAG_CONTEXT | 6, CRL_URL);
    put_close(&value, full);
    put_close(&value, name);
    put_close(&value, point);
    put_close(&value, list);
    parts_put_extension(out, "2.5.29.31", false, &value);
    bytes_free(&value);
}

static void put_issuer_url(struct bytes *out)
{
    struct bytes value = {0};
    size_t list = put_open(&value, TAG_SEQUENCE), one = put_open(&value, TAG_SEQUENCE);

    put_oid(&value, "1.3.6.1.5.5.7.48.2");
    put_text(&value, TAG_CONTEXT | 6, ISSUER_URL);
    put_close(&value, one);
    put_close(&value, list);
    parts_put_extension(out, "1.3.6.1.5.5.7.1.1", false, &value);
    bytes_free(&value);
}

static void put_extensions(const struct authority *authority, const struct issue *issue, const struct key *key, struct bytes *out)
{
    enum { DIGITAL_SIGNATURE = 1, KEY_ENCIPHERMENT = 4, KEY_CERT_SIGN = 0x20, CRL_SIGN = 0x40 };
    uint32_t bits = issue->is_ca ? DIGITAL_SIGNATURE | KEY_CERT_SIGN | CRL_SIGN
                                 : DIGITAL_SIGNATURE | (key->kind == KEY_EC ? 0 : KEY_ENCIPHERMENT);

    if (issue->basic_constraints) put_basic_constraints(out, issue->is_ca);
    put_key_usage(out, bits);
    parts_put_usages(out, issue->eku);
    parts_put_policies(out, MS "21.10", issue->application_policies);
    parts_put_policies(out, "2.5.29.32", issue->policies);
    parts_put_template(out, issue->template);
    put_subject_key(out, key);
    parts_put_alternative_names(out, issue->names);
    put_authority_key(out, &authority->key);
    put_crl_url(out);
    put_issuer_url(out);
    parts_put_sid(out, issue->sid);
}

/* A certificate's info up to its extensions. */
static size_t put_head(const struct authority *authority, const unsigned char serial[SERIAL_SIZE], struct bytes *out)
{
    size_t whole = put_open(out, TAG_SEQUENCE), version = put_open(out, TAG_CONSTRUCTED);

    put_number(out, 2);
    put_close(out, version);
    put_positive(out, serial, SERIAL_SIZE);
    key_put_algorithm(&authority->key, false, out);
    authority_put_name(out);
    return whole;
}

static void put_validity(struct bytes *out, int64_t not_before, int64_t not_after)
{
    size_t whole = put_open(out, TAG_SEQUENCE);

    put_time(out, not_before);
    put_time(out, not_after);
    put_close(out, whole);
}

void authority_issue(const struct authority *authority, const struct issue *issue, const struct key *key, struct bytes *out)
{
    unsigned char serial[SERIAL_SIZE];
    struct bytes info = {0};
    size_t whole, explicit, list;

    authority_serial(authority, issue->number, serial);
    whole = put_head(authority, serial, &info);
    put_validity(&info, issue->not_before, issue->not_after);
    parts_put_subject(&info, issue->cn, issue->ou);
    bytes_add(&info, key->spki, key->spki_size);
    explicit = put_open(&info, TAG_CONSTRUCTED | 3);
    list = put_open(&info, TAG_SEQUENCE);
    put_extensions(authority, issue, key, &info);
    put_close(&info, list);
    put_close(&info, explicit);
    put_close(&info, whole);
    authority_sign(authority, &info, out);
    bytes_free(&info);
}

void authority_begin(struct authority *authority, uint64_t seed, int64_t not_before, int64_t not_after)
{
    unsigned char serial[SERIAL_SIZE];
    struct bytes info = {0};
    size_t whole, explicit, list;

    *authority = (struct authority){.seed = seed, .not_before = not_before, .not_after = not_after};
    key_make(&authority->key, KEY_EC, UINT64_MAX);
    authority_serial(authority, UINT64_MAX, serial);
    whole = put_head(authority, serial, &info);
    put_validity(&info, not_before, not_after);
    authority_put_name(&info);
    bytes_add(&info, authority->key.spki, authority->key.spki_size);
    explicit = put_open(&info, TAG_CONSTRUCTED | 3);
    list = put_open(&info, TAG_SEQUENCE);
    put_basic_constraints(&info, true);
    put_key_usage(&info, 0x61);
    put_subject_key(&info, &authority->key);
    put_close(&info, list);
    put_close(&info, explicit);
    put_close(&info, whole);
    authority_sign(authority, &info, &authority->certificate);
    bytes_free(&info);
}

void authority_end(struct authority *authority)
{
    bytes_free(&authority->certificate);
}

/* ---- CRLs ---- */

static void put_entry(struct bytes *out, const struct revocation *entry)
{
    size_t whole = put_open(out, TAG_SEQUENCE), list;
    struct bytes value = {0};
    unsigned char reason = (unsigned char)entry->reason;

    put_positive(out, entry->serial, SERIAL_SIZE);
    put_time(out, entry->when);
    if (reason) {
        put_value(&value, TAG_ENUMERATED, &reason, 1);
        list = put_open(out, TAG_SEQUENCE);
        parts_put_extension(out, "2.5.29.21", false, &value);
        put_close(out, list);
        bytes_free(&value);
    }
    put_close(out, whole);
}

static void put_number_extension(struct bytes *out, const char *oid, bool critical, uint64_t number)
{
    struct bytes value = {0};

    put_number(&value, number);
    parts_put_extension(out, oid, critical, &value);
    bytes_free(&value);
}

void authority_put_crl(const struct authority *authority, const struct crl *crl, struct bytes *out)
{
    struct bytes info = {0};
    size_t whole = put_open(&info, TAG_SEQUENCE), list, explicit;

    put_number(&info, 1);
    key_put_algorithm(&authority->key, false, &info);
    authority_put_name(&info);
    put_time(&info, crl->this_update);
    put_time(&info, crl->next_update);
    if (crl->count) {
        list = put_open(&info, TAG_SEQUENCE);
        for (size_t i = 0; i < crl->count; i++) put_entry(&info, &crl->entries[i]);
        put_close(&info, list);
    }
    explicit = put_open(&info, TAG_CONSTRUCTED);
    list = put_open(&info, TAG_SEQUENCE);
    put_authority_key(&info, &authority->key);
    put_number_extension(&info, "2.5.29.20", false, crl->number);
    if (crl->base) put_number_extension(&info, "2.5.29.27", true, crl->base);
    put_close(&info, list);
    put_close(&info, explicit);
    put_close(&info, whole);
    authority_sign(authority, &info, out);
    bytes_free(&info);
}
