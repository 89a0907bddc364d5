/* Numbers as text: each against what printf makes of it. */
#include "lib/test.h"

#include "base/digits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint64_t odd[] = {0, 1, 9, 10, 11, 99, 100, 101, 999999999, 1000000000, INT32_MAX, (uint64_t)INT32_MAX + 1, UINT32_MAX, INT64_MAX,
                               (uint64_t)INT64_MAX + 1, 9999999999999999999u, 10000000000000000000u, UINT64_MAX};

TEST(a_number_is_spelled_as_printf_spells_it)
{
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char got[DIGITS_MAX], want[32];

        memset(got, '?', sizeof got);
        check_int(digits_of(odd[i], got), snprintf(want, sizeof want, "%" PRIu64, odd[i]));
        check_text(got, want);
        memset(got, '?', sizeof got);
        check_int(digits_signed((int64_t)odd[i], got), snprintf(want, sizeof want, "%" PRId64, (int64_t)odd[i]));
        check_text(got, want);
        memset(got, '?', sizeof got);
        check_int(digits_signed((int64_t)(0 - odd[i]), got), snprintf(want, sizeof want, "%" PRId64, (int64_t)(0 - odd[i])));
        check_text(got, want);
    }
}

TEST(a_hexadecimal_digit_is_read_in_either_case_and_nothing_else_is_one)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    char two[2];

    for (int c = -200; c < 300; c++) {
        const char *at = c > 0 && c < 256 ? strchr(digits, c) : NULL;

        check_int(digits_hex_value(c), !at ? -1 : at - digits < 16 ? at - digits : at - digits - 6);
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        digits_hex(&(unsigned char){(unsigned char)byte}, 1, two);
        check_int(digits_hex_byte(two), byte);
    }
    check_int(digits_hex_byte("fF"), 255);
    check_int(digits_hex_byte("g0"), -1);
    check_int(digits_hex_byte("0g"), -1);
    check_int(digits_hex_byte("0"), -1);
}

TEST(padded_digits_are_as_many_as_were_asked_for)
{
    char got[24], want[32];

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        memset(got, '?', sizeof got);
        digits_padded(odd[i], got + 1, 20);
        snprintf(want, sizeof want, "?%020" PRIu64 "???", odd[i]);
        check(!memcmp(got, want, sizeof got));
    }
    memset(got, '?', sizeof got);
    digits_padded(12345, got, 3);
    check(!memcmp(got, "345?", 4));
}

TEST(digits_are_read_back_and_what_is_no_number_or_too_large_is_refused)
{
    static const char *const bad[] = {"0000000000000000000x", "+0000000000000000001", " 0000000000000000001", "18446744073709551616", "99999999999999999999",
                                      "0000000000:000000000", "0000000000/000000000", "000000000\xc2\xb2 00000000"};
    uint64_t got = 0;
    char text[24];

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        digits_padded(odd[i], text, 20);
        memcpy(text + 20, "9", 2);              /* the digit behind them is not read */
        check(digits_read(text, 20, &got) && got == odd[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) check(!digits_read(bad[i], 20, &got));
    check(digits_read("007", 3, &got) && got == 7);
}

TEST(bytes_are_two_lower_case_hex_digits_each)
{
    unsigned char all[256];
    char got[520], want[3];

    for (int i = 0; i < 256; i++) all[i] = (unsigned char)i;
    memset(got, '?', sizeof got);
    digits_hex(all, sizeof all, got);
    for (int i = 0; i < 256; i++) {
        snprintf(want, sizeof want, "%02x", i);
        check(!memcmp(got + 2 * i, want, 2));
    }
    check(got[512] == '?');
}
