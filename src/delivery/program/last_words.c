#include "last_words.h"

#include <string.h>

void last_words_add(struct last_words *words, const char *piece, size_t size)
{
    size_t kept = size < LAST_WORDS_MAX ? LAST_WORDS_MAX - size : 0;

    if (size > LAST_WORDS_MAX) {
        piece += size - LAST_WORDS_MAX;
        size = LAST_WORDS_MAX;
    }
    if (kept > words->size) kept = words->size;
    memmove(words->text, words->text + words->size - kept, kept);
    memcpy(words->text + kept, piece, size);
    words->size = kept + size;
}

static int last_words_is_blank(char c)
{
    return !c || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *last_words_line(struct last_words *words)
{
    size_t end = words->size, begin;

    while (end && last_words_is_blank(words->text[end - 1])) end--;
    words->text[end] = 0;
    for (begin = end; begin && words->text[begin - 1] != '\n'; begin--)
        if (!words->text[begin - 1]) words->text[begin - 1] = ' ';
    while (begin < end && last_words_is_blank(words->text[begin])) begin++;
    return words->text + begin;
}
