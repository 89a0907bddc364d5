/*
 * Reports that wait to be written, so that whoever reports never waits for whoever reads: a pipe
 * that is full, a slow terminal, an event log that hangs.
 *
 * Up to REPORT_QUEUE_MAX wait, in their order; one that comes then is counted and dropped, and a
 * sentence says how many were.
 */
#ifndef REPORT_QUEUE_H
#define REPORT_QUEUE_H

#include "report.h"
#include "base/os.h"

#define REPORT_QUEUE_MAX 256
#define REPORT_QUEUE_END_MS 2000

struct report_queue;

/* `out` is called by a thread of the queue alone; its context must be there until the process ends.
 */
HRESULT report_queue_open(const struct reports *out, struct report_queue **queue) MUST_CHECK;
/* Where to report, from any thread; valid until report_queue_close. Does not block. */
struct reports report_queue_in(struct report_queue *queue);
/*
 * Blocks until what waits is written, for REPORT_QUEUE_END_MS at most; after that its thread is
 * given up with what it holds. Takes NULL.
 */
void report_queue_close(struct report_queue *queue);
/* The same, but the queue stays for threads that may report still: that is not written. */
void report_queue_end(struct report_queue *queue);

#endif
