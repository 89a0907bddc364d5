/*
 * sink HOW: a far end that is no limit for what delivers to it. It listens on a free port of 127.0.0.1, says the number of the port, and
 * reads until its standard input ends; then it says in JSON what came.
 *
 * HOW is `http` (200 for each POST), `relp` (a server of RELP), `refuse` (400), `away` (503), `slow` (200 after a second) or `hang` (no answer).
 * A line counts by its sequence: above all before it, or again. `lag_ms` is the age of a request's first line when it is answered, by the
 * time in the line. One thread; up to CLIENTS connections.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS  64
#define LAGS     100000
#define SLOW_S   1

struct client {
    int socket;
    char *data;                         /* owned */
    size_t size, room;
};

struct sink {
    const char *how;
    struct client clients[CLIENTS];
    struct pollfd polls[2 + CLIENTS];
    unsigned count;
    uint64_t requests, bytes, lines, again, gaps, highest;
    double first, last;                 /* monotonic; of the first request, of the last line */
    double *lags;                       /* in ms; owned */
    unsigned lag_count;
};

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

static double now(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* --- what came --- */

static void sink_note_lag(struct sink *sink, const char *data, size_t size)
{
    static const char key[] = "\"time\":\"";
    const char *at = memmem(data, size, key, sizeof key - 1);
    struct tm tm = {0};
    int ms;

    if (!at || at + 40 > data + size || sink->lag_count == LAGS) return;
    if (sscanf(at + sizeof key - 1, "%4d-%2d-%2dT%2d:%2d:%2d.%3d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
               &tm.tm_sec, &ms) != 7) return;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    sink->lags[sink->lag_count++] = (now(CLOCK_REALTIME) - (double)timegm(&tm)) * 1000 - ms;
}

static void sink_note_lines(struct sink *sink, const char *data, size_t size)
{
    static const char key[] = ",\"sequence\":\"";
    const char *end = data + size;

    while ((data = memmem(data, (size_t)(end - data), key, sizeof key - 1)) && data + 40 < end) {
        uint64_t sequence = strtoull(data += sizeof key - 1, NULL, 10);

        sink->last = now(CLOCK_MONOTONIC);
        if (sequence <= sink->highest) {
            sink->again++;
            continue;
        }
        sink->gaps += sequence - sink->highest - 1;
        sink->highest = sequence;
        sink->lines++;
    }
}

static void sink_take(struct sink *sink, const char *data, size_t size)
{
    if (!sink->requests++) sink->first = now(CLOCK_MONOTONIC);
    sink->bytes += size;
    if (!strcmp(sink->how, "refuse") || !strcmp(sink->how, "away")) return;
    sink_note_lines(sink, data, size);
    sink_note_lag(sink, data, size);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void sink_tell(struct sink *sink)
{
    unsigned count = sink->lag_count;

    qsort(sink->lags, count, sizeof *sink->lags, compare);
    printf("{\"requests\":%llu,\"bytes\":%llu,\"lines\":%llu,\"again\":%llu,\"gaps\":%llu,\"first\":%.6f,\"last\":%.6f",
           (unsigned long long)sink->requests, (unsigned long long)sink->bytes, (unsigned long long)sink->lines,
           (unsigned long long)sink->again, (unsigned long long)sink->gaps, sink->first, sink->last);
    if (count)
        printf(",\"lag_ms\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f}", sink->lags[count / 2], sink->lags[count * 99ull / 100],
               sink->lags[count - 1]);
    printf("}\n");
}

/* --- the protocols: each consumes one request at the beginning of `data`. Returns its size; 0: not whole yet --- */

static void answer(const struct client *client, const char *text, size_t size)
{
    while (size) {
        ssize_t done = send(client->socket, text, size, MSG_NOSIGNAL);

        if (done <= 0) return;          /* it is gone, which the next read finds */
        text += done;
        size -= (size_t)done;
    }
}

static size_t http_length(const char *head, const char *end)
{
    for (const char *line = head; line && line < end; line = memchr(line, '\n', (size_t)(end - line)), line += line != NULL)
        if (!strncasecmp(line, "content-length:", 15)) return strtoull(line + 15, NULL, 10);
    return 0;
}

static size_t http_step(struct sink *sink, struct client *client, const char *data, size_t size)
{
    static const char fine[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    static const char *const refused[] = {"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno",
                                          "HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nnever"};
    static unsigned turn;               /* with one answer to all they would not be parked (refused_row.h) */
    static const char away[] = "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n";
    const char *text = !strcmp(sink->how, "refuse") ? refused[turn++ % 2] : !strcmp(sink->how, "away") ? away : fine;
    const char *end = memmem(data, size, "\r\n\r\n", 4);
    size_t head, length;

    if (!end) return 0;
    head = (size_t)(end - data) + 4;
    length = http_length(data, end);
    if (size < head + length) return 0;
    sink_take(sink, data + head, length);
    if (!strcmp(sink->how, "slow")) sleep(SLOW_S);
    if (strcmp(sink->how, "hang")) answer(client, text, strlen(text));
    return head + length;
}

/* TXNR SP COMMAND SP DATALEN [SP DATA] LF */
static size_t relp_step(struct sink *sink, struct client *client, const char *data, size_t size)
{
    char number[16], command[33], text[160], body[100] = "200 OK";
    int used = 0;
    size_t length, whole;

    if (size < 64 && !memchr(data, '\n', size)) return 0;
    if (sscanf(data, "%15[0-9] %32[a-z] %zu%n", number, command, &length, &used) != 3) fail("no RELP");
    whole = (size_t)used + (length ? length + 1 : 0) + 1;
    if (size < whole) return 0;
    if (!strcmp(command, "open"))
        strcpy(body, "200 OK\nrelp_version=0\nrelp_software=sink\ncommands=syslog");
    if (!strcmp(command, "syslog")) sink_take(sink, data + used + 1, length);
    snprintf(text, sizeof text, "%s rsp %zu %s\n", number, strlen(body), body);
    answer(client, text, strlen(text));
    return whole;
}

/* --- connections --- */

static void client_end(struct sink *sink, unsigned index)
{
    close(sink->clients[index].socket);
    free(sink->clients[index].data);
    sink->clients[index] = sink->clients[--sink->count];
}

static bool client_read(struct sink *sink, struct client *client)
{
    size_t (*step)(struct sink *, struct client *, const char *, size_t) = strcmp(sink->how, "relp") ? http_step : relp_step;
    size_t at = 0, used;
    ssize_t got;

    if (client->room - client->size < (1u << 20)) {
        client->room = 2 * client->room + (2u << 20);
        if (!(client->data = realloc(client->data, client->room))) fail("no memory");
    }
    got = recv(client->socket, client->data + client->size, client->room - client->size - 1, 0);
    if (got <= 0) return false;
    client->size += (size_t)got;
    client->data[client->size] = 0;
    while (at < client->size && (used = step(sink, client, client->data + at, client->size - at))) at += used;
    memmove(client->data, client->data + at, client->size -= at);
    return true;
}

static void sink_accept(struct sink *sink, int listener)
{
    int socket = accept(listener, NULL, NULL), yes = 1;

    if (socket < 0) return;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (sink->count == CLIENTS) close(socket);
    else sink->clients[sink->count++] = (struct client){.socket = socket};
}

static void sink_run(struct sink *sink, int listener)
{
    for (;;) {
        sink->polls[0] = (struct pollfd){0, POLLIN, 0};
        sink->polls[1] = (struct pollfd){listener, POLLIN, 0};
        for (unsigned i = 0; i < sink->count; i++) sink->polls[2 + i] = (struct pollfd){sink->clients[i].socket, POLLIN, 0};
        if (poll(sink->polls, 2 + sink->count, -1) < 0 && errno != EINTR) fail("poll");
        if (sink->polls[0].revents) {
            char byte;

            if (read(0, &byte, 1) <= 0) return;
            sink_tell(sink);            /* a byte asks for what came so far */
            fflush(stdout);
        }
        for (unsigned i = sink->count; i-- > 0;)
            if (sink->polls[2 + i].revents && !client_read(sink, &sink->clients[i])) client_end(sink, i);
        if (sink->polls[1].revents) sink_accept(sink, listener);
    }
}

int main(int argc, char **argv)
{
    static struct sink sink;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    if (argc != 2) {
        fputs("sink http|relp|refuse|away|slow|hang\n", stderr);
        return 2;
    }
    sink.how = argv[1];
    sink.lags = calloc(LAGS, sizeof *sink.lags);
    if (!sink.lags || listener < 0 || bind(listener, (struct sockaddr *)&address, size) || listen(listener, 16) ||
        getsockname(listener, (struct sockaddr *)&address, &size)) fail("sink");
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    sink_run(&sink, listener);
    sink_tell(&sink);
    return 0;
}
