/*
 * Plays a scenario: has a CA do what its lines say and judges whether it came out as they expect.
 */
#ifndef STUBCA_SCENARIO_H
#define STUBCA_SCENARIO_H

#include "script.h"

/* Lines of TAP that scenario_play prints: one for each step and a last one. */
int scenario_lines(const struct script *script);

/*
 * Play it, from a CA of its own to the end of that. What fails is a line "not ok" with a note that names file, line and
 * reason; what makes the rest impossible (no key, no folder, no registry, a module that hangs) ends the program through
 * tap_bail_out. The last line says that the event log held nothing but what was expected; a service that still runs is
 * stopped before, and the disk is as it was. A scenario that ends in `kill` ends the process: exit code 0 where all
 * that it and those before it printed was ok, else 1.
 */
void scenario_play(const struct script *script);

#endif
