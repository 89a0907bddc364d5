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
#include "order.h"

enum setup_result {
    SETUP_DONE,                         /* or there was nothing to do */
    SETUP_REFUSED,                      /* nothing was written */
    SETUP_FAILED,                       /* some of the steps were done; it can be run again */
};

/* `listener` hears of every step when it is done, and of all that prevents one. It is asked before anything is removed for good. */
enum setup_result setup_run(const struct setup_order *order, const struct listener *listener);

#endif
