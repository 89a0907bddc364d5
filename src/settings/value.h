/* A setting's value, out of the bytes that stand in the registry or the text that somebody typed. */
#ifndef VALUE_H
#define VALUE_H

#include "settings.h"

/* Only what belongs to the setting's type is set. */
struct value {
    uint32_t number;
    WCHAR path[SETTINGS_PATH_MAX];
    WCHAR list[SETTINGS_LIST_MAX];      /* as settings.properties */
};

/* `text` is `size` characters, which need not end in a zero. False: `why` says what would be right, and `out` is not to be used. */
bool value_of_text(const struct setting *setting, const WCHAR *text, size_t size, struct value *out, WCHAR why[SETTINGS_TEXT_MAX]);

/* `data` is `size` bytes of the registry's `type`: anything. */
bool value_of_data(const struct setting *setting, DWORD type, const void *data, size_t size, struct value *out,
                   WCHAR why[SETTINGS_TEXT_MAX]);

/* The same bytes for a person to look at: one line, printable, cut after a hundred characters or so. */
void value_show(DWORD type, const void *data, size_t size, WCHAR out[SETTINGS_TEXT_MAX]);

#endif
