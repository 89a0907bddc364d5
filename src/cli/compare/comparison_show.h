/* Deviations between journal and database, for a person or a program. */
#ifndef COMPARISON_SHOW_H
#define COMPARISON_SHOW_H

#include "comparison.h"

/* "unexplained": for JSON. */
const char *deviation_word(enum deviation_kind kind);

/* One deviation as a line of text, or as a JSON object and a LF. */
void comparison_show(const struct deviation *deviation, struct bytes *out);
void comparison_json(const struct deviation *deviation, struct bytes *out);
/* A heading for a kind, and the sums. */
void comparison_heading(enum deviation_kind kind, struct bytes *out);
void comparison_sum(const struct comparison *comparison, const struct database_dump *dump,
                    struct bytes *out);

#endif
