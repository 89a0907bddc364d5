/*
 * The destination `syslog`: each line a message of RFC 5424 with its length in front (octet
 * counting), over TLS (RFC 5425) or plain TCP (RFC 6587).
 *
 * The far end acknowledges nothing and says nothing. Lines count as taken once they have been given
 * to the system; the worker sends those of the last minute again when the connection ends
 * (unacknowledged.h). Therefore the connection is looked at between batches, too. The little that
 * a far end says is passed over.
 */
#include "rfc5424.h"

#include "delivery/destination.h"
#include "delivery/net/net_stream.h"

#include <stdlib.h>

#define KEEP_BYTES (4 * BATCH_BYTES)    /* of the buffer for messages */
#define ALERT_MS   500                  /* with TLS 1.3 a far end refuses a client certificate after
                                         * the handshake; it is given so long to say so */
#define ROUNDS_MAX 256                  /* of receiving: a far end may talk on for ever */

struct to_syslog {
    const struct destination_place *place;              /* borrowed */
    char *url;                          /* owned, as is the rest */
    struct net *net;                    /* NULL: there is no connection */
    struct quote quote;
    struct rfc5424 syslog;
    struct bytes frames, message;
};

/* The connection ends; `report` says why, and that what was sent over it may be lost. */
static void to_syslog_fail(struct to_syslog *self, struct destination_report *report,
                           bool needs_hands, const char *why)
{
    char said[NET_WHY];

    report->result = DESTINATION_AGAIN;
    report->lost = true;
    report->needs_hands = needs_hands;
    quote_text(&self->quote, why, said, sizeof said);
    destination_say(report->why, "%s: %s", self->place->target->server, said);
    net_close(self->net);
    self->net = NULL;
}

/* True: the connection stands, up to the deadline. Receivers of syslog say nothing: one that talks
 * on is none. */
static bool to_syslog_listen(struct to_syslog *self, uint64_t deadline,
                             struct destination_report *report)
{
    struct net_failure failure;
    char said[4096];
    size_t size;

    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        switch (net_stream_receive(self->net, said, sizeof said, deadline, &size, &failure)) {
        case NET_STREAM_GOOD: continue;
        case NET_STREAM_NOTHING: return true;
        case NET_STREAM_ENDED:
            to_syslog_fail(self, report, false, "it has closed the connection");
            report->in_order = true;
            return false;
        default: to_syslog_fail(self, report, failure.needs_hands, failure.why); return false;
        }
    }
    to_syslog_fail(self, report, false, "it talks without end; look at the server's port");
    return false;
}

static bool to_syslog_connect(struct to_syslog *self, struct destination_report *report)
{
    struct net_options options = destination_net(self->place);
    bool plain = self->place->target->allow_plain;
    struct net_failure failure;

    options.url = self->url;
    options.protocols = plain ? "http" : "https";
    if (FAILED(net_open(&options, &self->net)))
        to_syslog_fail(self, report, false, "there is not enough memory");
    else if (!net_stream_connect(self->net, &failure))
        to_syslog_fail(self, report, failure.needs_hands, failure.why);
    else if (plain || to_syslog_listen(self, os_ticks_ms() + ALERT_MS, report)) return true;
    else if (!report->needs_hands)
        strncat(report->why, ". If it asks for a client certificate, look at clientCertificate",
                sizeof report->why - strlen(report->why) - 1);
    return false;
}

static void to_syslog_fill(struct to_syslog *self, const struct batch *batch, unsigned first,
                           unsigned count)
{
    bytes_reset(&self->frames, KEEP_BYTES);
    for (unsigned i = first; i < first + count; i++) {
        bytes_reset(&self->message, KEEP_BYTES);
        rfc5424_add(&self->syslog, batch, i, &self->message);
        if (self->message.failed) bytes_fail(&self->frames);
        bytes_printf(&self->frames, "%u ", (unsigned)self->message.size);
        bytes_add(&self->frames, self->message.data, self->message.size);
    }
}

static void to_syslog_send(void *context, const struct batch *batch, unsigned first,
                           unsigned count, struct destination_report *report)
{
    struct to_syslog *self = context;
    uint64_t deadline = os_ticks_ms() + self->place->target->timeout_s * 1000u;
    struct net_failure failure;
    size_t sent;

    if (self->net && !to_syslog_listen(self, 0, report)) return;
    if (!self->net && !to_syslog_connect(self, report)) return;
    to_syslog_fill(self, batch, first, count);
    if (self->frames.failed) {
        report->result = DESTINATION_AGAIN;
        destination_say(report->why, "there is not enough memory");
        return;
    }
    switch (net_stream_send(self->net, (struct span){self->frames.data, self->frames.size},
                            deadline, &sent, &failure)) {
    case NET_STREAM_GOOD: break;
    case NET_STREAM_NOTHING:
        to_syslog_fail(self, report, false, "it takes nothing more");
        report->late = true;
        return;
    default: to_syslog_fail(self, report, failure.needs_hands, failure.why); return;
    }
    if (to_syslog_listen(self, 0, report)) report->taken = count;
}

/* Without a connection there is none that could be lost. */
static bool to_syslog_stands(void *context, struct destination_report *report)
{
    struct to_syslog *self = context;

    return !self->net || to_syslog_listen(self, 0, report);
}

static void to_syslog_render(void *context, const struct batch *batch, unsigned first,
                             unsigned count, struct bytes *out)
{
    struct to_syslog *self = context;

    rfc5424_add_shown(&self->syslog, batch, first, count, out);
}

static void to_syslog_close(void *context)
{
    struct to_syslog *self = context;

    if (!self) return;
    net_close(self->net);
    quote_free(&self->quote);
    rfc5424_free(&self->syslog);
    bytes_free(&self->frames);
    bytes_free(&self->message);
    free(self->url);
    free(self);
}

static HRESULT to_syslog_open(const struct destination_place *place, void **out, char *why)
{
    struct to_syslog *self = calloc(1, sizeof *self);

    *out = NULL;
    if (self) {
        self->place = place;
        self->url = destination_stream_url(place->target);
    }
    if (!self || !self->url || FAILED(destination_quote(place, &self->quote))) {
        destination_say(why, "there is not enough memory");
        to_syslog_close(self);
        return E_OUTOFMEMORY;
    }
    *out = self;
    return S_OK;
}

const struct destination_class destination_syslog = {
    .open = to_syslog_open, .send = to_syslog_send, .render = to_syslog_render,
    .close = to_syslog_close, .stands = to_syslog_stands, .advice = RFC5424_ADVICE};
