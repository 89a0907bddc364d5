#include "call.h"

#include "cli/terminal/console.h"

static enum outcome call_service_refuse(void)
{
    console_note("a Windows service is made on Windows. For Linux the package has a unit of "
                 "systemd, certwitness-delivery.service");
    return OUTCOME_CANNOT;
}

enum outcome call_service_install(const struct call *call)
{
    (void)call;
    return call_service_refuse();
}

enum outcome call_service_remove(const struct call *call)
{
    (void)call;
    return call_service_refuse();
}
