/* Base64 and PEM: what is found, where it is wrong, and that nothing is written beyond its room. */
#include "lib/test.h"
#include "base/base64.h"
#include "der/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What `text` decodes to, zero-terminated, in memory that is just as large as it may have to be; "!N" where it is wrong at N. */
static const char *decoded(const char *text, bool blanks)
{
    static char out[64];
    size_t size = strlen(text), used = 99, wrong;
    unsigned char *room = malloc(BASE64_ROOM(size)), *own = malloc(size + 1);

    memcpy(own, text, size);
    wrong = base64_decode(own, size, blanks, room, &used);
    if (wrong < size) snprintf(out, sizeof out, "!%u", (unsigned)wrong);
    else snprintf(out, sizeof out, "%.*s", (int)used, (const char *)room);
    if (wrong == size) {
        check(base64_decode(own, size, blanks, own, &used) == size);       /* on top of itself */
        check(!memcmp(own, room, used));
    }
    free(room);
    free(own);
    return out;
}

TEST(base64_is_decoded_with_each_number_of_pads)
{
    check_text(decoded("", false), "");
    check_text(decoded("YQ==", false), "a");
    check_text(decoded("YWI=", false), "ab");
    check_text(decoded("YWJj", false), "abc");
    check_text(decoded("YWJjZGVm", false), "abcdef");
    check_text(decoded("Pj8/Pj4+", false), ">?" "?>>>");
}

TEST(what_is_no_base64_is_refused_at_the_byte_that_offends)
{
    static const struct { const char *text, *verdict; } wrong[] = {
        {"Y", "!0"}, {"YQ", "!1"}, {"YQ=", "!2"}, {"YQ===", "!4"}, {"YWI", "!2"}, {"YWI==", "!4"}, {"YWJj=", "!4"}, {"=", "!0"},
        {"YR==", "!3"}, {"YWJ=", "!3"}, {"YQ==YQ==", "!4"}, {"YW-j", "!2"}, {"YW_j", "!2"}, {"YW\xC3\xA4j", "!2"}, {"YWJj\n", "!4"}, {" YWJj", "!0"},
        {"YWJj YQ==", "!4"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) check_text(decoded(wrong[i].text, false), wrong[i].verdict);
}

TEST(blanks_stand_anywhere_where_they_are_allowed)
{
    check_text(decoded(" Y\r\nQ\t=\n= \n", true), "a");
    check_text(decoded("\r\n", true), "");
    check_text(decoded("YQ=\r\n", true), "!2");
    check_text(decoded("YQ=\f=", true), "!3");
}

/* Every block of the text, as "LABEL@offset:base64|"; what ends it is "." or "unended". */
static const char *blocks(const char *text)
{
    static char out[512];
    size_t size = strlen(text);
    char *own = malloc(size ? size : 1);
    struct pem_block block;
    enum pem_result result;
    struct pem pem;

    memcpy(own, text, size);
    *out = 0;
    for (pem_begin(&pem, own, size); (result = pem_next(&pem, &block)) == PEM_BLOCK;)
        snprintf(out + strlen(out), sizeof out - strlen(out), "%.*s@%u:%.*s|", (int)block.label.size, (const char *)block.label.data,
                 (unsigned)block.offset, (int)block.base64.size, (const char *)block.base64.data);
    check(pem_next(&pem, &block) == PEM_END);
    snprintf(out + strlen(out), sizeof out - strlen(out), "%s", result == PEM_END ? "." : "unended");
    free(own);
    return out;
}

TEST(blocks_are_found_one_after_the_other_and_the_text_around_them_is_passed_over)
{
    check_text(blocks("-----BEGIN A-----\nYQ==\n-----END A-----\n"), "A@17:\nYQ==\n|.");
    check_text(blocks("subject=x\r\n-----BEGIN X509 CRL-----\r\nYQ==\r\n-----END X509 CRL-----\r\n# next\n-----BEGIN B-----Yg==-----END B-----tail"),
               "X509 CRL@35:\r\nYQ==\r\n|B@91:Yg==|.");
    check_text(blocks("\xEF\xBB\xBF-----BEGIN A-----YQ==-----END A-----"), "A@20:YQ==|.");
    check_text(blocks("-----BEGIN -----YQ==-----END -----"), "@16:YQ==|.");
}

TEST(text_without_a_BEGIN_line_is_one_block)
{
    check_text(blocks("YQ==\r\n"), "@0:YQ==\r\n|.");
    check_text(blocks(""), "@0:|.");
    check_text(blocks("\xEF\xBB\xBFYQ=="), "@3:YQ==|.");
    check_text(blocks("-----BEGIN A\n-----"), "@0:-----BEGIN A\n-----|.");
    check_text(blocks("-----BEGIN "), "@0:-----BEGIN |.");
    check_text(blocks("-----BEGIN 12345678901234567890123456789012345678901234567890123456789012345-----Y"),
               "@0:-----BEGIN 12345678901234567890123456789012345678901234567890123456789012345-----Y|.");
}

TEST(a_block_without_its_END_line_ends_the_text)
{
    check_text(blocks("-----BEGIN A-----\nYQ=="), "unended");
    check_text(blocks("-----BEGIN A-----\nYQ==\n-----END B-----\n-----BEGIN C-----Yg==-----END C-----"), "unended");
    check_text(blocks("-----BEGIN A-----\nYQ==\n-----END A"), "unended");
    check_text(blocks("-----BEGIN A-----Y-----END A----------BEGIN A-----"), "A@17:Y|unended");
}
