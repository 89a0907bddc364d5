#include "call.h"

#include "base/utf16_windows.h"
#include "cli/terminal/console.h"
#include "setup/delivery_service.h"

static void call_service_tell(void *context, enum tone tone, const WCHAR *text)
{
    char utf8[3 * LISTENER_TEXT_MAX];

    (void)context;
    if (!utf16_put_utf8(text, utf8, sizeof utf8)) return;
    if (tone == TONE_REFUSED) console_note("%s", utf8);
    else console_print("%s%s\n", tone == TONE_TOUCHED ? "  " : "", utf8);
}

static const struct listener call_listener = {call_service_tell, NULL, NULL};

/* The service has another working directory. */
static bool call_service_file(const char *file, WCHAR out[DELIVERY_SERVICE_PATH])
{
    WCHAR given[DELIVERY_SERVICE_PATH];
    DWORD size;

    if (!utf16_from_utf8(file, given, ARRAYSIZE(given))) return false;
    size = GetFullPathNameW(given, DELIVERY_SERVICE_PATH, out, NULL);
    return size && size < DELIVERY_SERVICE_PATH;
}

static bool call_service_describe(const struct call *call, struct delivery_service *service)
{
    DWORD size = GetModuleFileNameW(NULL, service->program, DELIVERY_SERVICE_PATH);

    if (size && size < DELIVERY_SERVICE_PATH &&
        call_service_file(call->file, service->configuration) &&
        call_service_file(call->config.journal, service->journal) &&
        call_service_file(call->config.state, service->state))
        return true;
    console_note("a path is longer than %d characters", DELIVERY_SERVICE_PATH - 1);
    return false;
}

enum outcome call_service_install(const struct call *call)
{
    struct delivery_service service = {.runs = false};

    if (!call_service_describe(call, &service)) return OUTCOME_CANNOT;
    return delivery_service_install(&service, &call_listener) == S_OK ? OUTCOME_FINE
                                                                      : OUTCOME_CANNOT;
}

enum outcome call_service_remove(const struct call *call)
{
    return SUCCEEDED(delivery_service_remove(call->purge, &call_listener)) ? OUTCOME_FINE
                                                                           : OUTCOME_CANNOT;
}
