/*
 * An event of the CA, read and formatted as the `data` of a journal line. The events, their names
 * and their properties are described in event.c.
 */
#ifndef EVENT_H
#define EVENT_H

#include "crls.h"
#include "flood.h"

#include "base/bytes.h"
#include "settings/properties.h"

/* {0} is an empty record. */
struct event_record {
    const char *type;                   /* "certwitness.certificate.issued" and so on; static */
    bool has_request;
    LONG request_id;                    /* with has_request */
    bool yields; /* an enrollee can cause any number of it: pending, denied, retrieved */
    char requester[FLOOD_NAME_MAX + 1]; /* with `yields`: the beginning of RequesterName in
                                         * UTF-8; "": unknown */
    struct bytes data;                  /* one JSON object, at most LINE_DATA_MAX bytes */
    struct bytes missing;               /* during reading: the content of data.missing */
    struct bytes text;                  /* during reading: one string */
    struct server_held held;            /* during a call of the CA */
    struct crls_digests *crls;          /* owned; for crls_remember once the event is in the
                                         * journal. NULL: nothing to remember */
};

/*
 * The memory for the JSON of all events being processed at once, from the first call of the CA
 * until the event is queued and its caller released: at most EVENT_MEMORY_MAX, regardless of the
 * CA's number of threads, and half of it for events that yield. An event beyond that is lost, as
 * if memory had run out. One event takes at most 1 MiB while it waits, for the longest possible
 * line, and briefly up to 2.7 MiB together with the text of a long value: 64 waiting threads with
 * the longest lines are far below the limit. Usual events take 32 KiB. A value too long for a line
 * takes nothing, whatever its size: it is hashed in the CA's own buffer.
 */
#define EVENT_MEMORY_MAX (128u << 20)

struct event_memory { struct bytes_budget all, yielding; };
void event_memory_init(struct event_memory *memory);

/* Limits for reading one event. */
struct event_sparing {
    struct flood *flood;                /* counts events by requester: above the limit, long
                                         * values of events that yield are replaced by their
                                         * hashes */
    bool scarce;                        /* space on the journal's volume is scarce: this applies
                                         * to all events that yield */
    struct event_memory *memory;        /* NULL: no limit */
};

/*
 * Read the event that the CA reported with `event` and `context`: for a request, the properties of
 * `properties` (NULL: the standard list); for CRLs, those that `crls` does not contain.
 *
 * `sparing` may be NULL: no limits.
 *
 * Values that cannot be read are listed in the record by name and HRESULT, and the result is still
 * S_OK. A failure: the CA could not be asked at all (no callback object, SetContext refused); the
 * record then contains type, event, context and that HRESULT. E_OUTOFMEMORY: there is no record.
 * The caller frees the record with event_free in every case. If the CA throws, the exception
 * passes through, and `*out` contains what was read so far. Any thread. Blocks for as long as the
 * CA takes to answer.
 */
HRESULT event_read(LONG event, LONG context, const struct properties *properties,
                   const struct event_sparing *sparing, struct crls_memory *crls,
                   struct event_record *out);
void event_free(struct event_record *record);

#endif
