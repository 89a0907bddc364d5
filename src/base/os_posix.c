#define _GNU_SOURCE                     /* pthread_timedjoin_np */
#include "os.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
    return S_OK;
}

static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;
static pthread_key_t sha256_key;
static bool has_sha256_key;
static EVP_MD *sha256_method;           /* kept until the process ends */

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static void make_sha256_key(void)
{
    sha256_method = EVP_MD_fetch(NULL, "SHA256", NULL);
    has_sha256_key = sha256_method && !pthread_key_create(&sha256_key, free_context);
}

/* This thread's, kept until it ends: to look for the method and to make a context for every line
 * costs a tenth of hashing it. The method is looked for once: a thread that hashes first when main
 * has returned finds libcrypto's tables gone. */
static EVP_MD_CTX *sha256(void)
{
    EVP_MD_CTX *context;

    pthread_once(&sha256_once, make_sha256_key);
    if (!has_sha256_key) return NULL;
    if ((context = pthread_getspecific(sha256_key))) return context;
    if ((context = EVP_MD_CTX_new()) && EVP_DigestInit_ex(context, sha256_method, NULL) == 1 &&
        !pthread_setspecific(sha256_key, context))
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

HRESULT os_sha256(const void *data, size_t size, uint8_t out[32])
{
    EVP_MD_CTX *context = sha256();

    return context && EVP_DigestInit_ex(context, NULL, NULL) == 1 &&
                   EVP_DigestUpdate(context, data, size) == 1 &&
                   EVP_DigestFinal_ex(context, out, NULL) == 1
               ? S_OK
               : E_FAIL;
}

HRESULT os_sha1(const void *data, size_t size, uint8_t out[20])
{
    return EVP_Digest(data, size, out, NULL, EVP_sha1(), NULL) == 1 ? S_OK : E_FAIL;
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

void os_word_wait(const int32_t *word, int32_t value, uint32_t wait_ms)
{
    struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000L};

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &wait, NULL, 0);
}

void os_word_wake(const int32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

struct os_monitor {
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

HRESULT os_monitor_create(struct os_monitor **out)
{
    pthread_condattr_t attributes;

    if (!(*out = calloc(1, sizeof **out))) return E_OUTOFMEMORY;
    pthread_mutex_init(&(*out)->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&(*out)->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return S_OK;
}

void os_monitor_free(struct os_monitor *monitor)
{
    if (!monitor) return;
    pthread_cond_destroy(&monitor->changed);
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

bool os_monitor_wait(struct os_monitor *monitor, uint32_t wait_ms)
{
    struct timespec until = in_ms(CLOCK_MONOTONIC, wait_ms);

    return !pthread_cond_timedwait(&monitor->changed, &monitor->lock, &until);
}

void os_monitor_wake_all(struct os_monitor *monitor)
{
    pthread_cond_broadcast(&monitor->changed);
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
    struct timespec until = in_ms(
        CLOCK_REALTIME,
        wait_ms); /* the clock that can be set: ThreadSanitizer does not know the other call */

    if (pthread_timedjoin_np(thread->id, NULL, &until)) return false;
    free(thread);
    return true;
}

void os_thread_forget(struct os_thread *thread)
{
    pthread_detach(thread->id);
    free(thread);
}
