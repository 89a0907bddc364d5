#define _GNU_SOURCE
#include "call.h"

#include <signal.h>

const char call_default_file[] = "/etc/certwitness-delivery.conf";

static volatile sig_atomic_t call_stopped;

static void call_take_signal(int number)
{
    (void)number;
    call_stopped = 1;
}

void call_stop_begin(void)
{
    struct sigaction action = {.sa_handler = call_take_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool call_is_stopped(void)
{
    return call_stopped != 0;
}

int main(int argc, char **argv)
{
    return call_program(argc, argv);
}
