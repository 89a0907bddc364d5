#include "net.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

struct net {
    struct net_options options;
    CURL *curl;                         /* owned */
    char error[CURL_ERROR_SIZE];
};

bool net_begin(void)
{
    return !curl_global_init(CURL_GLOBAL_DEFAULT);
}

void net_end(void)
{
    curl_global_cleanup();
}

static size_t net_take(char *data, size_t size, size_t count, void *context)
{
    struct net_answer *answer = context;

    bytes_add(&answer->body, data, size * count);
    return answer->body.failed ? 0 : size * count;
}

static int net_look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct net *net = context;

    (void)a, (void)b, (void)c, (void)d;
    return __atomic_load_n(net->options.stop, __ATOMIC_ACQUIRE) != 0;
}

static long net_tls_options(const struct net_options *options)
{
    long bits = options->revocation_off    ? CURLSSLOPT_NO_REVOKE
                : options->revocation_hard ? 0
                                           : CURLSSLOPT_REVOKE_BEST_EFFORT;

    return bits;
}

static bool net_set_tls(CURL *curl, const struct net_options *options)
{
    bool good = !curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) &&
                !curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) &&
                !curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
                !curl_easy_setopt(curl, CURLOPT_SSL_OPTIONS, net_tls_options(options));

    if (good && options->ca) good = !curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca);
    if (good && options->client_certificate)
        good = !curl_easy_setopt(curl, CURLOPT_SSLCERT, options->client_certificate);
    if (good && options->client_key)
        good = !curl_easy_setopt(curl, CURLOPT_SSLKEY, options->client_key);
    return good;
}

static bool net_set_way(CURL *curl, const struct net_options *options)
{
    const char *protocols = options->allow_plain ? "http,https" : "https";
    bool good = !curl_easy_setopt(curl, CURLOPT_URL, options->url) &&
                !curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) &&
                !curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https") &&
                !curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) &&
                !curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)options->timeout_ms) &&
                !curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                                  options->timeout_ms < 15000 ? (long)options->timeout_ms : 15000L);

    /* Without one of ours the environment's would be taken: a service has none that it meant. */
    if (good) good = !curl_easy_setopt(curl, CURLOPT_PROXY, options->proxy ? options->proxy : "");
    if (good && options->user)
        good = !curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) &&
               !curl_easy_setopt(curl, CURLOPT_USERNAME, options->user) &&
               !curl_easy_setopt(curl, CURLOPT_PASSWORD, options->password ? options->password
                                                                           : "");
    return good;
}

static bool net_set(struct net *net)
{
    CURL *curl = net->curl;

    return net_set_way(curl, &net->options) && net_set_tls(curl, &net->options) &&
           !curl_easy_setopt(curl, CURLOPT_POST, 1L) &&
           !curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) &&
           !curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, net_look) &&
           !curl_easy_setopt(curl, CURLOPT_XFERINFODATA, net) &&
           !curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, net_take) &&
           !curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, net->error);
}

HRESULT net_open(const struct net_options *options, struct net **out)
{
    struct net *net = calloc(1, sizeof *net);

    *out = NULL;
    if (!net) return E_OUTOFMEMORY;
    net->options = *options;
    if (!(net->curl = curl_easy_init()) || !net_set(net)) {
        net_close(net);
        return E_OUTOFMEMORY;
    }
    *out = net;
    return S_OK;
}

void net_close(struct net *net)
{
    if (!net) return;
    if (net->curl) curl_easy_cleanup(net->curl);
    free(net);
}

/* What time alone does not mend. */
static bool net_needs_hands(CURLcode code)
{
    switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:   return true;
    default:                            return false;
    }
}

static struct curl_slist *net_headers(const char *const *headers, unsigned count)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"), *more;

    for (unsigned i = 0; list && i < count; i++) {
        if ((more = curl_slist_append(list, headers[i]))) continue;
        curl_slist_free_all(list);
        return NULL;
    }
    return list;
}

static void net_judge(struct net *net, CURLcode code, struct net_answer *answer)
{
    curl_off_t after = 0;

    if (code) {
        snprintf(answer->why, sizeof answer->why, "%s",
                 answer->body.failed ? "the answer is longer than 1 MiB"
                 : *net->error       ? net->error
                                     : curl_easy_strerror(code));
        answer->needs_hands = net_needs_hands(code);
        return;
    }
    curl_easy_getinfo(net->curl, CURLINFO_RESPONSE_CODE, &answer->status);
    if (!curl_easy_getinfo(net->curl, CURLINFO_RETRY_AFTER, &after) && after > 0)
        answer->after_ms = after > 86400 ? 86400000u : (uint32_t)after * 1000;
}

void net_post(struct net *net, const char *const *headers, unsigned count, struct span body,
              struct net_answer *answer)
{
    struct curl_slist *list = net_headers(headers, count);
    CURLcode code = CURLE_OUT_OF_MEMORY;

    memset(answer, 0, sizeof *answer);
    answer->body.limit = NET_BODY_MAX;
    *net->error = 0;
    if (list && !curl_easy_setopt(net->curl, CURLOPT_HTTPHEADER, list) &&
        !curl_easy_setopt(net->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size) &&
        !curl_easy_setopt(net->curl, CURLOPT_POSTFIELDS, body.text) &&
        !curl_easy_setopt(net->curl, CURLOPT_WRITEDATA, answer))
        code = curl_easy_perform(net->curl);
    net_judge(net, code, answer);
    curl_easy_setopt(net->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(list);
}
