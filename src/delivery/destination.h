/*
 * What a destination is to the delivery: something that takes lines, or does not.
 *
 * Order of calls: open, then any number of send, then close if open succeeded. All calls come from
 * one thread, that of the destination's worker. A destination keeps nothing across calls that must
 * not be lost: what it has not reported as taken is sent again.
 */
#ifndef DESTINATION_H
#define DESTINATION_H

#include "batch.h"
#include "config.h"

#include "delivery/net/net.h"
#include "delivery/net/quote.h"

#define DESTINATION_WHY 512             /* bytes of a reason, with its zero */

enum destination_result {
    DESTINATION_TAKEN,                  /* `taken` lines, which is all unless it says less; the
                                         * rest has not been tried */
    DESTINATION_AGAIN,                  /* the far end cannot now; the rest is sent again */
    DESTINATION_REFUSED,                /* the far end does not want what is in the rest */
    DESTINATION_HELD                    /* no failure: the rest is sent after `after_ms`, so that
                                         * what comes until then goes with it */
};

struct destination_report {
    enum destination_result result;
    unsigned taken;                     /* of the lines sent, those at the beginning that the far
                                         * end has acknowledged */
    bool single;                        /* REFUSED: it is the line after these that is refused, by
                                         * itself; else any of the rest may be the cause */
    bool needs_hands;                   /* AGAIN: an administrator has to act: a password, a
                                         * certificate, a name */
    bool late;                          /* AGAIN: a time limit was hit while it had the lines, so
                                         * it may take fewer */
    bool lost;                          /* AGAIN: what was taken earlier may be lost, too
                                         * (unacknowledged.h) */
    bool in_order;                      /* lost: the far end closed the connection, which did not
                                         * break */
    uint32_t after_ms;                  /* AGAIN, HELD: not before so many ms; 0: not said */
    char why[DESTINATION_WHY];          /* unless TAKEN: UTF-8, may hold what the far end said,
                                         * by quote_said alone */
};

/* Lines that the far end has taken or refused before those in front of them. The worker's, so that
 * they are known when the destination is closed and opened anew; lost with the process. Memory for
 * destination_ahead_begin is {0}. */
struct destination_ahead {
    unsigned count;
    struct destination_ahead_line {
        char hash[LINE_HASH_SIZE + 1];
        unsigned refused;               /* the place of the far end's words in `words`, and 1; 0:
                                         * the line was taken */
    } lines[BATCH_LINES];
    struct bytes words;                 /* owned; each with its zero; empty when no line is left */
};
#define AHEAD_WORDS (1u << 18)          /* bytes: BATCH_LINES refusals of 256 */

/* Empty, whatever it held. */
void destination_ahead_begin(struct destination_ahead *ahead);

/* What a destination is opened with; borrowed until close. */
struct destination_place {
    const struct target *target;
    const char *journal;                /* the journal's folder */
    const char *state;                  /* the folder of the state */
    struct span secret;                 /* size 0: none */
    struct destination_ahead *ahead;    /* NULL: a single test */
    const int32_t *stop;                /* not 0: end what is running, and report AGAIN */
};

struct destination_class {
    /* On failure `why` says what is wrong and what to do, and `*out` is NULL. */
    HRESULT (*open)(const struct destination_place *place, void **out, char why[DESTINATION_WHY]);
    /*
     * `count` lines from `first` on, at least one. Blocks for the target's timeout at most. The
     * position is saved after each call, so what takes several requests is best sent in as many
     * calls: a crash sends again what the last call took.
     */
    void (*send)(void *self, const struct batch *batch, unsigned first, unsigned count,
                 struct destination_report *report);
    /* Append what send would send, for `test --dry-run`. `failed` without `for_good`: it is larger
     * than may be sent. */
    void (*render)(void *self, const struct batch *batch, unsigned first, unsigned count,
                   struct bytes *out);
    void (*close)(void *self);
    /*
     * Of a far end that acknowledges nothing; else NULL. Lines that were taken may be lost until
     * they count as arrived (unacknowledged.h). False: the connection has ended, and `report` is
     * AGAIN, `lost`. Does not block.
     */
    bool (*stands)(void *self, struct destination_report *report);
    const char *advice;                 /* for `check`: a condition of the far end that cannot be
                                         * examined from here. NULL: none */
};

extern const struct destination_class destination_http, destination_copy, destination_program,
    destination_relp, destination_syslog, destination_mail;

/* The class of a kind (config.h). */
const struct destination_class *destination_class(int kind);

/* What the keys of a target that has a network say of the connection; the URL, its protocols, the
 * user and the password are the caller's to set. */
struct net_options destination_net(const struct destination_place *place);

/* What the destination sends and nobody may read: the secret, whatever it is part of, values of
 * headers, and longer parts of the URL. quote_free. */
HRESULT destination_quote(const struct destination_place *place, struct quote *out) MUST_CHECK;

/* The URL of a stream to the target's server; owned by the caller. NULL: no memory. */
char *destination_stream_url(const struct target *target);

/* Open it with `open`, unless its client certificate has expired, which `why` says then. */
HRESULT destination_open(const struct destination_class *class,
                         const struct destination_place *place, void **out,
                         char why[DESTINATION_WHY]) MUST_CHECK;

void destination_say(char why[DESTINATION_WHY], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
