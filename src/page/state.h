/* The state of a journal for an administrator: its health, and a sentence or two that say why. */
#ifndef STATE_H
#define STATE_H

#include "look.h"

#define STATE_TEXT_MAX 1536 /* characters with the zero, ample for a refusal with its path */

enum state_health { STATE_GOOD, STATE_NEUTRAL, STATE_WARNING, STATE_BAD };

/*
 * Decide from what was found. `active`: the CA has CertWitness.Exit among its active modules.
 * `min_free_mib`: the setting. Of several findings the worst is reported. A sentence of a warning
 * or an error says what to do.
 */
enum state_health state_decide(const struct look_facts *facts, bool active, uint32_t min_free_mib,
                               WCHAR out[STATE_TEXT_MAX]);

/*
 * The last event: its type, its request, and its time, which is local, in the user's format, with
 * its distance from UTC: "certificate.issued (request/7), 3/14/2026 9:26:53 AM (UTC+01:00)". "none
 * yet" without one.
 */
void state_last_event(const struct look_facts *facts, WCHAR *out, size_t size);

/* "130 MiB in 3 files". */
void state_size(const struct look_facts *facts, WCHAR *out, size_t size);

#endif
