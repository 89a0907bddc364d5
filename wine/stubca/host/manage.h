/*
 * What a module says of itself to the CA's snap-in: the object behind GetManageModule, or, where there is none to be had
 * from there, the class named like the module with "Manage" behind it.
 *
 * The module's object is one of its own that is never initialized, as in a process that is no CA. All is done on a thread
 * in the multi-threaded apartment, made for that and gone afterwards.
 */
#ifndef STUBCA_MANAGE_H
#define STUBCA_MANAGE_H

#include "stubca/ca/ca.h"

enum manage_way { MANAGE_EITHER, MANAGE_BY_MODULE, MANAGE_BY_CLASS };

/* How the snap-in tells the object which window its dialogs belong to, before Configure: the property HWND, whose type is
 * documented nowhere (I-13). What the object answers is none of our business. */
enum manage_window { MANAGE_WINDOW_BYTES, MANAGE_WINDOW_NUMBER, MANAGE_NO_WINDOW };

struct manage_wish {
    const char *progid;
    enum manage_way way;
    bool configure;                     /* call Configure, with CMM_REFRESHONLY: no dialog is shown */
    enum manage_window window;
};
enum { MANAGE_TEXTS = 5 };

extern const char *const manage_names[MANAGE_TEXTS];    /* of the properties: "Name", "File Version" */

struct manage_answers {
    const char *way;                    /* "GetManageModule", or "the class" */
    char *texts[MANAGE_TEXTS];          /* NULL: no value, or none that is text */
    const char *multi_threaded;         /* IsMultiThreaded: "yes", "no", or "unsaid", which a CA takes for yes (I-13) */
    HRESULT configured;                 /* what Configure returned; S_OK where it was not called */
};

/* E_NOINTERFACE, with the reason: there is no such object. E_UNEXPECTED: something was thrown. A call that does not return within
 * `limit_ms` ends the program (tap_bail_out). */
HRESULT manage_ask(const struct ca *ca, const struct manage_wish *wish, DWORD limit_ms, struct manage_answers *answers,
                   struct reason *reason);
void manage_free(struct manage_answers *answers);

#endif
