/* CRLs, entry by entry, and the values of extensions where the reader decides what others leave open. */
#include "lib/test.h"
#include "der/crl.h"
#include "der/identifier.h"
#include "der/location.h"
#include "der/name.h"
#include "der/name_constraints.h"
#include "der/usage.h"
#include "der/value.h"

#include <stdlib.h>
#include <string.h>

#define BYTES(text) ((struct der_bytes){(const void *)("" text), sizeof "" text - 1})
#define CHECK_BYTES(got, text) check_bytes((got).data, (got).size, "" text, sizeof "" text - 1)

#define ALGORITHM "\x30\x03\x06\x01\x2A"
#define NAME      "\x30\x00"
#define TIME      "\x17\x0D" "260101000000Z"
#define SIGNATURE "\x03\x01\x00"

static struct der_fault fault;
static struct crl crl;

/* A buffer of just the size, so that ASan sees a step beyond it; it stays until the next. */
static bool reads(const char *bytes, size_t size)
{
    static unsigned char *copy;

    free(copy);
    copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    memset(&crl, 0xA5, sizeof crl);
    return crl_read(copy, size, &crl, &fault, NULL) || crl.version || crl.count || crl.info.size || crl.has_next_update;
}
#define READS(bytes) reads("" bytes, sizeof "" bytes - 1)

TEST(a_crl_of_version_1_has_neither_number_nor_extensions)
{
    check(READS("\x30\x20\x30\x16" ALGORITHM NAME TIME ALGORITHM SIGNATURE "\x05\x00\x05\x00") == false);
    check(READS("\x30\x20\x30\x16" ALGORITHM NAME TIME) == false);
    check(READS("\x30\x22\x30\x18" ALGORITHM NAME TIME "\x30\x00" ALGORITHM SIGNATURE));
    check_int(crl.version, 1);
    check_int(crl.count, 0);
    check(!crl.has_next_update && crl.this_update == 1767225600);
}

TEST(entries_are_counted_and_come_one_after_the_other)
{
    struct crl_entry_details details;
    struct crl_entry entry;
    struct der cursor;

    check(READS("\x30\x66\x30\x5C\x02\x01\x01" ALGORITHM NAME TIME TIME
                "\x30\x32"
                "\x30\x12\x02\x01\x07" TIME
                "\x30\x1C\x02\x01\x80" "\x17\x0D" "250101000000Z" "\x30\x08\x30\x06\x06\x01\x2A\x04\x01\x00" ALGORITHM SIGNATURE));
    check_int(crl.version, 2);
    check_int(crl.count, 2);
    check(crl.has_next_update);
    crl_entries_begin(&cursor, &fault, &crl);
    check(crl_entries_next(&cursor, &entry));
    CHECK_BYTES(entry.serial, "\x07");
    check(crl_entry_read_details(&entry, &details, &fault, NULL) && !details.has_reason && !details.has_invalidity);
    check(crl_entries_next(&cursor, &entry));
    CHECK_BYTES(entry.serial, "\x80");
    check_int(entry.date, 1735689600);
    check(entry.extensions.size);
    memset(&entry, 0xA5, sizeof entry);
    check(!crl_entries_next(&cursor, &entry) && !entry.serial.size && !fault.error);
}

TEST(what_is_no_crl_is_refused_at_its_byte)
{
    check(!READS(""));
    check_int(fault.error, DER_E_MISSING);
    check(!READS("\x30\x25\x30\x1B\x02\x01\x02" ALGORITHM NAME TIME "\x30\x00" ALGORITHM SIGNATURE));
    check(fault.error == DER_E_VERSION && fault.offset == 4);
    check(!READS("\x30\x22\x30\x18" ALGORITHM NAME TIME "\x30\x00" "\x30\x03\x06\x01\x2B" SIGNATURE));
    check(fault.error == DER_E_MISMATCH && fault.offset == 28);
    check(!READS("\x30\x24\x30\x1A" ALGORITHM NAME TIME "\x30\x00\xA0\x00" ALGORITHM SIGNATURE));       /* extensions in version 1 */
    check(fault.error == DER_E_TRAILING && fault.offset == 28);
    check(!READS("\x30\x36\x30\x2C" ALGORITHM NAME TIME "\x30\x14\x30\x12\x02\x01\x07\x17\x0D" "26010100000xZ" ALGORITHM SIGNATURE));
    check(fault.error == DER_E_TIME_FORM && fault.offset == 46);
}

static struct crl_entry_details details_of(struct der_bytes extensions, bool ok)
{
    struct crl_entry entry = {.extensions = extensions};
    struct crl_entry_details details;

    memset(&details, 0xA5, sizeof details);
    check(crl_entry_read_details(&entry, &details, &fault, NULL) == ok);
    return details;
}

TEST(an_entry_tells_why_since_when_and_what_to_do)
{
    struct crl_entry_details details = details_of(BYTES("\x30\x0A\x06\x03\x55\x1D\x15\x04\x03\x0A\x01\x06"
                                                        "\x30\x18\x06\x03\x55\x1D\x18\x04\x11\x18\x0F" "20250101000000Z"
                                                        "\x30\x10\x06\x03\x55\x1D\x17\x04\x09\x06\x07\x2A\x86\x48\xCE\x38\x02\x03"), true);

    check(details.has_reason && details.reason == REVOKED_CERTIFICATE_HOLD);
    check(details.has_invalidity && details.invalidity == 1735689600);
    check(der_oid_is(details.hold_instruction, "1.2.840.10040.2.3"));
    details = details_of(BYTES("\x30\x0A\x06\x03\x55\x1D\x15\x04\x03\x0A\x01\x63"), true);
    check_int(details.reason, 99);                      /* not one that exists, but a number */
    details = details_of(BYTES("\x30\x0A\x06\x03\x55\x1D\x15\x04\x03\x02\x01\x06"), false);
    check(!details.has_reason && fault.error == DER_E_TAG);
    details = details_of(BYTES("\x30\x12\x06\x03\x55\x1D\x15\x04\x0B\x0A\x09\x01\0\0\0\0\0\0\0\0"), false);
    check(!details.has_reason && fault.error == DER_E_INTEGER_TOO_LARGE);
}

TEST(a_key_usage_may_end_in_zeros)
{
    uint32_t bits = 77;

    check(key_usage_read(BYTES("\x03\x02\x00\x86"), &bits, &fault, NULL));
    check_int(bits, 1 << KEY_USAGE_DIGITAL_SIGNATURE | 1 << KEY_USAGE_CERT_SIGN | 1 << KEY_USAGE_CRL_SIGN);
    check(key_usage_read(BYTES("\x03\x03\x07\x00\x80"), &bits, &fault, NULL));
    check_int(bits, 1 << KEY_USAGE_DECIPHER_ONLY);
    check(!key_usage_read(BYTES("\x03\x06\x00\x80\x00\x00\x00\x01"), &bits, &fault, NULL) && !bits);
    check_int(fault.error, DER_E_TOO_MANY);
    check(!key_usage_read(BYTES("\x03\x02\x01\x81"), &bits, &fault, NULL) && fault.error == DER_E_BITS_NOT_ZERO);
}

TEST(basic_constraints_leave_out_what_is_the_default)
{
    struct basic_constraints basic;

    check(basic_constraints_read(BYTES("\x30\x00"), &basic, &fault, NULL) && !basic.ca && !basic.path_length.size);
    check(basic_constraints_read(BYTES("\x30\x06\x01\x01\xFF\x02\x01\x00"), &basic, &fault, NULL) && basic.ca);
    CHECK_BYTES(basic.path_length, "\0");
    check(!basic_constraints_read(BYTES("\x30\x03\x01\x01\x00"), &basic, &fault, NULL));
    check(fault.error == DER_E_DEFAULT && fault.offset == 2);
    check(!basic_constraints_read(BYTES("\x30\x06\x01\x01\xFF\x05\x01\x00"), &basic, &fault, NULL) && !basic.ca);
}

TEST(distribution_points_have_names_relative_names_reasons_and_issuers)
{
    struct distribution_point point;
    struct name_cursor name;
    struct name_part part;
    struct der cursor;

    check(distribution_points_begin(&cursor, &fault, NULL, BYTES("\x30\x24\x30\x10\xA0\x05\xA0\x03\x86\x01u\x81\x02\x05\x60\xA2\x03\x82\x01i"
                                                           "\x30\x0E\xA0\x0C\xA1\x0A\x30\x08\x06\x03\x55\x04\x03\x0C\x01r\x30\x00")));
    check(distribution_points_next(&cursor, &point));
    CHECK_BYTES(point.names, "\x86\x01u");
    CHECK_BYTES(point.issuer, "\x82\x01i");
    check(point.has_reasons && point.reasons == (1 << REASON_KEY_COMPROMISE | 1 << REASON_CA_COMPROMISE));
    check(distribution_points_next(&cursor, &point) && !point.names.size && !point.has_reasons);
    name_begin_set(&name, point.relative);
    check(name_next(&name, &part) && part.set == 0);
    CHECK_BYTES(part.value.content, "r");
    check(!name_next(&name, &part) && !name.fault.error);
    check(distribution_points_next(&cursor, &point) && !point.relative.size);           /* of nothing, and borne */
    check(!distribution_points_next(&cursor, &point) && !fault.error);
    check(!distribution_points_begin(&cursor, &fault, NULL, BYTES("\x30\x00")) && fault.error == DER_E_EMPTY);
}

TEST(the_parts_of_a_relative_name_ascend)
{
    struct distribution_point point;
    struct der cursor;

    check(distribution_points_begin(&cursor, &fault, NULL, BYTES("\x30\x1A\x30\x18\xA0\x16\xA1\x14\x30\x08\x06\x03\x55\x04\x03\x0C\x01r"
                                                           "\x30\x08\x06\x03\x55\x04\x03\x0C\x01" "a")));
    check(!distribution_points_next(&cursor, &point) && fault.error == DER_E_SET_ORDER && fault.offset == 18 && !point.relative.size);
}

TEST(an_address_has_a_mask_where_names_are_constrained_and_only_there)
{
    struct name_constraints constraints;
    struct subtree subtree;
    struct der cursor;

    check(name_constraints_read(BYTES("\x30\x0E\xA0\x0C\x30\x0A\x87\x08\x0A\0\0\0\xFF\0\0\0"), &constraints, &fault, NULL));
    check(!constraints.excluded.size);
    subtrees_begin(&cursor, &fault, constraints.permitted);
    check(subtrees_next(&cursor, &subtree) && subtree.base.kind == GENERAL_NAME_IP);
    CHECK_BYTES(subtree.base.content, "\x0A\0\0\0\xFF\0\0\0");
    check(!subtrees_next(&cursor, &subtree) && !fault.error);
    check(!name_constraints_read(BYTES("\x30\x0A\xA0\x08\x30\x06\x87\x04\x0A\0\0\0"), &constraints, &fault, NULL));
    check(fault.error == DER_E_ADDRESS && fault.offset == 6 && !constraints.permitted.size);
    check(!name_constraints_read(BYTES("\x30\x0A\xA1\x08\x30\x06\x82\x01x\x80\x01\0"), &constraints, &fault, NULL));
    check(fault.error == DER_E_DEFAULT && fault.offset == 9);
}

TEST(the_authoritys_key_is_told_by_what_is_there)
{
    struct authority_key authority;

    check(authority_key_read(BYTES("\x30\x0B\x80\x01k\xA1\x03\x82\x01i\x82\x01\x07"), &authority, &fault, NULL));
    CHECK_BYTES(authority.key, "k");
    CHECK_BYTES(authority.issuer, "\x82\x01i");
    CHECK_BYTES(authority.serial, "\x07");
    check(authority_key_read(BYTES("\x30\x00"), &authority, &fault, NULL) && !authority.key.data);
    check(!authority_key_read(BYTES("\x30\x02\xA1\x00"), &authority, &fault, NULL) && fault.error == DER_E_EMPTY);
    check(!authority_key_read(BYTES("\x30\x04\x82\x02\x00\x07"), &authority, &fault, NULL) && fault.error == DER_E_INTEGER_PADDED);
    check(!authority.serial.size && fault.offset == 4);
}

TEST(numbers_of_up_to_64_bits_are_numbers)
{
    int64_t number = 77;

    check(der_number(BYTES("\x80"), &number) && number == -128);
    check(der_number(BYTES("\x00\x80"), &number) && number == 128);
    check(der_number(BYTES("\x80\0\0\0\0\0\0\0"), &number) && number == INT64_MIN);
    check(!der_number(BYTES("\x00\x80\0\0\0\0\0\0\0"), &number) && !number);
    check(!der_number(BYTES(""), &number));
}
