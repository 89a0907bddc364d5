/*
 * A record of a module's calls to the CA for one event, which can be repeated without the module.
 *
 * The repetition shows how much of a module's time is the CA's own. It does what a careful module
 * does: create the CA's object, bind it, ask, clear the results, release. Enumerations are counted
 * but not repeated.
 */
#ifndef STUBCA_QUERY_REPLAY_H
#define STUBCA_QUERY_REPLAY_H

#include <windows.h>

/* Begin to count the calls of all modules, on any thread. Only while no module calls. */
void query_replay_begin(void);
LONGLONG query_replay_count(void);

/* Record the calls made on this thread between these two, once for all. */
void query_replay_note(void);
void query_replay_noted(void);
int query_replay_noted_count(void);

/*
 * Repeat the recorded calls for the request of `context`. Failures of single calls are the CA's
 * answers and are ignored; S_OK once all calls were made.
 */
HRESULT query_replay_again(LONG context);

#endif
