/* The answers beside a journal, as ../README.md describes them. */
#ifndef GENERATOR_ANSWERS_H
#define GENERATOR_ANSWERS_H

#include "events.h"

/* renewals_find has been called. Ends the program if the file cannot be written. */
void answers_write(const struct world *world, const struct authority *authority, const struct written *written, const char *path);

#endif
