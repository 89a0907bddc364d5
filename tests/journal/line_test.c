/* A line of a journal: made, read back, and refused when anything about it is not as the format says. */
#include "lib/test.h"
#include "lib/line_make.h"


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN   "01234567-89ab-4def-8123-456789abcdef"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static const struct line_place place = {RUN, "/adcs/ca/CA", 5, ZEROS, 4};

/* A line as line_make makes it. */
static void make(struct bytes *out)
{
    char hash[LINE_HASH_SIZE + 1] = "poison";

    check_hr(line_make(out, &place, "certwitness.certificate.issued", "request/1", 0, (struct span){"{\"event\":1}", 11}, hash), S_OK);
}

/* The same with `from` replaced by `to` before the hash is made: a forger who knows the format. */
static void forge(const char *from, const char *to, struct bytes *forged)
{
    struct bytes out = {0}, other = {0};
    uint8_t hash[32];
    char *at;

    make(&out);
    out.size -= strlen(",\"hash\":\"\"}\n") + LINE_HASH_SIZE;
    bytes_add(&out, "", 1);
    if (!check((at = strstr(out.data, from)) != NULL)) return;
    bytes_add(&other, out.data, at - out.data);
    bytes_add_text(&other, to);
    bytes_add_text(&other, at + strlen(from));
    check_hr(os_sha256(other.data, other.size, hash), S_OK);
    bytes_add_text(&other, ",\"hash\":\"");
    for (int i = 0; i < 32; i++) bytes_printf(&other, "%02x", hash[i]);
    bytes_add_text(&other, "\"}\n");
    bytes_free(&out);
    *forged = other;
}

static enum line_fault forged(const char *from, const char *to)
{
    struct bytes text = {0};
    struct line line;
    enum line_fault fault;

    forge(from, to, &text);
    fault = line_read(text.data, text.size, &line);
    bytes_free(&text);
    return fault;
}

/* Of a line that line_read takes: whether it is JSON, which has to be what is said of the whole line, and the source text of its data. */
static enum json_verdict judged(const char *from, const char *to, char data[64])
{
    static struct json_check check_memory;
    struct json_values values = {0};
    struct json_doc doc = {0};
    struct bytes text = {0};
    struct line line;
    enum json_verdict verdict = JSON_NO_MEMORY;

    forge(from, to, &text);
    if (check_int(line_read(text.data, text.size, &line), LINE_OK)) {
        verdict = line_check_json(&check_memory, &line, &values, &doc);
        snprintf(data, 64, "%.*s", (int)json_doc_span(&doc, JSON_ROOT).size, json_doc_span(&doc, JSON_ROOT).text);
        check_int(json_check(&check_memory, text.data, text.size, NULL), verdict);
    }
    bytes_free(&text);
    json_values_free(&values);
    json_check_free(&check_memory);
    return verdict;
}

TEST(a_line_is_read_back_as_it_was_made)
{
    struct bytes out = {0};
    struct line line = {0};

    make(&out);
    check_int(line_read(out.data, out.size, &line), LINE_OK);
    check(span_is(line.run, RUN));
    check(span_is(line.source, "/adcs/ca/CA"));
    check(span_is(line.type, "certwitness.certificate.issued"));
    check(span_is(line.subject, "request/1"));
    check(span_is(line.time, "1970-01-01T00:00:00.000Z"));
    check_int(line.sequence, 5);
    check(span_is(line.previous, ZEROS));
    check_int(line.flushed, 4);
    check(span_is(line.data, "{\"event\":1}"));
    bytes_free(&out);
}

TEST(any_changed_byte_is_found)
{
    struct bytes out = {0};
    struct line line;

    make(&out);
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] ^= 1;
        if (!check(line_read(out.data, out.size, &line) != LINE_OK)) test_note("    byte %d", (int)i);
        out.data[i] ^= 1;
    }
    check_int(line_read(out.data, out.size, &line), LINE_OK);
    bytes_free(&out);
}

TEST(any_shortened_line_is_found)
{
    struct bytes out = {0};
    struct line line;

    make(&out);
    for (size_t size = 0; size < out.size; size++) {
        char *exact = malloc(size + !size);     /* so that a sanitizer sees a byte read too far */

        memcpy(exact, out.data, size);
        check_int(line_read(exact, size, &line), LINE_NO_END);
        if (size) {
            exact[size - 1] = '\n';
            check(line_read(exact, size, &line) != LINE_OK);
        }
        free(exact);
    }
    bytes_free(&out);
}

TEST(a_forged_form_is_refused)
{
    check_int(forged("\"event\":1", "\"event\":2"), LINE_OK);       /* the forger's hash is right: only the form is judged */
    check_int(forged("{\"specversion\"", "{ \"specversion\""), LINE_FORM);
    check_int(forged("\"flushed\":\"00000000000000000004\"", "\"flushed\":\"00000000000000000005\""), LINE_FORM);
    check_int(forged("\"flushed\":\"00000000000000000004\"", "\"flushed\":\"4\""), LINE_FORM);
    check_int(forged("\"sequence\":\"00000000000000000005\"", "\"sequence\":\"00000000000000000006\""), LINE_FORM);
    check_int(forged("\"sequence\":\"00000000000000000005\"", "\"sequence\":\"99999999999999999999\""), LINE_FORM);
    check_int(forged("\"sequence\":\"00000000000000000005\"", "\"sequence\":\"0000000000000000000x\""), LINE_FORM);
    check_int(forged(",\"subject\":\"request/1\"", ""), LINE_OK);
    check_int(forged("\"source\":\"/adcs", "\"source\":\"\\u002fadcs"), LINE_FORM);
    check_int(forged("\"previoushash\":\"0", "\"previoushash\":\"A"), LINE_FORM);
    check_int(forged("\"previoushash\":\"0", "\"previoushash\":\""), LINE_FORM);
    check_int(forged("\"data\":{", "\"data\":["), LINE_FORM);
    check_int(forged("{\"event\":1}", "{\"event\":1]"), LINE_FORM);
    check_int(forged("\"event\":1", "\"event\":\n1"), LINE_FORM);
    check_int(forged("\"type\"", "\"Type\""), LINE_FORM);
}

TEST(what_cannot_be_a_line_leaves_nothing_behind)
{
    static char large[LINE_DATA_MAX + 1];
    char source[LINE_SOURCE_MAX + 2], hash[LINE_HASH_SIZE + 1];
    struct line_place with = place;
    struct bytes out = {0};
    struct span data = {"{}", 2};

    bytes_add(&out, "before", 6);
    check_hr(line_make(&out, &place, "certwitness.x", NULL, INT64_MAX, data, hash), E_INVALIDARG);
    check_hr(line_make(&out, &place, "certwitness.x", NULL, 0, (struct span){large, sizeof large}, hash), E_INVALIDARG);
    memset(source, 'x', sizeof source - 1);
    source[sizeof source - 1] = 0;
    with.source = source;
    check_hr(line_make(&out, &with, "certwitness.x", NULL, 0, data, hash), E_INVALIDARG);
    with.source = "/adcs/\\";
    check_hr(line_make(&out, &with, "certwitness.x", NULL, 0, data, hash), E_INVALIDARG);
    with = place;
    with.run = "no run";
    check_hr(line_make(&out, &with, "certwitness.x", NULL, 0, data, hash), E_INVALIDARG);
    with = place;
    with.flushed = 5;
    check_hr(line_make(&out, &with, "certwitness.x", NULL, 0, data, hash), E_INVALIDARG);
    check_hr(line_make(&out, &place, "certwitness.\"", NULL, 0, data, hash), E_INVALIDARG);
    check_hr(line_make(&out, &place, "certwitness.x", "request/\n", 0, data, hash), E_INVALIDARG);
    check_hr(line_make(&out, &place, "certwitness.x", NULL, 0, (struct span){"[]", 2}, hash), E_INVALIDARG);
    check_hr(line_make(&out, &place, "certwitness.x", NULL, 0, (struct span){"{\"a\":}", 6}, hash), E_INVALIDARG);
    out.limit = 300;
    check_hr(line_make(&out, &place, "certwitness.x", NULL, 0, data, hash), E_OUTOFMEMORY);
    check_bytes(out.data, out.size, "before", 6);
    check(!out.failed);
    bytes_fail(&out);
    check_hr(line_make(&out, &place, "certwitness.x", NULL, 0, data, hash), E_OUTOFMEMORY);
    check(out.failed);                                  /* what it held may have pieces missing */
    check_bytes(out.data, out.size, "before", 6);
    bytes_free(&out);
}

TEST(a_line_is_json_if_its_envelope_and_its_data_are)
{
    char data[64] = "", deep[200] = "{\"event\":";

    check_int(judged("1}", "1}", data), JSON_GOOD);
    check_text(data, "{\"event\":1}");
    check_int(judged("/adcs/ca/CA", "/adcs/\xc3\xa9/CA", data), JSON_GOOD);
    check_text(data, "{\"event\":1}");
    check_int(judged("1}", "1},\"more\":{\"a\":2}", data), JSON_GOOD);           /* not as we write it, but JSON */
    check_text(data, "{\"event\":1}");
    check_int(judged("1}", "1},\"data\":{\"a\":2}", data), JSON_BAD);
    check_int(judged("1}", "1,\"event\":2}", data), JSON_BAD);
    check_int(judged("/adcs/ca/CA", "/adcs/\xe9/CA", data), JSON_BAD);
    check_int(judged("/adcs/ca/CA", "/adcs/\x01/CA", data), JSON_BAD);
    check_int(judged("certificate.issued", "certificate.\xff", data), JSON_BAD);
    check_int(judged("1}", "1}}", data), JSON_BAD);
    check_int(judged("{\"event\":1}", "{}{}", data), JSON_BAD);
    for (int i = 0; i < 62; i++) strcat(deep, "[");
    for (int i = 0; i < 62; i++) strcat(deep, "]");
    strcat(deep, "}");
    check_int(judged("{\"event\":1}", deep, data), JSON_GOOD);
    memmove(deep + 10, deep + 9, strlen(deep + 9) + 1);
    deep[9] = '[';
    deep[strlen(deep) - 1] = ']';
    strcat(deep, "}");
    check_int(judged("{\"event\":1}", deep, data), JSON_BAD);
}
