/*
 * Reports for administrators in the event log CertWitness-Journal: problems of the recorder and of
 * its journal, and the journal's heads. The texts are in messages.mc.
 *
 * Limits apply per journal and kind; the first report is always written at once. Heads and reports
 * made once per run have a generous limit (120, then one a second; 20, then one in ten minutes); a
 * repeated problem is reported once in ten minutes. Every entry states how many like it were left
 * out before it. The end of a problem is reported whenever the problem was, so that the last entry
 * is always true. A problem that recurs within ten minutes after that is reported when these have
 * passed, if it still exists. Eight journals have limits of their own, far more than a process has
 * CAs; further ones share one set. Unloading the DLL resets all limits.
 *
 * Every function may be called from any thread, keeps no pointer to its arguments, never blocks
 * and cannot fail: what cannot be reported is dropped. The entries are written later, in order, by
 * a thread that lives as long as there are any. An event log service that hangs therefore delays
 * neither the CA nor the journal, and costs at most half a megabyte.
 */
#ifndef EVENTLOG_H
#define EVENTLOG_H

#include "journal/report.h"

#include <windows.h>

/*
 * For journal_options.report. First records why the journal is not being written (reason.h). When
 * a journal is opened, checks the folders above it.
 */
void eventlog_report(const struct journal_report *report);

/*
 * A setting was refused. `key`, a WCHAR text or NULL, is the registry key of the value; the
 * signature is that of settings_refused.
 */
void eventlog_setting_refused(void *key, const WCHAR *name, const WCHAR *value,
                              const WCHAR *reason);

/* Another recorder of this process writes the journal in `directory`. */
void eventlog_second_object(const WCHAR *directory);

void eventlog_cannot_start(HRESULT hr);

/* The CA did not give its name, so its journal is in `directory`. */
void eventlog_unnamed(const WCHAR *directory);

/* The registry key of this CA's settings was not found: defaults are in force. */
void eventlog_no_key(void);

/*
 * Another account could remove a folder above the journal in `directory`; `sentence`, from
 * folder_above, names it.
 */
void eventlog_folder_above(const WCHAR *directory, const WCHAR *sentence);

/* Two answers of the CA name different CAs: defaults are in force. */
void eventlog_two_cas(const WCHAR *one, const WCHAR *other);

/*
 * Wait at most `wait_ms` until all reports are in the event log; called after the last of the
 * calls above, before the DLL may be unloaded. False: the event log hangs, and a thread that runs
 * our code lives on: the DLL has to stay loaded.
 */
bool eventlog_drain(uint32_t wait_ms) MUST_CHECK;

#endif
