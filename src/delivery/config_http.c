#include "config_judge.h"
#include "render.h"

#include "base/utf8.h"
#include "delivery/net/url.h"

#include <string.h>
#include <strings.h>

/* --- url and proxy: neither is shown, since there may be a secret in it --- */

static void config_judge_url(struct config_reading *at, unsigned index, const struct target *to)
{
    unsigned line = config_given(at, index, "url");
    struct url url;
    bool good;

    if (!to->url) return;
    good = url_read(to->url, &url);
    if (strncmp(to->url, "https://", 8) && strncmp(to->url, "http://", 7))
        config_wrong(at, line, "url is not valid; it begins with https://");
    else if (url.has_user)
        config_wrong(at, line, "url has a user or a password in it; say auth = basic and user = "
                     "NAME, and give the password with \"certwitness-delivery secret set %s\"",
                     to->section);
    else if (!good)
        config_wrong(at, line, "url is not valid; it is https://host/path or "
                     "https://host:port/path in ASCII, with other characters as %%20");
    else if (to->url[4] == ':' && !to->allow_plain)
        config_wrong(at, line,
                     "url begins with http://, so anybody on the way can read and change what is "
                     "sent; use https://, or say allowPlain = yes");
}

void config_judge_proxy(struct config_reading *at, unsigned index)
{
    const char *proxy = at->config->targets[index].proxy;
    unsigned line = config_given(at, index, "proxy");
    bool good, known = proxy && (!strncmp(proxy, "http://", 7) || !strncmp(proxy, "https://", 8));
    struct url url;

    if (!proxy) return;
    good = url_read(proxy, &url);
    if (url.has_user)
        config_wrong(at, line, "proxy has a user or a password in it, which is not supported; let "
                     "this machine pass the proxy without one");
    else if (!good || !known || !url.has_port ||
             url.rest.size > 1 || (url.rest.size && *url.rest.text != '/'))
        config_wrong(at, line, "proxy is not valid; it is http://host:port");
}

/* --- headers --- */

/* Those that the delivery sends itself, and those that would change what its request means. */
static const char *const config_reserved[] = {
    "Host", "Content-Length", "Transfer-Encoding", "Content-Encoding", "TE", "Trailer", "Upgrade",
    "Connection", "Keep-Alive", "Expect", "Proxy-Connection", "Proxy-Authorization",
    "Accept-Encoding", "Idempotency-Key", "X-Splunk-Request-Channel"};

static bool config_is_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof config_reserved / sizeof *config_reserved; i++)
        if (!strcasecmp(config_reserved[i], name)) return true;
    return false;
}

static bool config_is_visible(const char *text)
{
    const char *end = text + strlen(text);
    uint32_t point;

    while (text < end) {
        text += utf8_next(text, (size_t)(end - text), &point);
        if (!utf8_is_plain(point)) return false;
    }
    return true;
}

/* The name of "Name: value" with a value; false: it is none. */
static bool config_header_name(const char *header, char *out, size_t room)
{
    static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$%&'*+-.^_`|~";
    size_t size = strspn(header, token);

    if (!size || size >= room || header[size] != ':') return false;
    memcpy(out, header, size);
    out[size] = 0;
    return header[size + 1 + strspn(header + size + 1, " \t")];
}

bool config_header_fits(struct config_reading *at, const char *header)
{
    unsigned wrong = at->wrong;
    char name[100];

    if (!config_header_name(header, name, sizeof name))
        config_wrong(at, at->line, "header is not valid; it is Name: value");
    else if (!strcasecmp(name, "Content-Type"))
        config_wrong(at, at->line, "header cannot be %s; say contentType", name);
    else if (!strcasecmp(name, "Authorization"))
        config_wrong(at, at->line, "header cannot be %s; say auth, and give the secret with "
                     "\"certwitness-delivery secret set\"", name);
    else if (config_is_reserved(name))
        config_wrong(at, at->line, "header cannot be %s, which the delivery sets as it needs it; "
                     "leave it out", name);
    else if (!config_is_visible(header))
        config_wrong(at, at->line, "header %s has a character in it that cannot be seen; write it "
                     "anew", name);
    return at->wrong == wrong;
}

/* --- the rest --- */

static bool config_is_media_type(const char *text)
{
    static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$&-^_.+";
    size_t size = strspn(text, token);
    size_t more = text[size] == '/' ? strspn(text + size + 1, token) : 0;

    for (const char *each = text; *each; each++)
        if (*each < ' ' || *each > '~') return false;
    text += size + 1 + more;
    return size && more && (!*text || *text == ';' || *text == ' ');
}

static void config_judge_user(struct config_reading *at, unsigned index, const struct target *to)
{
    unsigned line = config_given(at, index, "user");

    if (to->auth == AUTH_BASIC) config_needs(at, index, "user");
    else if (to->user) config_wrong(at, line, "user needs auth = basic");
    if (!to->user) return;
    if (strchr(to->user, ':'))
        config_wrong(at, line, "user has a colon in it, at which a far end would cut it; the "
                     "password is given with \"certwitness-delivery secret set %s\"", to->section);
    else if (!config_is_visible(to->user))
        config_wrong(at, line, "user has a character in it that cannot be seen; write it anew");
}

/* application/json, application/x+json */
static bool config_is_json_type(const char *type)
{
    size_t size = strcspn(type, "; ");

    return size > 5 && !strncasecmp(type + size - 4, "json", 4) &&
           (type[size - 5] == '/' || type[size - 5] == '+');
}

static void config_judge_body(struct config_reading *at, unsigned index, struct target *to)
{
    const char *type = to->content_type, *fault;
    unsigned line = config_given(at, index, "body");

    config_needs(at, index, "body");
    to->body_is_text = type && strcspn(type, "; ") == 10 && !strncasecmp(type, "text/plain", 10);
    if (type && !to->body_is_text && !config_is_json_type(type))
        config_wrong(at, config_given(at, index, "contentType"),
                     "contentType = %s does not go with format = template, which escapes values "
                     "for JSON; it is application/json or another kind of JSON, or text/plain",
                     type);
    else if (to->body && !to->body_is_text && (fault = render_json_fault(to->body)))
        config_wrong(at, line, "body %s", fault);
}

void config_judge_http(struct config_reading *at, unsigned index)
{
    struct target *to = &at->config->targets[index];

    config_needs(at, index, "url");
    config_judge_url(at, index, to);
    config_judge_proxy(at, index);
    config_judge_user(at, index, to);
    if (to->content_type && !config_is_media_type(to->content_type))
        config_wrong(at, config_given(at, index, "contentType"), "contentType = %s is not valid; "
                     "it is type/subtype, such as application/json", to->content_type);
    else if (to->format == FORMAT_TEMPLATE) config_judge_body(at, index, to);
    if (to->body && to->format != FORMAT_TEMPLATE)
        config_wrong(at, config_given(at, index, "body"), "body needs format = template");
}
