/* The controls of a CMC request (RFC 5272) in an outline: what the client adds to its requests, and
 * how it proves who it is. */
#ifndef CONTROL_SHOW_H
#define CONTROL_SHOW_H

#include "der/cmc.h"
#include "cli/terminal/outline.h"

/* The list "controls"; nothing where there are none. Refusals are shown as in extension_show.h. Of
 * what rests on a shared secret only the size is told, of a challenge in registration info not even
 * that. */
void controls_show(struct outline *outline, const struct pki_data *pki_data,
                   struct der_remarks *remarks);

#endif
