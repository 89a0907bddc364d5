/* Text of every kind, hostile included, becomes well-formed UTF-8. */
#include "lib/test.h"
#include "der/text.h"

#include <string.h>

#define FFFD "\xEF\xBF\xBD"

static void check_decoded(uint32_t tag, struct der_bytes content, struct der_bytes want, bool want_clean, int line)
{
    char out[256];
    bool clean = !want_clean;
    size_t got = der_text(tag, content, out, sizeof out, &clean);

    test_check_bytes(out, got, want.data, want.size, __FILE__, line, "the text");
    test_check(clean == want_clean, __FILE__, line, "clean is told rightly");
    test_check(der_text(tag, content, NULL, 0, NULL) == got, __FILE__, line, "asking for the size gives the same");
}
#define BYTES(text) ((struct der_bytes){(const void *)("" text), sizeof "" text - 1})
#define CLEAN(tag, bytes, want)    check_decoded(tag, BYTES(bytes), BYTES(want), true, __LINE__)
#define REPLACED(tag, bytes, want) check_decoded(tag, BYTES(bytes), BYTES(want), false, __LINE__)

TEST(plain_text_stays_as_it_is)
{
    CLEAN(DER_PRINTABLE_STRING, "*.example.org", "*.example.org");
    CLEAN(DER_IA5_STRING, "a@b", "a@b");
    CLEAN(DER_VISIBLE_STRING, "~", "~");
    CLEAN(DER_NUMERIC_STRING, "12 3", "12 3");
    CLEAN(DER_UTF8_STRING, "Zo\xC3\xAB M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x94\x91",
          "Zo\xC3\xAB M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x94\x91");
    CLEAN(DER_UTF8_STRING, "", "");
    CLEAN(DER_UTF8_STRING, "a\0b", "a\0b");
    CLEAN(DER_UTF8_STRING,
          "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
          "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
}

TEST(bytes_beyond_ascii_are_no_ascii)
{
    REPLACED(DER_PRINTABLE_STRING, "Z\xFC" "rich", "Z" FFFD "rich");
    REPLACED(DER_IA5_STRING, "\x80", FFFD);
}

TEST(teletex_is_taken_as_latin_1)
{
    CLEAN(DER_T61_STRING, "Z\xFCrich \xA9\x80", "Z\xC3\xBCrich \xC2\xA9\xC2\x80");
}

TEST(ill_formed_utf_8_is_replaced_piece_by_piece)
{
    REPLACED(DER_UTF8_STRING, "a\x80" "b", "a" FFFD "b");
    REPLACED(DER_UTF8_STRING, "\xC0\xAF", FFFD FFFD);                           /* overlong */
    REPLACED(DER_UTF8_STRING, "\xE0\x80\xAF", FFFD FFFD FFFD);
    REPLACED(DER_UTF8_STRING, "\xF0\x8F\xBF\xBF", FFFD FFFD FFFD FFFD);
    REPLACED(DER_UTF8_STRING, "\xED\xA0\x80", FFFD FFFD FFFD);                  /* a surrogate */
    REPLACED(DER_UTF8_STRING, "\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD);         /* beyond U+10FFFF */
    REPLACED(DER_UTF8_STRING, "\xF5\x80\xFF", FFFD FFFD FFFD);
    REPLACED(DER_UTF8_STRING, "\xE2\x82", FFFD);                                /* cut */
    REPLACED(DER_UTF8_STRING, "\xF0\x9F\x94" "a", FFFD "a");
    REPLACED(DER_UTF8_STRING, "\xE2\xE2\x82\xAC", FFFD "\xE2\x82\xAC");
    REPLACED(DER_UTF8_STRING, "\xC3", FFFD);
}

TEST(bmp_strings_are_read_as_windows_writes_them)
{
    CLEAN(DER_BMP_STRING, "\0Z\0\xFC \xAC", "Z\xC3\xBC\xE2\x82\xAC");
    CLEAN(DER_BMP_STRING, "\xD8\x3D\xDD\x11", "\xF0\x9F\x94\x91");
    CLEAN(DER_BMP_STRING, "\xD8\x00\xDC\x00\xDB\xFF\xDF\xFF", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
    CLEAN(DER_BMP_STRING, "\xFF\xFE", "\xEF\xBF\xBE");
}

TEST(lone_surrogates_and_half_characters_of_a_bmp_string_are_replaced)
{
    REPLACED(DER_BMP_STRING, "\xD8\x3D\0a", FFFD "a");
    REPLACED(DER_BMP_STRING, "\xDD\x11\0a", FFFD "a");
    REPLACED(DER_BMP_STRING, "\xD8\x3D", FFFD);
    REPLACED(DER_BMP_STRING, "\xD8\x3D\xDD", FFFD FFFD);
    REPLACED(DER_BMP_STRING, "\xD8\x3D\xD8\x3D\xDD\x11", FFFD "\xF0\x9F\x94\x91");
    REPLACED(DER_BMP_STRING, "\0a\0", "a" FFFD);
    REPLACED(DER_BMP_STRING, "a", FFFD);
}

TEST(universal_strings_are_utf_32)
{
    CLEAN(DER_UNIVERSAL_STRING, "\0\0\0Z\0\1\xF5\x11", "Z\xF0\x9F\x94\x91");
    CLEAN(DER_UNIVERSAL_STRING, "\0\x10\xFF\xFF", "\xF4\x8F\xBF\xBF");
    REPLACED(DER_UNIVERSAL_STRING, "\0\x11\0\0", FFFD);
    REPLACED(DER_UNIVERSAL_STRING, "\0\0\xD8\0", FFFD);
    REPLACED(DER_UNIVERSAL_STRING, "\xFF\xFF\xFF\xFF", FFFD);
    REPLACED(DER_UNIVERSAL_STRING, "\0\0\0a\0\0\0", "a" FFFD);
}

TEST(what_is_no_text_gives_none)
{
    REPLACED(DER_INTEGER, "\1", "");
    REPLACED(DER_OCTET_STRING, "abc", "");
    REPLACED(DER_SEQUENCE, "abc", "");
    check(!der_is_text(DER_UTC_TIME));
    check(der_is_text(DER_BMP_STRING));
}

TEST(text_is_cut_between_characters_and_its_size_still_told)
{
    struct der_bytes content = BYTES("\xE2\x82\xAC" "ab");
    char out[8];

    memset(out, 'x', sizeof out);
    check_int(der_text(DER_UTF8_STRING, content, out, 2, NULL), 5);
    check(out[0] == 'x');                       /* nothing, rather than part of a character or what stands behind it */
    check_int(der_text(DER_UTF8_STRING, content, out, 4, NULL), 5);
    check_bytes(out, 5, "\xE2\x82\xAC" "ax", 5);
}
