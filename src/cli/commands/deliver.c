#include "deliver.h"
#include "cli/commands.h"

#include "base/error_text.h"
#include "cli/terminal/console.h"

static int deliver_pass(char **argv)
{
    char reason[ERROR_TEXT_MAX];
    int code = OUTCOME_CANNOT;
    HRESULT hr;

    console_flush();                    /* before another writes to the same place */
    hr = deliver_start(argv, &code);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        console_note(DELIVER_PROGRAM " is not beside this program. %s",
                     machine_commands_work
                         ? "The MSI installs it with ADDLOCAL=Delivery on the command line of "
                           "msiexec"
                         : "It is in the package for Linux");
    else if (FAILED(hr))
        console_note(DELIVER_PROGRAM " cannot be started: %s", error_text(hr, reason));
    return code;
}

static const struct option_row options[] = {{0}};

const struct command command_deliver = {
    .name = "deliver",
    .operands = "COMMAND ...",
    .options = options,
    .pass = deliver_pass,
    .summary = "hand events on to other systems, by certwitness-delivery",
    .more =
    "Starts the program certwitness-delivery, which lies beside this one, with all\n"
    "the words that follow. That program alone has a network; a machine without it\n"
    "has none. \"certwitness-delivery --help\" lists its commands.\n\n"
    "  certwitness deliver check\n"
    "  certwitness deliver status --json\n\n"
    "Exit code: that of certwitness-delivery; 2 if it is not there.\n",
};
