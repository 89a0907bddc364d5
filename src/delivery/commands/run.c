/* The command run. */
#include "call.h"

#include "cli/terminal/console.h"
#include "delivery/delivery.h"

enum outcome call_run(struct call *call)
{
    call_stop_begin();
    return delivery_run(&call->config, call->once, call_is_stopped, &console_notes);
}
