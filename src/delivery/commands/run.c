/* The command run. */
#include "call.h"
#include "report_way.h"

#include "delivery/delivery.h"

enum outcome call_run(struct call *call)
{
    const struct delivery_order order = {.config = &call->config,
                                         .reports = report_way(),
                                         .is_stopped = call_is_stopped,
                                         .stop_ms = call_stop_ms,
                                         .is_hung_up = call_is_hung_up,
                                         .once = call->once};

    enum outcome outcome;
    bool left;

    if (!call->config.retain_days)
        call->config.retain_days = call_retain_days(call->config.journal);
    call_stop_begin();
    outcome = delivery_run(&order, &left);
    if (call_is_hung_up()) outcome = OUTCOME_CANNOT;
    if (!left) return outcome;
    call_hand_over(call->config.state);
    call_leave(outcome);
}
