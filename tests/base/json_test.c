/* The JSON writer: whatever an enrollee wrote comes out as one line of valid JSON that no terminal stumbles over. */
#include "lib/test.h"

#include "base/json.h"
#include "base/utc.h"

#include <string.h>

static struct bytes out;

static const char *written(void)
{
    bytes_add(&out, "", 1);
    return out.failed ? "(failed)" : out.data;
}

static const char *string(const char *text, size_t size)
{
    struct json json = {.out = &out};

    bytes_free(&out);
    json_string(&json, NULL, text, size);
    return written();
}
#define STRING(literal) string(literal, sizeof(literal) - 1)

TEST(members_nest_and_are_separated)
{
    struct json json = {.out = &out};

    bytes_free(&out);
    json_object(&json, NULL);
    json_number(&json, "a", -5);
    json_array(&json, "b");
    json_bool(&json, NULL, true);
    json_object(&json, NULL);
    json_end(&json);
    json_end(&json);
    json_members(&json, "\"c\":1,\"d\":[]", 12);
    json_members(&json, "", 0);
    json_text(&json, "e", "");
    json_hex(&json, "f", "\x00\xfe", 2);
    json_end(&json);
    check_text(written(), "{\"a\":-5,\"b\":[true,{}],\"c\":1,\"d\":[],\"e\":\"\",\"f\":\"00fe\"}");
}

TEST(a_number_keeps_all_its_digits)
{
    struct json json = {.out = &out};

    bytes_free(&out);
    json_number(&json, NULL, INT64_MIN);
    json_number(&json, NULL, INT64_MAX);
    check_text(written(), "-9223372036854775808,9223372036854775807");
}

TEST(printable_text_stays_as_it_is)
{
    check_text(STRING("CN=Zo\xc3\xab M\xc3\xbcller, O=\xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x94\x91/'<>&"),
               "\"CN=Zo\xc3\xab M\xc3\xbcller, O=\xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x94\x91/'<>&\"");
}

TEST(what_json_forbids_is_escaped)
{
    check_text(STRING("a\"b\\c\b\f\n\r\t\x01\x1f"), "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0001\\u001f\"");
    check_text(STRING("nul\0nul"), "\"nul\\u0000nul\"");
}

TEST(what_steers_a_terminal_is_escaped)
{
    check_text(STRING("\x1b[2J\x7f\xc2\x9b"), "\"\\u001b[2J\\u007f\\u009b\"");
    check_text(STRING("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\"");
    check_text(STRING("\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xef\xbb\xbf\xe2\x80\x8b"), "\"\\u202e\\u2066\\u061c\\ufeff\\u200b\"");
    check_text(STRING("\xf3\xa0\x80\x81\xf0\x9f\xbf\xbe"), "\"\\udb40\\udc01\\ud83f\\udffe\"");
}

TEST(what_is_no_utf8_becomes_a_replacement_character)
{
    check_text(STRING("\x80"), "\"\xef\xbf\xbd\"");
    check_text(STRING("a\xc3"), "\"a\xef\xbf\xbd\"");
    check_text(STRING("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_text(STRING("\xe0\x80\xaf\xf0\x80\x80\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_text(STRING("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_text(STRING("\xf4\x90\x80\x80z"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
    check_text(STRING("\xef\xbf\xbd"), "\"\xef\xbf\xbd\"");
}

TEST(base64_agrees_with_rfc_4648)
{
    static const struct { const char *in, *out; } vectors[] = {
        {"", "\"\""}, {"f", "\"Zg==\""}, {"fo", "\"Zm8=\""}, {"foo", "\"Zm9v\""}, {"foob", "\"Zm9vYg==\""},
        {"fooba", "\"Zm9vYmE=\""}, {"foobar", "\"Zm9vYmFy\""}, {"\xff\xfe\xfd", "\"//79\""},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct json json = {.out = &out};

        bytes_free(&out);
        json_base64(&json, NULL, vectors[i].in, strlen(vectors[i].in));
        check_text(written(), vectors[i].out);
    }
}

TEST(a_limit_is_kept_and_remembered)
{
    struct bytes small = {.limit = 10};

    bytes_add(&small, "12345", 5);
    bytes_add(&small, "678901", 6);
    check(small.failed);
    check_int(small.size, 5);
    bytes_add(&small, "x", 1);
    check_int(small.size, 5);
    bytes_reset(&small, 0);
    check(!small.failed && !small.data);
}

TEST(nesting_too_deep_fails_instead_of_writing_nonsense)
{
    struct json json = {.out = &out};

    for (int i = 0; i < JSON_DEPTH_MAX + 3; i++) json_array(&json, NULL);
    for (int i = 0; i < JSON_DEPTH_MAX + 3; i++) json_end(&json);
    check(out.failed);
    bytes_free(&out);
}

TEST(an_end_too_many_fails)
{
    struct json json = {.out = &out};

    json_end(&json);
    check(out.failed);
    bytes_free(&out);
}

static void check_utc(int64_t micros, bool always_ms, const char *want)
{
    char text[UTC_TEXT_MAX] = "poison";

    check_int(utc_text(micros, always_ms, text), *want != 0);
    check_text(text, want);
}

TEST(points_in_time_are_rfc_3339)
{
    check_utc(0, false, "1970-01-01T00:00:00Z");
    check_utc(0, true, "1970-01-01T00:00:00.000Z");
    check_utc(-1000, false, "1969-12-31T23:59:59.999Z");
    check_utc(951782400000000, false, "2000-02-29T00:00:00Z");
    check_utc(4107542400000000, false, "2100-03-01T00:00:00Z");
    check_utc(1795255200123999, false, "2026-11-21T10:00:00.123Z");
    check_utc(-11644473600000000, false, "1601-01-01T00:00:00Z");
    check_utc(253402300799999999, true, "9999-12-31T23:59:59.999Z");
}

TEST(points_in_time_out_of_range_are_refused)
{
    check_utc(-11644473600000001, false, "");
    check_utc(253402300800000000, false, "");
    check_utc(INT64_MIN, true, "");
    check_utc(INT64_MAX, true, "");
}
