/*
 * The recorder: reads the CA's data about an event and appends it to the journal.
 *
 * It is used by the COM object (exit.c), knows nothing of reference counts or IDispatch, and calls
 * the CA only through CLSID_CCertServerExit. Any thread may call recorder_notify, many at once.
 * Start and stop are called once for each recorder: start before its first recorder_notify, stop
 * after the last has returned.
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
 * On S_OK the caller owns `*out` and frees it with recorder_stop. `*event_mask` is the set of
 * events to request from the CA (EXITEVENT_… bits), 0 if another object of this process already
 * writes the same journal. Blocks for at most MaxWaitMs in addition to the time that the CA takes
 * to answer. A folder that cannot be opened is not a failure: events wait in memory, and opening is
 * tried again.
 *
 * If memory runs out, everything is tried once more; E_OUTOFMEMORY if that fails too. E_UNEXPECTED:
 * there is no folder for the journal, as %ProgramData% is not set. Any other failure is
 * journal_open's. After every failure `*out` is NULL and `*event_mask` is 0. The failure is
 * reported in the Windows event log, which is waited for one second at most.
 *
 * If the CA throws, the exception passes through: the caller owns `*out` all the same and may only
 * stop it, and `*event_mask` is not valid.
 */
HRESULT recorder_start(const WCHAR *config, struct recorder **out, LONG *event_mask);

/*
 * Record one event. `event` and `context` are those of Notify. S_OK is a promise: the event is on
 * disk. If `*event_mask` was 0 because another object writes the journal, nothing is recorded here,
 * and S_OK promises nothing.
 *
 * On failure `why` holds a sentence for the CA's event log, cut to `size` characters with the zero
 * (not 0; RECORDER_WHY_MAX for the whole text); on success it is empty. One phrase in capitals
 * distinguishes three cases:
 *
 *   WAITS          ERROR_TIMEOUT: the event is in memory, and is recorded later
 *   LOST           any other failure of journal_append, or too little memory: the event is not
 *                  recorded, and will be counted in journal.gap
 *   NOT ANSWERED   the CA's own failure: the event's type is recorded, and nothing else of it
 *
 * Blocks for at most MaxWaitMs in addition to the time that the CA takes to answer. If the CA
 * throws, the exception passes through; the next call, or recorder_stop, counts the event as lost.
 * The recorder remains usable after every failure.
 */
HRESULT recorder_notify(struct recorder *recorder, LONG event, LONG context, WCHAR *why,
                        size_t size);

/*
 * Write module.stopped, close the journal, wait for its reports to be in the Windows event log, and
 * free the recorder. Takes NULL. Blocks for at most MaxWaitMs; if both the disk and the event log
 * hang, one second more. Threads that hang continue on their own, and this DLL is then pinned: it
 * stays loaded as long as the process lives.
 */
void recorder_stop(struct recorder *recorder);

/* True if a recorder of this process has a journal, that is, a CA runs here. Any thread. */
bool recorder_is_running(void);

#endif
