/*
 * Installation and removal of the module, for certwitness.exe and for the MSI, which both use only
 * this interface.
 *
 *     order ─▶ look (cas, module, service) ─▶ plan: the steps still to be done ─▶ check them all
 *           ─▶ do them one by one
 *
 * Nothing is written before every step has been checked. A step that is already done is not in the
 * plan, so an installation can be repeated at any time, also after an interruption. Blocks for as
 * long as disk, registry and service do.
 */
#ifndef SETUP_H
#define SETUP_H

#include "listener.h"
#include "order.h"

enum setup_result {
    SETUP_DONE,                         /* done, or there was nothing to do */
    SETUP_REFUSED,                      /* nothing was written */
    SETUP_FAILED,                       /* some steps were done; the order can be repeated */
};

/*
 * Carry out an order. `listener` receives every step when it is done and every reason that
 * prevents one. It is asked before anything is removed permanently.
 */
enum setup_result setup_run(const struct setup_order *order, const struct listener *listener);

#endif
