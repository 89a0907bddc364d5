/*
 * The stub CA's authority: requests read, verified and answered with certificates and CRLs.
 *
 * Played as a role, the program is the CA for tests/stubca/stubca_authority.t, which lets openssl judge what it makes:
 *
 *     stubca_authority_test.exe issue FOLDER NAME...   for each request NAME.req in the folder a certificate NAME.cer,
 *                                                      all from one new CA: ca.cer, empty.crl, base.crl, delta.crl
 *     stubca_authority_test.exe verify FILE...         for each request "<HRESULT> <reason>"
 */
#include "lib/test.h"
#include "stubca/ca/authority.h"
#include "stubca/base/der_write.h"
#include "stubca/base/pem.h"
#include "der/usage.h"
#include "der/value.h"
#include "der/x509.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char p256_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIIB2jCCAYECAQAwUTELMAkGA1UEBhMCREUxDTALBgNVBAoMBERlbW8xDTALBgNV\n"
    "BAsMBEVpbnMxDTALBgNVBAsMBFp3ZWkxFTATBgNVBAMMDFpvw6sgTcO8bGxlcjBZ\n"
    "MBMGByqGSM49AgEGCCqGSM49AwEHA0IABA6jBXd5rgqjl5O0JUwktt8ErP7KWlEA\n"
    "otCahZr39dRho0NJsEtR1cOSCB3vCEmGGJl0SG4TU97F7HAMZRibgQSggc0wFgYJ\n"
    "KoZIhvcNAQkHMQkMB2dlaGVpbTEwgbIGCSqGSIb3DQEJDjGBpDCBoTCBkQYDVR0R\n"
    "AQH/BIGGMIGDgg93d3cuZXhhbXBsZS5vcmeCDSouZXhhbXBsZS5vcmeBD3pvZUBl\n"
    "eGFtcGxlLm9yZ4YVaHR0cHM6Ly9leGFtcGxlLm9yZy94hwTAAAIBhxAgAQ24AAAA\n"
    "AAAAAAAAAAABoCEGCisGAQQBgjcUAgOgEwwRem/Dq0Bjb3JwLmV4YW1wbGUwCwYD\n"
    "VR0PBAQDAgeAMAoGCCqGSM49BAMCA0cAMEQCIHLrwyrW/lrTSmUxNYdozzvMLnI+\n"
    "I/aTl0hy7N8aUJ5FAiBbD+wQAdbHvZFJgJsQP09TzFPcZfEJWRwja28ynToWiQ==\n"
    "-----END CERTIFICATE REQUEST-----\n";

static const char rsa_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIICeDCCAWACAQAwMzELMAkGA1UEBhMCREUxDTALBgNVBAoMBERlbW8xFTATBgNV\n"
    "BAMMDFpvw6sgTcO8bGxlcjCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEB\n"
    "AKpdwbOzvpgt800AlL9udnMGsZdTt6FfeDzfAfxyDxgGOFhLRcmo6hO5xqJgWs1Z\n"
    "6N/3Ka8jdK5v7V7eaGTribicsiEr+oDy7Uh2Xb3sDH8LbI1aaAsxCD4kn97SiaXs\n"
    "KKcHeOollo451IRdd80EFoclIWewV8bXlMwZ7bFhLHjCcLfH9iDGNXZsjF76gLDz\n"
    "5qVOf1ChcpTFn2RJNNCWGV0KXfJkVzcyY4cv+xh7eGxQ4lt814Ge7bOFqd1h37K7\n"
    "4qxJdbiUScmon2PTjIJ8KpKYXlkxuXR6QQgPnrLyT9g2LzJc9Fa13enWaoya4DcE\n"
    "6XdgRRHnJhJJtWBVpQMshJECAwEAAaAAMA0GCSqGSIb3DQEBCwUAA4IBAQCAfSbH\n"
    "AHbJYnxnar9SPRyox0kBLy9BAHpTEO8SEE9wctTmb5o/SOZ7bdjFE9usBLyF1y1p\n"
    "ZT/IzgP6PolEKiS/F5f586cjWM+enEv0ewExF3nupiocqd/TtbZw1MyXy77KjaW6\n"
    "JP5Y5tb9dmgSO7WsaWU9NBhXQEQd/6uPVm3AmCl4xFkE7O1ISFmWbiIpTgyfM4jQ\n"
    "Pu3mHuKiYj78XqQFdyF3kuz9Tspab4kY78GOUH3XPbJGa5JIvxbMEP1/OdiNMje8\n"
    "nNjNE7QAdNIvJq8VCuQ5wcaiwr7E5cne6ShRdB+4ZCgZaVqac6rx/bl3jLpMlhWZ\n"
    "BUixxmJD/QrDKDcY\n"
    "-----END CERTIFICATE REQUEST-----\n";

static const char p384_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIIBBTCBjgIBADAPMQ0wCwYDVQQDDARwMzg0MHYwEAYHKoZIzj0CAQYFK4EEACID\n"
    "YgAEDhdTijxnafWeSbiexUEwPDkm6+tr8mP3qvI/0l5DZ7un8E9I1buU+GlSjxvI\n"
    "8YjzS29MUK4taoXTlMgDoRY/kbRyMMJC4+WVgJQ3LLJpfdgKu+9vVcHGQVRr7rIY\n"
    "G8mnoAAwCgYIKoZIzj0EAwMDZgAwYwIwRcxaVnRU6GhYocpHj2BbY3ETrhl1nsnO\n"
    "lYvdRkKoFIrwuiB84v8CgeHoygRj+HSqAi95vdIiWaW0GEg+Izb3onyMkFcxxY5v\n"
    "4ZZ4gYHffUr5nV6HhYlNXwAMavsZMlniXA==\n"
    "-----END CERTIFICATE REQUEST-----\n";

/* Signatures whose first or second number is a byte shorter than the curve's field: one in 256 is. */
static const char short_r_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIHJMHICAQAwEDEOMAwGA1UEAwwFc2hvcnQwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
    "BwNCAAQOowV3ea4Ko5eTtCVMJLbfBKz+ylpRAKLQmoWa9/XUYaNDSbBLUdXDkggd\n"
    "7whJhhiZdEhuE1PexexwDGUYm4EEoAAwCgYIKoZIzj0EAwIDRwAwRAIfLvMFYXuM\n"
    "HC2oo+KH3sQdXi9syPSWd/v3AG0Sm2HmzAIhANQHD+Ys0d+nI8GQ4d2aXlCYg8S/\n"
    "t+W/5xT9Z9sYXw0T\n"
    "-----END CERTIFICATE REQUEST-----\n";

static const char short_s_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIHJMHICAQAwEDEOMAwGA1UEAwwFc2hvcnQwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
    "BwNCAAQOowV3ea4Ko5eTtCVMJLbfBKz+ylpRAKLQmoWa9/XUYaNDSbBLUdXDkggd\n"
    "7whJhhiZdEhuE1PexexwDGUYm4EEoAAwCgYIKoZIzj0EAwIDRwAwRAIhAJHFah6w\n"
    "0m2w5B92Fb6fDE7hb4KJAbykbO/c4psMa2XCAh8Xt4pA8IyMbSc3YYIvlR6i7RXu\n"
    "QwG/qWGFOxbUe8Pu\n"
    "-----END CERTIFICATE REQUEST-----\n";

/* The key usage asked for in extensionRequest and otherwise in Microsoft's own, which also asks for 2.5.29.99. */
static const unsigned char twofold_request[] = {
    0x30, 0x61, 0x30, 0x57, 0x02, 0x01, 0x00, 0x30, 0x00,
    0x30, 0x08, 0x30, 0x03, 0x06, 0x01, 0x2A, 0x03, 0x01, 0x00, 0xA0, 0x46,
    0x30, 0x1C, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x0E, 0x31, 0x0F, 0x30, 0x0D,
    0x30, 0x0B, 0x06, 0x03, 0x55, 0x1D, 0x0F, 0x04, 0x04, 0x03, 0x02, 0x07, 0x80,
    0x30, 0x26, 0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x0E, 0x31, 0x18, 0x30, 0x16,
    0x30, 0x0B, 0x06, 0x03, 0x55, 0x1D, 0x0F, 0x04, 0x04, 0x03, 0x02, 0x06, 0x40,
    0x30, 0x07, 0x06, 0x03, 0x55, 0x1D, 0x63, 0x04, 0x00,
    0x30, 0x03, 0x06, 0x01, 0x2A, 0x03, 0x01, 0x00,
};

static const int64_t noon = 1795608000;                         /* 2026-11-25 12:00 UTC */
#define DAYS(n) ((int64_t)(n) * 86400)

static struct reason reason;

static struct request *read_text(const char *text)
{
    struct request *request = (void *)1;

    check_hr(request_read(text, strlen(text), false, &request, &reason), S_OK);
    check_text(reason.text, "");
    return request;
}

static struct authority *an_authority(void)
{
    struct authority *authority = (void *)1;

    check_hr(authority_create("Zo\xC3\xAB CA \xF0\x9F\x94\x91", noon, noon + DAYS(3650), NULL, &authority, &reason), S_OK);
    return authority;
}

/* One key is enough for all that follows: making it takes a while. */
static struct authority *shared(void)
{
    static struct authority *authority;

    if (!authority) authority = an_authority();
    return authority;
}

/* ---- requests ---- */

TEST(a_request_fills_the_columns_of_the_database)
{
    struct request *request = read_text(p256_request);
    struct subject *s = &request->subject;

    check_text(s->distinguished_name, "CN=Zo\xC3\xAB M\xC3\xBCller, OU=Zwei, OU=Eins, O=Demo, C=DE");
    check_text(s->name[COLUMN_COMMON_NAME], "Zo\xC3\xAB M\xC3\xBCller");
    check_text(s->name[COLUMN_ORG_UNIT], "Eins\nZwei");
    check_text(s->name[COLUMN_COUNTRY], "DE");
    check_text(s->name[COLUMN_TITLE], NULL);
    check_text(name_column_names[COLUMN_ORG_UNIT], "OrgUnit");
    check_int(s->raw_name.size, 83);
    check_text(s->key_algorithm, "1.2.840.10045.2.1");
    check_bytes(s->key_parameters.data, s->key_parameters.size, "\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07", 10);
    check_int(s->key_length, 256);
    check_int(s->key.size, 65);
    check_int(strlen(s->key_identifier), 40);
    check_text(s->upn, "zo\xC3\xAB@corp.example");
    check_text(s->dns_names, "www.example.org\n*.example.org");
    check_text(s->emails, "zoe@example.org");
    check_text(s->uris, "https://example.org/x");
    check_text(s->ip_addresses, "192.0.2.1\n2001:db8:0:0:0:0:0:1");
    check_int(s->extension_count, 2);
    check_text(s->extensions[0].oid, "2.5.29.17");
    check(s->extensions[0].critical && !s->extensions[1].critical);
    check(subject_extension(s, "2.5.29.15") == &s->extensions[1] && !subject_extension(s, "2.5.29.1"));
    check_text(request->challenge, "geheim1");
    check_text(request->signature_algorithm, "1.2.840.10045.4.3.2");
    request_free(request);
    request_free(NULL);
}

TEST(an_extension_asked_for_twice_counts_as_the_standard_attribute_has_it)
{
    struct request *request = (void *)1;
    const struct subject_extension *usage;

    check_hr(request_read(twofold_request, sizeof twofold_request, false, &request, &reason), S_OK);
    usage = subject_extension(&request->subject, "2.5.29.15");
    check_int(request->subject.extension_count, 2);
    if (check(usage)) check_bytes(usage->value.data, usage->value.size, "\x03\x02\x07\x80", 4);
    check(subject_extension(&request->subject, "2.5.29.99"));
    check_text(request->subject.distinguished_name, NULL);
    check_text(request->subject.upn, NULL);
    check_text(request->challenge, NULL);
    check_int(request->subject.key_length, 0);
    request_free(request);
}

TEST(every_column_has_a_name)
{
    for (int i = 0; i < COLUMN_COUNT; i++) check(name_column_names[i] && *name_column_names[i]);
}

/* All the ways in which the same request may come. */
TEST(a_request_reads_the_same_as_der_as_base64_and_in_every_kind_of_pem)
{
    struct request *request = read_text(rsa_request), *same;
    const char *body = strchr(rsa_request, '\n') + 1, *end = strstr(rsa_request, "-----END");
    char text[4096];

    check_hr(request_read(request->raw.data, request->raw.size, false, &same, &reason), S_OK);
    check_bytes(same->raw.data, same->raw.size, request->raw.data, request->raw.size);
    request_free(same);
    snprintf(text, sizeof text, "\xEF\xBB\xBF%.*s", (int)(end - body), body);
    same = read_text(text);
    check_bytes(same->raw.data, same->raw.size, request->raw.data, request->raw.size);
    request_free(same);
    snprintf(text, sizeof text,
             "\xEF\xBB\xBFnotes\r\n-----BEGIN RSA PRIVATE KEY-----\r\nMII=\r\n-----END RSA PRIVATE KEY-----\r\n"
             "-----BEGIN NEW CERTIFICATE REQUEST-----\r\n%.*s\r\n-----END NEW CERTIFICATE REQUEST-----\r\nmore",
             (int)(end - body), body);
    same = read_text(text);
    check_bytes(same->raw.data, same->raw.size, request->raw.data, request->raw.size);
    request_free(same);
    request_free(request);
}

static void check_refused(const void *data, size_t size, HRESULT hr, const char *why, int line)
{
    struct request *request = (void *)1;

    memset(&reason, 'x', sizeof reason);
    test_check_hr(request_read(data, size, false, &request, &reason), hr, __FILE__, line, why);
    test_check(!request, __FILE__, line, "there is no request");
    test_check_text(reason.text, why, __FILE__, line, "the reason");
    if (request && request != (void *)1) request_free(request);
}
#define REFUSED(text, hr, why) check_refused(text, sizeof text - 1, hr, why, __LINE__)

TEST(what_is_no_request_is_refused_with_the_byte_that_is_wrong)
{
    static char large[2 * REQUEST_MAX + 1] = "0";

    REFUSED("", CRYPT_E_BAD_ENCODE, "it is empty");
    REFUSED("hello world", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 10");
    REFUSED("MII*", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 3");
    REFUSED("MIIA\0MIIA", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 4");
    REFUSED("MA=", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 2");
    REFUSED("MA===", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 4");
    REFUSED("MA====", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 4");
    REFUSED("MAA=MA==", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 4");
    REFUSED("MB==", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 3");    /* a bit that does not belong */
    REFUSED("M", CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte 0");
    REFUSED("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", CRYPT_E_BAD_ENCODE,
            "PEM, but no CERTIFICATE REQUEST in it");
    REFUSED("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n", CRYPT_E_BAD_ENCODE, "PEM without an END line");
    REFUSED("-----BEGIN CERTIFICATE REQUEST-----\nMA?=\n-----END CERTIFICATE REQUEST-----\n", CRYPT_E_BAD_ENCODE,
            "neither DER nor base64: wrong at byte 38");
    REFUSED("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n", CRYPT_E_BAD_ENCODE,
            "neither DER nor base64: wrong at byte 36");
    REFUSED("MAA=", CRYPT_E_ASN1_ERROR, "not a PKCS#10 request: the request info is missing at byte 2");
    REFUSED("0\x0A" "0\x08\x02\x01\0" "0\x20" "1\x01\0", CRYPT_E_ASN1_ERROR,
            "not a PKCS#10 request: the length of the subject runs past the end at byte 8");
    check_refused(large, sizeof large, HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE), "longer than any request may be",
                  __LINE__);
    check_refused(large, REQUEST_MAX + 1, HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE), "longer than 65536 bytes",
                  __LINE__);
}

/* The DER of a request with one byte of it changed. */
static struct request *with_byte(const char *text, size_t at, unsigned char value)
{
    struct request *request = read_text(text), *changed = NULL;
    unsigned char *der = malloc(request->raw.size);

    memcpy(der, request->raw.data, request->raw.size);
    der[at < request->raw.size ? at : request->raw.size - 1] = value;
    check_hr(request_read(der, request->raw.size, false, &changed, &reason), S_OK);
    request_free(request);
    free(der);
    return changed;
}

TEST(a_subject_alternative_name_that_is_none_is_refused)
{
    struct request *request = read_text(p256_request), *changed = (void *)1;
    unsigned char *der = malloc(request->raw.size);

    memcpy(der, request->raw.data, request->raw.size);
    der[249] = 0x89;                                            /* its first name: [9], which does not exist */
    check_hr(request_read(der, request->raw.size, false, &changed, &reason), CRYPT_E_ASN1_ERROR);
    check(!changed);
    check_text(reason.text,
               "in the subjectAltName the alternative name is of a kind that does not exist at byte 3 of it");
    free(der);
    request_free(request);
}

TEST(hostile_characters_in_a_subject_become_text_that_ends_where_it_should)
{
    struct request *request = with_byte(p256_request, 84, 0);   /* a NUL in the middle of the name */

    check_text(request->subject.name[COLUMN_COMMON_NAME], "Zo\xEF\xBF\xBD\xEF\xBF\xBD M\xC3\xBCller");
    check_text(request->subject.distinguished_name,
               "CN=Zo\xEF\xBF\xBD\xEF\xBF\xBD M\xC3\xBCller, OU=Zwei, OU=Eins, O=Demo, C=DE");
    request_free(request);
    request = with_byte(p256_request, 84, '\n');
    check_text(request->subject.name[COLUMN_COMMON_NAME], "Zo\n\xEF\xBF\xBD M\xC3\xBCller");
    request_free(request);
}

/* ---- proof of possession ---- */

static void check_verified(struct request *request, HRESULT hr, const char *why, int line)
{
    memset(&reason, 'x', sizeof reason);
    test_check_hr(request_verify(request, &reason), hr, __FILE__, line, "request_verify");
    test_check(!strncmp(reason.text, why, strlen(why)) && (*why || !*reason.text), __FILE__, line, why);
    request_free(request);
}
#define VERIFIED(request, hr, why) check_verified(request, hr, why, __LINE__)

TEST(a_request_signed_by_its_key_is_verified)
{
    VERIFIED(read_text(p256_request), S_OK, "");
    VERIFIED(read_text(p384_request), S_OK, "");
    VERIFIED(read_text(rsa_request), S_OK, "");
    VERIFIED(read_text(short_r_request), S_OK, "");
    VERIFIED(read_text(short_s_request), S_OK, "");
}

TEST(a_request_that_was_changed_is_not)
{
    static const char why[] = "the request's signature is not made by its key";

    VERIFIED(with_byte(p256_request, 80, 'z'), NTE_BAD_SIGNATURE, why);
    VERIFIED(with_byte(p256_request, (size_t)-1, 0x8A), NTE_BAD_SIGNATURE, why);
    VERIFIED(with_byte(p384_request, (size_t)-1, 0x5D), NTE_BAD_SIGNATURE, why);
    VERIFIED(with_byte(rsa_request, 60, 'z'), NTE_BAD_SIGNATURE, why);
    VERIFIED(with_byte(rsa_request, (size_t)-1, 0x19), NTE_BAD_SIGNATURE, why);
    VERIFIED(with_byte(rsa_request, 100, 0x55), NTE_BAD_SIGNATURE, why);                        /* the key instead */
}

TEST(a_signature_of_the_wrong_make_is_refused_before_any_arithmetic)
{
    VERIFIED(with_byte(p256_request, 404, 0x05), NTE_BAD_ALGID,
             "a request signed with 1.2.840.10045.4.3.5 cannot be verified");
    VERIFIED(with_byte(p256_request, 408, 0x31), CRYPT_E_ASN1_ERROR,
             "in the request's signature the signature has tag 31");
    VERIFIED(with_byte(p256_request, 120, 0x02), CRYPT_E_ASN1_ERROR,
             "in the public key the public key is no uncompressed point of its curve at byte 26 of it");
    VERIFIED(with_byte(p256_request, 116, 0x08), NTE_BAD_ALGID, "in the public key the named curve is another");
}

/* ---- certificates ---- */

TEST(an_authority_has_a_certificate_of_its_own)
{
    const struct certificate *certificate = authority_certificate(shared());
    const struct subject_extension *basic = subject_extension(&certificate->subject, "2.5.29.19");
    const struct subject_extension *usage = subject_extension(&certificate->subject, "2.5.29.15");

    check_text(certificate->subject.distinguished_name, "CN=Zo\xC3\xAB CA \xF0\x9F\x94\x91");
    check_text(certificate->issuer, certificate->subject.distinguished_name);
    check_int(certificate->not_before, noon);
    check_int(certificate->not_after, noon + DAYS(3650));
    check_int(certificate->subject.key_length, 2048);
    check_text(certificate->subject.key_algorithm, "1.2.840.113549.1.1.1");
    check_bytes(certificate->subject.key_parameters.data, certificate->subject.key_parameters.size, "\x05\x00", 2);
    check_int(strlen(certificate->serial), 32);
    check_int(strlen(certificate->hash), 40);
    check(basic && basic->critical);
    check(usage && usage->critical);
    if (basic) check_bytes(basic->value.data, basic->value.size, "\x30\x03\x01\x01\xFF", 5);
    if (usage) check_bytes(usage->value.data, usage->value.size, "\x03\x02\x01\x86", 4);
}

TEST(an_authority_needs_a_name_and_a_time)
{
    struct authority *authority = (void *)1;
    char name[80];

    check_hr(authority_create("", noon, noon + 1, NULL, &authority, &reason), E_INVALIDARG);
    check(!authority);
    check_text(reason.text, "the CA's name is not 1 to 64 characters of UTF-8");
    memset(name, 'a', sizeof name);
    name[65] = 0;
    check_hr(authority_create(name, noon, noon + 1, NULL, &authority, &reason), E_INVALIDARG);
    check_hr(authority_create("Z\xFCrich", noon, noon + 1, NULL, &authority, &reason), E_INVALIDARG);
    check_hr(authority_create("a", noon, noon - 1, NULL, &authority, &reason), E_INVALIDARG);
    check_text(reason.text, "the validity ends before it begins");
    check_hr(authority_create("a", noon, INT64_MAX, NULL, &authority, &reason), E_INVALIDARG);
    check_text(reason.text, "the certificate holds an OID, number or date that cannot be written");
    check(!authority);
    authority_close(NULL);
}

static struct certificate *issued(const char *request_text, const struct issue *issue)
{
    struct request *request = read_text(request_text);
    struct certificate *certificate = (void *)1;

    check_hr(authority_issue(shared(), request, issue, &certificate, &reason), S_OK);
    check_text(reason.text, "");
    if (check(certificate)) {
        check_bytes(certificate->subject.raw_name.data, certificate->subject.raw_name.size,
                    request->subject.raw_name.data, request->subject.raw_name.size);
        check_bytes(certificate->subject.public_key_info.data, certificate->subject.public_key_info.size,
                    request->subject.public_key_info.data, request->subject.public_key_info.size);
        check_text(certificate->subject.key_identifier, request->subject.key_identifier);
        check_text(certificate->issuer, authority_certificate(shared())->subject.distinguished_name);
        check_int(certificate->not_before, issue->not_before);
        check_int(certificate->not_after, issue->not_after);
    }
    request_free(request);
    return certificate;
}

TEST(a_plain_certificate_has_the_requests_names_and_both_key_identifiers)
{
    struct issue issue = {.not_before = noon, .not_after = noon + DAYS(1)};
    struct certificate *certificate = issued(p256_request, &issue);
    const struct subject_extension *san = subject_extension(&certificate->subject, "2.5.29.17");
    const struct subject_extension *aki = subject_extension(&certificate->subject, "2.5.29.35");
    struct request *request = read_text(p256_request);
    const struct subject_extension *asked = subject_extension(&request->subject, "2.5.29.17");

    check_int(certificate->subject.extension_count, 3);
    check_text(certificate->subject.upn, "zo\xC3\xAB@corp.example");
    if (check(san)) check_bytes(san->value.data, san->value.size, asked->value.data, asked->value.size);
    check(san && san->critical);
    if (check(aki && aki->value.size == 24)) {
        char *id = hex_of((struct der_bytes){aki->value.data + 4, 20});

        check_text(id, authority_certificate(shared())->subject.key_identifier);
        free(id);
    }
    check_int(strlen(certificate->serial), 32);
    request_free(request);
    certificate_free(certificate);
    certificate_free(NULL);
}

TEST(a_certificate_says_what_was_asked_for)
{
    const char *const uses[] = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.4.1.311.10.3.4", NULL};
    const struct extra_extension extra[] = {
        {"1.3.6.1.4.1.311.21.7", false, {(const void *)"\x05\x00", 2}},
        {"2.5.29.15", true, {(const void *)"\x03\x02\x07\x80", 4}},
    };
    struct certificate *certificate = issued(p256_request, &(struct issue){
        .serial = "00C0FFEE", .not_before = noon, .not_after = noon + DAYS(1), .key_usage = 1 << KEY_USAGE_KEY_ENCIPHERMENT,
        .extended_key_usage = uses, .crl_url = "http://ca.example/ca.crl", .without_alternative_name = true,
        .extra = extra, .extra_count = 2,
    });
    const struct subject *s = &certificate->subject;

    check_text(certificate->serial, "00c0ffee");
    check_text(s->upn, NULL);
    check_int(s->extension_count, 6);
    check(!subject_extension(s, "2.5.29.17"));
    check(subject_extension(s, "1.3.6.1.4.1.311.21.7") && !subject_extension(s, "1.3.6.1.4.1.311.21.7")->critical);
    check(subject_extension(s, "2.5.29.31") && subject_extension(s, "2.5.29.37"));
    if (check(subject_extension(s, "2.5.29.15")))               /* the one that was brought along */
        check_bytes(subject_extension(s, "2.5.29.15")->value.data, 4, "\x03\x02\x07\x80", 4);
    certificate_free(certificate);
}

TEST(every_certificate_has_a_serial_number_of_its_own)
{
    struct issue issue = {.not_before = noon, .not_after = noon};
    struct certificate *a = issued(p384_request, &issue), *b = issued(p384_request, &issue);

    check(strcmp(a->serial, b->serial));
    check(a->serial[0] >= '4' && a->serial[0] <= '7' && b->serial[0] >= '4' && b->serial[0] <= '7');
    certificate_free(a);
    certificate_free(b);
}

static bool holds(struct der_bytes bytes, const char *text, size_t size)
{
    for (size_t i = 0; i + size <= bytes.size; i++) {
        if (!memcmp(bytes.data + i, text, size)) return true;
    }
    return false;
}

TEST(times_are_written_in_the_form_of_their_century)
{
    struct issue issue = {.not_before = 2524607999, .not_after = 2524608000};   /* 2049 ends between them */
    struct issue early = {.not_before = -631152001, .not_after = -631152000};   /* 1949 does */
    struct certificate *certificate = issued(rsa_request, &issue);

    check(holds(certificate->raw, "\x17\x0D" "491231235959Z" "\x18\x0F" "20500101000000Z", 32));
    certificate_free(certificate);
    certificate = issued(rsa_request, &early);
    check(holds(certificate->raw, "\x18\x0F" "19491231235959Z" "\x17\x0D" "500101000000Z", 32));
    certificate_free(certificate);
}

static void check_not_issued(struct issue issue, const char *why, int line)
{
    struct request *request = read_text(p256_request);
    struct certificate *certificate = (void *)1;

    test_check_hr(authority_issue(shared(), request, &issue, &certificate, &reason), E_INVALIDARG, __FILE__, line, why);
    test_check(!certificate, __FILE__, line, "there is no certificate");
    test_check_text(reason.text, why, __FILE__, line, "the reason");
    request_free(request);
}
#define NOT_ISSUED(why, ...) \
    check_not_issued((struct issue){.not_before = noon, .not_after = noon + 1, __VA_ARGS__}, why, __LINE__)

TEST(what_cannot_stand_in_a_certificate_is_refused)
{
    static const char serial[] = "the serial number is not 1 to 20 bytes of hex, positive";
    static const char unwritable[] = "the certificate holds an OID, number or date that cannot be written";
    static const struct extra_extension twice[] = {{.oid = "1.2.3"}, {.oid = "1.2.3"}}, bad[] = {{.oid = "1.2.x"}};

    NOT_ISSUED(serial, .serial = "");
    NOT_ISSUED(serial, .serial = "0");
    NOT_ISSUED(serial, .serial = "00");
    NOT_ISSUED(serial, .serial = "0x12");
    NOT_ISSUED(serial, .serial = "12 3");
    NOT_ISSUED(serial, .serial = "123");
    NOT_ISSUED(serial, .serial = "8000000000000000000000000000000000000000");
    NOT_ISSUED(serial, .serial = "7f0000000000000000000000000000000000000000");
    NOT_ISSUED(unwritable, .extended_key_usage = (const char *const[]){"3.1", NULL});
    NOT_ISSUED(unwritable, .extra = bad, .extra_count = 1);
    NOT_ISSUED("the same extension twice", .extra = twice, .extra_count = 2);
    check_not_issued((struct issue){.not_before = noon, .not_after = noon - 1}, "the validity ends before it begins",
                     __LINE__);
    check_not_issued((struct issue){.not_before = INT64_MIN, .not_after = noon}, unwritable, __LINE__);
}

TEST(a_certificate_read_back_from_pem_is_the_same)
{
    static const char large[CERTIFICATE_MAX + 1] = "0";
    const struct certificate *own = authority_certificate(shared());
    struct certificate *copy = (void *)1;

    check_hr(certificate_read(own->raw.data, own->raw.size, &copy, &reason), S_OK);
    check_text(copy->hash, own->hash);
    check_text(copy->serial, own->serial);
    certificate_free(copy);
    check_hr(certificate_read(p256_request, strlen(p256_request), &copy, &reason), CRYPT_E_BAD_ENCODE);
    check(!copy);
    check_text(reason.text, "PEM, but no CERTIFICATE in it");
    check_hr(certificate_read("0\0", 2, &copy, &reason), CRYPT_E_ASN1_ERROR);
    check_text(reason.text, "not an X.509 certificate: the certificate info is missing at byte 2");
    check_hr(certificate_read(large, sizeof large, &copy, &reason), HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE));
    check_text(reason.text, "longer than 16384 bytes");
    check(!copy);
}

TEST(a_renewed_authority_has_the_same_name_and_the_key_that_was_asked_for)
{
    struct authority *first = an_authority(), *same = NULL, *other = NULL;
    const struct certificate *one = authority_certificate(first), *two, *three;

    check_hr(authority_renew(first, false, 1, noon, noon + DAYS(9), NULL, &same, &reason), S_OK);
    check_hr(authority_renew(same, true, 0x20002, noon, noon + DAYS(9), NULL, &other, &reason), S_OK);
    two = authority_certificate(same);
    three = authority_certificate(other);
    check_text(two->subject.distinguished_name, one->subject.distinguished_name);
    check_text(two->subject.key_identifier, one->subject.key_identifier);
    check_text(three->subject.distinguished_name, one->subject.distinguished_name);
    check(strcmp(three->subject.key_identifier, one->subject.key_identifier));
    check(strcmp(two->serial, one->serial));
    check(!subject_extension(&one->subject, "1.3.6.1.4.1.311.21.2"));   /* the first renews nothing */
    if (check(subject_extension(&three->subject, "1.3.6.1.4.1.311.21.2"))) {
        char *hash = hex_of(subject_extension(&three->subject, "1.3.6.1.4.1.311.21.2")->value);

        check_text(hash + 4, two->hash);                        /* behind 04 14 */
        free(hash);
    }
    authority_close(first);             /* in any order: the key is shared */
    check_hr(authority_renew(same, false, 2, noon, noon - 1, NULL, &first, &reason), E_INVALIDARG);
    check(!first);
    check_text(reason.text, "the validity ends before it begins");
    check_hr(authority_renew(same, false, 2, noon, noon, NULL, &first, &reason), S_OK);
    authority_close(first);
    authority_close(other);
    authority_close(same);
}

/* ---- CRLs ---- */

static void check_no_crl(struct crl crl, const char *why, int line)
{
    unsigned char *der = (void *)1;
    size_t size = 99;

    crl.this_update = noon;
    if (!crl.next_update) crl.next_update = noon + 1;
    test_check_hr(authority_sign_crl(shared(), &crl, &der, &size, &reason), E_INVALIDARG, __FILE__, line, why);
    test_check(!der && !size, __FILE__, line, "there is no CRL");
    test_check_text(reason.text, why, __FILE__, line, "the reason");
}

#define NO_CRL(why, ...) check_no_crl((struct crl){__VA_ARGS__}, why, __LINE__)

TEST(what_cannot_stand_in_a_crl_is_refused)
{
    static const struct crl_entry removed[] = {{"01", 0, 8}}, seven[] = {{"01", 0, 1}, {"02", 0, 7}};
    static const struct crl_entry negative[] = {{"01", 0, -1}}, no_serial[] = {{"xy", 0, 1}};
    static const struct crl_entry no_time[] = {{"01", INT64_MAX, 1}};

    NO_CRL("entry 0 of the CRL has reason 8, which it cannot have", .entries = removed, .count = 1);
    NO_CRL("entry 1 of the CRL has reason 7, which it cannot have", .entries = seven, .count = 2);
    NO_CRL("entry 0 of the CRL has reason -1, which it cannot have", .entries = negative, .count = 1);
    NO_CRL("a serial number of the CRL is not 1 to 20 bytes of hex, positive", .entries = no_serial, .count = 1);
    NO_CRL("the CRL holds an OID, number or date that cannot be written", .entries = no_time, .count = 1);
    NO_CRL("a delta CRL's number is below that of its base", .delta = true, .number = 3, .base_number = 4);
    NO_CRL("the CRL's next update comes before this one", .next_update = noon - 1);
}

static DWORD WINAPI issue_many(void *out)
{
    for (int i = 0; i < 5; i++) {
        struct certificate *certificate = issued(p384_request, &(struct issue){.not_before = noon, .not_after = noon});

        *(int *)out += !!certificate;
        certificate_free(certificate);
    }
    return 0;
}

TEST(several_threads_may_issue_at_once)
{
    int counts[4] = {0};
    HANDLE threads[4];

    shared();
    for (int i = 0; i < 4; i++) threads[i] = CreateThread(NULL, 0, issue_many, &counts[i], 0, NULL);
    check_int(WaitForMultipleObjects(4, threads, TRUE, 60000), WAIT_OBJECT_0);
    for (int i = 0; i < 4; i++) {
        check_int(counts[i], 5);
        CloseHandle(threads[i]);
    }
}

/* ---- the writer, read by the reader ---- */

TEST(what_is_written_reads_back_the_same)
{
    static const char *const oids[] = {
        "2.5.29.17", "1.3.6.1.4.1.311.21.8.16777215.4294967295", "0.0", "1.39", "2.999.3", "2.40",
    };
    static const uint32_t numbers[] = {1, 127, 128, 255, 256, 32767, 32768, 0x7FFFFFFF};
    struct der_writer w = {0};
    struct der_fault fault;
    struct der_bytes got;
    struct der der;
    uint32_t bits;
    int32_t number;

    for (size_t i = 0; i < sizeof oids / sizeof *oids; i++) der_put_oid(&w, oids[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) der_put_number(&w, numbers[i]);
    for (int bit = 0; bit < 32; bit++) der_put_named_bits(&w, 1u << bit | 1);
    der_put_number(&w, 0);
    der_put_named_bits(&w, 0);
    check_hr(w.result, S_OK);
    der_begin(&der, &fault, w.data, w.size);
    for (size_t i = 0; i < sizeof oids / sizeof *oids; i++) {
        check(der_oid(&der, "oid", &got));
        check(der_oid_is(got, oids[i]));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        check(der_small(&der, "number", &number));
        check_int(number, numbers[i]);
    }
    for (int bit = 0; bit < 32; bit++) {
        check(der_named_bits(&der, "bits", &bits));
        check_int(bits, 1u << bit | 1);
    }
    check(der_small(&der, "number", &number) && number == 0);
    check(der_named_bits(&der, "bits", &bits) && bits == 0);
    check(der_end(&der, "all"));
    free(w.data);
}

TEST(lengths_of_every_size_are_written_in_the_shortest_way)
{
    static const size_t sizes[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 70000};
    static char content[70000];

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct der_writer w = {0};
        struct der_fault fault;
        struct der_bytes got;
        struct der der, inside;
        size_t sequence = der_open(&w, DER_SEQUENCE);

        der_put(&w, DER_OCTET_STRING, content, sizes[i]);
        der_close(&w, sequence);
        der_begin(&der, &fault, w.data, w.size);
        check(der_enter(&der, "sequence", DER_SEQUENCE, &inside)
              && der_read(&inside, "octets", DER_OCTET_STRING, &got));
        check_int(got.size, sizes[i]);
        check(der_end(&inside, "octets") && der_end(&der, "sequence"));
        free(w.data);
    }
}

TEST(oids_that_are_none_cannot_be_written)
{
    static const char *const wrong[] = {
        "", "1", "1.", ".1", "1..2", "1.40", "3.1", "1.2.", "1.2.03", "1.2.4294967296", "1.2 3", "a.b", "1.-2",
        "2.4294967295", "99999999999999999999.1",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct der_writer w = {0};

        der_put_oid(&w, wrong[i]);
        if (!check_hr(w.result, E_INVALIDARG)) test_note("    %s", wrong[i]);
        free(w.data);
    }
}

/* ---- the CA that tests/stubca/stubca_authority.t asks ---- */

static void *read_file(const char *path, size_t *size)
{
    char *data = calloc(1, 3 * REQUEST_MAX);
    FILE *file = fopen(path, "rb");

    *size = file ? fread(data, 1, 3 * REQUEST_MAX, file) : 0;
    if (file) fclose(file);
    return data;
}

static void write_file(const char *folder, const char *name, const void *data, size_t size)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!(file = fopen(path, "wb"))) exit(3);
    fwrite(data, 1, size, file);
    fclose(file);
}

static int failed(HRESULT hr)
{
    printf("0x%08lx %s\n", (unsigned long)hr, reason.text);
    return 4;
}

static int issue_one(struct authority *authority, const char *folder, const char *name, int64_t now, char *serial)
{
    static const char *const uses[] = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", NULL};
    struct issue issue = {.not_before = now - DAYS(1), .not_after = now + DAYS(365), .extended_key_usage = uses,
                          .key_usage = 1 << KEY_USAGE_DIGITAL_SIGNATURE, .crl_url = "http://ca.example/base.crl"};
    struct certificate *certificate = NULL;
    struct request *request = NULL;
    char path[512];
    size_t size;
    HRESULT hr;
    void *data;

    snprintf(path, sizeof path, "%s/%s.req", folder, name);
    data = read_file(path, &size);
    if (SUCCEEDED(hr = request_read(data, size, false, &request, &reason)) && SUCCEEDED(hr = request_verify(request, &reason)))
        hr = authority_issue(authority, request, &issue, &certificate, &reason);
    free(data);
    if (SUCCEEDED(hr)) {
        snprintf(path, sizeof path, "%s.cer", name);
        write_file(folder, path, certificate->raw.data, certificate->raw.size);
        strcpy(serial, certificate->serial);
        printf("%s %s %s\n", name, certificate->serial, certificate->subject.distinguished_name);
    }
    request_free(request);
    certificate_free(certificate);
    return FAILED(hr) ? failed(hr) : 0;
}

static int sign_crl(struct authority *authority, const char *folder, const char *name, const struct crl *crl)
{
    unsigned char *der;
    size_t size;
    HRESULT hr = authority_sign_crl(authority, crl, &der, &size, &reason);

    if (FAILED(hr)) return failed(hr);
    write_file(folder, name, der, size);
    free(der);
    return 0;
}

/* The base CRL revokes the first certificate and holds the second; the delta CRL releases the second and revokes the
 * third. */
static int issue_role(const char *folder, int count, char **names)
{
    struct authority *authority;
    FILETIME file_time;
    int64_t now;
    char serials[3][64] = {"01", "02", "03"};
    HRESULT hr;
    int code = 0;

    GetSystemTimeAsFileTime(&file_time);
    now = (int64_t)(((ULONGLONG)file_time.dwHighDateTime << 32 | file_time.dwLowDateTime) / 10000000) - 11644473600;
    hr = authority_create("Pr\xC3\xBC" "f-CA", now - DAYS(2), now + DAYS(3650), NULL, &authority, &reason);
    if (FAILED(hr)) return failed(hr);
    write_file(folder, "ca.cer", authority_certificate(authority)->raw.data,
               authority_certificate(authority)->raw.size);
    for (int i = 0; i < count && !code; i++) code = issue_one(authority, folder, names[i], now, serials[i % 3]);
    struct crl_entry base[] = {{serials[0], now - 100, 1}, {serials[1], now - 90, 6}};
    struct crl_entry delta[] = {{serials[1], now - 50, 8}, {serials[2], now - 40, 0}};
    struct crl crls[] = {
        {.number = 1, .this_update = now - DAYS(1), .next_update = now + DAYS(7)},
        {.number = 127, .this_update = now - 60, .next_update = now + DAYS(7), .entries = base, .count = 2,
         .delta_url = "http://ca.example/delta.crl"},
        {.number = 128, .delta = true, .base_number = 127, .this_update = now - 30, .next_update = now + DAYS(1),
         .entries = delta, .count = 2},
    };
    if (!code) code = sign_crl(authority, folder, "empty.crl", &crls[0]);
    if (!code) code = sign_crl(authority, folder, "base.crl", &crls[1]);
    if (!code) code = sign_crl(authority, folder, "delta.crl", &crls[2]);
    authority_close(authority);
    return code;
}

static int verify_role(int count, char **paths)
{
    for (int i = 0; i < count; i++) {
        struct request *request = NULL;
        size_t size;
        void *data = read_file(paths[i], &size);
        HRESULT hr = request_read(data, size, false, &request, &reason);

        if (SUCCEEDED(hr)) hr = request_verify(request, &reason);
        printf("0x%08lx %s\n", (unsigned long)hr, reason.text);
        request_free(request);
        free(data);
    }
    return 0;
}

int test_role(void)
{
    if (test_argc > 2 && !strcmp(test_argv[1], "issue")) return issue_role(test_argv[2], test_argc - 3, test_argv + 3);
    if (test_argc > 1 && !strcmp(test_argv[1], "verify")) return verify_role(test_argc - 2, test_argv + 2);
    return -1;
}
