/*
 * A thread that reads or removes the request to prune. An account that may read the file can hold
 * it so that every program that opens it has to wait (an oplock that is not released). In that
 * case this thread waits, and the writer continues.
 */
#ifndef REQUEST_THREAD_H
#define REQUEST_THREAD_H

#include "request.h"

struct request_thread;

/*
 * Start a thread that looks for a request (request_look), or that removes the file. The arguments
 * are copied.
 */
HRESULT request_thread_look(const char *directory, uint64_t writing,
                            struct request_thread **out) MUST_CHECK;
HRESULT request_thread_remove(const char *directory, struct request_thread **out) MUST_CHECK;

/*
 * True: the thread has finished and is freed, and `look`, if not NULL, holds the result. False
 * after `wait_ms`: it is still running.
 */
bool request_thread_end(struct request_thread *thread, uint32_t wait_ms, struct request_look *look);

/*
 * Abandon the thread: it frees itself when it is done, and its code has to stay loaded until then.
 */
void request_thread_leave(struct request_thread *thread);

#endif
