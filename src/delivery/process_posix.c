#define _GNU_SOURCE
#include "process.h"

#include "base/file_system.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 20

struct process {
    int input, errors, nowhere;
    char **argv;                        /* owned; its texts are borrowed */
    char *environment[4];
    pid_t pid;
};

static void process_close(struct process *process)
{
    if (process->input >= 0) close(process->input);
    if (process->errors >= 0) close(process->errors);
    if (process->nowhere >= 0) close(process->nowhere);
    free(process->argv);
}

static bool process_fill(int handle, struct span text)
{
    while (text.size) {
        ssize_t size = write(handle, text.text, text.size);

        if (size <= 0) return false;
        text.text += size;
        text.size -= (size_t)size;
    }
    return lseek(handle, 0, SEEK_SET) == 0;
}

/* Input and errors are files in memory: no pipe can be full. */
static HRESULT process_open(struct process *process, const struct process_order *order)
{
    errno = 0;
    process->nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    process->input = memfd_create("input", MFD_CLOEXEC);
    process->errors = memfd_create("errors", MFD_CLOEXEC);
    process->argv = calloc(order->count + 2, sizeof *process->argv);
    if (!process->argv) return E_OUTOFMEMORY;
    if (process->nowhere < 0 || process->input < 0 || process->errors < 0) return file_error();
    if (!process_fill(process->input, order->input)) return file_error();
    process->argv[0] = (char *)order->program;
    for (unsigned i = 0; i < order->count; i++) process->argv[i + 1] = order->arguments[i];
    process->environment[0] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    process->environment[1] = "LC_ALL=C.UTF-8";
    return S_OK;
}

static void process_limit(int what, uint64_t most)
{
    struct rlimit limit = {most, most};

    setrlimit(what, &limit);
}

/* In the child: only what may be called between fork and exec. */
static void process_become(const struct process *process, const struct process_order *order)
{
    sigset_t none;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    process_limit(RLIMIT_AS, order->memory);
    process_limit(RLIMIT_FSIZE, 1u << 30);
    process_limit(RLIMIT_CORE, 0);
    if (dup2(process->input, 0) < 0 || dup2(process->nowhere, 1) < 0 ||
        dup2(process->errors, 2) < 0)
        _exit(126);
    close_range(3, ~0u, 0);
    execve(order->program, process->argv, process->environment);
    _exit(errno == ENOENT ? 127 : 126);
}

static void process_wait(const struct process *process, const struct process_order *order,
                         struct process_end *end)
{
    uint64_t begun = os_ticks_ms();
    int status;

    for (;;) {
        pid_t ended = waitpid(process->pid, &status, WNOHANG);

        if (ended == process->pid) {
            end->ran = true;
            end->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            return;
        }
        end->stopped = __atomic_load_n(order->stop, __ATOMIC_ACQUIRE) != 0;
        end->timed_out = os_ticks_ms() - begun >= order->timeout_ms;
        if (end->stopped || end->timed_out) return;
        os_word_wait(order->stop, 0, LOOK_MS);
    }
}

/* The rest of its group goes with it. Waiting for a program that was killed takes a moment. */
static void process_end_all(const struct process *process, const struct process_end *end)
{
    kill(-process->pid, SIGKILL);
    if (!end->ran)
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR) {}
}

static void process_keep_errors(const struct process *process, struct process_end *end)
{
    off_t size = lseek(process->errors, 0, SEEK_END);
    off_t from = size > PROCESS_ERRORS_MAX ? size - PROCESS_ERRORS_MAX : 0;
    ssize_t got = pread(process->errors, end->errors, PROCESS_ERRORS_MAX, from);

    end->errors[got > 0 ? got : 0] = 0;
}

void process_run(const struct process_order *order, struct process_end *end)
{
    struct process process = {.input = -1, .errors = -1, .nowhere = -1};

    memset(end, 0, sizeof *end);
    if (FAILED(end->hr = process_open(&process, order))) goto done;
    errno = 0;
    if ((process.pid = fork()) < 0) {
        end->hr = file_error();
        goto done;
    }
    if (!process.pid) process_become(&process, order);
    setpgid(process.pid, process.pid);  /* here too: whichever comes first */
    process_wait(&process, order, end);
    process_end_all(&process, end);
    process_keep_errors(&process, end);
done:
    process_close(&process);
}
