/* What is to be done, step by step, out of what is wanted and what is there. */
#ifndef PLAN_H
#define PLAN_H

#include "order.h"
#include "step.h"

#define PLAN_STEPS_MAX 256

struct plan {
    struct step steps[PLAN_STEPS_MAX];
    unsigned count;
    bool refused;                       /* `listener` has been told why; the steps are not to be done */
    bool kept_told;                     /* `listener` has been told what stays */
    bool changes_cas;                   /* what is done takes effect when the CA is restarted */
};

/* Read-only, as checking is: a plan may be made by anybody and at any time. `machine` has to outlive it. */
void plan_make(const struct setup_order *order, const struct machine *machine, const struct listener *listener, struct plan *plan);

#endif
