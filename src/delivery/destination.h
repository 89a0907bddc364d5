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

#define DESTINATION_WHY 512             /* bytes of a reason, with its zero */

enum destination_result {
    DESTINATION_TAKEN,                  /* all lines */
    DESTINATION_AGAIN,                  /* the far end cannot now; the rest is sent again */
    DESTINATION_REFUSED                 /* the far end does not want what is in the rest */
};

struct destination_report {
    enum destination_result result;
    unsigned taken;                     /* of the lines sent, those at the beginning that the far
                                         * end has acknowledged */
    bool single;                        /* REFUSED: it is the line after these that is refused, by
                                         * itself; else any of the rest may be the cause */
    bool needs_hands;                   /* AGAIN: an administrator has to act: a password, a
                                         * certificate, a name */
    uint32_t after_ms;                  /* AGAIN: not before so many milliseconds; 0: not said */
    char why[DESTINATION_WHY];          /* unless TAKEN: UTF-8, may hold what the far end said */
};

/* What a destination is opened with; borrowed until close. */
struct destination_place {
    const struct target *target;
    const char *journal;                /* the journal's folder */
    struct span secret;                 /* size 0: none */
    const int32_t *stop;                /* not 0: end what is running, and report AGAIN */
};

struct destination_class {
    /* On failure `why` says what is wrong and what to do, and `*out` is NULL. */
    HRESULT (*open)(const struct destination_place *place, void **out, char why[DESTINATION_WHY]);
    /* `count` lines from `first` on, at least one. Blocks for the target's timeout at most. */
    void (*send)(void *self, const struct batch *batch, unsigned first, unsigned count,
                 struct destination_report *report);
    /* Append what send would send, for `test --dry-run`. */
    void (*render)(void *self, const struct batch *batch, unsigned first, unsigned count,
                   struct bytes *out);
    void (*close)(void *self);
};

extern const struct destination_class destination_http, destination_copy, destination_program;

/* The class of a kind (config.h). */
const struct destination_class *destination_class(int kind);

void destination_say(char why[DESTINATION_WHY], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
