#include "destination.h"
#include "client_certificate.h"

#include "delivery/net/url.h"

#include <stdarg.h>
#include <stdio.h>

const struct destination_class *destination_class(int kind)
{
    switch (kind) {
    case CONFIG_HTTP: return &destination_http;
    case CONFIG_COPY: return &destination_copy;
    case CONFIG_RELP: return &destination_relp;
    case CONFIG_SYSLOG: return &destination_syslog;
    case CONFIG_MAIL: return &destination_mail;
    default:          return &destination_program;
    }
}

struct net_options destination_net(const struct destination_place *place)
{
    const struct target *target = place->target;

    return (struct net_options){.ca = target->ca,
                                .client_certificate = target->client_certificate,
                                .client_key = target->client_key,
                                .proxy = target->proxy,
                                .revocation_hard = target->revocation == REVOCATION_HARD,
                                .revocation_off = target->revocation == REVOCATION_OFF,
                                .timeout_ms = target->timeout_s * 1000,
                                .stop = place->stop};
}

void destination_ahead_begin(struct destination_ahead *ahead)
{
    ahead->count = 0;
    bytes_reset(&ahead->words, AHEAD_WORDS);
    ahead->words.limit = AHEAD_WORDS;
}

/* As HTTP sends them, and SMTP by PLAIN and LOGIN. */
static void destination_quote_login(const char *user, struct span secret, struct quote *out)
{
    struct bytes text = {0};
    size_t size = strlen(user);

    bytes_add(&text, "", 1);
    bytes_add(&text, user, size);
    bytes_add(&text, "", 1);
    bytes_add(&text, secret.text, secret.size);
    if (!text.failed) {
        quote_hide_base64(out, (struct span){text.data, text.size});
        text.data[size + 1] = ':';
        quote_hide_base64(out, (struct span){text.data + 1, text.size - 1});
        memset(text.data, 0, text.size);
    } else bytes_fail(&out->secrets);
    quote_hide_base64(out, (struct span){user, size});
    bytes_free(&text);
}

HRESULT destination_quote(const struct destination_place *place, struct quote *out)
{
    const struct target *target = place->target;
    struct url url;

    *out = (struct quote){0};
    quote_hide(out, place->secret);
    if (target->user) destination_quote_login(target->user, place->secret, out);
    for (unsigned i = 0; i < target->headers.count; i++)
        quote_hide_header(out, target->headers.values[i]);
    if (target->url && url_read(target->url, &url)) quote_hide_url(out, url.rest);
    if (!out->secrets.failed) return S_OK;
    quote_free(out);
    return E_OUTOFMEMORY;
}

char *destination_stream_url(const struct target *target)
{
    struct bytes url = {0};

    bytes_add_text(&url, target->allow_plain ? "http://" : "https://");
    bytes_add_text(&url, target->server);
    bytes_add(&url, "/", 2);
    if (url.failed) bytes_free(&url);
    return url.data;
}

HRESULT destination_open(const struct destination_class *class,
                         const struct destination_place *place, void **out,
                         char why[DESTINATION_WHY])
{
    const char *certificate = place->target->client_certificate;

    *out = NULL;
    if (certificate && !client_certificate_is_timely(certificate, why, DESTINATION_WHY))
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    return class->open(place, out, why);
}

void destination_say(char why[DESTINATION_WHY], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, DESTINATION_WHY, format, arguments);
    va_end(arguments);
}
