#include "call.h"
#include "service.h"

#include "base/folder_guard_windows.h"
#include "base/utf16_windows.h"
#include "cli/terminal/arguments.h"
#include "delivery/place/usual.h"
#include "setup/cas.h"
#include "setup/delivery_service.h"
#include "setup/service_account.h"

#include <windows.h>
#include <stdio.h>
#include <string.h>

const char call_stop_first[] =
    "a delivery runs with this state, so nothing was changed. Stop it (as a service: "
    "\"sc.exe stop CertWitnessDelivery\"), "
    "give the command again, and start it "
    "(\"sc.exe start CertWitnessDelivery\"); the other destinations go on where they were";

static volatile LONG call_stopped;

static BOOL WINAPI call_take_signal(DWORD kind)
{
    (void)kind;
    InterlockedExchange(&call_stopped, 1);
    return TRUE;
}

void call_stop_begin(void)
{
    SetConsoleCtrlHandler(call_take_signal, TRUE);
}

bool call_is_stopped(void)
{
    return call_stopped != 0 || service_is_stopped();
}

const uint32_t call_stop_ms;

void call_leave(enum outcome outcome)
{
    ExitProcess((UINT)outcome);
}

bool call_is_hung_up(void)
{
    return false;
}

/* That of the CA of this machine which has its journal there. */
uint32_t call_retain_days(const char *journal)
{
    WCHAR path[SETTINGS_PATH_MAX];
    struct cas cas;
    uint32_t days = 0;

    if (!utf16_from_utf8(journal, path, ARRAYSIZE(path)) || FAILED(cas_read(&cas))) return 0;
    for (size_t i = 0; i < cas.count; i++)
        if (!_wcsicmp(cas.list[i].settings.journal_directory, path))
            days = cas.list[i].settings.retain_days;
    cas_free(&cas);
    return days;
}

/* There only administrators and the service can write to the folder (folder_guard_windows.h). */
bool call_become_owner(const char *state)
{
    (void)state;
    return true;
}

/* There the files inherit their rights from the folder. */
void call_hand_over(const char *state)
{
    (void)state;
}

/* The folder of the state belongs to the service, whoever works on it. */
static void call_trust_the_service(void)
{
    BYTE account[SECURITY_MAX_SID_SIZE];

    if (SUCCEEDED(service_account_sid(DELIVERY_SERVICE, account))) folder_guard_trust(account);
}

static const char *call_file(int argc, char **argv)
{
    for (int i = 2; i + 1 < argc; i++)
        if (!strcmp(argv[i], "--config")) return argv[i + 1];
    return usual_configuration;
}

/* First of all: what Windows loads later, by name, is looked for in System32 alone. */
int wmain(int argc, WCHAR **argv)
{
    char **given;

    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    given = arguments_to_utf8(argc, argv);
    if (!given) {
        fputs("certwitness-delivery: there is not enough memory\n", stderr);
        return OUTCOME_CANNOT;
    }
    call_trust_the_service();
    if (argc > 1 && !strcmp(given[1], "run") &&
        service_dispatch(call_program, argc, given, call_file(argc, given)))
        return OUTCOME_FINE;
    return call_program(argc, given);   /* the process ends: nothing is freed */
}
