#include "outline_wide.h"

#include <string.h>
#include <wchar.h>

const char *wide_utf8(const WCHAR *text, char out[3 * WIDE_TEXT_MAX])
{
    size_t size = wcslen(text);

    if (size >= WIDE_TEXT_MAX) size = WIDE_TEXT_MAX - 1;
    out[size ? WideCharToMultiByte(CP_UTF8, 0, text, (int)size, out, 3 * WIDE_TEXT_MAX - 1, NULL, NULL) : 0] = 0;
    return out;
}

void outline_wide(struct outline *outline, const char *key, const char *label, const WCHAR *text)
{
    char room[3 * WIDE_TEXT_MAX];

    wide_utf8(text, room);
    outline_text(outline, key, label, room, strlen(room));
}
