/* The destination `mail` beside its class: messages that are no events. */
#ifndef TO_MAIL_H
#define TO_MAIL_H

#include "delivery/destination.h"

/* Send a whole message, to the target's recipient. `opened` is from destination_mail.open. */
void to_mail_post(void *opened, struct span message, struct destination_report *report);

#endif
