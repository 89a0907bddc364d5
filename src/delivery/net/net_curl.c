#include "net_curl.h"

#include <stdio.h>
#include <string.h>

/* What time alone does not mend. */
static bool net_needs_hands(CURLcode code)
{
    switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_USE_SSL_FAILED:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:   return true;
    default:                            return false;
    }
}

/* Before a request could be sent it was no matter of what is in it. */
static bool net_is_late(const struct net *net, CURLcode code)
{
    curl_off_t sent_us = 0;

    return code == CURLE_OPERATION_TIMEDOUT &&
           !curl_easy_getinfo(net->curl, CURLINFO_PRETRANSFER_TIME_T, &sent_us) && sent_us > 0;
}

/* Up to the end of the piece that begins here, " after 5001 milliseconds" or " with 17 bytes
 * received"; or the text itself: no such piece begins here. */
static const char *net_pass_measure(const char *text)
{
    static const struct {
        const char *before, *behind[3];
    } pieces[] = {
        {" after ", {" ms", " milliseconds", " seconds"}},
        {" with ", {" bytes received", " bytes remaining to read", " bytes missing"}},
    };
    const char digits[] = "0123456789";

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t size = strlen(pieces[i].before);
        const char *at = text + size;

        if (strncmp(text, pieces[i].before, size) || !strspn(at, digits)) continue;
        at += strspn(at, digits);
        if (!strncmp(at, " out of ", 8)) at += 8 + strspn(at + 8, digits);
        for (size_t j = 0; j < 3; j++) {
            const char *behind = pieces[i].behind[j];

            if (!strncmp(at, behind, strlen(behind))) return at + strlen(behind);
        }
    }
    return text;
}

/* A sentence that is told once: it has to be the same each time. */
static void net_say(const char *text, char out[NET_WHY])
{
    size_t size = 0;

    while (*text && size + 1 < NET_WHY) {
        const char *end = net_pass_measure(text);

        if (end == text) out[size++] = *text++;
        else text = end;
    }
    out[size] = 0;
}

/* Where a proxy opens no tunnel (CONNECT) and time alone does not mend it; else "". */
static const char *net_proxy_advice(const struct net *net, CURLcode code)
{
    long status = 0;

    if (!code || curl_easy_getinfo(net->curl, CURLINFO_HTTP_CONNECTCODE, &status)) return "";
    if (status == 407) return NET_PROXY_LOGIN;
    if (status < 300 || status >= 500 || status == 408 || status == 429) return "";
    return "; the proxy does not let this machine through: look at proxy, and at what it permits";
}

static size_t net_take_head(char *data, size_t size, size_t count, void *context)
{
    struct net *net = context;

    (void)data;
    net->head_size += size * count;
    return net->head_size > NET_HEAD_MAX ? 0 : size * count;
}

bool net_limit_head(struct net *net)
{
    net->head_size = 0;
    return !curl_easy_setopt(net->curl, CURLOPT_HEADERFUNCTION, net_take_head) &&
           !curl_easy_setopt(net->curl, CURLOPT_HEADERDATA, net);
}

void net_failed(const struct net *net, CURLcode code, struct net_failure *failure)
{
    const char *advice = net_proxy_advice(net, code);
    size_t size;

    net_say(!code                            ? "it ended without an answer"
            : net->head_size > NET_HEAD_MAX  ? "its headers are longer than 64 KiB"
            : *net->error                    ? net->error
                                             : curl_easy_strerror(code),
            failure->why);
    size = strlen(failure->why);
    snprintf(failure->why + size, NET_WHY - size, "%s", advice);
    failure->needs_hands = net_needs_hands(code) || *advice;
    failure->late = net_is_late(net, code);
}
