/* The plan: the steps that lead from the current state to the ordered one. */
#ifndef PLAN_H
#define PLAN_H

#include "order.h"
#include "step.h"

#define PLAN_STEPS_MAX 256

struct plan {
    struct step steps[PLAN_STEPS_MAX];
    unsigned count;
    bool refused;                       /* the reason was reported to `listener`; the steps must
                                         * not be carried out */
    bool kept_told;                     /* `listener` was told what is kept */
    bool changes_cas;                   /* the changes take effect when the CA is restarted */
    bool activates;                     /* a CA that did not use the module will */
};

/*
 * Make a plan. Changes nothing, so any account may do it at any time; neither does checking.
 * `machine` must outlive the plan.
 */
void plan_make(const struct setup_order *order, const struct machine *machine,
               const struct listener *listener, struct plan *plan);

#endif
