/* Parts of certificates that are seldom met: unique IDs, keys and signatures of other kinds. */
#include "lib/test.h"
#include "der/key.h"
#include "der/value.h"
#include "der/x509.h"

#include <string.h>

#define BYTES(text) ((struct der_bytes){(const void *)("" text), sizeof "" text - 1})
#define CHECK_BYTES(got, text) check_bytes((got).data, (got).size, "" text, sizeof "" text - 1)

static struct der_fault fault;

#define TIME "\x17\x0D" "260101000000Z"
#define CERTIFICATE(version) "\x30\x4E\x30\x44\xA0\x03\x02\x01" version "\x02\x01\x05\x30\x03\x06\x01\x2A\x30\x00\x30\x1E" TIME TIME   \
    "\x30\x00\x30\x08\x30\x03\x06\x01\x2A\x03\x01\x00\x81\x02\x00\xAA\x82\x03\x04\x12\x30\x30\x03\x06\x01\x2A\x03\x01\x00"

TEST(unique_ids_are_bits_from_version_2_on)
{
    struct der_bytes second = BYTES(CERTIFICATE("\x01")), first = BYTES(CERTIFICATE("\x02"));
    struct x509 certificate;

    check(x509_read(second.data, second.size, &certificate, &fault, NULL));
    check_int(certificate.version, 2);
    CHECK_BYTES(certificate.issuer_id, "\xAA");
    CHECK_BYTES(certificate.subject_id, "\x12\x30");
    check(x509_read(first.data, first.size, &certificate, &fault, NULL) && certificate.version == 3 && certificate.subject_id.size == 2);
    second = BYTES("\x30\x49\x30\x3F\x02\x01\x05\x30\x03\x06\x01\x2A\x30\x00\x30\x1E" TIME TIME "\x30\x00\x30\x08\x30\x03\x06\x01\x2A"
                   "\x03\x01\x00\x81\x02\x00\xAA\x82\x03\x04\x12\x30\x30\x03\x06\x01\x2A\x03\x01\x00");
    memset(&certificate, 0xA5, sizeof certificate);
    check(!x509_read(second.data, second.size, &certificate, &fault, NULL));          /* in version 1 */
    check(fault.error == DER_E_TRAILING && fault.offset == 58 && !certificate.issuer_id.size);
}

static struct algorithm algorithm_of(struct der_bytes bytes)
{
    struct algorithm algorithm;
    struct der der;

    der_begin(&der, &fault, bytes.data, bytes.size);
    check(algorithm_read(&der, "algorithm", &algorithm) && der_end(&der, "algorithm"));
    return algorithm;
}

#define SHA256 "\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
#define PSS    "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A"
#define MGF1   "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x08"

TEST(a_pss_signature_names_its_hashes_and_its_salt)
{
    struct algorithm algorithm = algorithm_of(BYTES("\x30\x41" PSS "\x30\x34\xA0\x0F" SHA256 "\xA1\x1C\x30\x1A" MGF1 SHA256 "\xA2\x03\x02\x01\x20"));
    struct pss pss;

    check(algorithm_pss(&algorithm, &pss, &fault, NULL));
    check(der_oid_is(pss.hash, "2.16.840.1.101.3.4.2.1") && der_oid_is(pss.mask_hash, "2.16.840.1.101.3.4.2.1"));
    CHECK_BYTES(pss.salt_size, "\x20");
    algorithm = algorithm_of(BYTES("\x30\x0D" PSS "\x30\x00"));
    check(algorithm_pss(&algorithm, &pss, &fault, NULL) && !pss.hash.size && !pss.mask_hash.size && !pss.salt_size.size);
}

TEST(what_is_no_pss_is_refused_with_the_reason)
{
    struct algorithm algorithm = algorithm_of(BYTES(SHA256));
    struct pss pss;

    memset(&pss, 0xA5, sizeof pss);
    check(!algorithm_pss(&algorithm, &pss, &fault, NULL) && fault.error == DER_E_ALGORITHM && !pss.hash.size);
    algorithm = algorithm_of(BYTES("\x30\x0B" PSS));
    check(!algorithm_pss(&algorithm, &pss, &fault, NULL) && fault.error == DER_E_MISSING && fault.offset == 13);
    algorithm = algorithm_of(BYTES("\x30\x1E" PSS "\x30\x11\xA1\x0F" SHA256));  /* a mask that is not made by MGF1 */
    check(!algorithm_pss(&algorithm, &pss, &fault, NULL) && fault.error == DER_E_ALGORITHM && fault.offset == 15);
    algorithm = algorithm_of(BYTES("\x30\x12" PSS "\x30\x05\xA2\x03\x04\x01\x20"));
    check(!algorithm_pss(&algorithm, &pss, &fault, NULL) && fault.error == DER_E_TAG && fault.offset == 17 && !pss.salt_size.size);
}

static unsigned length_of(struct der_bytes bytes)
{
    struct public_key key;
    struct der der;

    der_begin(&der, &fault, bytes.data, bytes.size);
    return check(public_key_read(&der, "key", &key) && der_end(&der, "key")) ? public_key_length(&key) : 0;
}

TEST(keys_of_every_kind_have_a_length)
{
    check_int(length_of(BYTES("\x30\x2A\x30\x05\x06\x03\x2B\x65\x70\x03\x21\x00" "0123456789abcdef0123456789abcdef")), 256);
    check_int(length_of(BYTES("\x30\x29\x30\x05\x06\x03\x2B\x65\x70\x03\x20\x00" "0123456789abcdef0123456789abcde")), 0);
    check_int(length_of(BYTES("\x30\x1A\x30\x12\x06\x07\x2A\x86\x48\xCE\x38\x04\x01\x30\x07\x02\x01\x0B\x02\x02\x01\x01\x03\x04\x00\x02\x01\x02")), 0);
    check_int(length_of(BYTES("\x30\x1C\x30\x14\x06\x07\x2A\x86\x48\xCE\x38\x04\x01\x30\x09\x02\x01\x0B\x02\x01\x05\x02\x01\x02"
                              "\x03\x04\x00\x02\x01\x02")), 4);
    check_int(length_of(BYTES("\x30\x1A\x30\x0D" PSS "\x30\x00" "\x03\x09\x00\x30\x06\x02\x01\x45\x02\x01\x03")), 7);
}
