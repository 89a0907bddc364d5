/* What an administrator is told of a journal: a sentence or two in plain words, and whether that is good. */
#ifndef STATE_H
#define STATE_H

#include "look.h"

#define STATE_TEXT_MAX 1536             /* characters with the zero, ample for a refusal with its path */

enum state_health { STATE_GOOD, STATE_NEUTRAL, STATE_WARNING, STATE_BAD };

/*
 * The decision, a function of what was found: `active` is whether the CA has CertWitness.Exit among its modules, `min_free_mib` the
 * setting. The worst that is known is told; each sentence that is not good says what to do.
 */
enum state_health state_decide(const struct look_facts *facts, bool active, uint32_t min_free_mib, WCHAR out[STATE_TEXT_MAX]);

/* The last event: what, of which request, when, in local time and the user's manner. "none yet" where there is none. */
void state_last_event(const struct look_facts *facts, WCHAR *out, size_t size);

/* "3 files, 130 MiB". */
void state_size(const struct look_facts *facts, WCHAR *out, size_t size);

#endif
