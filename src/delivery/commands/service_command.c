/* The command service: the Windows service, installed and removed. */
#include "call.h"

#include "cli/terminal/console.h"
#include "delivery/config_read.h"

#include <string.h>

enum outcome call_service(struct call *call)
{
    if (!strcmp(call->operands[0], "install")) {
        if (call->purge) {
            console_note("--purge is for \"service remove\"");
            return OUTCOME_CANNOT;
        }
        if (FAILED(config_read(call->file, &call->config, &console_notes))) return OUTCOME_CANNOT;
        return call_service_install(call);
    }
    if (!strcmp(call->operands[0], "remove")) return call_service_remove(call);
    console_note("usage: certwitness-delivery service install|remove [--purge]");
    return OUTCOME_CANNOT;
}
