/*
 * The recorder: reads the CA's data about an event and appends it to the journal.
 *
 * It is used by the COM object (exit.c), knows nothing of reference counts or IDispatch, and calls
 * the CA only through CLSID_CCertServerExit. Any thread may call recorder_notify, many at once.
 * Start and stop are called once each: start before the first recorder_notify, stop after the last
 * has returned.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <windows.h>
#include <stdbool.h>

#define RECORDER_WHY_MAX 1200           /* characters with the zero: the longest sentence for
                                         * event 46 */

struct recorder;

/*
 * Read the CA's names and start its journal. `config` is strConfig of Initialize, or NULL; the
 * caller keeps it.
 *
 * On S_OK the caller owns `*out` and stops it. `*event_mask` is the set of events to request from
 * the CA, 0 if another object of this process already writes the same journal. Blocks for at most
 * MaxWaitMs, also if the journal's folder cannot be opened: this is not a failure, events wait in
 * memory and opening is tried again. If memory runs out, everything is tried once more;
 * E_OUTOFMEMORY if that fails too. After every failure `*out` is NULL. If the CA throws, the
 * exception passes through, and the caller owns `*out` all the same and may only stop it.
 */
HRESULT recorder_start(const WCHAR *config, struct recorder **out, LONG *event_mask);

/*
 * Record one event. S_OK is a promise: it is on disk. On failure `why` (`size` characters,
 * RECORDER_WHY_MAX for the whole text) holds a sentence for the CA's event log; on success it is
 * empty. One word in capitals distinguishes three cases: WAITS, the event is in memory and will be
 * recorded later; LOST; NOT ANSWERED, it is recorded as far as the CA answered. Blocks for at most
 * MaxWaitMs in addition to the time that the CA takes to answer. If the CA throws, the exception
 * passes through; the next call, or recorder_stop, counts the event as lost.
 */
HRESULT recorder_notify(struct recorder *recorder, LONG event, LONG context, WCHAR *why,
                        size_t size);

/*
 * Write module.stopped, close the journal, and wait for its reports to be in the Windows event
 * log. Takes NULL. Blocks for at most MaxWaitMs; if both the disk and the event log hang, one
 * second more. Threads that hang continue on their own, and the DLL stays loaded.
 */
void recorder_stop(struct recorder *recorder);

/* True if a recorder of this process has a journal, that is, a CA runs here. Any thread. */
bool recorder_is_running(void);

#endif
