#define _GNU_SOURCE
#include "call.h"

#include "base/error_text.h"
#include "cli/terminal/console.h"
#include "delivery/owner_posix.h"

#include <signal.h>
#include <unistd.h>

const char call_stop_first[] =
    "a delivery runs with this state, so nothing was changed. Stop it (as a service: "
    "\"systemctl stop certwitness-delivery\"), "
    "give the command again, and start it "
    "(\"systemctl start certwitness-delivery\"); the other destinations go on where they were";

static volatile sig_atomic_t call_stopped;

static void call_take_signal(int number)
{
    call_stopped = number;
}

void call_stop_begin(void)
{
    struct sigaction action = {.sa_handler = call_take_signal}, before;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &before) || before.sa_handler != SIG_IGN)       /* nohup */
        sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool call_is_stopped(void)
{
    return call_stopped != 0;
}

const uint32_t call_stop_ms = 20000;

/* exit would take from those threads what they use. */
void call_leave(enum outcome outcome)
{
    console_flush();
    _exit(outcome);
}

bool call_is_hung_up(void)
{
    return call_stopped == SIGHUP;
}

bool call_become_owner(const char *state)
{
    char text[ERROR_TEXT_MAX];
    HRESULT hr = owner_become(state);

    if (SUCCEEDED(hr)) return true;
    console_note("%s belongs to another account, which root cannot become here: %s. Give the "
                 "command as that account (sudo -u ACCOUNT), which \"stat -c %%U\" names",
                 state, error_text(hr, text));
    return false;
}

void call_hand_over(const char *state)
{
    char text[ERROR_TEXT_MAX];
    HRESULT hr = owner_hand_over(state);

    if (FAILED(hr))
        console_note("%s: not every file that root made in it could be given to the folder's "
                     "owner: %s. Give them to it with chown",
                     state, error_text(hr, text));
}

uint32_t call_retain_days(const char *journal)
{
    (void)journal;
    return 0;
}

int main(int argc, char **argv)
{
    return call_program(argc, argv);
}
