/* The DER reader against libcrypto: real certificates, requests of many shapes, and what becomes of them when bytes
 * change. */
#include "lib/test.h"
#include "lib/der_theirs.h"
#include "der/name.h"
#include "der/pkcs10.h"
#include "der/value.h"
#include "der/x509.h"

#include <stdlib.h>
#include <string.h>

static bool same_extensions(struct der_bytes list, const STACK_OF(X509_EXTENSION) *theirs)
{
    struct extension extension;
    struct der_fault fault;
    struct der cursor;
    int count = 0;

    extensions_begin(&cursor, &fault, list);
    for (; extensions_next(&cursor, &extension); count++) {
        X509_EXTENSION *their = sk_X509_EXTENSION_value(theirs, count);
        const ASN1_OCTET_STRING *value = their ? X509_EXTENSION_get_data(their) : NULL;

        if (!their || !same_oid(extension.oid, X509_EXTENSION_get_object(their))
            || extension.critical != !!X509_EXTENSION_get_critical(their)
            || !der_same(extension.value, content_of(value)))
            return false;
    }
    return !fault.error && count == (theirs ? sk_X509_EXTENSION_num(theirs) : 0);
}

static bool same_certificate(const struct x509 *ours, X509 *theirs)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(theirs);
    unsigned char *out = NULL;
    int size = i2d_ASN1_INTEGER(serial, &out);
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *algorithm;
    EVP_PKEY *key = X509_get0_pubkey(theirs);
    unsigned length = public_key_length(&ours->key);    /* 0 where we refuse the key's own DER, laxer readers may not */
    int wrong = 0;

    X509_get0_signature(&signature, &algorithm, theirs);
    wrong += !check(size > 2 && der_same(ours->serial, (struct der_bytes){out + 2, (size_t)size - 2}));
    wrong += !check(ours->version == X509_get_version(theirs) + 1);
    wrong += !check(SAME(ours->info, i2d_re_X509_tbs, theirs));
    wrong += !check(SAME(ours->subject, i2d_X509_NAME, X509_get_subject_name(theirs)));
    wrong += !check(SAME(ours->issuer, i2d_X509_NAME, X509_get_issuer_name(theirs)));
    wrong += !check(same_name_texts(ours->subject, X509_get_subject_name(theirs)));
    wrong += !check(same_time(ours->not_before, X509_get0_notBefore(theirs)));
    wrong += !check(same_time(ours->not_after, X509_get0_notAfter(theirs)));
    wrong += !check(SAME(ours->key.whole, i2d_X509_PUBKEY, X509_get_X509_PUBKEY(theirs)));
    wrong += !check(same_extensions(ours->extensions, X509_get0_extensions(theirs)));
    wrong += !check(SAME(ours->signature_algorithm.whole, i2d_X509_ALGOR, algorithm));
    wrong += !check(der_same(ours->signature, (struct der_bytes){signature->data, (size_t)signature->length}));
    wrong += !check(!key || !length || length == known_length(key));
    OPENSSL_free(out);
    return !wrong;
}

static void compare_root(const char *path, const unsigned char *der, size_t size)
{
    X509 *theirs = their_certificate(der, size);
    struct der_fault fault;
    struct x509 ours;
    char text[256];

    if (!check(theirs && x509_read(der, size, &ours, &fault, NULL))) {
        der_fault_text(&fault, text, sizeof text);
        test_note("    %s: %s", path, text);
    }
    else if (!same_certificate(&ours, theirs) || !check(public_key_length(&ours.key))) test_note("    %s", path);
    X509_free(theirs);
}

TEST(every_root_certificate_of_the_system_reads_as_libcrypto_reads_it)
{
    int count = for_each_root(compare_root);

    test_note("%d certificates", count);
    check(count > 100);
}

static void add_extension(STACK_OF(X509_EXTENSION) *list, const char *name, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, NULL, name, value);

    if (check(extension)) sk_X509_EXTENSION_push(list, extension);
}

static STACK_OF(X509_EXTENSION) *some_extensions(void)
{
    static const char *const names[] = {
        "DNS:a.example,DNS:b.example,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:z@c",
        "critical,IP:192.0.2.1,IP:2001:db8::1,email:a@b,URI:http://c,RID:1.2.3",
    };
    STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();

    add_extension(list, "subjectAltName", names[draw(2)]);
    if (draw(2)) add_extension(list, "keyUsage", "critical,digitalSignature,keyEncipherment");
    if (draw(2)) add_extension(list, "extendedKeyUsage", "serverAuth,1.3.6.1.4.1.311.10.3.4");
    if (draw(2)) add_extension(list, "basicConstraints", "CA:FALSE");
    return list;
}

static void add_attributes(X509_REQ *request)
{
    STACK_OF(X509_EXTENSION) *list = some_extensions();

    if (draw(3)) X509_REQ_add_extensions_nid(request, list, draw(3) ? NID_ext_req : NID_ms_ext_req);
    if (draw(2)) X509_REQ_add1_attr_by_NID(request, NID_pkcs9_challengePassword, MBSTRING_UTF8,
                                           (const unsigned char *)"geheim", -1);
    if (draw(2)) X509_REQ_add1_attr_by_txt(request, "1.3.6.1.4.1.311.13.2.3", V_ASN1_IA5STRING,
                                           (const unsigned char *)"10.0", 4);
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
}

/* libcrypto's reading of all of these bytes, or NULL. */
static X509_REQ *their_request(const unsigned char *der, size_t size)
{
    const unsigned char *at = der;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)size);

    if (!request || at == der + size) return request;
    X509_REQ_free(request);
    return NULL;
}

/* A request of some shape, every part of it drawn, as DER to be freed. */
static unsigned char *some_request(size_t *size)
{
    X509_REQ *request = X509_REQ_new();
    unsigned kind = draw(6);
    unsigned char *der = NULL;

    X509_REQ_set_version(request, 0);
    for (unsigned parts = draw(6); parts; parts--) add_name_part(X509_REQ_get_subject_name(request));
    X509_REQ_set_pubkey(request, key_of(kind));
    add_attributes(request);
    check(X509_REQ_sign(request, key_of(kind), kind == 2 ? NULL : draw(2) ? EVP_sha256() : EVP_sha512()) > 0);
    *size = (size_t)i2d_X509_REQ(request, &der);
    X509_REQ_free(request);
    return der;
}

static bool same_attributes(const struct pkcs10 *ours, X509_REQ *theirs)
{
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor;
    int count = 0;

    attributes_begin(&cursor, &fault, ours->attributes);
    for (; attributes_next(&cursor, &attribute); count++) {
        X509_ATTRIBUTE *their = X509_REQ_get_attr(theirs, count);

        if (!their || !same_oid(attribute.oid, X509_ATTRIBUTE_get0_object(their))) return false;
    }
    return !fault.error && count == X509_REQ_get_attr_count(theirs);
}

static bool same_request(const struct pkcs10 *ours, X509_REQ *theirs)
{
    STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(theirs);
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *algorithm;
    int wrong = 0;

    X509_REQ_get0_signature(theirs, &signature, &algorithm);
    wrong += !check(SAME(ours->subject, i2d_X509_NAME, X509_REQ_get_subject_name(theirs)));
    wrong += !check(same_name_texts(ours->subject, X509_REQ_get_subject_name(theirs)));
    wrong += !check(SAME(ours->key.whole, i2d_X509_PUBKEY, X509_REQ_get_X509_PUBKEY(theirs)));
    wrong += !check(SAME(ours->signature_algorithm.whole, i2d_X509_ALGOR, algorithm));
    wrong += !check(der_same(ours->signature, (struct der_bytes){signature->data, (size_t)signature->length}));
    wrong += !check(same_extensions(ours->extensions.size ? ours->extensions : ours->microsoft_extensions, list));
    wrong += !check(same_attributes(ours, theirs));
    wrong += !check(public_key_length(&ours->key) == known_length(X509_REQ_get0_pubkey(theirs)));
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    return !wrong;
}

TEST(requests_of_many_shapes_read_as_libcrypto_reads_them)
{
    state = 1;
    for (int i = 0; i < 200; i++) {
        size_t size;
        unsigned char *der = some_request(&size);
        X509_REQ *theirs = their_request(der, size);
        struct der_fault fault;
        struct pkcs10 ours;
        char text[256];

        if (!check(theirs && pkcs10_read(der, size, &ours, &fault, NULL))) {
            der_fault_text(&fault, text, sizeof text);
            test_note("    request %d: %s", i, text);
        }
        else if (!same_request(&ours, theirs)) test_note("    request %d", i);
        OPENSSL_free(der);
        X509_REQ_free(theirs);
    }
}

/* Does libcrypto accept this too, with the same subject and key? The one thing it refuses and we do not is a name
 * that is not made of the types it knows for names, or of characters that are none. */
static bool agrees(const struct pkcs10 *ours, const unsigned char *der, size_t size)
{
    X509_REQ *theirs = their_request(der, size);
    bool ok;

    if (!theirs) return check(!is_known(ours->subject));
    ok = check(SAME(ours->subject, i2d_X509_NAME, X509_REQ_get_subject_name(theirs)))
      && check(same_name_texts(ours->subject, X509_REQ_get_subject_name(theirs)))
      && check(SAME(ours->key.whole, i2d_X509_PUBKEY, X509_REQ_get_X509_PUBKEY(theirs)));
    X509_REQ_free(theirs);
    return ok;
}

TEST(a_request_with_bytes_changed_is_refused_or_libcrypto_takes_it_as_the_same)
{
    int accepted = 0, refused = 0;

    state = 2;
    for (int i = 0; i < 50; i++) {
        size_t size;
        unsigned char *der = some_request(&size);

        for (int j = 0; j < 400; j++) {
            size_t changed_size = size;
            unsigned char *changed = mutated(der, &changed_size);
            struct der_fault fault;
            struct pkcs10 ours;

            if (pkcs10_read(changed, changed_size, &ours, &fault, NULL)) accepted += agrees(&ours, changed, changed_size);
            else refused += check(fault.error && fault.offset <= changed_size);
            free(changed);
        }
        OPENSSL_free(der);
    }
    test_note("%d accepted, %d refused", accepted, refused);
    check(accepted > 1000 && refused > 1000);           /* both happen, or the test says nothing */
}

static int certificates_accepted, certificates_refused;

static void change_root(const char *path, const unsigned char *der, size_t size)
{
    for (int i = 0; i < 60; i++) {
        size_t changed_size = size;
        unsigned char *changed = mutated(der, &changed_size);
        struct der_fault fault;
        struct x509 ours;

        if (!x509_read(changed, changed_size, &ours, &fault, NULL)) {
            certificates_refused += check(fault.error && fault.offset <= changed_size);
        } else {
            X509 *theirs = their_certificate(changed, changed_size);

            certificates_accepted++;
            if (!theirs && !check(!is_known(ours.subject) || !is_known(ours.issuer))) test_note("    %s", path);
            if (theirs && !same_certificate(&ours, theirs)) test_note("    %s", path);
            X509_free(theirs);
        }
        free(changed);
    }
}

TEST(a_certificate_with_bytes_changed_is_refused_or_libcrypto_takes_it_as_the_same)
{
    state = 3;
    for_each_root(change_root);
    test_note("%d accepted, %d refused", certificates_accepted, certificates_refused);
    check(certificates_accepted > 1000 && certificates_refused > 1000);
}

TEST(alternative_names_read_as_libcrypto_reads_them)
{
    static const char *const spelled[] = {
        "DNS:a.example,DNS:b.example,email:a@b,URI:http://c/,IP:192.0.2.1,IP:2001:db8::1",
        "RID:1.2.840.113549,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:zo@corp.example",
        "otherName:1.2.3;UTF8:x,otherName:1.3.6.1.4.1.311.20.2.3;IA5STRING:x",
    };

    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
        X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, NULL, "subjectAltName", spelled[i]);
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
        GENERAL_NAMES *theirs = X509V3_EXT_d2i(extension);
        struct general_name name;
        struct der_fault fault;
        struct der_bytes upn;
        struct der cursor;
        int count = 0;

        check(general_names_begin(&cursor, &fault, NULL, (struct der_bytes){value->data, (size_t)value->length}));
        for (; general_names_next(&cursor, &name); count++) {
            GENERAL_NAME *their = sk_GENERAL_NAME_value(theirs, count);

            if (!check(their && their->type == (int)name.kind)) break;
            if (name.kind == GENERAL_NAME_OTHER) {
                check(same_oid(name.type, their->d.otherName->type_id));
                check_int(general_name_upn(&name, &upn), i == 1);
            } else if (name.kind == GENERAL_NAME_REGISTERED_ID) {
                check(same_oid(name.content, their->d.registeredID));
            } else {
                check(der_same(name.content, content_of(their->d.ia5)));
            }
        }
        check(!fault.error);
        check_int(count, sk_GENERAL_NAME_num(theirs));
        GENERAL_NAMES_free(theirs);
        X509_EXTENSION_free(extension);
    }
}
