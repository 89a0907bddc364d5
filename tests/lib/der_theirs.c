#include "der_theirs.h"
#include "test.h"
#include "der/name.h"
#include "der/text.h"
#include "der/value.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/asn1.h>
#include <openssl/dsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define ROOTS "/usr/share/ca-certificates/mozilla"

bool same(struct der_bytes ours, unsigned char *theirs, int size)
{
    bool ok = size > 0 && der_same(ours, (struct der_bytes){theirs, (size_t)size});

    OPENSSL_free(theirs);
    return ok;
}
bool same_time(int64_t seconds, const ASN1_TIME *theirs)
{
    struct tm tm = {0};

    return ASN1_TIME_to_tm(theirs, &tm) && (int64_t)timegm(&tm) == seconds;
}

bool same_oid(struct der_bytes oid, const ASN1_OBJECT *theirs)
{
    char ours_text[DER_OID_TEXT], text[256];

    return der_same(oid, (struct der_bytes){OBJ_get0_data(theirs), OBJ_length(theirs)})
        && (!der_oid_text(oid, ours_text, sizeof ours_text)
            || (OBJ_obj2txt(text, sizeof text, theirs, 1) > 0 && !strcmp(text, ours_text)));
}

struct der_bytes content_of(const ASN1_STRING *string)
{
    return (struct der_bytes){ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string)};
}

bool same_name_texts(struct der_bytes name, X509_NAME *theirs)
{
    struct name_cursor cursor;
    struct name_part part;
    int count = 0;

    name_begin(&cursor, name);
    for (; name_next(&cursor, &part); count++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(theirs, count);
        unsigned char *utf8 = NULL;
        char text[4096];
        bool clean;
        size_t size = der_text(part.value.tag, part.value.content, text, sizeof text, &clean);
        int their_size = entry ? ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry)) : -1;
        bool ok = entry && same_oid(part.type, X509_NAME_ENTRY_get_object(entry));

        if (clean && size <= sizeof text && their_size >= 0)
            ok = ok && (size_t)their_size == size && !memcmp(utf8, text, size);
        OPENSSL_free(utf8);
        if (!ok) return false;
    }
    return count == X509_NAME_entry_count(theirs);
}

bool is_known(struct der_bytes name)
{
    struct name_cursor cursor;
    struct name_part part;
    bool known = true;

    for (name_begin(&cursor, name); known && name_next(&cursor, &part);) {
        if (der_is_text(part.value.tag)) der_text(part.value.tag, part.value.content, NULL, 0, &known);
        known = known && part.value.tag < 0x40 && ASN1_tag2bit((int)part.value.tag & 0x1F) & (B_ASN1_PRINTABLE);
    }
    return known;
}

/* libcrypto counts the bits of Ed25519 that matter, 253; we count those that are written. */
unsigned known_length(const EVP_PKEY *key)
{
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? 256 : (unsigned)EVP_PKEY_get_bits(key);
}

int for_each_root(void (*with)(const char *path, const unsigned char *der, size_t size))
{
    DIR *folder = opendir(ROOTS);
    struct dirent *entry;
    int count = 0;

    if (!check(folder)) return 0;
    while ((entry = readdir(folder))) {
        char path[1024];
        unsigned char *der = NULL;
        X509 *certificate;
        FILE *file;
        int size;

        if (!strstr(entry->d_name, ".crt")) continue;
        snprintf(path, sizeof path, ROOTS "/%s", entry->d_name);
        if (!check((file = fopen(path, "r")))) continue;
        certificate = PEM_read_X509(file, NULL, NULL, NULL);
        fclose(file);
        if (!check(certificate)) continue;
        size = i2d_X509(certificate, &der);
        with(path, der, (size_t)size);
        count++;
        OPENSSL_free(der);
        X509_free(certificate);
    }
    closedir(folder);
    return count;
}

X509 *their_certificate(const unsigned char *der, size_t size)
{
    const unsigned char *at = der;
    X509 *certificate = d2i_X509(NULL, &at, (long)size);

    if (!certificate || at == der + size) return certificate;
    X509_free(certificate);
    return NULL;
}

uint64_t state;

unsigned draw(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

static EVP_PKEY *dsa_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    EVP_PKEY *parameters = NULL, *key = NULL;

    check(EVP_PKEY_paramgen_init(context) > 0 && EVP_PKEY_CTX_set_dsa_paramgen_bits(context, 1024) > 0
          && EVP_PKEY_paramgen(context, &parameters) > 0);
    EVP_PKEY_CTX_free(context);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, parameters, NULL);
    check(EVP_PKEY_keygen_init(context) > 0 && EVP_PKEY_keygen(context, &key) > 0);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(parameters);
    return key;
}

static EVP_PKEY *pss_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *key = NULL;

    check(EVP_PKEY_keygen_init(context) > 0 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, 1024) > 0
          && EVP_PKEY_CTX_set_rsa_pss_keygen_md(context, EVP_sha256()) > 0 && EVP_PKEY_keygen(context, &key) > 0);
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *new_key(unsigned kind)
{
    static const unsigned lengths[] = {[0] = 2048, [1] = 3072, [6] = 1024, [7] = 1031};
    static const char *const curves[] = {[3] = "P-256", [4] = "P-384", [5] = "P-521", [11] = "P-224"};

    if (kind == 2 || kind == 10) return EVP_PKEY_Q_keygen(NULL, NULL, kind == 2 ? "ED25519" : "ED448");
    if (kind == 8) return pss_key();
    if (kind == 9) return dsa_key();
    if (kind < sizeof lengths / sizeof *lengths && lengths[kind]) return EVP_RSA_gen(lengths[kind]);
    return EVP_EC_gen(curves[kind]);
}

EVP_PKEY *key_of(unsigned kind)
{
    static EVP_PKEY *keys[KEYS];

    if (!keys[kind]) keys[kind] = new_key(kind);
    return keys[kind];
}

const EVP_MD *digest_of(unsigned kind)
{
    return kind == 2 || kind == 10 ? NULL : kind == 8 ? EVP_sha256() : draw(2) ? EVP_sha256() : EVP_sha512();
}

void add_name_part(X509_NAME *name)
{
    static const int nids[] = {NID_commonName, NID_organizationName, NID_organizationalUnitName, NID_countryName,
                               NID_domainComponent, NID_pkcs9_emailAddress, NID_serialNumber,
                               NID_pkcs9_unstructuredName};
    static const struct { int type, size; const char *text; } values[] = {
        {V_ASN1_UTF8STRING, 4, "Zo\xC3\xAB"}, {V_ASN1_UTF8STRING, 0, ""}, {V_ASN1_UTF8STRING, 5, "a\0b\nc"},
        {V_ASN1_UTF8STRING, 9, "x=y, CN=z"}, {V_ASN1_BMPSTRING, 4, "\0M\0\xFC"}, {V_ASN1_T61STRING, 6, "M\xFCller"},
        {V_ASN1_PRINTABLESTRING, 13, "*.example.org"}, {V_ASN1_IA5STRING, 4, "a\0@b"},
        {V_ASN1_OCTET_STRING, 3, "\xFF\0\x80"},
        {V_ASN1_UNIVERSALSTRING, 8, "\0\0\0Z\0\1\xF5\x11"}, {V_ASN1_NUMERICSTRING, 2, "12"},
    };
    unsigned value = draw(sizeof values / sizeof *values);

    X509_NAME_add_entry_by_NID(name, nids[draw(8)], values[value].type, (const unsigned char *)values[value].text,
                               values[value].size, -1, draw(4) ? 0 : -1);       /* -1: into the set of the one before */
}

/* Change a few bytes, or cut, or repeat: what hostile input is mostly made of. The result is as long as its buffer. */
unsigned char *mutated(const unsigned char *der, size_t *size)
{
    static const unsigned char telling[] = {0, 1, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF, 0x30, 0x31, 0xA0, 0x04, 0x05};
    size_t cut = draw(8) ? *size : draw((unsigned)*size + 1);
    unsigned char *out = malloc(cut ? cut : 1);

    memcpy(out, der, cut);
    for (unsigned changes = draw(4) + 1; changes && cut; changes--) {
        size_t at = draw(3) ? draw((unsigned)cut) : draw(cut < 80 ? (unsigned)cut : 80);

        if (draw(2)) out[at] = telling[draw(sizeof telling)];
        else out[at] ^= (unsigned char)(1u << draw(8));
    }
    *size = cut;
    return out;
}
