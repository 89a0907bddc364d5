#include "net_http.h"
#include "net_curl.h"

#include <string.h>
#include <strings.h>

/* Of an answer without end no more is taken. */
static size_t net_take(char *data, size_t size, size_t count, void *context)
{
    struct net_answer *answer = context;
    size_t all = size * count, room = NET_HTTP_BODY_MAX - answer->body.size;

    bytes_add(&answer->body, data, all < room ? all : room);
    answer->cut |= all > room;
    return answer->body.failed || answer->cut ? 0 : all;
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

static bool net_is_page(struct net *net)
{
    char *type = NULL;

    return !curl_easy_getinfo(net->curl, CURLINFO_CONTENT_TYPE, &type) && type &&
           (!strncasecmp(type, "text/html", 9) || !strncasecmp(type, "application/xhtml", 17));
}

/* With a final status there is an answer, though its end may not have come. */
static void net_judge(struct net *net, CURLcode code, struct net_answer *answer)
{
    curl_off_t after = 0;

    if (answer->cut) code = CURLE_OK;
    if (code) net_failed(net, code, &answer->failure);
    if (answer->body.failed) strcpy(answer->failure.why, "there is not enough memory");
    curl_easy_getinfo(net->curl, CURLINFO_RESPONSE_CODE, &answer->status);
    if (answer->status < 200 || answer->body.failed) answer->status = 0;
    answer->broken = code && answer->status;
    answer->page = net_is_page(net);
    if (!curl_easy_getinfo(net->curl, CURLINFO_RETRY_AFTER, &after) && after > 0)
        answer->after_ms = after > 86400 ? 86400000u : (uint32_t)after * 1000;
}

void net_post(struct net *net, const char *const *headers, unsigned count, struct span body,
              struct net_answer *answer)
{
    struct curl_slist *list = net_headers(headers, count);
    CURLcode code = CURLE_OUT_OF_MEMORY;

    memset(answer, 0, sizeof *answer);
    answer->body.limit = NET_HTTP_BODY_MAX;
    *net->error = 0;
    if (list && net_limit_head(net) && !curl_easy_setopt(net->curl, CURLOPT_POST, 1L) &&
        !curl_easy_setopt(net->curl, CURLOPT_HTTPHEADER, list) &&
        !curl_easy_setopt(net->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size) &&
        !curl_easy_setopt(net->curl, CURLOPT_POSTFIELDS, body.text) &&
        !curl_easy_setopt(net->curl, CURLOPT_WRITEFUNCTION, net_take) &&
        !curl_easy_setopt(net->curl, CURLOPT_WRITEDATA, answer))
        code = curl_easy_perform(net->curl);
    net_judge(net, code, answer);
    curl_easy_setopt(net->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(list);
}
