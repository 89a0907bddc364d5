/*
 * The numbers by which a module, while it is being notified, names the request it was told of.
 *
 * A context is alive from the moment an event is raised until the last module has returned from it. Its number says
 * nothing of the request's, and comes again one day, with another request behind it. Any thread.
 */
#ifndef STUBCA_CONTEXTS_H
#define STUBCA_CONTEXTS_H

#include <stdbool.h>
#include <windows.h>

#define CONTEXT_OF_CA (-1)              /* in place of a request's id: an event of the CA that is given a context all the same */

/* Never 0, which is the CA itself. Waits while all of the 1024 there are in use. */
LONG context_open(LONG request_id);
void context_close(LONG context);       /* of 0: nothing */

/* False: the context is dead, or never was one. */
bool context_request(LONG context, LONG *request_id);

/* The same, but one that has been closed counts until its slot is used again. */
bool context_lingers(LONG context, LONG *request_id);

#endif
