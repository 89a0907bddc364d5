/*
 * Two years of a CA, planned: who has which certificates, when each event happens, what renews what.
 *
 * A line of certificates is those of one holder and one template, one after the other. An item is one
 * request, mostly with a certificate. Items are made once; what a request and a certificate hold is
 * described again whenever it is needed, since it follows from seed and item.
 */
#ifndef GENERATOR_WORLD_H
#define GENERATOR_WORLD_H

#include "attacks.h"
#include "authority.h"

#define ITEM_NONE UINT32_MAX
#define SECOND    1000000LL             /* microseconds, as all times of events */
#define DAY       (86400 * SECOND)

enum holding {
    HOLDING_PLAIN,
    HOLDING_CHAIN,                      /* three, each a renewal of the one before */
    HOLDING_BALANCED,                   /* two nodes with equal names, a week apart; one is renewed */
    HOLDING_LOST_KEY,                   /* issued again after a tenth of the validity */
    HOLDING_RENEWAL_REVOKED,
    HOLDING_OTHER_TEMPLATE,             /* the next has the same names and another template */
    HOLDING_OTHER_NAMES,                /* the next has the same CN and other alternative names */
    HOLDING_PROBABLE,                   /* the next has more names, and another administrator requested it */
    HOLDING_OTHER_LETTERS,              /* the next has its names in capitals */
    HOLDING_ENDS_EARLIER,               /* the next ends before the first one does */
    HOLDING_COUNT,
};

enum ground { GROUND_NONE, GROUND_CERTAIN, GROUND_SAME, GROUND_PROBABLE };

struct holder_line {
    const struct template *template;
    uint32_t holder;                    /* names follow from it */
    uint8_t holding;
};

struct item {
    int64_t time;                       /* of the last event before it is revoked: issued or denied */
    int64_t revoked;                    /* time; 0: never, or no longer */
    uint64_t sequence;                  /* of that event's line; 0: not written */
    uint32_t line;                      /* in `lines`; of a special SPECIAL_BIT and its number */
    uint32_t other;                     /* the item that is renewed, or the agent's; ITEM_NONE */
    uint32_t key;                       /* the item that the key was made for */
    uint32_t id;                        /* RequestID; 0: none yet */
    uint32_t renews, renewed_by;        /* ITEM_NONE */
    uint16_t ordinal;                   /* in its line */
    uint8_t form, ending;
    uint8_t moved;                      /* how often another administrator took over */
    uint8_t renews_ground, renewed_ground;
    int8_t reason;                      /* of the revocation */
    unsigned char sha1[20];             /* of the certificate; known once it is written */
};

#define SPECIAL_BIT 0x80000000u

/* In the order in which those of one time happen. */
enum happening {
    HAPPENING_START,                    /* a run begins after one that ended cleanly */
    HAPPENING_START_UNCLEAN, HAPPENING_START_NARROW, HAPPENING_START_RESTORED, HAPPENING_GAP,
    HAPPENING_PENDING, HAPPENING_DENIED, HAPPENING_ISSUED, HAPPENING_IMPORTED, HAPPENING_RETRIEVED, HAPPENING_REVOKED,
    HAPPENING_UNREVOKED, HAPPENING_BASE_CRL, HAPPENING_DELTA_CRL,
    HAPPENING_END,
};

struct moment {
    int64_t time;
    uint32_t item;                      /* ITEM_NONE: none */
    uint8_t happening;
};

struct world {
    uint64_t seed;
    uint64_t certificates;              /* to be issued */
    unsigned days;
    unsigned absent;                    /* of a hundred requests of plain holders: recorded by their hash alone */
    int64_t from, until;
    struct holder_line *lines;
    struct item *items;
    struct moment *moments;             /* in their order */
    size_t line_count, item_count, moment_count, issued_count;
    uint32_t agents[3];                 /* items: enrollment agents */
};

void world_make(struct world *world);
void world_free(struct world *world);

/* `issue->other` is left NULL. */
void world_describe(const struct world *world, uint32_t item, struct issue *issue);

bool item_is_issued(const struct item *item);
/* When the request came: before it was issued, if it was pending or denied first. */
int64_t item_submitted(const struct world *world, uint32_t item);
/* The special, or NULL. */
const struct special *item_special(const struct item *item);
const char *holding_name(enum holding holding);

#endif
