/* What is wrong with the journal at a destination's position, in words, with what to do. */
#ifndef POSITION_FAULT_H
#define POSITION_FAULT_H

#include "position.h"

#define POSITION_FAULT_MAX 512          /* bytes of a sentence, with its zero */

enum position_fault {
    POSITION_SOUND,                     /* nothing is wrong */
    POSITION_WAITS,                     /* the journal is not there, or cannot be read: delivery
                                         * goes on by itself once it is back */
    POSITION_HALTS                      /* it is another one, or was changed: somebody has to act */
};

/* Judge what position_check has found. POSITION_SOUND: `why` is empty. */
enum position_fault position_fault(const char *journal, const struct position *position,
                                   const struct position_check *check,
                                   char why[POSITION_FAULT_MAX]);

#endif
