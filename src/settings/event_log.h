/*
 * Names of the module's entries in the Windows event log.
 *
 * The log is the module's own: while a disk hangs, the CA logs its event 46 for each event into the Application log, which would push the
 * journal's heads out of it. Log and source have names of their own, since Windows takes no source that is called as a log is, remaps a source
 * to another log only when the machine restarts, and tells logs apart by their first eight characters.
 */
#ifndef EVENT_LOG_H
#define EVENT_LOG_H

#define EVENT_LOG_NAME   L"CertWitness-Journal"
#define EVENT_LOG_SOURCE L"CertWitness.Exit"

#define EVENT_LOGS       L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\"
#define EVENT_LOG_KEY    EVENT_LOGS EVENT_LOG_NAME
#define EVENT_SOURCE_KEY EVENT_LOG_KEY L"\\" EVENT_LOG_SOURCE
#define EVENT_LOG_FILE   L"%SystemRoot%\\System32\\winevt\\Logs\\" EVENT_LOG_NAME L".evtx"
#define EVENT_LOG_BYTES  (32u << 20)    /* some thirty thousand entries: years of heads, or a month of every trouble at once */

/* Earlier versions wrote into the Application log, under this source. It stays registered for one version, so that their entries can be read. */
#define EVENT_OLD_SOURCE     L"CertWitness"
#define EVENT_OLD_SOURCE_KEY EVENT_LOGS L"Application\\" EVENT_OLD_SOURCE

#endif
