#include "outline_wide.h"
#include "base/utf16_windows.h"

#include <string.h>
#include <wchar.h>

const char *wide_utf8(const WCHAR *text, char out[3 * WIDE_TEXT_MAX])
{
    WCHAR cut[WIDE_TEXT_MAX];
    size_t size = wcsnlen(text, WIDE_TEXT_MAX - 1);

    wmemcpy(cut, text, size);
    cut[size] = 0;
    utf16_put_utf8(cut, out, 3 * WIDE_TEXT_MAX);
    return out;
}

void outline_wide(struct outline *outline, const char *key, const char *label, const WCHAR *text)
{
    char room[3 * WIDE_TEXT_MAX];

    wide_utf8(text, room);
    outline_text(outline, key, label, room, strlen(room));
}
