/*
 * A draft that `certwitness expiry --eml` has written, as the message that is sent: with a sender,
 * a Message-ID made of its content, so that the same draft sent again is the same message, and its
 * text in quoted-printable.
 */
#ifndef MAIL_DRAFT_H
#define MAIL_DRAFT_H

#include "delivery/config.h"

#define MAIL_DRAFT_TO 256               /* an address with its zero */

/*
 * Append the message; `out` says if memory was short. `to` is the draft's own recipient; "" if it
 * has none, and the target's recipients are in the field To then. False: the text is no such draft.
 */
bool mail_draft_read(struct span text, const struct target *target, char to[MAIL_DRAFT_TO],
                     struct bytes *out);

#endif
