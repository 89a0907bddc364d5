/* What is odd in something that is shown all the same, in an outline. */
#ifndef REMARK_SHOW_H
#define REMARK_SHOW_H

#include "der/der.h"
#include "cli/terminal/outline.h"

/* "Remark: the critical flag is written out although it is the default, offset 123"; in JSON the
 * list "remarks", each with "text" and "offset". Of more than the list holds the number is told.
 * Nothing where there are none. */
void remarks_show(struct outline *outline, const struct der_remarks *remarks);

/* Put the remark first that `what` came in BER, which begins at that offset. */
void remarks_put_ber(struct der_remarks *remarks, const char *what, size_t offset);

#endif
