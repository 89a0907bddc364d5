/* JSON that was read, also JSON that was made to be read wrongly. */
#include "lib/test.h"

#include "base/json_doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_doc doc;             /* used again from text to text, as commands do */

static bool parse(const char *text)
{
    return json_doc_parse(&doc, (struct span){text, strlen(text)});
}

static const char *text_at(const char *path)
{
    static char out[256];
    struct bytes text = {0};

    if (!json_doc_text(&doc, json_find(&doc, JSON_ROOT, path), &text)) return NULL;
    snprintf(out, sizeof out, "%.*s", (int)text.size, text.data ? text.data : "");
    bytes_free(&text);
    return out;
}

TEST(members_are_found_by_path)
{
    check(parse("{\"a\":{\"b\":\"c\",\"d\":{\"e\":\"f\"}},\"b\":[1,{\"x\":2}],\"g\":\"h\"}"));
    check_text(text_at("a/b"), "c");
    check_text(text_at("a/d/e"), "f");
    check_text(text_at("g"), "h");
    check(!text_at("a/e") && !text_at("a") && !text_at("b") && !text_at("a/b/c") && !text_at("") && !text_at("/"));
    check_int(json_kind(&doc, json_find(&doc, JSON_ROOT, "b")), JSON_ARRAY);
    check_int(json_find(&doc, JSON_NONE, "a"), JSON_NONE);
}

TEST(arrays_and_objects_are_walked_in_order)
{
    json_at list, each = JSON_NONE;
    char seen[64] = "";

    check(parse("{\"l\":[[1,[2]],{\"k\":[3]},\"s\",4,null,true,false],\"m\":5}"));
    list = json_find(&doc, JSON_ROOT, "l");
    while ((each = json_next(&doc, list, each)) != JSON_NONE) sprintf(seen + strlen(seen), "%d ", json_kind(&doc, each));
    check_text(seen, "2 1 3 4 7 5 6 ");
    for (*seen = 0, each = JSON_NONE; (each = json_next(&doc, JSON_ROOT, each)) != JSON_NONE;) strncat(seen, json_doc_span(&doc, each).text, 1);
    check_text(seen, "lm");
    check_int(json_next(&doc, json_find(&doc, JSON_ROOT, "m"), JSON_NONE), JSON_NONE);
    check_int(json_next(&doc, JSON_NONE, JSON_NONE), JSON_NONE);
    check_int(json_next(&doc, JSON_ROOT, 9999), JSON_NONE);
}

TEST(escapes_become_the_characters_that_they_stand_for)
{
    check(parse("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"}"));
    check_text(text_at("a"), "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    check(!parse("{\"a\":\"\\ud83dx\"}") && !text_at("a"));
    check(parse("{\"a\":\"x\\u0000y\"}"));
    check(json_doc_is(&doc, json_find(&doc, JSON_ROOT, "a"), "x") == false);
    check_int(json_doc_span(&doc, json_find(&doc, JSON_ROOT, "a")).size, 8);
}

static bool parse_value(const char *text)
{
    static char whole[128];

    snprintf(whole, sizeof whole, "{\"n\":%s}", text);
    return parse(whole);
}

static bool number_at(const char *text, int64_t *number)
{
    *number = 77;
    return parse_value(text) && json_doc_number(&doc, json_find(&doc, JSON_ROOT, "n"), number);
}

TEST(numbers_are_whole_and_fit_64_bits_or_are_none)
{
    static const char *const bad[] = {"9223372036854775808", "-9223372036854775809", "1.0", "1e3", "-", "\"1\"", "null", "99999999999999999999999", "[]", "1x"};
    int64_t number;

    check(number_at("9223372036854775807", &number) && number == INT64_MAX);
    check(number_at("-9223372036854775808", &number) && number == INT64_MIN);
    check(number_at("-0", &number) && number == 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) if (!check(!number_at(bad[i], &number) && number == 77)) test_note("%s", bad[i]);
}

TEST(base64_is_padded_and_has_no_other_letters_or_bits)
{
    static const char *const bad[] = {"\"A\"", "\"AA\"", "\"AAA\"", "\"AA=A\"", "\"A===\"", "\"====\"", "\"AB==\"", "\"AAB=\"", "\"AA==AAAA\"", "\"AAA\\n\"", "\"A-_A\"",
                                      "\"AAAA \"", "\"\\u0041AAA\"", "7", "{}"};
    struct bytes out = {0};
    json_at list;

    check(parse("{\"l\":[\"TWFu\",\"TWE=\",\"TQ==\",\"\",\"+/+/\"]}"));
    list = json_find(&doc, JSON_ROOT, "l");
    for (json_at each = JSON_NONE; (each = json_next(&doc, list, each)) != JSON_NONE;) check(json_doc_base64(&doc, each, &out));
    check_bytes(out.data, out.size, "ManMaM\xfb\xff\xbf", 9);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!check(parse_value(bad[i]) && !json_doc_base64(&doc, json_find(&doc, JSON_ROOT, "n"), &out) && out.size == 9)) test_note("%s", bad[i]);
    bytes_free(&out);
}

TEST(a_value_of_a_text_is_a_document_of_its_own)
{
    static const char text[] = "{\"id\":7,\"data\":{\"a\":[1,{\"b\":\"c\"}],\"d\":\"e\"},\"hash\":\"f\"}";
    struct json_check check = {0};
    struct json_values values = {0};
    struct json_doc whole = {0};
    struct span span = {text, sizeof text - 1};

    check_int(json_check(&check, span.text, span.size, &values), JSON_GOOD);
    json_doc_view(&whole, span, &values, JSON_ROOT);
    check_int(whole.count, values.count);
    json_doc_view(&doc, span, &values, json_find(&whole, JSON_ROOT, "data"));
    check_text(text_at("d"), "e");
    check(!text_at("hash") && !text_at("id") && !text_at("data"));
    check_int(json_doc_span(&doc, JSON_ROOT).size, strlen("{\"a\":[1,{\"b\":\"c\"}],\"d\":\"e\"}"));
    check_int(json_kind(&doc, json_find(&doc, JSON_ROOT, "a")), JSON_ARRAY);
    json_doc_view(&doc, span, &values, json_find(&whole, JSON_ROOT, "none"));
    check_int(json_kind(&doc, JSON_ROOT), JSON_NOTHING);
    json_check_free(&check);
    json_values_free(&values);
}

TEST(what_is_no_json_never_makes_a_call_read_beyond_it)
{
    static const char *const odd[] = {
        "", "{", "}", "[", "\"", "{\"a\"", "{\"a\"}", "{\"a\" \"b\"}", "{\"a\":}", "{\"a\":,\"b\"}", "{\"a\":1 \"b\"}", "[1 2", "{\"a\":{\"b\"},\"c\":1}", "{,}", "{:}", "[:1]",
        "{\"a\":\"\\u12\"}", "{\"a\":\"\\", "nul", "{1:2}", "{{}:1}", "{[]:1}", "{\"a\":{\"b\":{\"c\"}}}", "{\"a\":\"b\",\"a\":\"c\"}",
    };

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        size_t size = strlen(odd[i]);
        char *exact = malloc(size + 1);         /* of just that size: the sanitizer sees a byte too many */
        struct bytes out = {0};
        int64_t number;

        memcpy(exact, odd[i], size);
        exact = realloc(exact, size ? size : 1);
        check(!json_doc_parse(&doc, (struct span){exact, size}) && doc.count == 0);
        for (json_at at = 0; at < 12; at++) {
            json_find(&doc, at, "a/b/c");
            json_kind(&doc, at);
            json_doc_text(&doc, at, &out);
            json_doc_number(&doc, at, &number);
            json_doc_base64(&doc, at, &out);
            json_member(&doc, at);
            for (json_at each = json_next(&doc, at, JSON_NONE), count = 0; each != JSON_NONE && check(count < 20); count++) each = json_next(&doc, at, each);
        }
        bytes_free(&out);
        free(exact);
    }
}

TEST(a_text_of_a_mebibyte_and_too_deep_a_one_are_borne)
{
    char *text = malloc(JSON_DOC_MAX + 2);

    memset(text, '[', JSON_DOC_MAX + 1);
    check(!json_doc_parse(&doc, (struct span){text, JSON_DOC_MAX}) && doc.count == 0);
    check(!json_doc_parse(&doc, (struct span){text, JSON_DOC_MAX + 1}) && doc.count == 0);
    memcpy(text, "{\"a\":[", 6);
    for (size_t i = 6; i < JSON_DOC_MAX; i++) text[i] = i % 2 ? ',' : '1';
    memcpy(text + JSON_DOC_MAX - 3, " ]}", 3);
    check(json_doc_parse(&doc, (struct span){text, JSON_DOC_MAX}));
    check_int(doc.count, 3 + (JSON_DOC_MAX - 8) / 2);
    check(doc.own.room * sizeof *doc.own.values <= 8 << 20);
    check(parse("{\"a\":1}") && json_find(&doc, JSON_ROOT, "a") != JSON_NONE);
    check(parse("{\"a\":1}") && doc.own.room <= 4096);          /* not kept for small texts */
    json_doc_free(&doc);
    check(parse("{}"));
    json_doc_free(&doc);
    free(text);
}
