/*
 * The player of scenarios: a CA does what the lines say, and the results are compared with what
 * they expect.
 */
#ifndef STUBCA_SCENARIO_H
#define STUBCA_SCENARIO_H

#include "script.h"

/* The number of TAP lines that scenario_play prints: one for each step and a last one. */
int scenario_lines(const struct script *script);

/*
 * Play a scenario, with a CA of its own. A failure is a line "not ok" with a note that names file,
 * line and reason; if the rest becomes impossible (no key, no folder, no registry, a module that
 * hangs), tap_bail_out ends the program. The last line states that the event log contained only
 * expected entries; a running service is stopped before, and the disk's state is restored. A
 * scenario that ends in `kill` ends the process: exit code 0 if all results so far, including
 * earlier scenarios, were ok, else 1.
 */
void scenario_play(const struct script *script);

#endif
