/*
 * Writes entries to the Windows event log, one after the other, on a thread of its own.
 *
 * ReportEvent asks another process, the event log's service, and returns when that answers. Neither the CA nor the thread that writes
 * the journal may wait for it, so entries are handed over here. The thread is started by an entry, ends when there are no more, and
 * nothing is kept open in between. While the service hangs, the thread hangs with it and entries wait, a bounded number of them.
 * Nor does it act for anybody, as threads of the CA may: entries are the process's own.
 */
#ifndef ENTRY_WRITER_H
#define ENTRY_WRITER_H

#include "entry.h"

#include <stdbool.h>

enum { ENTRY_WRITER_MAX = 64 };         /* entries that wait: half a megabyte */

/*
 * Have an entry written. Takes it over, NULL too. Any thread, never blocks. False: it is gone, since too many wait, or there is no thread
 * to be had. True is no promise: a log that is full or switched off refuses entries, and nobody can be told.
 */
bool entry_writer_add(struct entry *entry);

/*
 * Wait until all that was handed over is written and the thread has ended, `wait_ms` at most. Whoever handed entries over calls this
 * before the DLL may be unloaded. False: the event log hangs, the thread lives on and runs our code, which has to stay loaded.
 */
bool entry_writer_drain(uint32_t wait_ms);

#endif
