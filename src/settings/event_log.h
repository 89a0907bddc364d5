/*
 * The module has a log of its own. While a disk hangs, the CA logs its event 46 for each event
 * into the Application log, which would push the journal's heads out of that log. Log and source
 * have different names, for three reasons: Windows accepts no source with the name of a log, moves
 * a source to another log only when the machine restarts, and distinguishes logs by their first
 * eight characters.
 */
#ifndef EVENT_LOG_H
#define EVENT_LOG_H

#define EVENT_LOG_NAME   L"CertWitness-Journal"
#define EVENT_LOG_SOURCE L"CertWitness.Exit"

/* that of certwitness-delivery, in the same log */
#define EVENT_DELIVERY_SOURCE L"CertWitness.Delivery"

#define EVENT_LOGS       L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\"
#define EVENT_LOG_KEY    EVENT_LOGS EVENT_LOG_NAME
#define EVENT_SOURCE_KEY EVENT_LOG_KEY L"\\" EVENT_LOG_SOURCE
#define EVENT_DELIVERY_SOURCE_KEY EVENT_LOG_KEY L"\\" EVENT_DELIVERY_SOURCE
#define EVENT_LOG_FILE   L"%SystemRoot%\\System32\\winevt\\Logs\\" EVENT_LOG_NAME L".evtx"
#define EVENT_LOG_BYTES  (32u << 20)    /* some thirty thousand entries: years of heads, or a
                                         * month of all problems at once */

/*
 * The source of earlier versions, in the Application log. It stays registered for one version, so
 * that their entries can be read.
 */
#define EVENT_OLD_SOURCE     L"CertWitness"
#define EVENT_OLD_SOURCE_KEY EVENT_LOGS L"Application\\" EVENT_OLD_SOURCE

#endif
