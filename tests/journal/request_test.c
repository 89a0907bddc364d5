/* A request to prune: made and read, and everything that is none. */
#include "lib/test.h"

#include "journal/request.h"

#include <stdlib.h>
#include <string.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct request sample(void)
{
    return (struct request){.last = {42, HASH}, .segments = 3, .before = "2025-11-28T12:00:00.000Z", .archived = true,
                            .rule = "--older-than 365d --now 2026-11-28", .account = "CORP\\Zo\xc3\xab"};
}

static struct bytes made(const struct request *request)
{
    struct bytes text = {0};

    check(request_make(request, &text));
    return text;
}

/* The bytes of a request, changed, with an end that fits them. */
static void seal(struct bytes *text)
{
    uint8_t hash[32];

    check_hr(os_sha256(text->data, text->size, hash), S_OK);
    bytes_add_text(text, "end ");
    for (int i = 0; i < 32; i++) bytes_printf(text, "%02x", hash[i]);
    bytes_add_text(text, "\n");
}

TEST(a_request_is_read_as_it_was_made)
{
    struct request request = sample(), found;
    struct bytes text = made(&request);

    memset(&found, 0xee, sizeof found);
    check_int(request_read(text.data, text.size, &found), REQUEST_WHOLE);
    check_int(found.last.sequence, 42);
    check_text(found.last.hash, HASH);
    check_int(found.segments, 3);
    check(found.archived);
    check_text(found.before, request.before);
    check_text(found.rule, request.rule);
    check_text(found.account, request.account);
    bytes_free(&text);
}

TEST(the_longest_request_is_read)
{
    struct request request = sample(), found;
    struct bytes text;

    memset(request.rule, 'r', REQUEST_TEXT_MAX);
    memset(request.account, 'a', REQUEST_TEXT_MAX);
    text = made(&request);
    check(text.size <= REQUEST_SIZE_MAX);
    check_int(request_read(text.data, text.size, &found), REQUEST_WHOLE);
    check_int(strlen(found.account), REQUEST_TEXT_MAX);
    bytes_free(&text);
}

TEST(a_request_that_is_cut_off_anywhere_is_not_finished)
{
    struct request request = sample(), found;
    struct bytes text = made(&request);

    for (size_t size = 0; size < text.size; size++) {
        char *piece = malloc(size + !size);             /* no byte more, for the sanitizer */

        if (size) memcpy(piece, text.data, size);
        check_int(request_read(piece, size, &found), REQUEST_UNFINISHED);
        free(piece);
    }
    bytes_free(&text);
}

TEST(no_byte_of_a_request_can_be_changed_and_nothing_can_follow)
{
    struct request request = sample(), found;
    struct bytes text = made(&request);

    for (size_t at = 0; at < text.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            text.data[at] ^= (char)(1 << bit);
            check(request_read(text.data, text.size, &found) != REQUEST_WHOLE);
            text.data[at] ^= (char)(1 << bit);
        }
    bytes_add_text(&text, "\n");
    check(request_read(text.data, text.size, &found) != REQUEST_WHOLE);
    bytes_free(&text);
}

TEST(what_is_not_as_it_must_be_is_not_made_and_is_wrong_where_somebody_else_made_it)
{
    static const struct { const char *right, *wrong; } doctored[] = {
        {"certwitness prune 1", "certwitness prune 2"}, {"sequence 00000000000000000042", "sequence 00000000000000000000"},
        {"sequence 00000000000000000042", "sequence 18446744073709551615"}, {"sequence 00000000000000000042", "sequence 18446744073709551616"},
        {"sequence 00000000000000000042", "sequence -0000000000000000042"}, {"sequence 00000000000000000042", "sequence 42"},
        {"hash 0", "hash G"}, {"hash 0123", "hash 123"}, {"segments 00000000000000000003", "segments 00000000000000000000"},
        {"before 2025-11-28T12:00:00.000Z", "before 2025-11-28 12:00:00.000Z"}, {"then archived", "then shredded"}, {"then archived", "then "},
        {"rule --older", "rule \x1b[2Jolder"}, {"rule --older", "rule \xe2\x80\xaeolder"}, {"rule --older", "rule \xff"}, {"account CORP\\Zo", "account \t"},
        {"account CORP\\Zo\xc3\xab", "account "}, {"account", "Account"}, {"\nrule", "\n rule"}, {"\nrule", "\n\nrule"}, {"rule --older", "rule x\naccount y\nrule z"},
        {"rule --older", "rule \r"},
    };

    for (size_t i = 0; i < sizeof doctored / sizeof *doctored; i++) {
        struct request request = sample(), found;
        struct bytes text = made(&request), other = {0};
        char *at;

        bytes_add(&text, "", 1);
        text.size -= 1 + 69;                            /* its end */
        text.data[text.size] = 0;
        if (!check((at = strstr(text.data, doctored[i].right)) != NULL)) continue;
        bytes_add(&other, text.data, (size_t)(at - text.data));
        bytes_add_text(&other, doctored[i].wrong);
        bytes_add_text(&other, at + strlen(doctored[i].right));
        seal(&other);
        if (!check_int(request_read(other.data, other.size, &found), REQUEST_WRONG)) test_note("    %s", doctored[i].wrong);
        bytes_free(&text);
        bytes_free(&other);
    }
}

TEST(a_field_that_is_not_as_it_must_be_makes_no_request)
{
    struct bytes out = {0};
    struct request request;

    request = sample(), request.last.sequence = 0;
    check(!request_make(&request, &out));
    request = sample(), request.segments = 0;
    check(!request_make(&request, &out));
    request = sample(), *request.last.hash = 'X';
    check(!request_make(&request, &out));
    request = sample(), strcpy(request.rule, "a\nb");
    check(!request_make(&request, &out));
    request = sample(), *request.account = 0;
    check(!request_make(&request, &out));
    request = sample(), strcpy(request.before, "yesterday");
    check(!request_make(&request, &out));
    check_int(out.size, 0);
    bytes_free(&out);
}
