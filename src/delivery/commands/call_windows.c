#include "call.h"

#include "cli/terminal/arguments.h"

#include <windows.h>
#include <stdio.h>

const char call_default_file[] = "C:\\ProgramData\\CertWitness Delivery\\delivery.conf";

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
    return call_stopped != 0;
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
    return call_program(argc, given);   /* the process ends: nothing is freed */
}
