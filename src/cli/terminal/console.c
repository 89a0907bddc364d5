#include "console.h"

#include "console_system.h"
#include "base/bytes.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE 65536

const char *console_name = "certwitness";

static struct bytes waiting;            /* for standard output */
static bool failed, progress_shown;
static volatile int interrupted;
static bool catching;

void console_open(void)
{
    console_system_open();
}

bool console_flush(void)
{
    if (waiting.failed ||
        (waiting.size && !failed && !console_system_write(CONSOLE_OUT, waiting.data, waiting.size)))
        failed = true;
    bytes_reset(&waiting, BUFFER_SIZE * 2);
    return !failed;
}

bool console_failed(void)
{
    return failed;
}

void console_write(const void *text, size_t size)
{
    if (failed) return;
    bytes_add(&waiting, text, size);
    if (waiting.failed || waiting.size >= BUFFER_SIZE) console_flush();
}

/* What was formatted may be of any length. */
static char *console_formatted(const char *format, va_list arguments, size_t *size)
{
    va_list again;
    char *text;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = length < 0 ? NULL : malloc((size_t)length + 1);
    *size = text ? (size_t)vsnprintf(text, (size_t)length + 1, format, arguments) : 0;
    return text;
}

void console_print(const char *format, ...)
{
    va_list arguments;
    size_t size;
    char *text;

    va_start(arguments, format);
    text = console_formatted(format, arguments, &size);
    va_end(arguments);
    if (text) console_write(text, size);
    else failed = true;
    free(text);
}

/* Break plain text at blanks, so that no line has more columns than `width`, except where a word
 * is longer. What is before `first` stays on the first line. */
static void console_break(struct bytes *text, size_t first, unsigned width)
{
    size_t line = 0, blank = 0, end;

    for (size_t at = first; at < text->size; at = end + 1) {
        const char *next = memchr(text->data + at, ' ', text->size - at);

        end = next ? (size_t)(next - text->data) : text->size;
        if (blank && console_columns(text->data + line, end - line) > width) {
            text->data[blank] = '\n';
            line = blank + 1;
        }
        blank = end;
    }
}

/* The columns of the terminal that standard error is; 0: it is none. */
static unsigned note_width(void)
{
    const char *columns = getenv("COLUMNS");
    unsigned width = columns ? (unsigned)strtoul(columns, NULL, 10) : 0;

    if (!console_system_is_terminal(CONSOLE_ERROR)) return 0;
    if (!width && !(width = console_system_width(CONSOLE_ERROR))) width = 80;
    return width < 20 ? 20 : width > 100 ? 100 : width;
}

void console_note(const char *format, ...)
{
    unsigned width = note_width();
    struct bytes out = {0};
    va_list arguments;
    size_t size, first;
    char *text;

    console_progress(NULL);
    console_flush();
    va_start(arguments, format);
    text = console_formatted(format, arguments, &size);
    va_end(arguments);
    bytes_add_text(&out, console_name);
    bytes_add_text(&out, ": ");
    first = out.size;
    if (text) console_add_text(&out, text, size, 0);
    if (width && size && *text != ' ') console_break(&out, first, width);
    bytes_add_text(&out, "\n");
    console_system_write(CONSOLE_ERROR, out.data, out.size);
    bytes_free(&out);
    free(text);
}

static void take_note(void *context, const char *sentence)
{
    (void)context;
    console_note("%s", sentence);
}

const struct notes console_notes = {take_note, NULL};

bool console_shows_progress(void)
{
    return console_system_is_terminal(CONSOLE_ERROR) && console_system_has_colours();
}

void console_progress(const char *text)
{
    static const char clear[] = "\r\033[K";

    if (!console_shows_progress() || (!text && !progress_shown)) return;
    console_system_write(CONSOLE_ERROR, clear, sizeof clear - 1);
    if (text) console_system_write(CONSOLE_ERROR, text, strlen(text));
    progress_shown = text != NULL;
}

bool console_is_terminal(void)
{
    static int known;                   /* 0: not yet. It is asked for with every row */

    if (!known) known = console_system_is_terminal(CONSOLE_OUT) ? 1 : -1;
    return known > 0;
}

unsigned console_width(void)
{
    const char *columns = getenv("COLUMNS");
    unsigned width = columns ? (unsigned)strtoul(columns, NULL, 10) : 0;

    if (!width && console_is_terminal() && !(width = console_system_width(CONSOLE_OUT))) width = 80;
    return width && width < 20 ? 20 : width;
}

unsigned console_height(void)
{
    const char *lines = getenv("LINES");
    unsigned height = lines ? (unsigned)strtoul(lines, NULL, 10) : 0;

    if (!console_is_terminal()) return 0;
    if (!height && !(height = console_system_height())) height = 24;
    return height < 10 ? 10 : height;
}

const char *console_style(enum console_style style)
{
    static const char *const styles[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                         "\033[32m", "\033[33m", "\033[31m"};
    const char *no_colour = getenv("NO_COLOR");

    if ((no_colour && *no_colour) || !console_is_terminal() || !console_system_has_colours())
        return "";
    return styles[style];
}

bool console_interrupted(void)
{
    if (!catching) {
        catching = true;
        console_system_catch_interrupt(&interrupted);
    }
    return interrupted;
}

/* The blocks that terminals give two columns; by and large Unicode's East Asian Width W and F. */
static bool is_wide(uint32_t point)
{
    static const uint32_t wide[][2] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
        {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };

    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (point >= wide[i][0] && point <= wide[i][1]) return true;
    return false;
}

static bool is_combining(uint32_t point)
{
    return (point >= 0x300 && point <= 0x36f) || (point >= 0x483 && point <= 0x489) ||
           (point >= 0x591 && point <= 0x5bd) || (point >= 0x610 && point <= 0x61a) ||
           (point >= 0x64b && point <= 0x65f) || (point >= 0x1ab0 && point <= 0x1aff) ||
           (point >= 0x1dc0 && point <= 0x1dff) || (point >= 0x20d0 && point <= 0x20ff) ||
           (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xfe20 && point <= 0xfe2f);
}

static unsigned width_of(uint32_t point)
{
    return is_combining(point) ? 0 : is_wide(point) ? 2 : 1;
}

unsigned console_columns(const char *text, size_t size)
{
    unsigned columns = 0;
    uint32_t point;

    for (size_t at = 0; at < size; columns += width_of(point))
        at += utf8_next(text + at, size - at, &point);
    return columns;
}

/* One character as it is shown; returns its columns. */
static unsigned add_point(struct bytes *out, const char *text, size_t length, uint32_t point)
{
    size_t before = out->size;

    if (point == 0xfffd) bytes_add_text(out, "\xef\xbf\xbd");           /* also what was no UTF-8 */
    else if (utf8_is_plain(point)) bytes_add(out, text, length);
    else {
        bytes_printf(out, "\\u{%x}", (unsigned)point);
        return (unsigned)(out->size - before);
    }
    return width_of(point);
}

/* Of ASCII that is shown as it is: as much as the text begins with, at most `most`. */
static size_t add_ascii(struct bytes *out, const char *text, size_t most)
{
    size_t size = 0;

    while (size < most && text[size] >= 0x20 && text[size] < 0x7f) size++;
    bytes_add(out, text, size);
    return size;
}

unsigned console_add_text(struct bytes *out, const char *text, size_t size, unsigned columns)
{
    unsigned used = 0, used_before = 0;
    size_t before = out->size;          /* the text up to here leaves one column for the ellipsis */
    size_t most = out->size + (size_t)columns * CONSOLE_COLUMN_BYTES;
    uint32_t point;

    for (size_t at = 0, length, left; at < size; at += length) {
        left = !columns ? size - at : used < columns ? columns - used - 1 : 0;
        length = add_ascii(out, text + at, left < size - at ? left : size - at);
        used += (unsigned)length;
        if (!length) {
            length = utf8_next(text + at, size - at, &point);
            used += add_point(out, text + at, length, point);
        }
        if (!columns) continue;
        if (used > columns || out->size > most) {
            if (!out->failed) out->size = before;
            bytes_add_text(out, "\xe2\x80\xa6");
            return used_before + 1;
        }
        if (used < columns) before = out->size, used_before = used;
    }
    return used;
}
