#include "value.h"

#include "directory.h"
#include "base/invisible.h"
#include "base/refusal_windows.h"
#include "base/plural.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define SHOWN_MAX 100                   /* characters of a value in a message */

static bool value_is_mask(const struct setting *setting)
{
    return setting == &settings_table[SETTING_EVENT_MASK];
}

/* What would be right, for whoever types it, and for whoever has put it into the registry. */
static bool no_number_typed(const struct setting *setting, WCHAR *why)
{
    WCHAR range[64];

    settings_range_text((enum setting_id)(setting - settings_table), range, ARRAYSIZE(range));
    return refused(why, SETTINGS_TEXT_MAX, L"It must be a whole number from %ls%ls.", range,
                   value_is_mask(setting) ? L", or 0x and hexadecimal digits" : L"");
}

static bool no_number(const struct setting *setting, WCHAR *why)
{
    WCHAR range[64];

    settings_range_text((enum setting_id)(setting - settings_table), range, ARRAYSIZE(range));
    return refused(why, SETTINGS_TEXT_MAX,
                   L"It must be a whole number from %ls, as REG_DWORD, REG_QWORD, or REG_SZ in "
                   L"decimal digits.",
                   range);
}

static bool number_in_range(const struct setting *setting, uint64_t number, struct value *out,
                            WCHAR *why)
{
    if (number < setting->least || number > setting->most) return no_number(setting, why);
    out->number = (uint32_t)number;
    return true;
}

/* Digits and nothing else: a number that somebody has to guess at is refused. */
static bool number_of_text(const struct setting *setting, const WCHAR *text, size_t size,
                           struct value *out, WCHAR *why)
{
    uint64_t number = 0;

    if (!size) return no_number(setting, why);
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return no_number(setting, why);
        if (number <= UINT32_MAX)
            number = number * 10 + (text[i] - '0'); /* beyond it stays beyond it */
    }
    return number_in_range(setting, number, out, why);
}

/* "0x3ff", of what is a sum of bits. */
static bool mask_of_text(const struct setting *setting, const WCHAR *text, size_t size,
                         struct value *out, WCHAR *why)
{
    static const WCHAR digits[] = L"0123456789abcdef";
    const WCHAR *digit;
    uint64_t number = 0;

    if (size < 3) return no_number(setting, why);
    for (size_t i = 2; i < size; i++) {
        WCHAR letter = text[i] >= 'A' && text[i] <= 'F' ? text[i] | 0x20 : text[i];

        if (!letter || !(digit = wcschr(digits, letter))) return no_number(setting, why);
        if (number <= UINT32_MAX) number = number * 16 + (uint64_t)(digit - digits);
    }
    return number_in_range(setting, number, out, why);
}

static bool number_typed(const struct setting *setting, const WCHAR *text, size_t size,
                         struct value *out, WCHAR *why)
{
    bool in_hex = value_is_mask(setting) && size > 1 && text[0] == '0' && (text[1] | 0x20) == 'x';

    return in_hex ? mask_of_text(setting, text, size, out, why)
                  : number_of_text(setting, text, size, out, why);
}

static bool path_of_text(const WCHAR *text, size_t size, struct value *out, WCHAR *why)
{
    WCHAR path[SETTINGS_PATH_MAX];

    if (size >= SETTINGS_PATH_MAX)
        return refused(why, SETTINGS_TEXT_MAX, L"It must have at most %d characters.",
                       SETTINGS_PATH_MAX - 1);
    memcpy(path, text, size * sizeof *text);
    path[size] = 0;
    return directory_check(path, out->path, why);
}

static bool value_is_blank(WCHAR c) { return c == ' ' || c == '\t' || c == '\r'; }

/* An item without the blanks around it; empty ones are passed over. */
static bool add_item(const WCHAR *text, size_t size, struct value *out, size_t *at, unsigned *count,
                     WCHAR *why)
{
    while (size && value_is_blank(*text)) text++, size--;
    while (size && value_is_blank(text[size - 1])) size--;
    if (!size) return true;
    if (size > SETTINGS_ITEM_MAX)
        return refused(why, SETTINGS_TEXT_MAX, L"Each name in it must have at most %d characters.",
                       SETTINGS_ITEM_MAX);
    if (++*count > SETTINGS_ITEMS_MAX)
        return refused(why, SETTINGS_TEXT_MAX, L"It must hold at most %d names.",
                       SETTINGS_ITEMS_MAX);
    if (*at + size + 2 > SETTINGS_LIST_MAX)
        return refused(why, SETTINGS_TEXT_MAX, L"It must have at most %d characters.",
                       SETTINGS_LIST_MAX - 2);
    for (size_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return refused(why, SETTINGS_TEXT_MAX, L"The names in it must be printable ASCII.");
    }
    memcpy(out->list + *at, text, size * sizeof *text);
    *at += size;
    out->list[(*at)++] = 0;
    return true;
}

/* The length of what separates items at text[i]: LF, the two characters \n that certutil takes for
 * it, with `zeros` a zero; 0: nothing. */
static size_t separator(const WCHAR *text, size_t size, size_t i, bool zeros)
{
    if (text[i] == '\n' || (zeros && !text[i])) return 1;
    return !zeros && text[i] == '\\' && i + 1 < size && text[i + 1] == 'n' ? 2 : 0;
}

static bool list_of_text(const WCHAR *text, size_t size, bool zeros, struct value *out, WCHAR *why)
{
    size_t at = 0, start = 0, length;
    unsigned count = 0;

    for (size_t i = 0; i < size; i++) {
        if (!(length = separator(text, size, i, zeros))) continue;
        if (!add_item(text + start, i - start, out, &at, &count, why)) return false;
        start = i + length;
        i = start - 1;
    }
    if (!add_item(text + start, size - start, out, &at, &count, why)) return false;
    out->list[at] = 0;
    return true;
}

bool value_of_text(const struct setting *setting, const WCHAR *text, size_t size, struct value *out,
                   WCHAR why[SETTINGS_TEXT_MAX])
{
    why[0] = 0;
    switch (setting->type) {
    case SETTING_NUMBER:
        return number_typed(setting, text, size, out, why) || no_number_typed(setting, why);
    case SETTING_PATH:   return path_of_text(text, size, out, why);
    default:             return list_of_text(text, size, false, out, why);
    }
}

static bool value_is_text(const struct setting *setting, DWORD type)
{
    return type == REG_SZ || (type == REG_EXPAND_SZ && setting->type == SETTING_PATH);
}

static bool wrong_type(const struct setting *setting, WCHAR *why)
{
    switch (setting->type) {
    case SETTING_NUMBER: return no_number(setting, why);
    case SETTING_PATH:
        return refused(why, SETTINGS_TEXT_MAX, L"It must be a path, as REG_SZ or REG_EXPAND_SZ.");
    default:
        return refused(
            why, SETTINGS_TEXT_MAX,
            L"It must be a list of names, as REG_MULTI_SZ, or as REG_SZ with \\n between them.");
    }
}

/* Text as it stands in the registry, mostly with a zero at its end; more of them there do no harm,
 * one inside does. */
static bool value_of_sz(const struct setting *setting, const WCHAR *text, size_t size,
                        struct value *out, WCHAR *why)
{
    while (size && !text[size - 1]) size--;
    if (wmemchr(text, 0, size))
        return refused(why, SETTINGS_TEXT_MAX,
                       L"It must be one text, but contains a zero character.");
    if (setting->type == SETTING_NUMBER) return number_of_text(setting, text, size, out, why);
    return value_of_text(setting, text, size, out, why);
}

bool value_of_data(const struct setting *setting, DWORD type, const void *data, size_t size,
                   struct value *out, WCHAR why[SETTINGS_TEXT_MAX])
{
    uint64_t number = 0;
    bool binary = setting->type == SETTING_NUMBER &&
                  ((type == REG_DWORD && size == 4) || (type == REG_QWORD && size == 8));

    why[0] = 0;
    if (binary) {
        memcpy(&number, data, size);
        return number_in_range(setting, number, out, why);
    }
    if (!value_is_text(setting, type) && !(type == REG_MULTI_SZ && setting->type == SETTING_LIST))
        return wrong_type(setting, why);
    if (size % sizeof(WCHAR))
        return refused(why, SETTINGS_TEXT_MAX, L"It must be text, but has an odd number of bytes.");
    if (type == REG_MULTI_SZ) return list_of_text(data, size / sizeof(WCHAR), true, out, why);
    return value_of_sz(setting, data, size / sizeof(WCHAR), out, why);
}

/* Characters that a terminal or an event viewer shows as they are; others, those that change the
 * direction of writing and all outside the first plane among them, are shown as a question mark,
 * and what nobody sees as an escape, so that two values that differ look so. */
static size_t put_printable(WCHAR *out, WCHAR c)
{
    bool odd = c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
               (c >= 0xd800 && c <= 0xf8ff) || c >= 0xfff0;

    if (!odd && is_invisible(c)) return (size_t)swprintf(out, 10, L"\\u{%x}", c);
    *out = odd ? L'?' : c;
    return 1;
}

static void value_show_text(const WCHAR *text, size_t size, WCHAR *out)
{
    size_t at = 0, shown;

    while (size && !text[size - 1]) size--;
    out[at++] = '"';
    for (shown = 0; shown < size && shown < SHOWN_MAX && at < SETTINGS_TEXT_MAX / 2; shown++)
        at += put_printable(out + at, text[shown] ? text[shown] : L' ');
    out[at++] = '"';
    wcscpy(out + at, size > shown ? L" and more" : L"");
}

void value_show(DWORD type, const void *data, size_t size, WCHAR out[SETTINGS_TEXT_MAX])
{
    static const WCHAR *const names[] = {L"REG_NONE",
                                         L"REG_SZ",
                                         L"REG_EXPAND_SZ",
                                         L"REG_BINARY",
                                         L"REG_DWORD",
                                         L"REG_DWORD_BIG_ENDIAN",
                                         L"REG_LINK",
                                         L"REG_MULTI_SZ",
                                         L"",
                                         L"",
                                         L"",
                                         L"REG_QWORD"};
    bool text = type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
    uint64_t number = 0;

    if (text && !(size % sizeof(WCHAR))) {
        value_show_text(data, size / sizeof(WCHAR), out);
    } else if ((type == REG_DWORD && size == 4) || (type == REG_QWORD && size == 8)) {
        memcpy(&number, data, size);
        swprintf(out, SETTINGS_TEXT_MAX, L"%I64u (0x%I64x)", number, number);
    } else if (type < ARRAYSIZE(names) && *names[type]) {
        swprintf(out, SETTINGS_TEXT_MAX, L"%ls, %I64u %hs", names[type], (uint64_t)size,
                 plural(size, "byte", "bytes"));
    } else {
        swprintf(out, SETTINGS_TEXT_MAX, L"type %lu, %I64u %hs", type, (uint64_t)size,
                 plural(size, "byte", "bytes"));
    }
}
