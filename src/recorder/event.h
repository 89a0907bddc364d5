/* What the CA tells of an event, as the `data` of a journal line. The events, their names and their properties are told in event.c. */
#ifndef EVENT_H
#define EVENT_H

#include "crls.h"
#include "flood.h"

#include "base/bytes.h"
#include "settings/properties.h"

/* {0} is an empty one. */
struct event_record {
    const char *type;                   /* "certwitness.certificate.issued" and so on; static */
    bool has_request;
    LONG request_id;                    /* with has_request */
    bool yields;                        /* an enrollee can cause any number of it: pending, denied, retrieved */
    char requester[FLOOD_NAME_MAX + 1]; /* with `yields`: the beginning of RequesterName in UTF-8; "": not known */
    struct bytes data;                  /* one JSON object, LINE_DATA_MAX at most */
    struct bytes missing;               /* while it is read: the list that goes into it */
    struct bytes text;                  /* while it is read: one string */
    struct server_held held;            /* while the CA is asked */
    struct crls_digests *crls;          /* owned; for crls_remember once the event is in the journal. NULL: nothing to remember */
};

/*
 * What the JSON of all events takes that are under way at once, from the first question on until the event is in the queue and its caller is let
 * go: EVENT_MEMORY_MAX at most, however many threads the CA has, and for events that yield half of it. Beyond that an event is lost as without
 * memory. One takes 1 MiB at most while it waits, for the longest line there is, and up to 2.7 MiB for a moment, with the text of a long value beside
 * it: 64 threads that wait with the longest lines are within the bound by far. Usual events take 32 KiB. A value that is too long for a line takes
 * nothing, whatever its size: it is hashed where the CA has put it.
 */
#define EVENT_MEMORY_MAX (128u << 20)

struct event_memory { struct bytes_budget all, yielding; };
void event_memory_init(struct event_memory *memory);

/* What an event may take. */
struct event_sparing {
    struct flood *flood;                /* whose long values of an event that yields are spared: their hashes stand in their place */
    bool scarce;                        /* those of all of them: there is little space on the journal's volume */
    struct event_memory *memory;        /* NULL: without a bound */
};

/*
 * Read the event that the CA has notified us of with `event` and `context`: of a request the properties of `properties` (NULL: the
 * standard list), of its CRLs those that `crls` does not know.
 *
 * `sparing` may be NULL: nothing is spared, nor bounded.
 *
 * What cannot be read stands in the record by name and HRESULT. S_OK, even then; a failure where the CA could not be asked at all (no
 * callback object, SetContext refused): the record then holds type, event, context and that HRESULT. E_OUTOFMEMORY: no record.
 * The caller frees it with event_free in every case; where the CA throws, the exception passes, and `*out` says as much
 * as was read. Any thread. Blocks for as long as the CA takes to answer.
 */
HRESULT event_read(LONG event, LONG context, const struct properties *properties, const struct event_sparing *sparing, struct crls_memory *crls,
                   struct event_record *out);
void event_free(struct event_record *record);

#endif
