#include "secret.h"

#include <stdbool.h>
#include <string.h>

/* Whether `name`, in the CA's loose spelling, is `secret` (lower case). */
static bool is_name(const WCHAR *name, size_t count, const char *secret)
{
    for (size_t i = 0; i < count; i++) {
        WCHAR c = name[i];

        if (c == ' ' || c == '\t' || c == '-') continue;
        if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        if (!*secret || c != (WCHAR)*secret++) return false;
    }
    return !*secret;
}

static bool is_secret(const WCHAR *line, size_t count, size_t *name_count)
{
    for (*name_count = 0; *name_count < count && line[*name_count] != ':'; ++*name_count) {}
    if (*name_count == count) return false;
    return is_name(line, *name_count, "challenge") || is_name(line, *name_count, "expectedchallenge");
}

size_t secret_blank(WCHAR *text, size_t count)
{
    size_t kept = 0;

    for (size_t at = 0, end, name; at < count; at = end) {
        size_t keep;

        for (end = at; end < count && text[end] != '\n' && text[end] != '\r'; end++) {}
        keep = is_secret(text + at, end - at, &name) ? name + 1 : end - at;
        memmove(text + kept, text + at, keep * sizeof *text);
        kept += keep;
        for (; end < count && (text[end] == '\n' || text[end] == '\r'); end++) text[kept++] = text[end];
    }
    return kept;
}
