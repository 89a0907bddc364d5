#define _GNU_SOURCE
#include "console_system.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The next file that is opened must not become a stream that is closed: what is said would be
 * written into it. */
void console_system_open(void)
{
    int handle;

    do handle = open("/dev/null", O_RDWR);
    while (handle >= 0 && handle <= STDERR_FILENO);
    if (handle >= 0) close(handle);
}

static int handle_of(enum console_stream stream)
{
    return stream == CONSOLE_OUT     ? STDOUT_FILENO
           : stream == CONSOLE_ERROR ? STDERR_FILENO
                                     : STDIN_FILENO;
}

bool console_system_write(enum console_stream stream, const char *text, size_t size)
{
    while (size) {
        ssize_t done = write(handle_of(stream), text, size);

        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        text += done;
        size -= (size_t)done;
    }
    return true;
}

bool console_system_is_terminal(enum console_stream stream)
{
    return isatty(handle_of(stream));
}

unsigned console_system_width(enum console_stream stream)
{
    int file = stream == CONSOLE_OUT ? STDOUT_FILENO : STDERR_FILENO;
    struct winsize size;

    return ioctl(file, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

unsigned console_system_height(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? 0 : size.ws_row;
}

bool console_system_has_colours(void)
{
    const char *terminal = getenv("TERM");

    return terminal && *terminal && strcmp(terminal, "dumb");
}

static volatile int *interrupted;

static void on_interrupt(int number)
{
    (void)number;
    *interrupted = 1;
}

void console_system_catch_interrupt(volatile int *flag)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};

    interrupted = flag;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}
