/* What typed reading gives for what DER allows. */
#include "lib/test.h"
#include "der/value.h"

#include <string.h>

/* A cursor over literal bytes; one at a time. */
static struct der_fault fault;

static struct der over(const void *bytes, size_t size)
{
    struct der der;

    der_begin(&der, &fault, bytes, size);
    return der;
}
#define OVER(bytes) over("" bytes, sizeof "" bytes - 1)

static void check_oid(const char *content, size_t size, const char *want, int line)
{
    char text[DER_OID_TEXT];

    memset(text, 'x', sizeof text);
    test_check(der_oid_text((struct der_bytes){(const void *)content, size}, text, sizeof text), __FILE__, line,
               "it is text");
    test_check_text(text, want, __FILE__, line, "the text");
    test_check(der_oid_is((struct der_bytes){(const void *)content, size}, want), __FILE__, line, "it is itself");
}
#define CHECK_OID(content, want) check_oid("" content, sizeof "" content - 1, want, __LINE__)

TEST(an_oid_is_no_text_but_the_one_that_it_is_written_as)
{
    static const struct { const char *content, *not; size_t size; } odd[] = {
        {"\x55\x1d\x25", "2.5.29.037", 3}, {"\x55\x1d\x25", "02.5.29.37", 3}, {"\x55\x1d\x25", "2.5.29.37.", 3}, {"\x55\x1d\x25", "2.5.29.37 ", 3},
        {"\x55\x1d\x25", "2.5..29.37", 3}, {"\x55\x1d\x25", ".2.5.29.37", 3}, {"\x55\x1d\x25", "1.45.29.37", 3}, {"\x55\x1d\x25", "0.85.29.37", 3},
        {"\x55\x1d\x25", "2.5.29", 3}, {"\x55\x1d\x25", "2.5.29.37.0", 3}, {"\x55\x1d\x25", "2.5.29.38", 3}, {"\x5a", "1.50", 1}, {"\x01", "0.1.", 1},
        {"\x55\x80\x1d", "2.5.29", 3}, {"\x55\x9d", "2.5.29", 2}, {"", "0.0", 0}, {"", "", 0}};

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct der_bytes oid = {(const void *)odd[i].content, odd[i].size};

        check(!der_oid_is(oid, odd[i].not));
    }
    check(der_oid_is((struct der_bytes){(const void *)"\x5a", 1}, "2.10"));
}

TEST(an_oid_is_written_with_dots)
{
    CHECK_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B", "1.2.840.113549.1.1.11");
    CHECK_OID("\x55\x1D\x11", "2.5.29.17");
    CHECK_OID("\x00", "0.0");
    CHECK_OID("\x27", "0.39");
    CHECK_OID("\x28", "1.0");
    CHECK_OID("\x4F", "1.39");
    CHECK_OID("\x50", "2.0");
    CHECK_OID("\x77", "2.39");
    CHECK_OID("\x78", "2.40");
    CHECK_OID("\x81\x00", "2.48");
    CHECK_OID("\x88\x37\x03", "2.999.3");
    CHECK_OID("\x2A\x8F\xFF\xFF\xFF\x7F", "1.2.4294967295");
    CHECK_OID("\x2A\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", "1.2.18446744073709551615");
    CHECK_OID("\x69\x83\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",  /* a UUID's number */
              "2.25.340282366920938463463374607431768211455");
    CHECK_OID("\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", "2.27670116110564327343");  /* a second arc beyond 64 bits */
}

TEST(an_oid_that_does_not_fit_gives_no_text)
{
    const unsigned char three[] = {0x55, 0x1D, 0x11}, cut[] = {0x55, 0x9D};
    unsigned char many[200];
    char text[DER_OID_TEXT];

    strcpy(text, "?");
    check(!der_oid_text((struct der_bytes){three, 3}, text, 9));       /* "2.5.29.17" and its NUL need ten */
    check_text(text, "");
    check(der_oid_text((struct der_bytes){three, 3}, text, 10));
    check_text(text, "2.5.29.17");
    check(!der_oid_text((struct der_bytes){three, 3}, text, 0));
    check(!der_oid_text((struct der_bytes){cut, 2}, text, sizeof text));
    check_text(text, "");
    check(!der_oid_text((struct der_bytes){NULL, 0}, text, sizeof text));
    memset(many, 0x7F, sizeof many);
    check(!der_oid_text((struct der_bytes){many, sizeof many}, text, sizeof text));
    memset(many, 0xFF, sizeof many - 1);
    check(!der_oid_text((struct der_bytes){many, sizeof many}, text, sizeof text));
    check(!der_oid_is((struct der_bytes){many, sizeof many}, ""));
}

TEST(an_arc_of_hundreds_of_digits_gives_no_text_however_large_the_room)
{
    unsigned char content[200];
    char text[1024] = "?";

    memset(content, 0xFF, sizeof content);
    content[0] = 0x2A;
    content[sizeof content - 1] = 0x7F;
    check(!der_oid_text((struct der_bytes){content, sizeof content}, text, sizeof text));
    check_text(text, "");
}

TEST(an_arc_of_the_largest_size_that_fits_is_whole)
{
    unsigned char content[60];
    char text[DER_OID_TEXT];

    memset(content, 0xFF, sizeof content);                              /* 1.2. and 2^413 - 1, of 125 digits */
    content[0] = 0x2A;
    content[59] = 0x7F;
    check(!der_oid_text((struct der_bytes){content, 60}, text, sizeof text));
    memmove(content + 58, content + 59, 1);                             /* 2^406 - 1, of 123 digits */
    check(der_oid_text((struct der_bytes){content, 59}, text, sizeof text));
    check_text(text, "1.2.16526399219756214973797882700819275995710117074107030482116219881860144780907783"
                     "6456297302609928821211897803006255839576063");
}

static long long seconds_of(uint32_t tag, const char *digits)
{
    unsigned char bytes[32] = {(unsigned char)tag, (unsigned char)strlen(digits)};
    int64_t seconds = 1;
    struct der der;

    memcpy(bytes + 2, digits, strlen(digits));
    der = over(bytes, 2 + strlen(digits));
    check(der_time(&der, "time", &seconds));
    return seconds;
}

TEST(a_time_is_seconds_since_1970)
{
    check_int(seconds_of(DER_UTC_TIME, "700101000000Z"), 0);
    check_int(seconds_of(DER_UTC_TIME, "691231235959Z"), -1);
    check_int(seconds_of(DER_UTC_TIME, "500101000000Z"), -631152000);   /* UTCTime: 1950 to 2049 */
    check_int(seconds_of(DER_UTC_TIME, "491231235959Z"), 2524607999);
    check_int(seconds_of(DER_UTC_TIME, "240229120000Z"), 1709208000);
    check_int(seconds_of(DER_UTC_TIME, "000301000000Z"), 951868800);
    check_int(seconds_of(DER_GENERALIZED_TIME, "20500101000000Z"), 2524608000);
    check_int(seconds_of(DER_GENERALIZED_TIME, "20000229000000Z"), 951782400);
    check_int(seconds_of(DER_GENERALIZED_TIME, "99991231235959Z"), 253402300799);
    check_int(seconds_of(DER_GENERALIZED_TIME, "00000101000000Z"), -62167219200);
    check_int(seconds_of(DER_GENERALIZED_TIME, "16010101000000Z"), -11644473600);
}

TEST(positive_integers_come_without_the_byte_that_only_says_so)
{
    struct der der = OVER("\x02\x02\x00\x80\x02\x01\x7F\x02\x01\x01");
    struct der_bytes magnitude;

    check(der_positive(&der, "a", &magnitude));
    check_bytes(magnitude.data, magnitude.size, "\x80", 1);
    check(der_positive(&der, "b", &magnitude));
    check_bytes(magnitude.data, magnitude.size, "\x7F", 1);
    check(der_more(&der));
    check(der_positive(&der, "c", &magnitude));
    check(!der_more(&der) && der_end(&der, "c"));
}

TEST(small_integers_are_numbers)
{
    struct der der = OVER("\x02\x01\x00\x02\x01\x7F\x02\x02\x00\x80\x02\x04\x7F\xFF\xFF\xFF");
    int32_t number = 5;

    check(der_small(&der, "a", &number));
    check_int(number, 0);
    check(der_small(&der, "b", &number));
    check_int(number, 127);
    check(der_small(&der, "c", &number));
    check_int(number, 128);
    check(der_small(&der, "d", &number));
    check_int(number, 0x7FFFFFFF);
    check(der_end(&der, "d"));
}

TEST(bits_are_counted_from_the_first)
{
    struct der der = OVER("\x03\x02\x05\xA0\x03\x01\x00\x03\x03\x07\x00\x80\x03\x05\x00\x00\x00\x00\x01");
    uint32_t bits = 9;

    check(der_named_bits(&der, "a", &bits));
    check_int(bits, 0x5);
    check(der_named_bits(&der, "none", &bits));
    check_int(bits, 0);
    check(der_named_bits(&der, "bit 8", &bits));
    check_int(bits, 0x100);
    check(der_named_bits(&der, "bit 31", &bits));
    check_int(bits, 0x80000000);
}

TEST(a_bit_string_tells_how_many_bits_are_unused)
{
    struct der der = OVER("\x03\x03\x04\x12\x30\x03\x01\x00");
    struct der_bytes bytes;
    unsigned unused = 9;

    check(der_bits(&der, "bits", &bytes, &unused));
    check_bytes(bytes.data, bytes.size, "\x12\x30", 2);
    check_int(unused, 4);
    check(der_bits(&der, "none", &bytes, &unused));
    check_int(bytes.size, 0);
    check_int(unused, 0);
}

TEST(a_long_value_is_seen_whole)
{
    unsigned char bytes[4 + 300] = {0x04, 0x82, 0x01, 0x2C};
    struct der der = over(bytes, sizeof bytes);
    struct der_value value;

    check(der_any(&der, "value", &value));
    check_int(value.tag, DER_OCTET_STRING);
    check(value.content.data == bytes + 4 && value.content.size == 300);
    check(value.whole.data == bytes && value.whole.size == sizeof bytes);
    check(der_end(&der, "value"));
}

TEST(large_tag_numbers_are_told_apart_from_small_ones)
{
    struct der der = OVER("\xBF\x1F\x00\xBF\x87\x68\x00");
    struct der inside;

    check(der_next_is(&der, 0xBF | 31 << 8));
    check(!der_next_is(&der, 0xBF));
    check(der_enter(&der, "[31]", 0xBF | 31 << 8, &inside));
    check(der_enter(&der, "[1000]", 0xBF | 1000 << 8, &inside));
    check(der_end(&der, "[1000]"));
}

TEST(a_sentence_is_cut_to_the_room_there_is)
{
    struct der der = OVER("\x30\x05\x02");
    struct der_bytes content;
    char text[16];

    check(!der_read(&der, "serial number", DER_SEQUENCE, &content));
    memset(text, 'x', sizeof text);
    der_fault_text(&fault, text, 4);
    check_text(text, "the");
    check(text[4] == 'x');
    der_fault_text(&fault, text, 0);
    check(text[0] == 't');
    fault = (struct der_fault){0};
    der_fault_text(&fault, text, sizeof text);
    check_text(text, "nothing is wron");
}
