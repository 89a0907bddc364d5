/*
 * The destination `relp`: each line a message of RFC 5424, acknowledged one by one.
 *
 * The session is opened with the offer that librelp makes. The lines of a batch are on their way
 * at once; answers may come in any order. 200 acknowledges a line, any other code refuses it. Lines
 * that were answered behind one that was not taken are kept in mind, refusals with their words, so
 * that none of them is sent twice when the batch comes again. When the connection is lost, what has
 * no answer is sent again.
 *
 * A receiver may cut a message that is longer than it takes, and acknowledge it all the same
 * (rsyslog does, above maxMessageSize): nothing in the protocol shows that.
 */
#include "relp_frame.h"
#include "rfc5424.h"
#include "version.h"

#include "delivery/destination.h"
#include "delivery/net/net_stream.h"

#include <stdio.h>
#include <stdlib.h>

#define SAID_MAX    200                 /* bytes of an answer that are told */
#define KEEP_BYTES  (4 * BATCH_BYTES)   /* of the buffer for frames */
#define GOODBYE_MS  500
#define ROUNDS_MAX  256                 /* of receiving what is there already: a far end may talk on
                                         * for ever */

enum relp_answer { RELP_WAITS, RELP_TAKEN, RELP_REFUSED };

/* One line that is on its way, or was the last time. */
struct relp_line {
    enum relp_answer answer;
    size_t said;                        /* REFUSED: with these words, a place in `words` */
};

struct to_relp {
    const struct destination_place *place;              /* borrowed */
    char *url;                          /* owned, as is the rest */
    struct net *net;                    /* NULL: there is no session */
    uint32_t txnr;                      /* of the last command */
    struct quote quote;
    struct rfc5424 syslog;
    struct bytes frames, message, in;
    uint64_t deadline;                  /* of this call of send */

    /* the lines that are on their way, or were the last time */
    uint32_t base;                      /* the first one's transaction */
    unsigned count, open;               /* how many, and how many of them have no answer */
    struct relp_line lines[BATCH_LINES];
    struct bytes words;                 /* what refusals said, each with its zero */
};

static void to_relp_end_session(struct to_relp *relp)
{
    net_close(relp->net);
    relp->net = NULL;
    bytes_reset(&relp->in, RELP_ANSWER_MAX);
}

static void to_relp_fail(struct to_relp *relp, struct destination_report *report, bool needs_hands,
                         const char *why)
{
    char said[NET_WHY];

    report->result = DESTINATION_AGAIN;
    report->needs_hands = needs_hands;
    quote_text(&relp->quote, why, said, sizeof said);
    destination_say(report->why, "%s: %s", relp->place->target->server, said);
    to_relp_end_session(relp);
}

/* --- what comes --- */

/* False: there is no more for now, which `report` explains unless it waited in vain for less than
 * the deadline. */
static bool to_relp_receive(struct to_relp *relp, uint64_t deadline,
                            struct destination_report *report)
{
    struct net_failure failure;
    size_t size = 0;
    char *room = bytes_reserve(&relp->in, 4096);

    if (!room) {
        to_relp_fail(relp, report, false, "there is not enough memory");
        return false;
    }
    switch (net_stream_receive(relp->net, room, 4096, deadline, &size, &failure)) {
    case NET_STREAM_GOOD: relp->in.size += size; return true;
    case NET_STREAM_NOTHING:
        if (deadline) to_relp_fail(relp, report, false, "it did not answer in time");
        return false;
    case NET_STREAM_ENDED:
        to_relp_fail(relp, report, false, "it has closed the connection");
        return false;
    default: to_relp_fail(relp, report, failure.needs_hands, failure.why); return false;
    }
}

/* The next frame that has come whole, at the beginning of `in`. */
static enum relp_verdict to_relp_look(struct to_relp *relp, struct relp_frame *frame)
{
    return relp_frame_read((struct span){relp->in.data, relp->in.size}, frame);
}

static void to_relp_pass(struct to_relp *relp, const struct relp_frame *frame)
{
    relp->in.size -= frame->size;
    memmove(relp->in.data, relp->in.data + frame->size, relp->in.size);
}

/* --- the session --- */

static bool to_relp_put(struct to_relp *relp, struct destination_report *report)
{
    struct net_failure failure;
    char said[NET_WHY];
    size_t sent;
    struct span frames = {relp->frames.data, relp->frames.size};

    if (relp->frames.failed) {
        to_relp_fail(relp, report, false, "there is not enough memory");
        return false;
    }
    switch (net_stream_send(relp->net, frames, relp->deadline, &sent, &failure)) {
    case NET_STREAM_GOOD: return true;
    case NET_STREAM_NOTHING: destination_say(report->why, "%s: it takes nothing more",
                                             relp->place->target->server);
                             break;
    default: quote_text(&relp->quote, failure.why, said, sizeof said);
             destination_say(report->why, "%s: %s", relp->place->target->server, said);
    }
    report->result = DESTINATION_AGAIN;
    return false;
}

static bool to_relp_takes_syslog(struct span commands)
{
    struct span word;

    for (; commands.size; commands.text += word.size + 1) {
        const char *end = memchr(commands.text, ',', commands.size);

        word = (struct span){commands.text, end ? (size_t)(end - commands.text) : commands.size};
        if (span_is(word, "syslog")) return true;
        if (!end) break;
        commands.size -= word.size + 1;
    }
    return false;
}

/* The answer to open; NULL: the session is open. */
static const char *to_relp_judge_open(struct to_relp *relp, const struct relp_frame *frame)
{
    struct span rest, offers;
    unsigned code;

    if (!span_is(frame->command, "rsp") || frame->txnr != relp->txnr)
        return "it does not answer as RELP does; look at the server's port";
    code = relp_answer_code(frame->data, &rest, &offers);
    if (code != 200) return "it refuses to open a RELP session";
    if (!relp_offer(offers, "relp_version").size) return "it speaks no version of RELP that we do";
    if (!to_relp_takes_syslog(relp_offer(offers, "commands")))
        return "it does not take the RELP command syslog";
    return NULL;
}

static bool to_relp_hear_open(struct to_relp *relp, struct destination_report *report)
{
    struct relp_frame frame;
    enum relp_verdict verdict;
    const char *why;

    while ((verdict = to_relp_look(relp, &frame)) == RELP_MORE)
        if (!to_relp_receive(relp, relp->deadline, report)) return false;
    why = verdict == RELP_WRONG ? "it does not answer as RELP does; look at the server's port"
                                : to_relp_judge_open(relp, &frame);
    if (why) to_relp_fail(relp, report, true, why);
    else to_relp_pass(relp, &frame);
    return !why;
}

static bool to_relp_connect(struct to_relp *relp, struct destination_report *report)
{
    static const char offers[] =
        "relp_version=0\nrelp_software=certwitness-delivery," CERTWITNESS_VERSION "\n"
        "commands=syslog";
    struct net_options options = destination_net(relp->place);
    struct net_failure failure;

    options.url = relp->url;
    options.protocols = relp->place->target->allow_plain ? "http" : "https";
    if (FAILED(net_open(&options, &relp->net))) {
        to_relp_fail(relp, report, false, "there is not enough memory");
        return false;
    }
    if (!net_stream_connect(relp->net, &failure)) {
        to_relp_fail(relp, report, failure.needs_hands, failure.why);
        return false;
    }
    relp->txnr = 1;
    bytes_reset(&relp->frames, KEEP_BYTES);
    relp_frame_add(&relp->frames, 1, "open", (struct span){offers, sizeof offers - 1});
    if (!to_relp_put(relp, report)) to_relp_receive(relp, 0, report);   /* it may say why */
    else if (to_relp_hear_open(relp, report)) return true;
    to_relp_end_session(relp);
    if (!report->needs_hands && !relp->place->target->allow_plain)
        strncat(report->why, ". If it asks for a client certificate, look at clientCertificate",
                sizeof report->why - strlen(report->why) - 1);
    return false;
}

/* Hints alone may come without having been asked for. False: something else has come. */
static bool to_relp_pass_hints(struct to_relp *relp)
{
    struct relp_frame frame;
    enum relp_verdict verdict;

    while ((verdict = to_relp_look(relp, &frame)) == RELP_FRAME) {
        if (frame.txnr || span_is(frame.command, "serverclose")) return false;
        to_relp_pass(relp, &frame);
    }
    return verdict == RELP_MORE;
}

/* A far end that has gone away since the last batch is found before anything is sent. */
static void to_relp_look_alive(struct to_relp *relp)
{
    struct destination_report ignored;
    unsigned rounds = 0;
    bool good;

    do good = rounds++ < ROUNDS_MAX && to_relp_pass_hints(relp);
    while (good && to_relp_receive(relp, 0, &ignored));
    if (relp->net && (!good || relp->in.size)) to_relp_end_session(relp);
}

/* --- lines --- */

static void to_relp_fill(struct to_relp *relp, const struct batch *batch, unsigned first,
                         unsigned count)
{
    bytes_reset(&relp->frames, KEEP_BYTES);
    relp->base = relp->txnr == RELP_TXNR_MAX ? 1 : relp->txnr + 1;
    relp->count = relp->open = count;
    bytes_reset(&relp->words, KEEP_BYTES);
    for (unsigned i = 0; i < count; i++) {
        relp->lines[i] = (struct relp_line){RELP_WAITS, 0};
        relp->txnr = relp->txnr == RELP_TXNR_MAX ? 1 : relp->txnr + 1;
        bytes_reset(&relp->message, KEEP_BYTES);
        rfc5424_add(&relp->syslog, batch, first + i, &relp->message);
        if (relp->message.failed) bytes_fail(&relp->frames);
        relp_frame_add(&relp->frames, relp->txnr, "syslog",
                       (struct span){relp->message.data, relp->message.size});
    }
}

/* The words of a refusal. The same words again take no room: most far ends say the same of each. */
static size_t to_relp_add_words(struct bytes *words, const char *said)
{
    size_t size = strlen(said) + 1, at = words->size;

    if (at >= size && !memcmp(words->data + at - size, said, size) &&
        (at == size || !words->data[at - size - 1]))
        return at - size;
    bytes_add(words, said, size);
    return at;
}

/* False: the far end does not keep to the protocol. */
static bool to_relp_take(struct to_relp *relp, const struct relp_frame *frame)
{
    uint32_t index = (frame->txnr + RELP_TXNR_MAX - relp->base) % RELP_TXNR_MAX;
    char quoted[SAID_MAX - 3], said[SAID_MAX + 1];
    struct span rest, offers;
    unsigned code;

    if (!frame->txnr) return true;
    if (!span_is(frame->command, "rsp") || index >= relp->count ||
        relp->lines[index].answer != RELP_WAITS)
        return false;
    if (!(code = relp_answer_code(frame->data, &rest, &offers))) return false;
    relp->open--;
    relp->lines[index].answer = code == 200 ? RELP_TAKEN : RELP_REFUSED;
    if (code == 200) return true;
    quote_said(&relp->quote, rest, quoted, sizeof quoted);
    snprintf(said, sizeof said, "%u %s", code, quoted);
    relp->lines[index].said = to_relp_add_words(&relp->words, said);
    return true;
}

/* Take the answers that have come. */
static void to_relp_take_all(struct to_relp *relp, struct destination_report *report)
{
    struct relp_frame frame;
    enum relp_verdict verdict = RELP_MORE;

    while (relp->open && (verdict = to_relp_look(relp, &frame)) == RELP_FRAME &&
           to_relp_take(relp, &frame))
        to_relp_pass(relp, &frame);
    if (relp->open && verdict != RELP_MORE)
        to_relp_fail(relp, report, false, "it does not answer as RELP does");
}

static bool to_relp_is_late(const struct to_relp *relp)
{
    return os_ticks_ms() >= relp->deadline || __atomic_load_n(relp->place->stop, __ATOMIC_ACQUIRE);
}

/* A far end that talks without answering is left at the deadline, too. */
static void to_relp_hear(struct to_relp *relp, struct destination_report *report)
{
    while (relp->net && relp->open && to_relp_receive(relp, relp->deadline, report)) {
        unsigned open = relp->open;

        to_relp_take_all(relp, report);
        if (relp->net && relp->open == open && to_relp_is_late(relp))
            to_relp_fail(relp, report, false, "it did not answer in time");
    }
}

/* The rest could not be sent: the answers to what was sent may have come all the same. */
static void to_relp_hear_last(struct to_relp *relp, struct destination_report *report)
{
    struct destination_report first = *report;
    unsigned rounds = 0;

    while (relp->net && relp->open && rounds++ < ROUNDS_MAX && to_relp_receive(relp, 0, report))
        to_relp_take_all(relp, report);
    *report = first;
    to_relp_end_session(relp);
}

/* Answered out of turn. Where there is no room for it, the line is sent again. */
static void to_relp_keep(struct to_relp *relp, const struct batch_line *line,
                         const struct relp_line *answered)
{
    struct destination_ahead *ahead = relp->place->ahead;
    struct destination_ahead_line kept = {.refused = 0};

    if (!ahead || line->own || ahead->count == BATCH_LINES) return;
    if (answered->answer == RELP_REFUSED && relp->words.failed) return;
    if (answered->answer == RELP_REFUSED) {
        size_t at = to_relp_add_words(&ahead->words, relp->words.data + answered->said);

        if (ahead->words.failed) {
            bytes_take_back(&ahead->words, at);
            return;
        }
        kept.refused = (unsigned)at + 1;
    }
    memcpy(kept.hash, line->position.hash, sizeof kept.hash);
    ahead->lines[ahead->count++] = kept;
}

static struct destination_ahead_line *to_relp_kept(struct to_relp *relp,
                                                   const struct batch_line *line)
{
    struct destination_ahead *ahead = relp->place->ahead;

    for (unsigned i = 0; ahead && i < ahead->count && !line->own; i++)
        if (!memcmp(ahead->lines[i].hash, line->position.hash, LINE_HASH_SIZE))
            return &ahead->lines[i];
    return NULL;
}

static void to_relp_refuse(struct to_relp *relp, const char *said,
                           struct destination_report *report)
{
    report->result = DESTINATION_REFUSED;
    report->single = true;
    destination_say(report->why, "%s answered %s", relp->place->target->server, said);
}

/* True: the line was answered already. It is not kept in mind any more. */
static bool to_relp_pass_kept(struct to_relp *relp, const struct batch_line *line,
                              struct destination_report *report)
{
    struct destination_ahead *ahead = relp->place->ahead;
    struct destination_ahead_line *kept = to_relp_kept(relp, line);

    if (!kept) return false;
    if (kept->refused) to_relp_refuse(relp, ahead->words.data + kept->refused - 1, report);
    else report->taken++;
    *kept = ahead->lines[--ahead->count];
    if (!ahead->count) bytes_reset(&ahead->words, AHEAD_WORDS);
    return true;
}

static void to_relp_judge(struct to_relp *relp, const struct batch *batch, unsigned first,
                          struct destination_report *report)
{
    unsigned taken = 0;

    while (taken < relp->count && relp->lines[taken].answer == RELP_TAKEN) taken++;
    report->taken = taken;
    if (taken == relp->count) {
        report->result = DESTINATION_TAKEN;
        return;
    }
    if (relp->lines[taken].answer == RELP_REFUSED)
        to_relp_refuse(relp, relp->words.failed ? "a refusal" :
                       relp->words.data + relp->lines[taken].said, report);
    for (unsigned i = taken + 1; i < relp->count; i++)
        if (relp->lines[i].answer != RELP_WAITS)
            to_relp_keep(relp, &batch->lines[first + i], &relp->lines[i]);
}

static void to_relp_exchange(struct to_relp *relp, const struct batch *batch, unsigned first,
                             unsigned count, struct destination_report *report)
{
    relp->count = 0;
    if (relp->net) to_relp_look_alive(relp);
    if (!relp->net && !to_relp_connect(relp, report)) return;
    to_relp_fill(relp, batch, first, count);
    if (to_relp_put(relp, report)) to_relp_hear(relp, report);
    else to_relp_hear_last(relp, report);
    to_relp_judge(relp, batch, first, report);
    report->late = report->result == DESTINATION_AGAIN && os_ticks_ms() >= relp->deadline;
}

/* Lines up to the next one that is kept, or those that are. */
static void to_relp_send(void *self, const struct batch *batch, unsigned first, unsigned count,
                         struct destination_report *report)
{
    struct to_relp *relp = self;
    unsigned run = 1;

    relp->deadline = os_ticks_ms() + relp->place->target->timeout_s * 1000u;
    while (report->taken < count && report->result == DESTINATION_TAKEN &&
           to_relp_pass_kept(relp, &batch->lines[first + report->taken], report)) {}
    if (report->taken || report->result == DESTINATION_REFUSED) return;
    while (run < count && !to_relp_kept(relp, &batch->lines[first + run])) run++;
    to_relp_exchange(relp, batch, first, run, report);
}

static void to_relp_render(void *self, const struct batch *batch, unsigned first, unsigned count,
                           struct bytes *out)
{
    struct to_relp *relp = self;

    rfc5424_add_shown(&relp->syslog, batch, first, count, out);
}

/* --- open and close --- */

/* What was acknowledged stays so, whatever becomes of this. */
static void to_relp_say_goodbye(struct to_relp *relp)
{
    struct destination_report ignored = {0};

    relp->deadline = os_ticks_ms() + GOODBYE_MS;
    bytes_reset(&relp->frames, KEEP_BYTES);
    relp_frame_add(&relp->frames, relp->txnr == RELP_TXNR_MAX ? 1 : relp->txnr + 1, "close",
                   (struct span){0});
    if (to_relp_put(relp, &ignored)) to_relp_receive(relp, relp->deadline, &ignored);
}

static void to_relp_close(void *self)
{
    struct to_relp *relp = self;

    if (!relp) return;
    if (relp->net) to_relp_say_goodbye(relp);
    net_close(relp->net);
    quote_free(&relp->quote);
    rfc5424_free(&relp->syslog);
    bytes_free(&relp->frames);
    bytes_free(&relp->message);
    bytes_free(&relp->words);
    bytes_free(&relp->in);
    free(relp->url);
    free(relp);
}

static HRESULT to_relp_open(const struct destination_place *place, void **out, char *why)
{
    struct to_relp *relp = calloc(1, sizeof *relp);

    *out = NULL;
    if (relp) {
        relp->place = place;
        relp->url = destination_stream_url(place->target);
    }
    if (!relp || !relp->url || FAILED(destination_quote(place, &relp->quote))) {
        destination_say(why, "there is not enough memory");
        to_relp_close(relp);
        return E_OUTOFMEMORY;
    }
    *out = relp;
    return S_OK;
}

const struct destination_class destination_relp = {
    .open = to_relp_open, .send = to_relp_send, .render = to_relp_render, .close = to_relp_close,
    .advice = RFC5424_ADVICE};
