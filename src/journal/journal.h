/*
 * The journal: keeps events on disk, in order, so that nothing which was acknowledged can be lost and every change shows.
 *
 * One writer thread owns all file work, opening included. Callers hand it events and wait; it writes all that wait at once, flushes
 * once and wakes them all. The format on disk is told at the top of line.c.
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
    const char *source;                 /* CloudEvents source: URI reference, percent-escaped, LINE_SOURCE_MAX at most */
    uint32_t wait_ms;                   /* the longest that a call blocks */
    uint32_t close_ms;                  /* the longest that journal_close does; 0: wait_ms */
    uint32_t retry_ms;                  /* between attempts at a disk that refuses */
    size_t queue_bytes;                 /* most bytes of events that wait in memory */
    uint64_t segment_bytes;             /* a segment this long or longer is not written on */
    uint64_t min_free_bytes;            /* with less free on the volume events that yield are counted and not written; the rest down to a quarter of it */
    uint32_t look_ms;                   /* how often the folder is looked at for a request to prune (request.h), at most; 0: once a minute */
    void (*report)(const struct journal_report *report);    /* or NULL; has to stay callable for as long as the writer lives */
    /* What module.started says besides the run and how the last one ended: members, without the braces around them, of
     * `data.module` and of `data`. JSON in UTF-8, together less than LINE_DATA_MAX / 2 bytes; what no line can be made of is left out. */
    struct span start_module, start_more;
};

/*
 * Start a journal. What `options` points to is copied.
 *
 * Returns S_OK once module.started is on disk; S_FALSE where that took longer than `wait_ms`, or the folder cannot be opened: the
 * journal is there all the same, events wait in it, and opening is tried again every `retry_ms`. Failures (E_OUTOFMEMORY, no thread;
 * E_INVALIDARG: a source that no line may have) leave `*out` NULL.
 */
HRESULT journal_open(const struct journal_options *options, struct journal **out) MUST_CHECK;

/*
 * Append one event and return once it is on disk. The event is copied, the caller keeps its own. Any thread. Blocks for at most
 * wait_ms, usually for one flush, shared with every caller then waiting.
 *
 * S_OK is a promise: a power cut after this return cannot lose the event.
 * HRESULT_FROM_WIN32(ERROR_TIMEOUT): not on disk yet, but still queued, and written when the disk comes back. Once that was
 *     returned, later calls get it at once, without waiting, until the writer makes progress: a disk that hangs costs one wait.
 * JOURNAL_QUEUE_FULL: queue_bytes wait already, the event is lost.
 * JOURNAL_SPACE_KEPT, JOURNAL_QUEUE_KEPT: it yields, and what is left is kept for others; it is lost, and counted by its requester.
 * E_INVALIDARG: no line can be made of it (`data` is not one JSON object, the time has no text, …); the event is lost.
 * E_OUTOFMEMORY: the event is lost.
 * What is lost is counted, and journal.gap tells of it once writing works.
 */
HRESULT journal_append(struct journal *journal, const struct journal_event *event) MUST_CHECK;

/* What is free on the journal's volume, as its writer has last heard. Any thread, does not block. */
enum journal_space {
    JOURNAL_SPACE_AMPLE,
    JOURNAL_SPACE_SCARCE,               /* less than twice the least */
    JOURNAL_SPACE_LOW                   /* less than the least: what yields is not written */
};
enum journal_space journal_space(struct journal *journal);

/* Count an event as lost that could not even be spelled; `type` and `data` are not looked at. Any thread, does not block. */
void journal_lose(struct journal *journal, const struct journal_event *event, enum loss_cause cause);

/*
 * Write what waits and module.stopped, end the thread, free everything. Takes NULL. Nobody may be in journal_append, nor come again.
 *
 * HRESULT_FROM_WIN32(ERROR_TIMEOUT) after close_ms: the writer hangs in the disk. It lives on, with its memory and its code, which the
 * caller has to keep loaded; when the disk comes back it writes what waits, ends and frees itself. Or all is written, and a thread that looks for a
 * request to prune hangs: its code has to stay loaded, too. Another failure: the thread has ended
 * and all is freed, but what waited could not be written. In both cases JOURNAL_UNWRITTEN has been reported with the RequestIDs.
 */
HRESULT journal_close(struct journal *journal);

#endif
