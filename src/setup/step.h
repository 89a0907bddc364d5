/* One step of a plan: what it says, whether it can be done, and doing it. */
#ifndef STEP_H
#define STEP_H

#include "plan.h"

/* Tell what it does and each key and file that it touches. */
void step_show(const struct step *step, const struct machine *machine, const struct listener *listener);

/* False: it cannot be done, `listener` has been told why and what to do. Writes nothing. */
bool step_check(const struct step *step, const struct machine *machine, const struct listener *listener);

/* Whether the drive of a path is there at all. */
bool step_has_drive(const WCHAR *path);

/* Doing a step that is done already changes nothing. After failure `listener` has been told. */
HRESULT step_do(const struct step *step, const struct machine *machine, const struct listener *listener);

#endif
