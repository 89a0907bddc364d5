/*
 * The threads on which exit modules are called: members of the multi-threaded apartment, as those
 * of certsrv.exe are.
 *
 * The pool also watches them: a call into a module that does not return within the limit ends the
 * program (tap_bail_out), since a thread that hangs in foreign code cannot be stopped otherwise.
 */
#ifndef STUBCA_POOL_H
#define STUBCA_POOL_H

#include <windows.h>

struct pool;

/* Returns NULL if a thread cannot be started. `limit_ms` bounds each call into a module. */
struct pool *pool_open(int threads, DWORD limit_ms);
void pool_close(struct pool *pool);     /* takes NULL; waits for all jobs */
int pool_threads(const struct pool *pool);

/*
 * Run a function on a thread of the pool, and return when it has returned. Any thread but the
 * pool's own, several at once.
 */
void pool_run(struct pool *pool, void (*run)(void *argument), void *argument);

/*
 * The same for `count` jobs at once, each with its own argument, as far as there are threads;
 * returns when all have. `arguments` is an array of `count` elements of `size` bytes.
 */
void pool_run_each(struct pool *pool, void (*run)(void *argument), void *arguments, size_t size,
                   int count);

/*
 * Limit the total time of all further calls to `ms`; after it the program ends, as for a call that
 * does not return. 0: no such limit.
 */
void pool_deadline(struct pool *pool, DWORD ms);

/*
 * Inside a job: mark the beginning and end of a call into a module; -1 stands for something else
 * than a module. The texts are kept by pointer until the end.
 */
void pool_call_begins(int module, const char *progid, const char *method);
void pool_call_ends(void);

/* The number of the module that this thread is calling; -1: none, or not a pool's thread. */
int pool_calling(void);

#endif
