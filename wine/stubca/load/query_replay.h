/*
 * What a module asks the CA on one event, noted, so that the same can be asked again without the module.
 *
 * That tells what of a module's time is the CA's own. Asking again does as a careful module does: make the CA's object,
 * bind it, ask, clear what came, release. Enumerations are counted but not repeated.
 */
#ifndef STUBCA_QUERY_REPLAY_H
#define STUBCA_QUERY_REPLAY_H

#include <windows.h>

/* Begin to count what modules ask, all of them, on any thread. While nobody asks. */
void query_replay_begin(void);
LONGLONG query_replay_count(void);

/* On this thread: what is asked between the two is noted, once for all. */
void query_replay_note(void);
void query_replay_noted(void);
int query_replay_noted_count(void);

/* Ask what was noted for the request behind `context`. Failures of single questions are the CA's answers, and pass; S_OK
 * once all were asked. */
HRESULT query_replay_again(LONG context);

#endif
