/* This machine's delivery, if it has one: its service, its destinations, and what is wrong with
 * them. */
#ifndef DELIVERY_SHOW_H
#define DELIVERY_SHOW_H

#include "cli/terminal/outline.h"
#include "setup/delivery_service.h"

/*
 * Show it within the group that is open. Whatever is wrong is a sentence with what to do, appended
 * to `problems` with its zero. The destinations are those that certwitness-delivery itself reports:
 * that of the service or, where somebody runs it otherwise with the usual configuration, the one
 * beside this program. It is only started where no other account could change it. `service` becomes
 * what is installed. False: there is no delivery on this machine. Waits 60 seconds at most.
 */
bool delivery_show(struct outline *outline, struct bytes *problems,
                   struct delivery_service *service);

#endif
