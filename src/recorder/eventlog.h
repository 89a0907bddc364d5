/*
 * What an administrator is told: the recorder's own troubles and its journal's, and where the journal's chain stands, as entries of the
 * log CertWitness-Journal. messages.mc has their texts.
 *
 * How often: per journal and kind, the first at once. Heads and what is told once per run are held back by a generous bound only (120,
 * then one a second; 20, then one in ten minutes), a trouble that repeats itself is told once in ten minutes. Every entry says how many
 * like it were left out before it. That a journal is written again is told whenever a trouble was, so that the last word is true; a
 * trouble that comes back within ten minutes after it is told when these are over, if it lasts. Eight journals have limits of their own,
 * far more than there are CAs in a process; further ones share one set. Unloading the DLL forgets all limits.
 *
 * Everything here may be called from any thread, keeps nothing that it is given, never blocks and cannot fail: what cannot be told is
 * left out. The entries are written later, in order, by a thread that lives as long as there are any: a hanging event log service
 * holds up neither the CA nor the journal, and costs half a megabyte at most.
 */
#ifndef EVENTLOG_H
#define EVENTLOG_H

#include "journal/report.h"

#include <windows.h>

/* For journal_options.report. Notes why the journal is not written (reason.h) before anything else. When one is opened, looks at the folders above it. */
void eventlog_report(const struct journal_report *report);

/* `key`, a WCHAR text, is where the value stands, or NULL; the signature is that of settings_refused. */
void eventlog_setting_refused(void *key, const WCHAR *name, const WCHAR *value, const WCHAR *reason);

/* Another recorder of this process keeps the journal in `directory`. */
void eventlog_second_object(const WCHAR *directory);

void eventlog_cannot_start(HRESULT hr);

/* The CA did not tell its name, so that its journal lies in `directory`. */
void eventlog_unnamed(const WCHAR *directory);

/* Nothing leads to the registry key of this CA's settings: defaults are in force. */
void eventlog_no_key(void);

/* Somebody else could take away a folder above the journal in `directory`: `sentence`, of folder_above, says which. */
void eventlog_folder_above(const WCHAR *directory, const WCHAR *sentence);

/* Two answers of the CA name different CAs: defaults are in force. */
void eventlog_two_cas(const WCHAR *one, const WCHAR *other);

/*
 * Wait until all that was told is in the event log, `wait_ms` at most; to be called after the last of the calls above, before the DLL may
 * be unloaded. False: the event log hangs, and a thread that runs our code lives on: the DLL has to stay loaded.
 */
bool eventlog_drain(uint32_t wait_ms) MUST_CHECK;

#endif
