/* The forms that a CA's name takes. */
#include "ca_name.h"

#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool stays(WCHAR c)
{
    return c >= ' ' && c <= '~' && !wcschr(L"&'*\\{}[]^:,=!`><#()%|+?\";/", c);
}

char *ca_name_sanitized(const char *name)
{
    WCHAR *wide = text_wide(name);
    char *sanitized = heap_take(wcslen(wide) * 5 + 1), *end = sanitized;

    for (const WCHAR *c = wide; *c; c++) {
        if (stays(*c)) *end++ = (char)*c;
        else end += sprintf(end, "!%04x", *c);
    }
    free(wide);
    return sanitized;
}

char *ca_name_short(const char *sanitized)
{
    enum { KEPT = 57 };
    size_t cut = KEPT;
    uint16_t checksum = 0;

    if (strlen(sanitized) <= KEPT) return heap_text(sanitized);
    for (size_t i = KEPT - 4; i < KEPT; i++) {
        if (sanitized[i] == '!') cut = i;
    }
    for (const char *c = sanitized + cut; *c; c++) {
        checksum = (uint16_t)((checksum << 1 | checksum >> 15) + (unsigned char)*c);
    }
    return text_format("%.*s-%05u", (int)cut, sanitized, checksum);
}

char *ca_name_domain_dn(const char *dns_name)
{
    char *dn = heap_text("");

    for (const char *label = strchr(dns_name, '.'); label; label = strchr(label, '.')) {
        char *longer;

        label++;
        longer = text_format("%s%sDC=%.*s", dn, *dn ? "," : "", (int)strcspn(label, "."), label);
        free(dn);
        dn = longer;
    }
    return dn;
}
