/*
 * The threads on which modules are called: members of the multi-threaded apartment, as certsrv.exe's are.
 *
 * They also keep watch: a call into a module that does not return within the limit ends the program (tap_bail_out),
 * since nothing else can be done about a thread that hangs in somebody else's code.
 */
#ifndef STUBCA_POOL_H
#define STUBCA_POOL_H

#include <windows.h>

struct pool;

/* NULL where a thread cannot be had. `limit_ms` bounds each call into a module. */
struct pool *pool_open(int threads, DWORD limit_ms);
void pool_close(struct pool *pool);     /* takes NULL; waits for all jobs */
int pool_threads(const struct pool *pool);

/* Have a thread of the pool run it; returns when it has. Any thread but the pool's own, several at once. */
void pool_run(struct pool *pool, void (*run)(void *argument), void *argument);

/* The same for `count` jobs at once, each with its own argument, as far as the threads go round; returns when all
 * have. `arguments` are `count` things of `size` bytes each. */
void pool_run_each(struct pool *pool, void (*run)(void *argument), void *arguments, size_t size, int count);

/* From now on the calls have `ms` in all; then the program ends, as with one that does not return. 0: no such limit. */
void pool_deadline(struct pool *pool, DWORD ms);

/* Within a job: a call into a module begins and ends; -1 is for what is no module. The texts are kept by pointer until
 * then. */
void pool_call_begins(int module, const char *progid, const char *method);
void pool_call_ends(void);

/* Which module this thread is calling, by the number given above; -1: none, or no thread of a pool's. */
int pool_calling(void);

#endif
