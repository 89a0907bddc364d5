/* What is kept of a program's standard error: the end, whatever the pieces in which it came. */
#include "lib/test.h"

#include "delivery/program/last_words.h"

#include <stdio.h>
#include <string.h>

static struct last_words words;

static const char *line_of(const char *text, size_t size)
{
    memset(&words, 0, sizeof words);
    last_words_add(&words, text, size);
    return last_words_line(&words);
}

TEST(the_last_line_that_is_not_blank_is_told_without_blanks_around_it)
{
    static const struct { const char *text, *want; } rows[] = {
        {"", ""}, {"one", "one"}, {"one\n", "one"}, {"one\ntwo\r\n\r\n \t\n", "two"}, {"\n\n", ""}, {"  a b \n", "a b"}, {"one\n  two", "two"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) check_text(line_of(rows[i].text, strlen(rows[i].text)), rows[i].want);
    check_text(line_of("a\0b\0c\0", 6), "a b c");
    check_text(line_of("x\n\0\0", 4), "x");
}

TEST(whatever_the_pieces_the_last_bytes_are_kept)
{
    static char text[3 * LAST_WORDS_MAX];

    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i % 23);
    for (size_t piece = 1; piece < sizeof text; piece += piece < 7 ? 1 : 1021) {
        memset(&words, 0, sizeof words);
        for (size_t at = 0; at < sizeof text; at += piece) last_words_add(&words, text + at, sizeof text - at < piece ? sizeof text - at : piece);
        check_bytes(words.text, words.size, text + sizeof text - LAST_WORDS_MAX, LAST_WORDS_MAX);
        check_int(strlen(last_words_line(&words)), LAST_WORDS_MAX);
    }
}
