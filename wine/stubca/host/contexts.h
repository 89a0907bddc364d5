/*
 * The context numbers by which a module, while it is being notified, names the request of the
 * event.
 *
 * A context is alive from the moment an event is raised until the last module has returned from
 * it. Its number is unrelated to the request's, and is later used again for another request. Any
 * thread.
 */
#ifndef STUBCA_CONTEXTS_H
#define STUBCA_CONTEXTS_H

#include <stdbool.h>
#include <windows.h>

#define CONTEXT_OF_CA (-1)              /* in place of a request's id: an event of the CA that
                                         * nevertheless has a context */

/* Open a context. Never 0, which is the CA itself. Waits while all 1024 are in use. */
LONG context_open(LONG request_id);
void context_close(LONG context);       /* 0 is accepted */

/* Get the request of a context. Returns false if the context is not alive. */
bool context_request(LONG context, LONG *request_id);

/* The same, but a closed context is accepted until its slot is used again. */
bool context_lingers(LONG context, LONG *request_id);

#endif
