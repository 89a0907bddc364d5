#include "service.h"

#include "report_log.h"
#include "report_way.h"

#include "base/folder_windows.h"
#include "base/os.h"
#include "base/outcome.h"
#include "base/utf16_windows.h"
#include "eventlog/entry_writer.h"
#include "setup/delivery_service.h"

#include <wchar.h>

#define STOP_MS  20000
#define BEGIN_MS 120000                 /* a folder on a slow disk may have many files */
#define LOOK_MS  100
#define DRAIN_MS 5000

static struct {
    int (*run)(int argc, char **argv);
    int argc, code;
    char **argv;
    const char *file;
    SERVICE_STATUS_HANDLE handle;       /* NULL: this process is no service */
    volatile LONG stopped;
} service;

static void service_tell(DWORD state, DWORD wait_ms, int code)
{
    SERVICE_STATUS status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS,
                             .dwCurrentState = state,
                             .dwWaitHint = wait_ms};

    if (state == SERVICE_RUNNING)
        status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN;
    if (code) {
        status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
        status.dwServiceSpecificExitCode = (DWORD)code;
    }
    SetServiceStatus(service.handle, &status);
}

static DWORD WINAPI service_control(DWORD control, DWORD type, void *data, void *context)
{
    (void)type, (void)data, (void)context;
    if (control == SERVICE_CONTROL_INTERROGATE) return NO_ERROR;
    if (control != SERVICE_CONTROL_STOP && control != SERVICE_CONTROL_SHUTDOWN)
        return ERROR_CALL_NOT_IMPLEMENTED;
    service_tell(SERVICE_STOP_PENDING, STOP_MS + DRAIN_MS, 0);
    InterlockedExchange(&service.stopped, 1);
    return NO_ERROR;
}

static void service_has_started(void)
{
    if (!service.stopped) service_tell(SERVICE_RUNNING, 0, 0);
}

/* Who changes the configuration chooses programs that run as this service. What cannot be judged,
 * as in a folder that this account may not look at, was when the service was installed. */
static bool service_trusts_configuration(void)
{
    static const WCHAR means[] = L" Whoever changes the configuration says where the journal goes. "
                                 L"Look at it, then put it into a folder that only administrators "
                                 L"can write to.";
    WCHAR file[FOLDER_PATH_MAX], why[FOLDER_WHY_MAX + ARRAYSIZE(means)];
    char sentence[3 * ARRAYSIZE(why)];
    const struct reports *reports = report_way();

    if (!utf16_from_utf8(service.file, file, ARRAYSIZE(file)) ||
        folder_judge_file(file, NULL, why) != FOLDER_UNFIT)
        return true;
    wcscat(why, means);
    if (utf16_put_utf8(why, sentence, sizeof sentence))
        reports->take(reports->context, REPORT_CONFIGURATION, sentence);
    return false;
}

static void service_deliver(void *context)
{
    (void)context;
    service.code = service_trusts_configuration() ? service.run(service.argc, service.argv)
                                                  : OUTCOME_CANNOT;
}

/* False: it did not end in time after it was told to stop. */
static bool service_wait(struct os_thread *thread)
{
    uint64_t stopped_ms = 0;

    while (!os_thread_join(thread, LOOK_MS)) {
        if (!service.stopped) continue;
        if (!stopped_ms) stopped_ms = os_ticks_ms();
        if (os_ticks_ms() - stopped_ms > STOP_MS) return false;
    }
    return true;
}

static void service_end(bool ended, int code)
{
    const struct reports *reports = report_way();

    if (!ended)
        reports->take(reports->context, REPORT_STOPPED,
                      "has stopped, while a destination did not answer; the lines that were on "
                      "their way to it are sent again");
    if (!entry_writer_drain(DRAIN_MS)) ended = false;
    service_tell(SERVICE_STOPPED, 0, code);
    if (!ended) TerminateProcess(GetCurrentProcess(), (UINT)code);
}

static void WINAPI service_main(DWORD argc, WCHAR **argv)
{
    struct os_thread *thread;
    bool ended = true;

    (void)argc, (void)argv;             /* those of the process are in force */
    service.handle = RegisterServiceCtrlHandlerExW(DELIVERY_SERVICE, service_control, NULL);
    if (!service.handle) return;
    report_log_begin(service.file, service_has_started);
    service_tell(SERVICE_START_PENDING, BEGIN_MS, 0);
    service.code = OUTCOME_CANNOT;
    if (SUCCEEDED(os_thread_start(service_deliver, NULL, &thread))) ended = service_wait(thread);
    service_end(ended, service.stopped ? 0 : service.code ? service.code : OUTCOME_WRONG);
}

bool service_dispatch(int (*run)(int argc, char **argv), int argc, char **argv, const char *file)
{
    const SERVICE_TABLE_ENTRYW table[] = {{(WCHAR *)DELIVERY_SERVICE, service_main}, {NULL, NULL}};

    service.run = run;
    service.argc = argc;
    service.argv = argv;
    service.file = file;
    return StartServiceCtrlDispatcherW(table) ||
           GetLastError() != ERROR_FAILED_SERVICE_CONTROLLER_CONNECT;
}

bool service_is_stopped(void)
{
    return service.stopped != 0;
}
