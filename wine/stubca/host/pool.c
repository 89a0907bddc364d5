/* The threads on which modules are called. */
#include "pool.h"

#include "stubca/base/heap.h"
#include "stubca/base/tap.h"

#include <objbase.h>
#include <stdbool.h>
#include <stdlib.h>

struct job {
    struct job *next;
    void (*run)(void *argument);
    void *argument;
    bool done;
    int module;                         /* being called; -1: none of them */

    /* Written by the job's thread without the lock, since many threads call modules as fast as they
     * can (load.c), and read by whoever keeps watch: `method` last, and first. */
    const char *progid, *method;        /* NULL: no call is under way */
    ULONGLONG since;                    /* GetTickCount64 when that call began */
};

struct pool {
    SRWLOCK lock;                       /* over all that follows, and over the jobs */
    CONDITION_VARIABLE work, progress;
    struct job *first, **last;
    bool closing;
    DWORD limit_ms, in_all_ms;          /* of each call; of all together, 0: no limit */
    ULONGLONG deadline;                 /* GetTickCount64 when those are over */
    int count;
    HANDLE threads[];
};

static __thread struct job *current;

static struct job *job_take(struct pool *pool)
{
    struct job *job;

    AcquireSRWLockExclusive(&pool->lock);
    while (!pool->first && !pool->closing)
        SleepConditionVariableSRW(&pool->work, &pool->lock, INFINITE, 0);
    if ((job = pool->first)) {
        if (!(pool->first = job->next)) pool->last = &pool->first;
    }
    ReleaseSRWLockExclusive(&pool->lock);
    return job;
}

static DWORD WINAPI worker(void *argument)
{
    struct pool *pool = argument;
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);

    while ((current = job_take(pool))) {
        current->run(current->argument);
        AcquireSRWLockExclusive(&pool->lock);
        current->done = true;           /* whoever waits may take the job away from here on */
        ReleaseSRWLockExclusive(&pool->lock);
        WakeAllConditionVariable(&pool->progress);
    }
    if (SUCCEEDED(hr)) CoUninitialize();
    return 0;
}

struct pool *pool_open(int threads, DWORD limit_ms)
{
    struct pool *pool = heap_take(sizeof *pool + (size_t)threads * sizeof(HANDLE));

    pool->last = &pool->first;
    pool->limit_ms = limit_ms;
    for (; pool->count < threads; pool->count++) {
        if (!(pool->threads[pool->count] = CreateThread(NULL, 0, worker, pool, 0, NULL))) {
            pool_close(pool);
            return NULL;
        }
    }
    return pool;
}

void pool_close(struct pool *pool)
{
    if (!pool) return;
    AcquireSRWLockExclusive(&pool->lock);
    pool->closing = true;
    ReleaseSRWLockExclusive(&pool->lock);
    WakeAllConditionVariable(&pool->work);
    for (int i = 0; i < pool->count; i++) {
        WaitForSingleObject(pool->threads[i], INFINITE);
        CloseHandle(pool->threads[i]);
    }
    free(pool);
}

int pool_threads(const struct pool *pool)
{
    return pool->count;
}

void pool_deadline(struct pool *pool, DWORD ms)
{
    AcquireSRWLockExclusive(&pool->lock);
    pool->in_all_ms = ms;
    pool->deadline = GetTickCount64() + ms;
    ReleaseSRWLockExclusive(&pool->lock);
}

/* Under the lock: what is left of a limit of `most`. Ends the program if a call is under way when
 * nothing is. */
static DWORD left_of_deadline(const struct pool *pool, const char *progid, const char *method,
                              DWORD most)
{
    ULONGLONG now = GetTickCount64();

    if (!pool->in_all_ms) return most;
    if (now < pool->deadline) return min(most, (DWORD)(pool->deadline - now));
    if (!method) return min(most, 10);  /* between two calls: the next one is found out */
    tap_bail_out("%s has not returned from %s within the %lu s that the CA has to stop", progid,
                 method, pool->in_all_ms / 1000);
}

/* Under the lock: how long may still be waited before somebody must look at the job again? Ends the
 * program if its call has taken too long. */
static DWORD patience(const struct pool *pool, const struct job *job)
{
    const char *method = __atomic_load_n(&job->method, __ATOMIC_ACQUIRE);
    const char *progid = __atomic_load_n(&job->progid, __ATOMIC_RELAXED);
    ULONGLONG now = GetTickCount64(), since = __atomic_load_n(&job->since, __ATOMIC_RELAXED),
              taken = now > since ? now - since : 0;

    if (!method || taken < pool->limit_ms) {
        return left_of_deadline(pool, progid, method,
                                method ? pool->limit_ms - (DWORD)taken : pool->limit_ms);
    }
    tap_bail_out("%s has not returned from %s within %lu s", progid, method, pool->limit_ms / 1000);
}

/* Under the lock: as long as there is patience with all of them. */
static DWORD patience_with_all(const struct pool *pool, const struct job *jobs, int count)
{
    DWORD least = pool->limit_ms, left;

    for (int i = 0; i < count; i++) {
        if (!jobs[i].done && (left = patience(pool, &jobs[i])) < least) least = left;
    }
    return least;
}

static bool all_done(const struct job *jobs, int count)
{
    for (int i = 0; i < count; i++) {
        if (!jobs[i].done) return false;
    }
    return true;
}

static void run_jobs(struct pool *pool, struct job *jobs, int count)
{
    AcquireSRWLockExclusive(&pool->lock);
    for (int i = 0; i < count; i++) {
        *pool->last = &jobs[i];
        pool->last = &jobs[i].next;
    }
    WakeAllConditionVariable(&pool->work);
    while (!all_done(jobs, count)) {
        SleepConditionVariableSRW(&pool->progress, &pool->lock,
                                  patience_with_all(pool, jobs, count), 0);
    }
    ReleaseSRWLockExclusive(&pool->lock);
}

void pool_run(struct pool *pool, void (*run)(void *argument), void *argument)
{
    struct job job = {.run = run, .argument = argument, .module = -1};

    run_jobs(pool, &job, 1);
}

void pool_run_each(struct pool *pool, void (*run)(void *argument), void *arguments, size_t size,
                   int count)
{
    struct job *jobs = heap_take((size_t)count * sizeof *jobs);

    for (int i = 0; i < count; i++) {
        jobs[i] = (struct job){
            .run = run, .argument = (char *)arguments + (size_t)i * size, .module = -1};
    }
    run_jobs(pool, jobs, count);
    free(jobs);
}

static void call_is(int module, const char *progid, const char *method)
{
    current->module = module;
    __atomic_store_n(&current->since, GetTickCount64(), __ATOMIC_RELAXED);
    if (progid) __atomic_store_n(&current->progid, progid, __ATOMIC_RELAXED);
    __atomic_store_n(&current->method, method, __ATOMIC_RELEASE);
}

void pool_call_begins(int module, const char *progid, const char *method)
{
    call_is(module, progid, method);
}

void pool_call_ends(void)
{
    call_is(-1, NULL, NULL);
}

int pool_calling(void)
{
    return current ? current->module : -1;      /* read by the thread that writes it: no lock */
}
