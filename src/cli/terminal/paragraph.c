#include "paragraph.h"

#include "console.h"

#include <string.h>

unsigned paragraph_width(void)
{
    unsigned width = console_width();

    return !width ? 80 : width > 100 ? 100 : width;
}

#define UNBROKEN (1u << 20)             /* columns */

void paragraph_print(const char *text, size_t size, unsigned indent)
{
    struct bytes plain = {0};

    paragraph_add(&plain, text, size, indent, console_width() ? paragraph_width() : UNBROKEN);
    console_write(plain.data, plain.size);
    console_flush();
    bytes_free(&plain);
}

static void paragraph_add_blanks(struct bytes *out, unsigned count)
{
    while (count--) bytes_add_text(out, " ");
}

void paragraph_add(struct bytes *out, const char *text, size_t size, unsigned indent,
                   unsigned width)
{
    struct bytes word = {0};
    unsigned column = 0;

    for (size_t at = 0, end; at < size; at = end + 1) {
        const char *blank = memchr(text + at, ' ', size - at);
        unsigned columns;

        end = blank ? (size_t)(blank - text) : size;
        if (end == at) continue;
        word.size = 0;
        columns = console_add_text(&word, text + at, end - at, 0);
        if (column && column + 1 + columns > width) {
            bytes_add_text(out, "\n");
            column = 0;
        }
        paragraph_add_blanks(out, column ? 1 : indent);
        bytes_add(out, word.data, word.size);
        column = (column ? column + 1 : indent) + columns;
        if (word.failed) out->failed = true;
    }
    if (column) bytes_add_text(out, "\n");
    bytes_free(&word);
}
