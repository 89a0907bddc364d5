/*
 * The journal: events on disk, in order, so that no acknowledged event can be lost and every
 * change can be detected.
 *
 * One writer thread does all file work, including opening. Callers queue events and wait; the
 * thread writes all queued events at once, flushes once, and wakes the callers. The format on disk
 * is described at the top of line.c.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "base/os.h"
#include "journal_event.h"
#include "line.h"
#include "losses.h"
#include "report.h"

struct journal;

struct journal_options {
    const char *directory;              /* UTF-8, absolute */
    /* CloudEvents source: a URI reference, percent-escaped, at most LINE_SOURCE_MAX bytes */
    const char *source;
    uint32_t wait_ms;                   /* the longest time that a call blocks */
    uint32_t close_ms;                  /* the longest time that journal_close blocks; 0: wait_ms */
    uint32_t retry_ms;                  /* the time between attempts after a failure of the disk */
    size_t queue_bytes;                 /* the most bytes of events queued in memory */
    uint64_t segment_bytes;             /* size at which a segment is complete and a new one is
                                         * begun */
    uint64_t min_free_bytes;            /* if less is free on the volume, events that yield
                                         * (journal_event.h) are counted and not written; others
                                         * are written down to a quarter of it; 0: the volume is
                                         * not asked */
    uint32_t look_ms;                   /* the shortest time between two checks of the folder for
                                         * a request to prune (request.h); 0: once a minute */
    uint32_t look_wait_ms;              /* the longest time that the writer waits for such a check,
                                         * and events wait with it; 0: a tenth of a second */
    /* may be NULL; must stay callable for as long as the writer lives */
    void (*report)(const struct journal_report *report);
    /* Content of module.started besides the run and how the last one ended: members, without
     * enclosing braces, of `data.module` and of `data`. JSON in UTF-8, together less than
     * LINE_DATA_MAX / 2 bytes; omitted if it cannot become part of a line. */
    struct span start_module, start_more;
};

/*
 * Start a journal. `options` and everything it points to is copied. The caller ends the journal
 * with journal_close. Blocks for at most `wait_ms`.
 *
 * S_OK: module.started is on disk. S_FALSE: it is not, after `wait_ms`: the disk is slow, or the
 * folder cannot be opened. The journal exists all the same, events are queued in it, and after a
 * failure opening is tried again every `retry_ms`. On failure `*out` is NULL: E_INVALIDARG (the
 * source is not valid in a line), E_OUTOFMEMORY, or the system's code if the thread cannot be
 * started.
 */
HRESULT journal_open(const struct journal_options *options, struct journal **out) MUST_CHECK;

/*
 * Append one event and return once it is on disk. The event is copied; the caller keeps its own.
 * Any thread. Blocks for at most wait_ms, usually for one flush, which all waiting callers share.
 *
 * S_OK is a promise: a power cut after this return cannot lose the event.
 * HRESULT_FROM_WIN32(ERROR_TIMEOUT): not on disk yet, but still queued, and written when the disk
 *     works again. After this result, or S_FALSE from journal_open, later calls return it at once,
 *     without waiting, until the writer makes progress: a disk that hangs costs one wait.
 * JOURNAL_QUEUE_FULL: queue_bytes are queued already; the event is lost.
 * JOURNAL_SPACE_KEPT, JOURNAL_QUEUE_KEPT: the event yields, and the remaining space is reserved for
 *     others; the event is lost and counted under its requester.
 * E_INVALIDARG: the event cannot become a line (`data` is not one JSON object, the time cannot be
 *     formatted, …); it is lost.
 * E_OUTOFMEMORY: the event is lost.
 *
 * Lost events are counted, and reported in journal.gap once writing works.
 */
HRESULT journal_append(struct journal *journal, const struct journal_event *event) MUST_CHECK;

/*
 * Free space on the journal's volume, as the writer last saw it. Any thread, does not block. The
 * space is JOURNAL_SPACE_AMPLE before the volume is first asked, if the volume does not answer, and
 * if min_free_bytes is 0.
 */
enum journal_space {
    JOURNAL_SPACE_AMPLE,
    JOURNAL_SPACE_SCARCE,               /* less than twice min_free_bytes */
    JOURNAL_SPACE_LOW                   /* less than min_free_bytes: events that yield are not
                                         * written */
};
enum journal_space journal_space(struct journal *journal);

/*
 * Count an event as lost because the caller could not read or format it. It is reported in
 * journal.gap under `cause`. `type` and `data` are ignored, and nothing of the event is kept by
 * pointer. Any thread, does not wait for the disk.
 */
void journal_lose(struct journal *journal, const struct journal_event *event,
                  enum loss_cause cause);

/*
 * Write the queued events and module.stopped, end the thread, free everything. Takes NULL. No
 * other call on this journal may be running or come later, whatever the result.
 *
 * S_OK: module.stopped is on disk, and everything is freed.
 * HRESULT_FROM_WIN32(ERROR_TIMEOUT): a thread of the journal hangs in the disk, and the caller has
 *     to keep this code loaded. Usually it is the writer, after close_ms: it keeps the journal's
 *     memory, and when the disk works again it writes the queued events, ends, and frees the
 *     journal. It may also be a thread that looks for a request to prune; the journal has then
 *     ended and is freed.
 * Any other failure: the thread has ended and everything is freed, but queued events or
 *     module.stopped could not be written.
 *
 * After every failure JOURNAL_UNWRITTEN has reported the events that are not on disk, with their
 * RequestIDs. It is not reported if there are none, or if there is no memory to count them in.
 */
HRESULT journal_close(struct journal *journal);

#endif
