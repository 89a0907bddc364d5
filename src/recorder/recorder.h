/*
 * The recorder: reads what the CA offers about an event and has the journal keep it.
 *
 * It stands behind the COM object (exit.c), knows nothing of reference counts or IDispatch, and reaches the CA only through
 * CLSID_CCertServerExit. Any thread may call recorder_notify, many at once; start and stop are called once each, start before the
 * first recorder_notify, stop after the last has returned.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <windows.h>
#include <stdbool.h>

#define RECORDER_WHY_MAX 1200           /* characters with the zero: the longest sentence for event 46 */

struct recorder;

/*
 * Read the CA's names and start its journal. `config` is strConfig of Initialize, or NULL; the caller keeps it.
 *
 * On S_OK `*out` is the caller's, to be stopped; `*event_mask` holds the events to ask the CA for, 0 where another object of this
 * process records into the same journal already. Blocks for at most MaxWaitMs, also when the journal's folder cannot be opened:
 * that is no failure, events wait in memory and opening is tried again. Where memory runs out all of it is done once more; E_OUTOFMEMORY
 * where it stays gone, and then `*out` is NULL, as after every failure. Where the CA throws while it is asked, the exception passes, and `*out` is
 * the caller's all the same, to be stopped and nothing else.
 */
HRESULT recorder_start(const WCHAR *config, struct recorder **out, LONG *event_mask);

/*
 * Record one event. S_OK is a promise: it is on disk. On failure `why` (`size` characters, RECORDER_WHY_MAX for all of it) holds a sentence
 * for the CA's event log; it is empty on success. One word in capitals tells three kinds apart: WAITS, it is in memory and recorded later; LOST;
 * NOT ANSWERED, it is recorded as far as the CA answered. Blocks for at most MaxWaitMs beyond what the CA itself takes to answer. Where the CA
 * throws while it is asked, the exception passes; the next call, or recorder_stop, counts the event as lost.
 */
HRESULT recorder_notify(struct recorder *recorder, LONG event, LONG context, WCHAR *why, size_t size);

/*
 * Write module.stopped, close the journal, and see that what was told about it is in the Windows event log. Takes NULL. Blocks for at most
 * MaxWaitMs; where the disk hangs and the event log as well, for a second more. What hangs goes on without us, and the DLL stays loaded.
 */
void recorder_stop(struct recorder *recorder);

/* Whether a recorder of this process has a journal: then a CA runs here. Any thread. */
bool recorder_is_running(void);

#endif
