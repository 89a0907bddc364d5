#include "net_stream.h"
#include "net_curl.h"

#include <string.h>
#ifdef _WIN32
#define TCP_MAXRT 5                     /* of Windows' ws2ipdef.h, which MinGW's lacks; seconds */
#else
#include <netinet/in.h>
#include <netinet/tcp.h>
#endif

#define GONE_S   30
#define SLICE_MS 100                    /* of a wait, after which `stop` is looked at */

/*
 * TCP gives up what the far end's system does not confirm within GONE_S: a machine that is switched
 * off ends no connection by itself. Where it cannot be set, the system's own limit holds.
 */
static int net_stream_limit(void *context, curl_socket_t socket, curlsocktype purpose)
{
#ifdef _WIN32
    unsigned long limit = GONE_S;

    setsockopt(socket, IPPROTO_TCP, TCP_MAXRT, (const char *)&limit, sizeof limit);
#else
    unsigned limit = GONE_S * 1000;

    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
#endif
    (void)context, (void)purpose;
    return CURL_SOCKOPT_OK;
}

bool net_stream_connect(struct net *net, struct net_failure *failure)
{
    CURL *curl = net->curl;
    CURLcode code = CURLE_OUT_OF_MEMORY;

    *net->error = 0;
    if (!net->waits) net->waits = curl_multi_init();
    if (net->waits && net_limit_head(net) && !curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L) &&
        !curl_easy_setopt(curl, CURLOPT_HTTPPROXYTUNNEL, 1L) &&
        !curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L) &&
        !curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L) &&
        !curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, net_stream_limit))
        code = curl_easy_perform(curl);
    if (code) net_failed(net, code, failure);
    return !code;
}

/* Until the socket is ready, the deadline, or a slice later. False: no use in trying again. */
static bool net_stream_wait(const struct net *net, short events, uint64_t deadline)
{
    struct curl_waitfd wait = {.events = events};
    uint64_t now = os_ticks_ms();
    curl_socket_t socket;

    if (now >= deadline || __atomic_load_n(net->options.stop, __ATOMIC_ACQUIRE)) return false;
    if (curl_easy_getinfo(net->curl, CURLINFO_ACTIVESOCKET, &socket) || socket == CURL_SOCKET_BAD)
        return true;
    wait.fd = socket;
    return !curl_multi_poll(net->waits, &wait, 1,
                            deadline - now < SLICE_MS ? (int)(deadline - now) : SLICE_MS, NULL);
}

static enum net_stream_result net_stream_failed(const struct net *net, CURLcode code,
                                                struct net_failure *failure)
{
    net_failed(net, code, failure);
    /* With TLS 1.3 a far end says that it wants another client certificate after the handshake. */
    if (strstr(failure->why, "alert") && strstr(failure->why, "certificate"))
        failure->needs_hands = true;
    return NET_STREAM_FAILED;
}

enum net_stream_result net_stream_send(struct net *net, struct span data, uint64_t deadline,
                                       size_t *sent, struct net_failure *failure)
{
    *sent = 0;
    *net->error = 0;
    while (*sent < data.size) {
        size_t size = 0;
        CURLcode code = curl_easy_send(net->curl, data.text + *sent, data.size - *sent, &size);

        *sent += size;
        if (code == CURLE_AGAIN) {
            if (!net_stream_wait(net, CURL_WAIT_POLLOUT, deadline)) return NET_STREAM_NOTHING;
        } else if (code) return net_stream_failed(net, code, failure);
    }
    return NET_STREAM_GOOD;
}

enum net_stream_result net_stream_receive(struct net *net, char *out, size_t room,
                                          uint64_t deadline, size_t *size,
                                          struct net_failure *failure)
{
    *size = 0;
    *net->error = 0;
    while (true) {
        CURLcode code = curl_easy_recv(net->curl, out, room, size);

        if (!code) return *size ? NET_STREAM_GOOD : NET_STREAM_ENDED;
        if (code != CURLE_AGAIN) return net_stream_failed(net, code, failure);
        if (!net_stream_wait(net, CURL_WAIT_POLLIN, deadline)) return NET_STREAM_NOTHING;
    }
}
