/* Programs that are run: when their end is noticed, with pidfd_open and in a sandbox that refuses it. */
#define _GNU_SOURCE
#include "lib/test.h"

#include "delivery/program/process.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHORT_MS 5
#define LONG_MS  60000

static int32_t stop;
static struct process_end end;
static bool patient;                    /* whoever waits for something, waits a minute if nothing happens */
static int waits;                       /* how often that was */

/* In place of the C library's. */
int poll(struct pollfd *watched, nfds_t count, int wait_ms)
{
    bool longer = patient && wait_ms > SHORT_MS;
    int most = longer ? LONG_MS : wait_ms;
    struct timespec wait = {most / 1000, most % 1000 * 1000000L};

    waits += longer;
    return ppoll(watched, count, &wait, NULL);
}

/* Milliseconds that it took. */
static uint64_t run_shell(const char *script, uint32_t timeout_ms)
{
    char *arguments[] = {"-c", (char *)script};
    struct process_order order = {.program = "/bin/sh", .arguments = arguments, .count = 2, .input = {"a line\n", 7},
                                  .timeout_ms = timeout_ms, .memory = 1u << 30, .stop = &stop};
    uint64_t begun = os_ticks_ms();

    process_run(&order, &end);
    return os_ticks_ms() - begun;
}

static bool is_refused(void)
{
    int handle = pidfd_open(getpid(), 0);

    if (handle >= 0) close(handle);
    return handle < 0;
}

/* However slow the machine is: nothing but the event ends a wait. */
TEST(the_end_of_a_program_and_what_it_writes_are_noticed_when_they_happen)
{
    if (is_refused()) {
        test_note("pidfd_open is refused here");
        return;
    }
    patient = true;
    check(run_shell("sleep 0.2; exit 7", 10 * LONG_MS) < LONG_MS);
    check(end.ran && end.gone);
    check_int(end.code, 7);
    check(run_shell("sleep 0.2; head -c 200000 /dev/zero >&2; sleep 0.2; head -c 200000 /dev/zero >&2; echo words >&2", 10 * LONG_MS) < LONG_MS);
    check_text(last_words_line(&end.words), "words");
    check(waits > 1);
    patient = false;
}

/* In a process of its own, as this cannot be taken back. */
static bool refuse_pidfd_open(void)
{
    struct sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
                                  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};

    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) && is_refused();
}

/* 0, or the number of the first thing that is wrong. */
static int in_a_sandbox(void)
{
    if (!refuse_pidfd_open()) return 1;
    run_shell("cat >/dev/null; echo words >&2; exit 3", 60000);
    if (!end.ran || end.code != 3) return 2;
    if (strcmp(last_words_line(&end.words), "words")) return 3;
    if (run_shell("sleep 600", 300) < 300 || !end.timed_out || end.ran) return 4;
    run_shell("head -c 2000000 /dev/zero >&2; echo 'the end' >&2", 60000);
    if (!end.ran || end.code || strcmp(last_words_line(&end.words), "the end")) return 5;
    stop = 1;
    run_shell("sleep 600", 600000);
    return end.stopped ? 0 : 6;
}

TEST(a_program_is_run_where_pidfd_open_is_refused)
{
    pid_t child = fork();
    int status;

    if (!child) _exit(in_a_sandbox());
    check(waitpid(child, &status, 0) == child && WIFEXITED(status));
    check_int(WEXITSTATUS(status), 0);
}

TEST(a_program_that_is_too_slow_is_ended_at_its_time_limit)
{
    uint64_t took = run_shell("echo words >&2; exec sleep 600", 300);

    check(took >= 300);
    check(end.timed_out && !end.ran && !end.stopped);
    check_text(last_words_line(&end.words), "words");
}

static void stop_soon(void *context)
{
    (void)context;
    usleep(200000);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
}

TEST(a_stop_ends_the_program)
{
    struct os_thread *thread;

    check_hr(os_thread_start(stop_soon, NULL, &thread), S_OK);
    run_shell("sleep 600", 600000);
    check(end.stopped && !end.ran && !end.timed_out);
    check(os_thread_join(thread, 60000));
    stop = 0;
}

static void stop_when_ready(void *context)
{
    while (access(context, F_OK)) usleep(10000);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
}

/* The script listens to signals, as `trap` says, when it is stopped. Returns how long that took. */
static uint64_t stop_shell_with(const char *trap)
{
    char folder[] = "/tmp/process_test.XXXXXX", ready[64], script[256];
    struct os_thread *thread;
    uint64_t took = 0;

    if (!check(mkdtemp(folder))) return 0;
    snprintf(ready, sizeof ready, "%s/ready", folder);
    snprintf(script, sizeof script, "trap '%s' TERM; : >%s; while :; do sleep 0.01; done", trap, ready);
    check_hr(os_thread_start(stop_when_ready, ready, &thread), S_OK);
    took = run_shell(script, 600000);
    check(os_thread_join(thread, 60000));
    stop = 0;
    unlink(ready);
    rmdir(folder);
    return took;
}

/* Its code counts only if it is 0: any other may be due to the signal. */
TEST(a_program_that_is_stopped_is_asked_to_end_first_and_may_finish_its_batch)
{
    stop_shell_with("echo finished >&2; exit 0");
    check(end.ran && !end.code && !end.stopped && !end.timed_out);
    check_text(last_words_line(&end.words), "finished");
    stop_shell_with("exit 65");
    check(end.stopped && !end.ran);
}

TEST(a_program_that_does_not_want_to_end_is_ended_soon_after)
{
    check(stop_shell_with("") < LONG_MS);
    check(end.stopped && !end.ran && !end.timed_out);
}

