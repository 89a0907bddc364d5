#include "url.h"

#include <stdlib.h>
#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
static const char host[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

/* None but those of RFC 3986. */
static bool url_is_spelled(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr("\"<>\\^`{|}", *text)) return false;
    return true;
}

/* The host, or [address], which ends at the result; NULL: there is none. */
static const char *url_host(const char *text)
{
    size_t size;

    if (*text != '[') return (size = strspn(text, host)) ? text + size : NULL;
    size = strspn(text + 1, "0123456789abcdefABCDEF:.");
    return size && text[size + 1] == ']' ? text + size + 2 : NULL;
}

/* Up to `end`, which is the end of the text or '/', '?' or '#'. */
static bool url_port(const char *text, const char *end)
{
    size_t size = strspn(text, "0123456789");
    unsigned long port = strtoul(text, NULL, 10);

    return size && size < 6 && text + size == end && port && port <= 65535;
}

bool url_read(const char *text, struct url *out)
{
    size_t scheme = strspn(text, letters);
    const char *server = text + scheme + 3, *end, *at;

    memset(out, 0, sizeof *out);
    if (!scheme || strncmp(text + scheme, "://", 3)) return false;
    end = server + strcspn(server, "/?#");
    out->has_user = memchr(server, '@', (size_t)(end - server));
    out->place = (struct span){text, (size_t)(end - text)};
    out->server = (struct span){server, (size_t)(end - server)};
    out->rest = (struct span){end, strlen(end)};
    if (out->has_user || !url_is_spelled(text) || !(at = url_host(server))) return false;
    out->has_port = *at == ':';
    return out->has_port ? url_port(at + 1, end) : at == end;
}
