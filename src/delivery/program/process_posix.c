#define _GNU_SOURCE
#include "process.h"

#include "base/file_system.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS   20                    /* until a stop is noticed */
#define FLOOD_MS  1                     /* between pieces: a flood gets 64 MB/s at most */
#define DRAIN_MAX 64                    /* pieces in a pipe of the largest size */
#define ASKED_MS  3000                  /* a program that is asked to end has so long, at a stop */
#define KILLED_MS 5000                  /* a stop waits no longer for a process that no signal ends
                                         * yet, as it waits for a disk */

struct process {
    int input, nowhere;
    int errors[2];                      /* the pipe: where it is read, and written */
    char **argv;                        /* owned; its texts are borrowed */
    char *environment[4];
    int *refused;                       /* shared with the child: why it could not begin; 0: it
                                         * did */
    pid_t pid;
    int handle;                         /* of it: readable once it has ended; -1: a sandbox refuses
                                         * pidfd_open, so it is looked at again and again */
};

static void process_close(struct process *process)
{
    if (process->input >= 0) close(process->input);
    for (int i = 0; i < 2; i++)
        if (process->errors[i] >= 0) close(process->errors[i]);
    if (process->nowhere >= 0) close(process->nowhere);
    if (process->handle >= 0) close(process->handle);
    free(process->argv);
    if (process->refused) munmap(process->refused, sizeof *process->refused);
}

static bool process_fill(int handle, struct span text)
{
    while (text.size) {
        ssize_t size = write(handle, text.text, text.size);

        if (size <= 0) return false;
        text.text += size;
        text.size -= (size_t)size;
    }
    return lseek(handle, 0, SEEK_SET) == 0 &&
           fcntl(handle, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) == 0;
}

/* The program's end of the pipe blocks as any, ours does not. */
static bool process_make_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

/* The input is a file in memory that nobody can change: no pipe can be full. */
static HRESULT process_open(struct process *process, const struct process_order *order)
{
    errno = 0;
    process->nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    process->input = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    process->argv = calloc(order->count + 2, sizeof *process->argv);
    if (!process->argv) return E_OUTOFMEMORY;
    process->refused = mmap(NULL, sizeof *process->refused, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (process->refused == MAP_FAILED) {
        process->refused = NULL;
        return file_error();
    }
    if (process->nowhere < 0 || process->input < 0 || !process_make_pipe(process->errors) ||
        !process_fill(process->input, order->input))
        return file_error();
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

static void process_give_up(const struct process *process)
{
    *process->refused = errno;
    _exit(126);
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
    process_limit(RLIMIT_CORE, 0);
    if (dup2(process->input, 0) < 0 || dup2(process->nowhere, 1) < 0 ||
        dup2(process->errors[1], 2) < 0)
        process_give_up(process);
    close_range(3, ~0u, 0);
    execve(order->program, process->argv, process->environment);
    process_give_up(process);
}

/* False: there is nothing for now. */
static bool process_listen(const struct process *process, char piece[LAST_WORDS_PIECE],
                           struct process_end *end)
{
    ssize_t got = read(process->errors[0], piece, LAST_WORDS_PIECE);

    if (got > 0) last_words_add(&end->words, piece, (size_t)got);
    return got > 0;
}

static bool process_is_stopped(const struct process_order *order)
{
    return __atomic_load_n(order->stop, __ATOMIC_ACQUIRE) != 0;
}

/* While the word of a stop is set, waiting for it to change returns at once. */
static void process_pause(uint32_t wait_ms)
{
    static const int32_t never;

    os_word_wait(&never, 0, wait_ms);
}

/* -1: refused. The C library has it from 2.36 on alone. */
static int process_handle(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Until it has ended, or has written more. Of a flood, a piece each FLOOD_MS is enough; poll takes
 * no notice of a handle below 0. */
static void process_watch(const struct process *process, bool flood)
{
    struct pollfd watched[] = {{.fd = process->handle, .events = POLLIN},
                               {.fd = process->errors[0], .events = POLLIN}};

    poll(watched, flood ? 1 : 2, flood ? FLOOD_MS : LOOK_MS);
}

static void process_wait(const struct process *process, const struct process_order *order,
                         char piece[LAST_WORDS_PIECE], struct process_end *end)
{
    uint64_t begun = os_ticks_ms(), asked_ms = 0;
    int status;

    for (;;) {
        pid_t ended = waitpid(process->pid, &status, WNOHANG);

        if (ended == process->pid && *process->refused) {
            errno = *process->refused;
            end->hr = file_error();
            end->gone = true;
            return;
        }
        if (ended == process->pid) {
            end->ran = end->gone = true;
            end->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            if (end->stopped) end->ran = !end->code;    /* else the stop may be the reason */
            if (end->ran) end->stopped = false;
            return;
        }
        end->stopped = process_is_stopped(order);
        end->timed_out = os_ticks_ms() - begun >= order->timeout_ms;
        if (end->stopped && !asked_ms) {
            asked_ms = os_ticks_ms();
            kill(-process->pid, SIGTERM);
        }
        if (end->timed_out || (asked_ms && os_ticks_ms() - asked_ms > ASKED_MS)) return;
        process_watch(process, process_listen(process, piece, end));
    }
}

/* The rest of its group goes with it. Waiting for a program that was killed takes a moment. */
static void process_end_all(const struct process *process, const struct process_order *order,
                            const struct process_end *end)
{
    uint64_t stopped_ms = 0;

    kill(-process->pid, SIGKILL);
    while (!end->gone && waitpid(process->pid, NULL, WNOHANG) == 0) {
        if (!stopped_ms && process_is_stopped(order)) stopped_ms = os_ticks_ms();
        if (stopped_ms && os_ticks_ms() - stopped_ms > KILLED_MS) return;
        process_pause(FLOOD_MS);
    }
}

static void process_attend(const struct process *process, const struct process_order *order,
                           char piece[LAST_WORDS_PIECE], struct process_end *end)
{
    process_wait(process, order, piece, end);
    process_end_all(process, order, end);
    for (int i = 0; i < DRAIN_MAX && process_listen(process, piece, end); i++) {}
}

void process_run(const struct process_order *order, struct process_end *end)
{
    struct process process = {.input = -1, .errors = {-1, -1}, .nowhere = -1, .handle = -1};
    char *piece = malloc(LAST_WORDS_PIECE);

    memset(end, 0, sizeof *end);
    if (FAILED(end->hr = piece ? process_open(&process, order) : E_OUTOFMEMORY)) goto done;
    errno = 0;
    if ((process.pid = fork()) < 0) {
        end->hr = file_error();
        goto done;
    }
    if (!process.pid) process_become(&process, order);
    setpgid(process.pid, process.pid);  /* here too: whichever comes first */
    process.handle = process_handle(process.pid);
    process_attend(&process, order, piece, end);
done:
    process_close(&process);
    free(piece);
}

const char *process_fault(const char *program)
{
    struct stat found;

    if (stat(program, &found) && (errno == ENOENT || errno == ENOTDIR))
        return "does not exist; correct the path";
    if (!stat(program, &found) && !S_ISREG(found.st_mode))
        return "is no file; give the path of a program";
    if (!access(program, X_OK)) return NULL;
    return "may not be executed by this account; look at its mode and those of the folders that "
           "lead to it";
}
