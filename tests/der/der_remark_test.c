/* What is odd and can be read: refused without remarks, and read with them; each at its byte. */
#include "lib/test.h"
#include "der/ber.h"
#include "der/cmc.h"
#include "der/general_name.h"
#include "der/microsoft.h"
#include "der/spkac.h"
#include "der/text.h"
#include "der/trust.h"
#include "der/usage.h"
#include "der/value.h"

#include <stdlib.h>
#include <string.h>

static struct der_remarks remarks;

/* One cursor's reading: `read` has to be refused strictly, and with remarks to leave this one. */
typedef bool reader(struct der *der);

static void odd(const char *bytes, size_t size, reader *read, enum der_error error, size_t offset,
                int line)
{
    unsigned char *copy = malloc(size); /* of its own, so that the sanitizer sees its end */
    struct der_fault fault;
    struct der der;

    memcpy(copy, bytes, size);
    der_begin(&der, &fault, copy, size);
    test_check(!read(&der) && fault.error == error && fault.offset == offset, __FILE__, line,
               "refused strictly");
    der_remarks_begin(&remarks, copy, size);
    der_begin_with(&der, &fault, &remarks, copy, size);
    test_check(read(&der) && !fault.error, __FILE__, line, "read with remarks");
    test_check(remarks.count >= 1 && remarks.list[0].error == error &&
                   remarks.list[0].offset == offset,
               __FILE__, line, "the remark tells what and where");
    der_begin_with(&der, &fault, DER_BORNE, copy, size);
    test_check(read(&der) && !fault.error && !der_borne.count, __FILE__, line,
               "borne without a remark");
    free(copy);
}
#define ODD(bytes, read, error, offset) odd(bytes, sizeof bytes - 1, read, error, offset, __LINE__)

static int64_t number;
static bool read_number(struct der *der)
{
    struct der_bytes content;

    return der_integer(der, "number", &content) && der_number(content, &number) &&
           der_end(der, "number");
}

static bool read_magnitude(struct der *der)
{
    struct der_bytes magnitude;

    return der_positive(der, "number", &magnitude) && magnitude.size == 1;
}

static bool flag;
static bool read_flag(struct der *der)
{
    return der_boolean(der, "flag", &flag);
}
static bool read_null(struct der *der)
{
    return der_null(der, "nothing");
}

static struct der_bytes bits;
static bool read_bits(struct der *der)
{
    unsigned unused;

    return der_bits(der, "bits", &bits, &unused) && unused <= 7;
}
static bool read_whole(struct der *der)
{
    return der_whole_bits(der, "bits", &bits);
}

static uint32_t named;
static bool read_named(struct der *der)
{
    return der_named_bits(der, "bits", &named);
}

static int64_t seconds;
static bool read_time(struct der *der)
{
    return der_time(der, "time", &seconds) && der_end(der, "time");
}

static bool read_set(struct der *der)
{
    struct der_bytes content;
    struct der set;

    if (!der_enter(der, "set", DER_SET, &set)) return false;
    while (der_more(&set))
        if (!der_integer(&set, "number", &content)) return false;
    return true;
}

TEST(lengths_and_numbers_may_take_more_bytes_than_they_need)
{
    ODD("\x02\x81\x01\x05", read_number, DER_E_LENGTH_PADDED, 1);
    check_int(number, 5);
    ODD("\x02\x85\x00\x00\x00\x00\x01\x05", read_number, DER_E_LENGTH_PADDED, 1);
    check_int(number, 5);
    ODD("\x02\x03\x00\x00\x05", read_number, DER_E_INTEGER_PADDED, 2);
    check_int(number, 5);
    ODD("\x02\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", read_number, DER_E_INTEGER_PADDED, 2);
    check_int(number, -2);
    ODD("\x02\x01\x05\x00", read_number, DER_E_TRAILING, 3);
    ODD("\x02\x01\x85", read_magnitude, DER_E_INTEGER_NEGATIVE, 2);
}

TEST(flags_bits_and_sets_may_be_written_otherwise)
{
    ODD("\x01\x01\x01", read_flag, DER_E_BOOLEAN, 2);
    check(flag);
    ODD("\x05\x01\x00", read_null, DER_E_NULL, 2);
    ODD("\x03\x02\x09\x80", read_bits, DER_E_BITS_UNUSED, 2);
    ODD("\x03\x01\x07", read_bits, DER_E_BITS_UNUSED, 2);
    ODD("\x03\x02\x04\x8F", read_bits, DER_E_BITS_NOT_ZERO, 3);
    ODD("\x03\x02\x04\x80", read_whole, DER_E_BITS_NOT_WHOLE, 2);
    ODD("\x03\x02\x00\x80", read_named, DER_E_BITS_PADDED, 3);
    check_int(named, 1);
    ODD("\x03\x06\x00\x80\x00\x00\x00\x01", read_named, DER_E_TOO_MANY, 3);
    check_int(named, 1);
    ODD("\x31\x06\x02\x01\x05\x02\x01\x04", read_set, DER_E_SET_ORDER, 5);
}

TEST(times_have_the_forms_of_the_standard_and_zones)
{
    ODD("\x17\x0B"
        "2611211000Z",
        read_time, DER_E_TIME_FORM, 12);
    check_int(seconds, 1795255200);
    ODD("\x17\x11"
        "261121120000+0200",
        read_time, DER_E_TIME_FORM, 14);
    check_int(seconds, 1795255200);
    ODD("\x17\x0F"
        "2611210930-0030",
        read_time, DER_E_TIME_FORM, 12);
    check_int(seconds, 1795255200);
    ODD("\x18\x0A"
        "2026112110",
        read_time, DER_E_TIME_FORM, 12);
    check_int(seconds, 1795255200);
    ODD("\x18\x12"
        "20261121100000.75Z",
        read_time, DER_E_TIME_FORM, 16);
    check_int(seconds, 1795255200);
    ODD("\x18\x15"
        "20261121100000.7+0130",
        read_time, DER_E_TIME_FORM, 16);
    check_int(seconds, 1795255200 - 5400);
    ODD("\x18\x0F"
        "20260230000000Z",
        read_time, DER_E_TIME_RANGE, 2);
    check(seconds == DER_TIME_NONE);
    ODD("\x18\x13"
        "99991231235959-0100",
        read_time, DER_E_TIME_FORM, 16);
    check(seconds == DER_TIME_NONE);
}

TEST(what_is_no_time_is_refused_with_remarks_as_well)
{
    static const char *const texts[] = {
        "",
        "Z",
        "26112110Z",
        "261121100000+",
        "261121100000+1",
        "261121100000+020",
        "261121100000+02000",
        "261121100000.Z",
        "261121100000ZZ",
        "2611211000000Z",
        "26112110x000Z",
    };
    unsigned char bytes[40];
    struct der_fault fault;
    struct der der;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t size = strlen(texts[i]);

        bytes[0] = DER_UTC_TIME, bytes[1] = (unsigned char)size;
        memcpy(bytes + 2, texts[i], size);
        seconds = 1;
        der_begin_with(&der, &fault, DER_BORNE, bytes, size + 2);
        if (!check(!der_time(&der, "time", &seconds) && fault.error == DER_E_TIME_FORM && !seconds))
            test_note("    %s", texts[i]);
    }
}

TEST(a_date_before_2050_that_is_a_generalized_time_is_remarked_upon_and_never_refused)
{
    static const char early[] = "\x18\x0F"
                                "20261121100000Z",
                      late[] = "\x18\x0F"
                               "20501121100000Z";
    struct der_fault fault;
    struct der der;

    der_begin(&der, &fault, early, sizeof early - 1);
    check(der_date(&der, "date", &seconds));
    der_remarks_begin(&remarks, early, sizeof early - 1);
    der_begin_with(&der, &fault, &remarks, early, sizeof early - 1);
    check(der_date(&der, "date", &seconds) && remarks.count == 1 &&
          remarks.list[0].error == DER_R_TIME_EARLY);
    der_remarks_begin(&remarks, late, sizeof late - 1);
    der_begin_with(&der, &fault, &remarks, late, sizeof late - 1);
    check(der_date(&der, "date", &seconds) && !remarks.count);
}

TEST(of_many_remarks_the_first_are_kept_and_the_rest_are_counted)
{
    unsigned char bytes[2 + 40 * 3] = {DER_SET, 40 * 3};
    struct der_fault fault;
    char text[64];
    struct der der;

    for (int i = 0; i < 40; i++) memcpy(bytes + 2 + i * 3, (char[]){2, 1, (char)(100 - i)}, 3);
    der_remarks_begin(&remarks, bytes, sizeof bytes);
    der_begin_with(&der, &fault, &remarks, bytes, sizeof bytes);
    check(read_set(&der));
    check_int(remarks.count, 39);
    check_int(der_remarks_listed(&remarks), DER_REMARKS_MAX);
    check_int(remarks.list[15].offset, 2 + 16 * 3);
    der_remark_text(&remarks.list[0], text, sizeof text);
    check_text(text, "the number stands out of order in its set");
}

TEST(the_remarks_of_a_value_count_from_the_start_of_what_it_stands_in)
{
    static const unsigned char whole[] = {0x30, 0x05, 0x30, 0x03, 0x01, 0x01, 0x00};
    struct basic_constraints constraints = {.ca = true};
    struct der_fault fault;

    der_remarks_begin(&remarks, whole, sizeof whole);
    check(
        basic_constraints_read((struct der_bytes){whole + 2, 5}, &constraints, &fault, &remarks) &&
        !constraints.ca);
    check(remarks.count == 1 && remarks.list[0].error == DER_E_DEFAULT &&
          remarks.list[0].offset == 4);
    check(!basic_constraints_read((struct der_bytes){whole + 2, 5}, &constraints, &fault, NULL));
}

TEST(a_pair_whose_name_is_no_text_is_kept_back)
{
    static const unsigned char bytes[] = {0x30, 0x0A, 0x04, 0x03, 'a', 'b',
                                          'c',  0x0C, 0x03, 'p',  'w', 'd'};
    struct name_value_pair pair;
    struct der_fault fault;
    struct der cursor;

    name_value_pairs_begin(&cursor, &fault, DER_BORNE, (struct der_bytes){bytes, sizeof bytes});
    check(name_value_pairs_next(&cursor, &pair) && pair.secret && !pair.value.content.data);
}

TEST(a_t61_string_is_utf8_where_all_of_it_is)
{
    char out[16];

    check_bytes(out,
                der_text(DER_T61_STRING, (struct der_bytes){(const unsigned char *)"\xC2\xA2", 2},
                         out, sizeof out, NULL),
                "\xC2\xA2", 2);
    check_bytes(out,
                der_text(DER_T61_STRING,
                         (struct der_bytes){(const unsigned char *)"\xC2\xA2\xE9", 3}, out,
                         sizeof out, NULL),
                "\xC3\x82\xC2\xA2\xC3\xA9", 6);
}

static void becomes(const char *ber, size_t size, const char *der, size_t der_size, size_t offset,
                    int line)
{
    unsigned char *copy = malloc(size ? size : 1), *out;
    size_t out_size = 0, at = (size_t)-1;

    memcpy(copy, ber, size);
    out = ber_to_der(copy, size, &out_size, &at);
    test_check(der ? out && out_size == der_size && !memcmp(out, der, der_size) && at == offset
                   : !out,
               __FILE__, line, der ? "it becomes this DER" : "it stays what it is");
    free(out);
    free(copy);
}
#define BECOMES(ber, der, offset)                                                                  \
    becomes(ber, sizeof ber - 1, der, sizeof der - 1, offset, __LINE__)
#define STAYS(ber) becomes(ber, sizeof ber - 1, NULL, 0, 0, __LINE__)

TEST(ber_becomes_der)
{
    BECOMES("\x30\x80\x02\x01\x05\x00\x00", "\x30\x03\x02\x01\x05", 0);
    BECOMES("\x30\x80\x00\x00tail", "\x30\x00tail", 0);
    BECOMES("\x30\x07\x30\x80\x02\x01\x05\x00\x00", "\x30\x05\x30\x03\x02\x01\x05", 2);
    BECOMES("\x24\x06\x04\x01"
            "a"
            "\x04\x01"
            "b",
            "\x04\x02"
            "ab",
            0);
    BECOMES("\x24\x80\x04\x01"
            "a"
            "\x24\x80\x04\x01"
            "b"
            "\x04\x00\x00\x00\x00\x00",
            "\x04\x02"
            "ab",
            0);
    BECOMES("\x2C\x03\x04\x01"
            "a",
            "\x0C\x01"
            "a",
            0);
    BECOMES("\x2C\x03\x0C\x01"
            "a",
            "\x0C\x01"
            "a",
            0);
    BECOMES("\x23\x09\x03\x02\x00\x81\x03\x03\x04\x80\x10", "\x03\x04\x04\x81\x80\x10", 0);
    BECOMES("\x23\x00", "\x03\x01\x00", 0);
    BECOMES("\xBF\x81\x01\x80\x05\x00\x00\x00", "\xBF\x81\x01\x02\x05\x00", 0);
    /* What is no BER keeps its bytes, a padded length too; and within CMS's content it is looked
     * for. */
    BECOMES("\x30\x80\x30\x81\x02\x05\x00\x00\x00", "\x30\x05\x30\x81\x02\x05\x00", 0);
    BECOMES("\xA0\x06\x04\x04\x30\x80\x00\x00", "\xA0\x04\x04\x02\x30\x00", 4);
    BECOMES("\xA0\x0A\x24\x08\x04\x03\x30\x80\x00\x04\x01\x00", "\xA0\x04\x04\x02\x30\x00", 2);
}

TEST(what_is_no_ber_stays_what_it_is)
{
    STAYS("");
    STAYS("\x30");
    STAYS("\x30\x03\x02\x01\x05");
    STAYS("\x30\x80\x02\x01\x05"); /* no end */
    STAYS("\x30\x80\x02\x01\x05\x00");
    STAYS("\x04\x80\x00\x00"); /* indefinite, and nothing that could end it */
    STAYS("\x30\x80\x02\x05\x05\x00\x00");
    STAYS("\x24\x03\x02\x01"
          "a");                                        /* a number among the pieces */
    STAYS("\x23\x08\x03\x02\x04\x80\x03\x02\x00\x80"); /* unused bits in the midst */
    STAYS("\x23\x02\x03\x00");
    STAYS("\x30\x04\x04\x02\x30\x80");
    STAYS("\x30\x06\x04\x04\x30\x80\x00\x00"); /* not where CMS has its content */
    STAYS("\x30\xFF\x00\x00");
    STAYS("\x30\x89\x01\x00\x00\x00\x00\x00\x00\x00\x00");
}

TEST(depth_is_bounded)
{
    char deep[2 * 40 + 2 * 40];
    size_t size, at;

    for (size_t levels = 30; levels <= 40; levels++) {
        unsigned char *out;

        memset(deep, 0, sizeof deep);
        for (size_t i = 0; i < levels; i++) memcpy(deep + 2 * i, "\x30\x80", 2);
        out = ber_to_der(deep, 4 * levels, &size, &at);
        check(!out == (levels > BER_DEPTH_MAX));
        free(out);
    }
}

static const unsigned char key[] = {
    0x30, 0x1A, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01,
    0x01, 0x05, 0x00, 0x03, 0x09, 0x00, 0x30, 0x06, 0x02, 0x01, 0x0B, 0x02, 0x01, 0x03,
};
static const unsigned char behind[] = {
    0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D,
    0x01, 0x01, 0x0B, 0x05, 0x00, 0x03, 0x02, 0x00, 0x55,
};

TEST(what_keygen_made_is_a_key_and_a_challenge_of_which_the_size_is_told)
{
    unsigned char bytes[80] = {0x30, 0x37, 0x30, 0x22};
    size_t size = 4;
    struct spkac spkac;
    struct der_fault fault;

    memcpy(bytes + size, key, sizeof key), size += sizeof key;
    memcpy(bytes + size, "\x16\x04pass", 6), size += 6;
    memcpy(bytes + size, behind, sizeof behind), size += sizeof behind;
    if (!check_int(size, 2 + bytes[1])) return;
    check(spkac_read(bytes, size, &spkac, &fault, NULL) && spkac.challenge_size == 4 &&
          spkac.info.data == bytes + 2);
    check(spkac.key.bits.size == 8 && spkac.signature.size == 1 && *spkac.signature.data == 0x55);
    bytes[4 + sizeof key] = 0x04;
    check(!spkac_read(bytes, size, &spkac, &fault, DER_BORNE) && fault.error == DER_E_CHOICE &&
          !spkac.info.data);
    bytes[4 + sizeof key] = 0x0C;
    check(!spkac_read(bytes, size, &spkac, &fault, NULL) &&
          spkac_read(bytes, size, &spkac, &fault, DER_BORNE));
}

TEST(openssls_settings_behind_a_certificate_are_read_and_checked)
{
    static const unsigned char bytes[] = {
        0x30, 0x16, 0x30, 0x04, 0x06, 0x02, 0x2A, 0x03, 0xA0, 0x04, 0x06, 0x02,
        0x2A, 0x04, 0x0C, 0x02, 'm',  'e',  0x04, 0x01, 0x77, 0xA1, 0x01, 0x00,
    };
    struct trust trust;
    struct der_fault fault;

    check(trust_read((struct der_bytes){bytes, sizeof bytes}, &trust, &fault, NULL));
    check(trust.trusted.size == 4 && trust.rejected.size == 4 && trust.alias.content.size == 2 &&
          trust.key_id.size == 1);
    check(!trust_read((struct der_bytes){bytes, sizeof bytes - 1}, &trust, &fault, DER_BORNE) &&
          !trust.trusted.data);
    check(!trust_read((struct der_bytes){NULL, 0}, &trust, &fault, DER_BORNE));
}
