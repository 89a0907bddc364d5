/*
 * Reports: what a running delivery says to its administrator, each of a kind.
 *
 * Where they go is the program's choice: standard error with the priorities of syslog, or in a
 * Windows service the event log, which has an entry for each kind but the first two.
 */
#ifndef REPORT_H
#define REPORT_H

#include "base/notes.h"

enum report_kind {
    REPORT_NOTE,                        /* nothing has to be done */
    REPORT_TROUBLE,                     /* something failed and is tried again */
    REPORT_STARTED,
    REPORT_STOPPED,
    REPORT_CONFIGURATION,               /* the configuration was refused, so nothing runs */
    REPORT_HALTED,                      /* a destination has stopped until somebody acts */
    REPORT_HANDS,                       /* somebody has to act; it is tried again meanwhile */
    REPORT_LAG,                         /* undelivered lines reached half of their time to stay */
    REPORT_LAG_ERROR,                   /* ... 80 % of it */
    REPORT_FAULT,                       /* the journal is damaged */
    REPORT_PRUNED,                      /* lines were removed before they were delivered */
    REPORT_STATE,                       /* the state cannot be saved, so nothing more is sent */
    REPORT_KINDS
};

struct reports {
    /*
     * `sentence` is UTF-8 and may contain any text of an enrollee or of a far end. It begins with
     * the destination, "[to hub] ", unless it concerns all of them. One thread at a time.
     */
    void (*take)(void *context, enum report_kind kind, const char *sentence);
    void *context;
};

#endif
