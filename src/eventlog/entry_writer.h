/*
 * A writer of event log entries, one after the other, on a thread of its own.
 *
 * ReportEvent calls another process, the event log service, and returns when that answers. Neither
 * the CA, nor the journal's writer, nor a delivery may wait for it, so entries are handed over
 * here. The thread is started by an entry and ends when there are no more; nothing stays open in
 * between. If the service hangs, the thread hangs with it, and a bounded number of entries wait.
 * The thread does not impersonate, as threads of the CA may: entries are written as the process.
 */
#ifndef ENTRY_WRITER_H
#define ENTRY_WRITER_H

#include "entry.h"

#include <stdbool.h>

enum { ENTRY_WRITER_MAX = 64 };         /* waiting entries: half a megabyte */

/*
 * Queue an entry for writing. Takes ownership of it; accepts NULL. Any thread, never blocks.
 * Returns false if the entry was dropped, since too many wait or no thread could be started. True
 * is not a promise: a log that is full or disabled refuses entries, and this cannot be reported.
 */
bool entry_writer_add(struct entry *entry);

/*
 * Wait at most `wait_ms` until all queued entries are written and the thread has ended. Every user
 * of this queue calls it before the code may be unloaded. Returns false if the event log hangs: the
 * thread lives on and runs our code, which has to stay loaded.
 */
bool entry_writer_drain(uint32_t wait_ms);

#endif
