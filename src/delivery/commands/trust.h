/* Who can change what a delivery obeys: its configuration, and the folder of its state. */
#ifndef TRUST_H
#define TRUST_H

#include "delivery/config.h"

/*
 * False: an account other than root and the one that delivers can change the configuration, the
 * folder that it is in or the folder of the state, which was noted with what to do. What cannot be
 * looked at, and what is not there, counts as trusted: whoever opens it finds out.
 *
 * The account that delivers is this one, or if this is root, the owner of the folder of the state.
 * Windows: true; there the service is refused when it is installed, and when it starts.
 */
bool trust_look(const struct config *config, const struct notes *wrong);

#endif
