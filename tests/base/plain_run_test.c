/* The plain beginning of a text: every length, every place, every byte. */
#include "base/plain_run.h"
#include "lib/test.h"

#include <stdlib.h>

/* A text of `size` bytes in memory of just that size, all of them `c`. */
static char *text_of(size_t size, char c)
{
    char *text = malloc(size ? size : 1);

    if (!text) abort();
    memset(text, c, size);
    return text;
}

TEST(a_run_ends_at_the_first_byte_that_is_not_plain)
{
    static const char others[] = {'"', '\\', '\n', 0, 0x1f, (char)0x80, (char)0xff};

    for (size_t size = 0; size < 300; size++) {
        char *text = text_of(size, 'M');

        check(plain_run(text, size) == size);
        for (size_t at = 0; at < size; at++) {
            text[at] = others[(at + size) % sizeof others];
            check(plain_run(text, size) == at);
            text[at] = 'M';
        }
        free(text);
    }
}

TEST(every_byte_is_plain_or_not_wherever_it_is)
{
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 200; at++) {
            char *text = text_of(200, 'M');

            text[at] = (char)c;
            check(plain_run(text, 200) == (is_plain((unsigned char)c) ? 200 : at));
            free(text);
        }
}

TEST(each_byte_of_a_block_has_its_bit)
{
    for (unsigned bits = 0; bits < 65536; bits++) {
        plain_block block;

        for (int i = 0; i < 16; i++) block[i] = bits >> i & 1 ? -1 : 0;
        check(plain_bits(block) == bits);
    }
}
