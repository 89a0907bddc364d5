#include "net.h"
#include "net_curl.h"

#include <signal.h>
#include <stdlib.h>

bool net_begin(void)
{
#ifdef SIGPIPE
    signal(SIGPIPE, SIG_IGN);           /* OpenSSL writes where the far end has closed */
#endif
    return !curl_global_init(CURL_GLOBAL_DEFAULT);
}

void net_end(void)
{
    curl_global_cleanup();
}

static int net_look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct net *net = context;

    (void)a, (void)b, (void)c, (void)d;
    return __atomic_load_n(net->options.stop, __ATOMIC_ACQUIRE) != 0;
}

static long net_tls_options(const struct net_options *options)
{
    return options->revocation_off    ? CURLSSLOPT_NO_REVOKE
           : options->revocation_hard ? 0
                                      : CURLSSLOPT_REVOKE_BEST_EFFORT;
}

/* These roots alone: Debian's libcurl has a folder of them, too. With Schannel there is none. */
static bool net_set_roots(CURL *curl, const char *file)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);

    return (!code || code == CURLE_NOT_BUILT_IN) &&
           !curl_easy_setopt(curl, CURLOPT_CAINFO, file);
}

static bool net_set_tls(CURL *curl, const struct net_options *options)
{
    bool good = !curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) &&
                !curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) &&
                !curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
                !curl_easy_setopt(curl, CURLOPT_SSL_OPTIONS, net_tls_options(options));

    if (good && options->ca) good = net_set_roots(curl, options->ca);
    if (good && options->client_certificate)
        good = !curl_easy_setopt(curl, CURLOPT_SSLCERT, options->client_certificate);
    if (good && options->client_key)
        good = !curl_easy_setopt(curl, CURLOPT_SSLKEY, options->client_key);
    return good;
}

static bool net_set_way(CURL *curl, const struct net_options *options)
{
    bool good = !curl_easy_setopt(curl, CURLOPT_URL, options->url) &&
                !curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, options->protocols) &&
                !curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) &&
                !curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)options->timeout_ms) &&
                !curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                                  options->timeout_ms < 15000 ? (long)options->timeout_ms : 15000L);

    /* Without one of ours the environment's would be taken: a service has none that it meant. */
    if (good)
        good = !curl_easy_setopt(curl, CURLOPT_PROXY, options->proxy ? options->proxy : "") &&
               !curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
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
           !curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) &&
           !curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, net_look) &&
           !curl_easy_setopt(curl, CURLOPT_XFERINFODATA, net) &&
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
    if (net->waits) curl_multi_cleanup(net->waits);
    free(net);
}
