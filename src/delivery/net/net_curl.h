/* A connection as the files net*.c see it: they alone include curl. */
#ifndef NET_CURL_H
#define NET_CURL_H

#include "net_options.h"

#include <curl/curl.h>

struct net {
    struct net_options options;
    CURL *curl;                         /* owned; options that all uses share are set */
    CURLM *waits;                       /* owned; of a stream: to wait for its socket. Else NULL */
    char error[CURL_ERROR_SIZE];        /* curl's; to be emptied before each use */
    size_t head_size;                   /* bytes of headers of this use */
};

/* Before a use by HTTP: it ends where its headers are longer than NET_HEAD_MAX, those of each
 * answer and its trailers together. curl keeps all of them, and sets no limit to trailers. */
bool net_limit_head(struct net *net);

/* Why a use failed, by curl's code: in the same words each time, without its measures. */
void net_failed(const struct net *net, CURLcode code, struct net_failure *failure);

#endif
