/*
 * The facts of a journal's issuances, one struct for each, with what later events say of them.
 *
 * A journal is read once: facts_add for every event, then facts_join, then facts_next for each
 * certificate in the order of the journal. A certificate of which several events tell comes once,
 * by the first of them. Certificates that were issued before the journal began, and those of gaps,
 * are not known; the latter are counted.
 *
 * Memory is bounded by `memory`, and some 40 MiB for the longest line; the rest lies in temporary
 * files (temp_file.h), of some 700 bytes for each certificate that is kept and 250 for each that is
 * not. Nothing is left out for lack of memory: that is a failure.
 *
 * The ground of each fact is told in issuance.h and links.h.
 */
#ifndef FACTS_H
#define FACTS_H

#include "events/template_names.h"
#include "links.h"
#include "services.h"

#define FACTS_MEMORY (128u << 20)       /* bytes, as a rule */

struct fact {
    struct issuance issuance;
    struct fate fate;
    uint64_t ordinal, place;            /* the latter for facts_at */
    bool is_wanted;                     /* as facts_add was told */
};

struct facts {
    int64_t least_end;
    struct links links;
    struct spool rows;
    struct issuance_reader reader;
    struct services services;
    struct template_names names;        /* for showing templates */
    struct bytes row;                   /* of the certificate that was given last */
    uint64_t issuances, kept, events;
    uint64_t gaps, lost;                /* lines journal.gap, and events that they say were lost;
                                         * UINT64_MAX: more than can be counted */
    uint64_t narrowed;                  /* starts of the module that was set to record less than all
                                         * certificates, revocations and CRLs */
    uint64_t at;                        /* the place of the next row */
    char first_time[32], last_time[32]; /* of the first and the last event; "": there is none */
    HRESULT hr;                         /* the first failure */
};

/*
 * Certificates that end before `least_end` are not kept: they count where another renews or is
 * renewed, and facts_next does not give them. FACT_NO_TIME keeps all. A certificate whose end is
 * not known is kept. Returns NULL if there is not enough memory; facts_close takes NULL.
 */
struct facts *facts_open(int64_t least_end, size_t memory);
void facts_close(struct facts *facts);

/* `is_wanted` is for the caller: facts_next gives the certificate either way. */
void facts_add(struct facts *facts, struct event *event, bool is_wanted);
/* All events have been added. */
HRESULT facts_join(struct facts *facts) MUST_CHECK;
/* The next certificate; its texts hold until the next call of this or facts_at. False: there are no
 * more, or `hr` is a failure. */
bool facts_next(struct facts *facts, struct fact *fact);
/* A certificate that facts_next gave, once more: its issuance alone. False: `hr` is a failure. */
bool facts_at(struct facts *facts, uint64_t place, struct fact *fact);
/* Append the requester of a certificate that is kept there, of a fate's by_place. What facts_next
 * gave stays. False: `hr` or `out` is a failure. */
bool facts_requester(struct facts *facts, uint64_t place, struct bytes *out);

#endif
