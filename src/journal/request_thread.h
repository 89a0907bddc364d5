/*
 * The request to prune, read and removed by a thread of its own. Whoever may read the file can hold it in a way in which everybody who opens it has to
 * wait for him (an oplock that he does not give up); then that thread waits, and the writer goes on.
 */
#ifndef REQUEST_THREAD_H
#define REQUEST_THREAD_H

#include "request.h"

struct request_thread;

/* Begin to look (request_look), or to remove the file. What is passed is copied. */
HRESULT request_thread_look(const char *directory, uint64_t writing, struct request_thread **out) MUST_CHECK;
HRESULT request_thread_remove(const char *directory, struct request_thread **out) MUST_CHECK;

/* True: it is done and freed, and `look`, if it is not NULL, is what was found. False after `wait_ms`: it goes on. */
bool request_thread_end(struct request_thread *thread, uint32_t wait_ms, struct request_look *look);

/* Nobody will ask again: it frees itself when it is done, and its code has to stay loaded until then. */
void request_thread_leave(struct request_thread *thread);

#endif
