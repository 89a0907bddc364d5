#include "site_owners.h"

#include "base/error_text.h"
#include "base/file_read.h"
#include "base/glob.h"
#include "cli/terminal/console.h"
#include "facts/fact_key.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MOST (4u << 20)            /* bytes */
#define MAIL_MOST 254                   /* RFC 5321 */

struct site_line {
    const char *path;
    unsigned number;
    char *at;
};

static bool site_refuse(const struct site_line *line, const char *why)
{
    console_note("%s, line %u: %s. This is right: owner requester=\"CORP\\webadmin\" "
                 "mail=web-team@corp.example", line->path, line->number, why);
    return false;
}

/* The next word, or NAME="VALUE" with its quotation marks taken away. NULL: the line ends. */
static char *next_word(struct site_line *line)
{
    char *out = line->at + strspn(line->at, " \t"), *from = out, *to = out;
    bool quoted = false;

    if (!*out) return NULL;
    for (; *from && (quoted || (*from != ' ' && *from != '\t')); from++) {
        if (*from == '"') quoted = !quoted;
        else *to++ = *from;
    }
    line->at = *from ? from + 1 : from;
    *to = 0;
    return out;
}

static bool is_mail(const char *text)
{
    const char *sign = strchr(text, '@');

    if (!sign || sign == text || !sign[1] || strchr(sign + 1, '@') || strlen(text) > MAIL_MOST)
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text == 0x7f || strchr("<>()[],;:\\\"", *text)) return false;
    return true;
}

/* Without a requester: of the CA itself. */
static bool add_owner(struct site_owners *owners, const struct site_line *line,
                      const char *requester, const char *mail)
{
    struct site_owner *list, *added;

    if (requester && !*requester) return site_refuse(line, "an owner needs a requester");
    if (requester && strlen(requester) > GLOB_MAX)
        return site_refuse(line, "the requester is too long");
    if (!mail || !is_mail(mail)) return site_refuse(line, "an owner needs a mail address");
    if (owners->count == SITE_OWNERS_MOST) return site_refuse(line, "there are too many owners");
    if (!(list = realloc(owners->list, (owners->count + 1) * sizeof *list)))
        return site_refuse(line, "there is not enough memory");
    owners->list = list;
    added = &list[owners->count++];
    *added = (struct site_owner){.requester = requester ? strdup(requester) : NULL,
                                 .mail = strdup(mail), .line = line->number};
    if (requester) fact_key_text(requester, strlen(requester), added->key);
    return (added->mail && (added->requester || !requester)) ||
           site_refuse(line, "there is not enough memory");
}

/* An owner gets one message, however many lines name the address. */
static void join_owners(struct site_owners *owners)
{
    for (unsigned i = 0; i < owners->count; i++) {
        unsigned first = 0;

        while (strcasecmp(owners->list[first].mail, owners->list[i].mail)) first++;
        owners->list[i].first = first;
    }
}

static bool read_owner(struct site_owners *owners, struct site_line *line)
{
    const char *requester = NULL, *mail = NULL;
    bool is_ca = false;
    char *word;

    while ((word = next_word(line))) {
        if (!strncmp(word, "requester=", 10)) requester = word + 10;
        else if (!strncmp(word, "mail=", 5)) mail = word + 5;
        else if (!strcmp(word, "ca")) is_ca = true;
        else
            return site_refuse(line, "an owner has requester= or the word ca, and mail=, and "
                               "nothing else");
    }
    if (is_ca && requester)
        return site_refuse(line, "an owner has requester= or the word ca, not both");
    if (!is_ca && !requester) return site_refuse(line, "an owner needs a requester");
    return add_owner(owners, line, requester, mail);
}

static bool site_read_line(struct site_owners *owners, struct site_line *line)
{
    static const char *const others[] = {"allow", "expect", "watch", "bait"};
    char *word = next_word(line);

    if (!word || *word == '#') return true;
    if (!strcmp(word, "owner")) return read_owner(owners, line);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(word, others[i])) return true;
    return site_refuse(line, "a line begins with owner, allow, expect, watch or bait");
}

/* Of a file in UTF-16, or a damaged one: the lines behind it would be lost without a word. */
static bool has_no_zero(struct site_line *line, const struct bytes *text)
{
    const char *zero = memchr(text->data, 0, text->size);

    for (const char *at = text->data; zero && at <= zero; at++) line->number += *at == '\n';
    line->number += zero != NULL;
    return !zero || site_refuse(line, "it has a zero byte: save the file as UTF-8");
}

/* Windows programs begin UTF-8 with it. */
static char *behind_mark(char *text)
{
    return text && !strncmp(text, "\xef\xbb\xbf", 3) ? text + 3 : text;
}

bool site_owners_read(struct site_owners *owners, const char *path)
{
    char reason[ERROR_TEXT_MAX];
    struct site_line line = {.path = path};
    struct bytes text = {0};
    HRESULT hr = file_read(path, FILE_MOST, &text);
    bool good = FAILED(hr) || !text.size || has_no_zero(&line, &text);

    *owners = (struct site_owners){0};
    bytes_add(&text, "", 1);
    if (text.failed) hr = E_OUTOFMEMORY;
    if (FAILED(hr)) console_note("--site %s: it cannot be read: %s", path, error_text(hr, reason));
    good = good && SUCCEEDED(hr);
    for (char *at = behind_mark(text.data), *end; good && at && *at; at = end) {
        size_t size = strcspn(at, "\n");

        end = at + size + (at[size] == '\n');
        at[size] = 0;
        if (size && at[size - 1] == '\r') at[size - 1] = 0;
        line.number++;
        line.at = at;
        good = site_read_line(owners, &line);
    }
    bytes_free(&text);
    if (good) join_owners(owners);
    return good;
}

/* Of the line `index`, or `count`. */
static unsigned owner_at(const struct site_owners *owners, unsigned index)
{
    return index < owners->count ? owners->list[index].first : index;
}

void site_owners_free(struct site_owners *owners)
{
    for (unsigned i = 0; i < owners->count; i++) {
        free(owners->list[i].requester);
        free(owners->list[i].mail);
    }
    free(owners->list);
    *owners = (struct site_owners){0};
}

/* A name alone matches the whole of the other, as a pattern does. */
static bool is_owner(const struct site_owner *owner, struct span requester,
                     const uint8_t key[FACT_KEY])
{
    static struct glob pattern;

    if (!owner->requester) return false;
    if (!strpbrk(owner->requester, "*?")) return !memcmp(owner->key, key, FACT_KEY);
    return glob_read(&pattern, owner->requester) &&
           glob_matches(&pattern, requester.text, requester.size);
}

unsigned site_owners_find(const struct site_owners *owners, struct span requester)
{
    uint8_t key[FACT_KEY];
    unsigned i = 0;

    if (!fact_key_text(requester.text, requester.size, key)) return owners->count;
    while (i < owners->count && !is_owner(&owners->list[i], requester, key)) i++;
    return owner_at(owners, i);
}

unsigned site_owners_of_ca(const struct site_owners *owners)
{
    unsigned i = 0;

    while (i < owners->count && owners->list[i].requester) i++;
    return owner_at(owners, i);
}
