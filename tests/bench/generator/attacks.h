/* The attacks that are planted, each with a near miss, and the certificates that they need for a history. */
#ifndef GENERATOR_ATTACKS_H
#define GENERATOR_ATTACKS_H

#include "issue.h"

enum ending {
    ENDING_ISSUED,
    ENDING_DENIED,
    ENDING_DENIED_THEN_ISSUED,
    ENDING_PENDING_THEN_ISSUED,
    ENDING_IMPORTED,
};

/* NULL and 0 stand for what is usual; an empty list of OIDs for no such extension. */
struct special {
    const char *name;                   /* of the attack or near miss: those of one name belong together, and the last is the one */
    unsigned number;                    /* of the rule */
    const char *severity;               /* NULL: a near miss, or its history */
    const char *evidence;
    unsigned at;                        /* thousandths of the journal's time */
    const char *template, *requester;
    const char *caller;                 /* NULL: the requester */
    const char *cn, *ou;
    const char *names, *request_names, *sid, *request_sid, *attributes;
    const char *eku, *application_policies, *request_application_policies, *policies;
    enum form form;
    enum ending ending;
    enum key_kind key;
    bool shared_key;                    /* of the one before it, of the same name */
    bool renews;                        /* the one before it, of the same name */
    bool sha1, basic_constraints, is_ca, without_client;
    unsigned days, before_days;         /* validity; how long before the request it began */
    unsigned repeat;                    /* so many, a minute apart; 0: one */
};

extern const struct special specials[];
extern const unsigned special_count;

/* Of rule N, from 1 on. */
const char *rule_name(unsigned number);

/* What is planted outside requests; the journal's writer notes the lines. */
enum planted {
    PLANTED_UNKNOWN_SERIAL,
    PLANTED_KNOWN_SERIAL,               /* its near miss */
    PLANTED_UNCLEAN,
    PLANTED_GAP,
    PLANTED_MASK,
    PLANTED_RESTART,                    /* the near miss of the three above */
    PLANTED_COUNT,
};

struct planted_words {
    const char *name;
    unsigned number;
    const char *severity, *evidence;
};
extern const struct planted_words planted_words[PLANTED_COUNT];

#endif
