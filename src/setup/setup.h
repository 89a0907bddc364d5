/*
 * Getting the module onto a machine and off again: for certwitness.exe and for the MSI, which both call this and nothing else.
 *
 *     order ─▶ look (cas, module, service) ─▶ plan: the steps that are still to be done ─▶ check them all ─▶ do them one by one
 *
 * Nothing is written before every step has been checked. A step that is done already is not in the plan, so that an installation can be
 * run again at any time, also one that was interrupted. It blocks for as long as disk, registry and service do.
 */
#ifndef SETUP_H
#define SETUP_H

#include "listener.h"

#include <stdbool.h>

enum setup_verb { SETUP_INSTALL, SETUP_UNINSTALL, SETUP_ENABLE, SETUP_DISABLE };

/* What the administrator wants. */
struct setup_order {
    enum setup_verb verb;
    const WCHAR *dll;                   /* absolute; NULL: certwitness.dll beside this program */
    const WCHAR *ca;                    /* sanitized name or not; NULL: all of this machine */
    const WCHAR *journal;               /* install: the journal's folder; NULL: as it is */
    bool console_only;                  /* install: what the snap-in needs, and no CA */
    bool register_only;                 /* install: the module, and no CA */
    bool console_without_ca;            /* install: console_only where there is no CA */
    bool purge;                         /* uninstall: the journal and the settings too */
    bool restart;                       /* the service, in the end */
    bool dry_run;                       /* tell what would be done, do nothing */
};

enum setup_result {
    SETUP_DONE,                         /* or there was nothing to do */
    SETUP_REFUSED,                      /* nothing was written */
    SETUP_FAILED,                       /* some of the steps were done; it can be run again */
};

/* `listener` hears of every step before it is done, and of all that stands in the way. */
enum setup_result setup_run(const struct setup_order *order, const struct listener *listener);

#endif
