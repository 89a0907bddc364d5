/* The columns that somebody chooses with --columns NAME,... */
#ifndef COLUMN_CHOICE_H
#define COLUMN_CHOICE_H

#include "cli/options.h"
#include "cli/show/event_columns.h"

/* Those of all --columns in the order in which they are named; all that there are where there is
 * none. False: one is not known; standard error has been told which, what was probably meant, and
 * what there is. */
bool column_choice_read(const struct options *options, struct event_columns *columns);

#endif
