/*
 * What a module says of itself to the CA's snap-in: the object behind GetManageModule, or, where there is none to be had
 * from there, the class named like the module with "Manage" behind it.
 *
 * The module's object is one of its own that is never initialized, as in a process that is no CA. All is done on a thread
 * in the multi-threaded apartment, made for that and gone afterwards.
 */
#ifndef STUBCA_MANAGE_H
#define STUBCA_MANAGE_H

#include "ca.h"

enum manage_way { MANAGE_EITHER, MANAGE_BY_MODULE, MANAGE_BY_CLASS };
enum { MANAGE_TEXTS = 5 };

extern const char *const manage_names[MANAGE_TEXTS];    /* of the properties: "Name", "File Version" */

struct manage_answers {
    const char *way;                    /* "GetManageModule", or "the class" */
    char *texts[MANAGE_TEXTS];          /* NULL: no value, or none that is text */
};

/* E_NOINTERFACE, with the reason: there is no such object. E_UNEXPECTED: something was thrown. A call that does not return within
 * `limit_ms` ends the program (tap_bail_out). */
HRESULT manage_ask(const struct ca *ca, const char *progid, enum manage_way way, DWORD limit_ms, struct manage_answers *answers,
                   struct reason *reason);
void manage_free(struct manage_answers *answers);

#endif
