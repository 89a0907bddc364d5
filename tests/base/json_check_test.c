/* The strict checker of JSON says yes to what every parser reads the same way, and no to all else. */
#include "lib/test.h"

#include "base/json_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_check memory;

/* In memory of exactly that size, so that a sanitizer sees a byte read too far. */
static enum json_verdict verdict(const char *text, size_t size)
{
    char *exact = malloc(size + !size);
    enum json_verdict got;

    memcpy(exact, text, size);
    got = json_check(&memory, exact, size, NULL);
    free(exact);
    return got;
}

static void each(const char *const *texts, enum json_verdict want)
{
    for (; *texts; texts++) if (!check_int(verdict(*texts, strlen(*texts)), want)) test_note("    %s", *texts);
}

TEST(what_is_json_is_taken)
{
    static const char *const good[] = {
        "{}", " {\t\"a\" : [ ] ,\r\n\"b\":{ }} ", "{\"\":0}", "{\"a\":[1,2,[3],{\"a\":1}],\"b\":{\"a\":{\"a\":null}}}",
        "{\"a\":-0,\"b\":0.5,\"c\":1e5,\"d\":-12.50E-05,\"e\":1E+2,\"f\":123456789012345678901234567890}",
        "{\"a\":true,\"b\":false,\"c\":null,\"d\":\"\"}", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\"}",
        "{\"a\":\"\x7f\xc2\x80\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"}", "{\"a\":1,\"A\":1,\"a\\u0000\":1}",
        "{\"a\":{\"x\":1},\"b\":{\"x\":1}}", NULL,
    };

    each(good, JSON_GOOD);
}

TEST(what_is_no_json_object_is_refused)
{
    static const char *const bad[] = {
        "", " ", "[]", "1", "\"a\"", "null", "{", "}", "{}}", "{}{}", "{} x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\":1 \"b\":2}",
        "{a:1}", "{'a':1}", "{\"a\":1]", "{\"a\":[1}", "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1 2]}", "{\"a\":01}", "{\"a\":-}", "{\"a\":+1}",
        "{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":1e+}", "{\"a\":0x1}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":-Infinity}", "{\"a\":True}",
        "{\"a\":nul}", "{\"a\":tru", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\u00", "{\"a\":\"\\u00g0\"}", "{\"a\":\"\\x41\"}", "{\"a\":\"\\'\"}",
        "{\"a\":\"\t\"}", "{\"a\":\"\n\"}", "{\"a\":\"\x1f\"}", "\xef\xbb\xbf{}", "{/**/}", "{\"a\":1//\n}", "{}\f", "{}\xc2\xa0", NULL,
    };

    each(bad, JSON_BAD);
    check_int(verdict("{\"a\":1}\0", 8), JSON_BAD);
    check_int(verdict("{\"a\":\"\0\"}", 9), JSON_BAD);
    check_int(verdict("{\"a\":\"\\\0\"}", 10), JSON_BAD);
    check_int(verdict("{\"a\":\"\\u\0000000\"}", 14), JSON_BAD);
}

TEST(what_is_no_utf_8_is_refused)
{
    static const char *const bad[] = {
        "{\"a\":\"\x80\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xc1\xbf\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xe0\x9f\xbf\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xed\xbf\xbf\"}", "{\"a\":\"\xf0\x8f\xbf\xbf\"}", "{\"a\":\"\xf4\x90\x80\x80\"}", "{\"a\":\"\xf5\x80\x80\x80\"}", "{\"a\":\"\xff\"}",
        "{\"\xff\":1}", "{\"a\":\"\xe2\x80", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800x\"}", "{\"a\":\"\\ud800\\n\"}", "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\ud83d\\ude0\"}", NULL,
    };

    each(bad, JSON_BAD);
}

TEST(every_byte_counts_wherever_it_stands_in_a_long_string)
{
    char text[80];

    for (int round = 0; round < 2 * 50 * 256; round++) {
        int byte = round % 256, at = round / 256 % 50, name = round / 256 / 50;
        int size = snprintf(text, sizeof text, name ? "{\"%050d\":1}" : "{\"a\":\"%050d\"}", 0);
        bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';

        text[(name ? 2 : 6) + at] = (char)byte;
        if (!check_int(verdict(text, (size_t)size), plain ? JSON_GOOD : JSON_BAD)) test_note("    byte 0x%02x at %d", byte, at);
    }
}

TEST(a_name_that_stands_twice_in_one_object_is_refused_however_it_is_escaped)
{
    static const char *const bad[] = {
        "{\"a\":1,\"a\":1}", "{\"\":1,\"\":2}", "{\"a\":1,\"\\u0061\":1}", "{\"\\u00e9\":1,\"\xc3\xa9\":1}", "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}",
        "{\"b\":{\"a\":1,\"c\":{\"a\":2},\"a\":1}}", "{\"b\":[{},{\"a\":1,\"a\":[]}]}", "{\"a\":{\"a\":{}},\"a\":{}}", "{\"\\/\":1,\"/\":1}", NULL,
    };

    each(bad, JSON_BAD);
}

TEST(every_beginning_of_a_good_text_is_bad)
{
    static const char text[] = "{\"a\\u00e9\\ud83d\\ude00\xc3\xa9\":[1.5e-3,true,{\"b\":null}],\"c\":\"\\n\"}";

    for (size_t size = 0; size + 1 < sizeof text; size++) if (!check_int(verdict(text, size), JSON_BAD)) test_note("    %d bytes", (int)size);
    check_int(verdict(text, sizeof text - 1), JSON_GOOD);
}

static enum json_verdict nested(int depth, const char *opening, const char *closing)
{
    char text[4096] = "{\"a\":";

    for (int i = 1; i < depth; i++) strcat(text, opening);
    strcat(text, "1");
    for (int i = 1; i < depth; i++) strcat(text, closing);
    strcat(text, "}");
    return verdict(text, strlen(text));
}

TEST(nesting_ends_at_sixty_four)
{
    check_int(nested(64, "[", "]"), JSON_GOOD);
    check_int(nested(65, "[", "]"), JSON_BAD);
    check_int(nested(64, "{\"a\":", "}"), JSON_GOOD);
    check_int(nested(65, "{\"a\":", "}"), JSON_BAD);
}

/* An object of `count` names, the last of which is `last`. */
static enum json_verdict many(int count, int last)
{
    char *text = malloc(16 * (size_t)count + 16), *at = text;
    enum json_verdict got;

    *at++ = '{';
    for (int i = 0; i + 1 < count; i++) at += sprintf(at, "\"%d\":0,", i);
    at += sprintf(at, "\"%d\":0}", last);
    got = verdict(text, at - text);
    free(text);
    return got;
}

TEST(thousands_of_names_are_told_apart)
{
    check_int(many(70000, 69999), JSON_GOOD);
    check_int(many(70000, 0), JSON_BAD);
    check_int(many(70000, 69998), JSON_BAD);
    check_int(many(129, 127), JSON_BAD);
    check_int(verdict("{\"a\":1}", 7), JSON_GOOD);
    json_check_free(&memory);
    check_int(verdict("{\"a\":1}", 7), JSON_GOOD);
    json_check_free(&memory);
}

TEST(a_text_of_very_many_names_does_not_make_those_behind_it_slow)
{
    struct json_check other = {0};

    check_int(many(70000, 69999), JSON_GOOD);
    check(memory.room >= 70000);
    check_int(verdict("{\"a\":1}", 7), JSON_GOOD);
    check_int(verdict("{\"a\":1}", 7), JSON_GOOD);
    check(memory.room <= 4096);                 /* it is wiped for every text */
    check_int(json_check(&other, "{\"a\":1}", 7, NULL), JSON_GOOD);
    check(memory.basis != other.basis);         /* nobody knows which names fall together */
    json_check_free(&other);
    json_check_free(&memory);
}

TEST(the_places_of_all_values_are_noted_and_of_a_bad_text_none)
{
    static const char good[] = "{\"a\":[-1.5,{\"\":\"\"}],\"b\":null}", bad[] = "{\"a\":1,\"b\":[1,2}";
    static const struct json_value want[] = {
        {0, 29, 9, JSON_OBJECT, false}, {2, 1, 1, JSON_TEXT, true}, {5, 14, 5, JSON_ARRAY, false}, {6, 4, 1, JSON_NUMBER, false}, {11, 7, 3, JSON_OBJECT, false},
        {13, 0, 1, JSON_TEXT, true}, {16, 0, 1, JSON_TEXT, false}, {21, 1, 1, JSON_TEXT, true}, {24, 4, 1, JSON_NULL, false},
    };
    struct json_values values = {0};

    check_int(json_check(&memory, good, sizeof good - 1, &values), JSON_GOOD);
    if (check_int(values.count, 9))
        for (int i = 0; i < 9; i++) {
            const struct json_value *got = &values.values[i];

            if (!check(got->start == want[i].start && got->size == want[i].size && got->values == want[i].values && got->kind == want[i].kind && got->is_name == want[i].is_name))
                test_note("    value %d", i);
        }
    check_int(json_check(&memory, bad, sizeof bad - 1, &values), JSON_BAD);
    check_int(values.count, 0);
    json_values_free(&values);
    json_check_free(&memory);
}
