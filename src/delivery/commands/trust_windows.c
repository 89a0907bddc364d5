#include "trust.h"

bool trust_look(const struct config *config, const struct notes *wrong)
{
    (void)config, (void)wrong;
    return true;
}
