#define _GNU_SOURCE                     /* pthread_timedjoin_np */
#include "os.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t os_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

uint64_t os_ticks_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

HRESULT os_guid(char out[37])
{
    uint8_t b[16];

    if (RAND_bytes(b, sizeof b) != 1) return E_FAIL;
    b[6] = (b[6] & 0x0f) | 0x40;        /* version 4, RFC 4122 */
    b[8] = (b[8] & 0x3f) | 0x80;
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5],
             b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return S_OK;
}

HRESULT os_sha256(const void *data, size_t size, uint8_t out[32])
{
    return EVP_Digest(data, size, out, NULL, EVP_sha256(), NULL) == 1 ? S_OK : E_FAIL;
}

static struct timespec in_ms(clockid_t clock, uint32_t wait_ms)
{
    struct timespec until;

    clock_gettime(clock, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) { until.tv_nsec -= 1000000000L; until.tv_sec++; }
    return until;
}

_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct os_condition), "a condition fits into its room");

static pthread_cond_t *native(struct os_condition *condition)
{
    return (pthread_cond_t *)condition->room;
}

void os_condition_init(struct os_condition *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(native(condition), &attributes);
    pthread_condattr_destroy(&attributes);
}

void os_condition_end(struct os_condition *condition)
{
    pthread_cond_destroy(native(condition));
}

void os_condition_wake(struct os_condition *condition)
{
    pthread_cond_signal(native(condition));
}

struct os_monitor {
    pthread_mutex_t lock;
    struct os_condition changed;
};

HRESULT os_monitor_create(struct os_monitor **out)
{
    if (!(*out = calloc(1, sizeof **out))) return E_OUTOFMEMORY;
    pthread_mutex_init(&(*out)->lock, NULL);
    os_condition_init(&(*out)->changed);
    return S_OK;
}

void os_monitor_free(struct os_monitor *monitor)
{
    if (!monitor) return;
    os_condition_end(&monitor->changed);
    pthread_mutex_destroy(&monitor->lock);
    free(monitor);
}

void os_monitor_enter(struct os_monitor *monitor)
{
    pthread_mutex_lock(&monitor->lock);
}

void os_monitor_leave(struct os_monitor *monitor)
{
    pthread_mutex_unlock(&monitor->lock);
}

bool os_condition_wait(struct os_condition *condition, struct os_monitor *monitor, uint32_t wait_ms)
{
    struct timespec until = in_ms(CLOCK_MONOTONIC, wait_ms);

    return !pthread_cond_timedwait(native(condition), &monitor->lock, &until);
}

bool os_monitor_wait(struct os_monitor *monitor, uint32_t wait_ms)
{
    return os_condition_wait(&monitor->changed, monitor, wait_ms);
}

void os_monitor_wake_all(struct os_monitor *monitor)
{
    pthread_cond_broadcast(native(&monitor->changed));
}

struct os_thread {
    pthread_t id;
    void (*run)(void *);
    void *context;
};

static void *run_thread(void *parameter)
{
    struct os_thread *thread = parameter;

    thread->run(thread->context);
    return NULL;
}

HRESULT os_thread_start(void (*run)(void *), void *context, struct os_thread **out)
{
    struct os_thread *thread = calloc(1, sizeof *thread);

    *out = NULL;
    if (!thread) return E_OUTOFMEMORY;
    thread->run = run;
    thread->context = context;
    if (pthread_create(&thread->id, NULL, run_thread, thread)) {
        free(thread);
        return E_FAIL;
    }
    *out = thread;
    return S_OK;
}

bool os_thread_join(struct os_thread *thread, uint32_t wait_ms)
{
    struct timespec until = in_ms(CLOCK_REALTIME, wait_ms);     /* the clock that can be set: ThreadSanitizer does not know the other call */

    if (pthread_timedjoin_np(thread->id, NULL, &until)) return false;
    free(thread);
    return true;
}

void os_thread_forget(struct os_thread *thread)
{
    pthread_detach(thread->id);
    free(thread);
}
