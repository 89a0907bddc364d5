/*
 * A module's management object for the CA's snap-in: from GetManageModule or, if that gives none,
 * the class named like the module with "Manage" after it.
 *
 * It is obtained from a separate object of the module that is never initialized, as in a process
 * that is not a CA. All calls are made on a thread in the multi-threaded apartment that exists
 * only for this.
 */
#ifndef STUBCA_MANAGE_H
#define STUBCA_MANAGE_H

#include "stubca/ca/ca.h"

enum manage_way { MANAGE_EITHER, MANAGE_BY_MODULE, MANAGE_BY_CLASS };

/*
 * The form of the property HWND, by which the snap-in passes its window to the object before
 * Configure; its type is not documented (I-13). The object's answer is ignored.
 */
enum manage_window { MANAGE_WINDOW_BYTES, MANAGE_WINDOW_NUMBER, MANAGE_NO_WINDOW };

struct manage_wish {
    const char *progid;
    enum manage_way way;
    bool configure;                     /* call Configure with CMM_REFRESHONLY, which shows no
                                         * dialog */
    enum manage_window window;
};
enum { MANAGE_TEXTS = 5 };

/* names of the properties: "Name", "File Version" */
extern const char *const manage_names[MANAGE_TEXTS];

struct manage_answers {
    const char *way;                    /* "GetManageModule", or "the class" */
    char *texts[MANAGE_TEXTS];          /* NULL: no value, or not a text */
    const char *multi_threaded;         /* IsMultiThreaded: "yes", "no", or "unsaid", which a CA
                                         * treats as yes (I-13) */
    HRESULT configured;                 /* result of Configure; S_OK if it was not called */
};

/*
 * Query a management object. E_NOINTERFACE, with the reason: there is none. E_UNEXPECTED: an
 * exception was thrown. A call that does not return within `limit_ms` ends the program
 * (tap_bail_out).
 */
HRESULT manage_ask(const struct ca *ca, const struct manage_wish *wish, DWORD limit_ms,
                   struct manage_answers *answers, struct reason *reason);
void manage_free(struct manage_answers *answers);

#endif
