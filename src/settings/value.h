/* A setting's value, parsed from registry data or from typed text. */
#ifndef VALUE_H
#define VALUE_H

#include "settings.h"

/* Only the member for the setting's type is set. */
struct value {
    uint32_t number;
    WCHAR path[SETTINGS_PATH_MAX];
    WCHAR list[SETTINGS_LIST_MAX];      /* as settings.properties */
};

/*
 * Parse a text of `size` characters, not necessarily zero-terminated. EventMask may be typed as 0x
 * and hexadecimal digits. Returns false with the requirement in `why`; `out` is then undefined.
 */
bool value_of_text(const struct setting *setting, const WCHAR *text, size_t size, struct value *out,
                   WCHAR why[SETTINGS_TEXT_MAX]);

/* Parse `size` bytes of registry data of the given type, which may be anything. */
bool value_of_data(const struct setting *setting, DWORD type, const void *data, size_t size,
                   struct value *out, WCHAR why[SETTINGS_TEXT_MAX]);

/* Format the same data for display: one line, printable, cut after about a hundred characters. */
void value_show(DWORD type, const void *data, size_t size, WCHAR out[SETTINGS_TEXT_MAX]);

#endif
