#include "machine.h"

#include "cli/commands.h"
#include "cli/terminal/console.h"

const bool machine_commands_work = false;

static enum outcome elsewhere(const char *name)
{
    console_note("\"%s\" is about the CA of a Windows machine: run certwitness.exe there", name);
    return OUTCOME_CANNOT;
}

#define ELSEWHERE(name)                                                                            \
    enum outcome machine_##name(const struct options *options)                                     \
    {                                                                                              \
        (void)options;                                                                             \
        return elsewhere(#name);                                                                   \
    }
ELSEWHERE(install)
ELSEWHERE(uninstall)
ELSEWHERE(enable)
ELSEWHERE(disable)
ELSEWHERE(status)
ELSEWHERE(settings)
