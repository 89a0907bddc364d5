/*
 * An exit module's object, and the CA's calls to it: directly if it implements ICertExit, else
 * late bound, through IDispatch.
 *
 * Exceptions thrown by a call are caught (guard.h). A call's outcome contains everything that the
 * CA's event log needs. Calls are made on the calling thread, any, several at once; if the object
 * is in another apartment, COM marshals them.
 */
#ifndef STUBCA_EXIT_OBJECT_H
#define STUBCA_EXIT_OBJECT_H

#include "guard.h"

#include <certsrv.h>

enum { EXIT_INITIALIZE, EXIT_NOTIFY, EXIT_GET_DESCRIPTION, EXIT_METHODS };
extern const WCHAR *const exit_method_names[EXIT_METHODS];

struct exit_object {
    IUnknown *unknown;
    ICertExit *exit;                    /* NULL: late bound */
    IDispatch *dispatch;                /* if late bound, else NULL */
    DISPID ids[EXIT_METHODS];
};

struct outcome_of_call {
    HRESULT hr;                         /* E_UNEXPECTED after an exception */
    struct fault fault;
    char *detail;                       /* the module's own text for its failure, from IErrorInfo
                                         * or EXCEPINFO; NULL: none */
};
void outcome_free(struct outcome_of_call *outcome);

/*
 * The class of a ProgID, and its registered DLL and ThreadingModel. The caller frees the texts;
 * NULL: missing.
 */
HRESULT exit_class(const char *progid, CLSID *clsid);
WCHAR *exit_class_value(const CLSID *clsid, const WCHAR *below, const WCHAR *name);

/*
 * Create the object. E_NOINTERFACE: it implements neither ICertExit nor IDispatch.
 * DISP_E_UNKNOWNNAME: only IDispatch, without the three methods. After a failure `object` is
 * empty.
 */
void exit_object_create(const CLSID *clsid, struct exit_object *object,
                        struct outcome_of_call *outcome);
void exit_object_release(struct exit_object *object, struct outcome_of_call *outcome);

/* After a failure `mask` is 0 and `description` NULL. The caller frees the description. */
void exit_object_initialize(struct exit_object *object, const char *config, LONG *mask,
                            struct outcome_of_call *outcome);
void exit_object_notify(struct exit_object *object, LONG event, LONG context,
                        struct outcome_of_call *outcome);
void exit_object_describe(struct exit_object *object, BSTR *description,
                          struct outcome_of_call *outcome);

#endif
