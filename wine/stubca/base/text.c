/* Text between UTF-8 and UTF-16. */
#include "text.h"

#include "heap.h"
#include "base/utf16_windows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

WCHAR *text_wide(const char *utf8)
{
    size_t size;
    WCHAR *wide;

    if (!utf8) return NULL;
    size = strlen(utf8);
    wide = heap_take((size + 1) * sizeof *wide);                /* a byte is at most one unit */
    utf16_show(utf8, size, wide, size);
    return wide;
}

char *text_utf8(const WCHAR *wide)
{
    size_t size = wide ? 3 * wcslen(wide) + 1 : 0;              /* a unit is at most three bytes */
    char *utf8 = wide ? heap_take(size) : NULL;

    if (wide) utf16_put_utf8(wide, utf8, size);
    return utf8;
}

char *text_utf8_counted(const WCHAR *wide, size_t count, size_t *size)
{
    struct bytes out = {0};
    char *utf8;

    utf16_add_utf8(&out, wide, count);
    utf8 = heap_copy(out.size ? out.data : "", *size = out.size);
    bytes_free(&out);
    return utf8;
}

bool text_is_utf8(const char *bytes, size_t size)
{
    return !size || (!memchr(bytes, 0, size)
                     && utf16_units(bytes, size));
}

static bool is_control(WCHAR c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F
        || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

char *text_shown(const char *utf8)
{
    WCHAR *wide = text_wide(utf8);
    char *shown;

    for (WCHAR *c = wide; c && *c; c++) {
        if (is_control(*c)) *c = 0xFFFD;
    }
    shown = text_utf8(wide);
    free(wide);
    return shown;
}

static int characters(const char *utf8, int size)
{
    int count = 0;

    for (int i = 0; i < size; i++) count += (utf8[i] & 0xC0) != 0x80;
    return count;
}

void text_print(int column, const char *utf8)
{
    int at = column;

    for (int size; *(utf8 += strspn(utf8, " ")); utf8 += size) {
        size = (int)strcspn(utf8, " ");
        if (at > column && at + 1 + characters(utf8, size) > 79)
            at = printf("\n%*s", column, "") - 1;
        else if (at > column) at += printf(" ");
        at += characters(utf8, size);
        printf("%.*s", size, utf8);
    }
    puts("");
}

static char *text_formatted(const char *format, va_list arguments)
{
    va_list again;
    char *text;
    int size;

    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0) size = 0;
    text = heap_take((size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    return text;
}

void text_append(struct text_builder *builder, const char *utf8)
{
    size_t size = strlen(utf8);

    if (builder->room - builder->size <= size) {        /* at first 0 of both */
        builder->room = 2 * (builder->size + size) + 64;
        builder->text = heap_grow(builder->text, builder->room);
    }
    memcpy(builder->text + builder->size, utf8, size + 1);
    builder->size += size;
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = text_formatted(format, arguments);
    va_end(arguments);
    return text;
}

HRESULT text_reason(struct reason *reason, HRESULT hr, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = text_formatted(format, arguments);
    va_end(arguments);
    snprintf(reason->text, sizeof reason->text, "%s", text);
    free(text);
    return hr;
}

char *text_of_code(HRESULT code)
{
    WCHAR *wide = NULL;
    char *text;

    FormatMessageW(
        FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
        NULL, (DWORD)code, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), (WCHAR *)&wide, 0, NULL);
    text = wide ? text_utf8(wide) : heap_text("");
    LocalFree(wide);
    for (size_t end = strlen(text); end && (unsigned char)text[end - 1] <= ' '; end--)
        text[end - 1] = '\0';
    return text;
}
