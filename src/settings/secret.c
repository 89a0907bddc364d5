#include "secret.h"

#include <string.h>

#define FOLDED_MAX 64 /* more than the longest name that is looked for, its prefixes included */

/* The ASCII letter or digit that `c` is, in lower case; a full-width one counts as well. 0: it is
 * passed over. Others stay. */
static WCHAR secret_fold(WCHAR c)
{
    if (c >= 0xff01 && c <= 0xff5e) c -= 0xff01 - '!';
    if (c >= 'A' && c <= 'Z') return c + ('a' - 'A');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return c;
    if (c <= 0xa0 || c == 0xad || c == 0x3000 || c == 0xfeff || c == 0x180e) return 0;
    return c >= 0x2000 && c <= 0x206f ? 0 : c;
}

/* Fold `name`. False: it is none that we know, since it is too long or holds another letter. */
static bool fold_name(const WCHAR *name, size_t count, char out[FOLDED_MAX])
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++) {
        WCHAR c = secret_fold(name[i]);

        if (!c) continue;
        if (c > 'z' || size == FOLDED_MAX - 1) return false;
        out[size++] = (char)c;
    }
    out[size] = 0;
    return true;
}

static bool secret_is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names)) names++;
    return *names;
}

/* challengePassword by name; its OID is 1.2.840.113549.1.9.7. */
static const char *const secret_attributes[] = {"challenge", "expectedchallenge",
                                                "challengepassword", "12840113549197", NULL};
static const char *const secret_keys[] = {"rawarchivedkey", "archivedkey", NULL};

static bool is_secret_attribute(const WCHAR *name, size_t count)
{
    char folded[FOLDED_MAX];

    return fold_name(name, count, folded) && secret_is_one_of(folded, secret_attributes);
}

/* `folded` without what the CA lets stand before a property's name. */
static const char *without_prefix(const char *folded)
{
    static const char *const prefixes[] = {"request", "subject", "certificate", "attribute", NULL};

    for (const char *const *prefix = prefixes; *prefix; prefix++) {
        size_t size = strlen(*prefix);

        if (!strncmp(folded, *prefix, size)) return without_prefix(folded + size);
    }
    return folded;
}

static void secret_cut_index(char *folded)
{
    size_t size = strlen(folded);

    while (size && folded[size - 1] >= '0' && folded[size - 1] <= '9') size--;
    folded[size] = 0;
}

bool secret_is(const WCHAR *name, size_t count)
{
    char folded[FOLDED_MAX];
    const char *bare;

    if (!fold_name(name, count, folded)) return false;
    if (secret_is_one_of(without_prefix(folded), secret_attributes)) return true;
    secret_cut_index(folded);
    bare = without_prefix(folded);
    return secret_is_one_of(bare, secret_attributes) || secret_is_one_of(bare, secret_keys);
}

bool secret_is_attributes(const WCHAR *name, size_t count)
{
    char folded[FOLDED_MAX];
    size_t size;

    if (!fold_name(name, count, folded)) return false;
    secret_cut_index(folded);
    size = strlen(folded);
    return size >= 17 && !strcmp(folded + size - 17, "requestattributes");
}

static bool is_colon(WCHAR c)
{
    return c == ':' || c == 0xff1a;
}

/* Characters that somebody might take for the end of a line. The documented one is LF, and that has
 * been looked at before. */
static bool is_break(WCHAR c)
{
    return c <= 0x1f || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/*
 * How much of a line stays: all of it, or as far as the colon after a secret's name. A name begins
 * where the line does, or after what may be a line's end; a break inside a name does not hide it.
 */
static size_t keep_of(const WCHAR *line, size_t count)
{
    size_t after_break = 0;
    bool first = true, named = false;           /* no colon yet; one since the last break */

    for (size_t i = 0; i < count; i++) {
        if (is_break(line[i])) { after_break = i + 1; named = false; }
        if (!is_colon(line[i])) continue;
        if (first && is_secret_attribute(line, i)) return i + 1;
        if (!named && is_secret_attribute(line + after_break, i - after_break)) return i + 1;
        first = false;
        named = true;
    }
    return count;
}

size_t secret_blank(WCHAR *text, size_t count)
{
    size_t kept = 0;

    for (size_t at = 0, end; at < count; at = end + 1) {
        size_t keep;

        for (end = at; end < count && text[end] != '\n'; end++) {}
        keep = keep_of(text + at, end - at);
        memmove(text + kept, text + at, keep * sizeof *text);
        kept += keep;
        if (keep < end - at && text[end - 1] == '\r') text[kept++] = '\r';
        if (end < count) text[kept++] = '\n';
    }
    return kept;
}
