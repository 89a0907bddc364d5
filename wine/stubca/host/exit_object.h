/*
 * An exit module's object, and the calls that the CA makes to it, whichever way the module wants to be called: directly
 * where it answers ICertExit, else late bound, through IDispatch.
 *
 * What a call throws is caught (guard.h). A call's outcome has all that the CA's event log asks for. Calls are made on
 * the calling thread, any, several at once; where the object lives in another apartment COM carries them there.
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
    IDispatch *dispatch;                /* of what is late bound, else NULL */
    DISPID ids[EXIT_METHODS];
};

struct outcome_of_call {
    HRESULT hr;                         /* E_UNEXPECTED where something was thrown */
    struct fault fault;
    char *detail;                       /* the module's own words on its failure, IErrorInfo's or EXCEPINFO's; NULL: none */
};
void outcome_free(struct outcome_of_call *outcome);

/* The class of a ProgID, and its DLL and ThreadingModel as they are registered. The caller frees the texts; NULL where
 * they are missing. */
HRESULT exit_class(const char *progid, CLSID *clsid);
WCHAR *exit_class_value(const CLSID *clsid, const WCHAR *below, const WCHAR *name);

/* Create the object. E_NOINTERFACE: it answers neither ICertExit nor IDispatch. DISP_E_UNKNOWNNAME: only IDispatch,
 * which does not know the three methods. `object` is empty after a failure. */
void exit_object_create(const CLSID *clsid, struct exit_object *object, struct outcome_of_call *outcome);
void exit_object_release(struct exit_object *object, struct outcome_of_call *outcome);

/* `mask` is 0 and `description` NULL after a failure. The caller frees the description. */
void exit_object_initialize(struct exit_object *object, const char *config, LONG *mask,
                            struct outcome_of_call *outcome);
void exit_object_notify(struct exit_object *object, LONG event, LONG context, struct outcome_of_call *outcome);
void exit_object_describe(struct exit_object *object, BSTR *description, struct outcome_of_call *outcome);

#endif
