/* An exit module's object. */
#include "exit_object.h"

#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <oleauto.h>
#include <stdlib.h>

const WCHAR *const exit_method_names[EXIT_METHODS] = {L"Initialize", L"Notify", L"GetDescription"};

/* One call on its way through the guard. */
struct call {
    struct exit_object *object;
    const CLSID *clsid;
    struct outcome_of_call *outcome;
    int method;
    BSTR config;
    LONG event, context;
    LONG *mask;
    BSTR *description;
};

void outcome_free(struct outcome_of_call *outcome)
{
    free(outcome->detail);
    outcome->detail = NULL;
}

static void exit_object_run(void (*perform)(void *argument), struct call *call)
{
    struct outcome_of_call *outcome = call->outcome;

    *outcome = (struct outcome_of_call){.hr = E_UNEXPECTED};
    SetErrorInfo(0, NULL);              /* what an earlier call left there is not this one's */
    if (!guard_run(perform, call, &outcome->fault)) outcome->hr = E_UNEXPECTED;
}

HRESULT exit_class(const char *progid, CLSID *clsid)
{
    WCHAR *wide = text_wide(progid);
    HRESULT hr = CLSIDFromProgID(wide, clsid);

    free(wide);
    return hr;
}

WCHAR *exit_class_value(const CLSID *clsid, const WCHAR *below, const WCHAR *name)
{
    WCHAR id[40], path[160], *value = heap_take(MAX_PATH * sizeof *value);
    DWORD size = MAX_PATH * sizeof *value;

    StringFromGUID2(clsid, id, ARRAYSIZE(id));
    wcscpy(path, L"CLSID\\");
    wcscat(path, id);
    wcscat(path, below);
    if (!RegGetValueW(HKEY_CLASSES_ROOT, path, name, RRF_RT_REG_SZ, NULL, value, &size))
        return value;
    free(value);
    return NULL;
}

/* What the module says of its failure through IErrorInfo, if it says that it does so. */
static char *error_text(ICertExit *exit)
{
    ISupportErrorInfo *support = NULL;
    IErrorInfo *info = NULL;
    BSTR description = NULL;
    char *text;

    if (SUCCEEDED(ICertExit_QueryInterface(exit, &IID_ISupportErrorInfo, (void **)&support)) &&
        support) {
        if ((ISupportErrorInfo_InterfaceSupportsErrorInfo(support, &IID_ICertExit) == S_OK
             || ISupportErrorInfo_InterfaceSupportsErrorInfo(support, &IID_ICertExit2) == S_OK)
            && GetErrorInfo(0, &info) == S_OK) IErrorInfo_GetDescription(info, &description);
    }
    text = text_utf8(description);
    SysFreeString(description);
    if (info) IErrorInfo_Release(info);
    if (support) ISupportErrorInfo_Release(support);
    return text;
}

/* Late bound: arguments in reverse; the result, if one is wanted, of the type wanted; the HRESULT
 * out of EXCEPINFO. */
static HRESULT invoke(struct call *call, VARIANT *arguments, UINT count, VARTYPE wanted,
                      VARIANT *result)
{
    DISPPARAMS parameters = {arguments, NULL, count, 0};
    EXCEPINFO exception = {0};
    struct exit_object *object = call->object;
    HRESULT hr;

    VariantInit(result);
    hr = IDispatch_Invoke(object->dispatch, object->ids[call->method], &IID_NULL,
                          LOCALE_SYSTEM_DEFAULT, DISPATCH_METHOD, &parameters,
                          wanted == VT_EMPTY ? NULL : result, &exception, NULL);
    if (hr == DISP_E_EXCEPTION) {
        if (exception.pfnDeferredFillIn) exception.pfnDeferredFillIn(&exception);
        hr = FAILED(exception.scode) ? exception.scode : DISP_E_EXCEPTION;
        call->outcome->detail = text_utf8(exception.bstrDescription);
    }
    SysFreeString(exception.bstrSource);
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrHelpFile);
    if (SUCCEEDED(hr) && wanted != VT_EMPTY) hr = VariantChangeType(result, result, 0, wanted);
    if (FAILED(hr)) VariantClear(result);
    return hr;
}

static HRESULT call_late(struct call *call)
{
    VARIANT arguments[2], result;
    HRESULT hr;

    switch (call->method) {
    case EXIT_INITIALIZE:
        V_VT(&arguments[0]) = VT_BSTR;
        V_BSTR(&arguments[0]) = call->config;
        hr = invoke(call, arguments, 1, VT_I4, &result);
        if (SUCCEEDED(hr)) *call->mask = V_I4(&result);
        return hr;
    case EXIT_NOTIFY:
        V_VT(&arguments[1]) = V_VT(&arguments[0]) = VT_I4;
        V_I4(&arguments[1]) = call->event;
        V_I4(&arguments[0]) = call->context;
        return invoke(call, arguments, 2, VT_EMPTY, &result);
    }
    hr = invoke(call, NULL, 0, VT_BSTR, &result);
    if (SUCCEEDED(hr)) *call->description = V_BSTR(&result);
    return hr;
}

static HRESULT call_directly(struct call *call)
{
    ICertExit *exit = call->object->exit;

    switch (call->method) {
    case EXIT_INITIALIZE: return ICertExit_Initialize(exit, call->config, call->mask);
    case EXIT_NOTIFY:     return ICertExit_Notify(exit, call->event, call->context);
    }
    return ICertExit_GetDescription(exit, call->description);
}

static void perform_call(void *argument)
{
    struct call *call = argument;
    struct exit_object *object = call->object;

    call->outcome->hr = object->exit ? call_directly(call) : call_late(call);
    if (FAILED(call->outcome->hr) && object->exit) call->outcome->detail = error_text(object->exit);
}

void exit_object_initialize(struct exit_object *object, const char *config, LONG *mask,
                            struct outcome_of_call *outcome)
{
    WCHAR *wide = text_wide(config);
    struct call call = {.object = object,
                        .outcome = outcome,
                        .method = EXIT_INITIALIZE,
                        .mask = mask,
                        .config = SysAllocString(wide)};

    *mask = 0;
    exit_object_run(perform_call, &call);
    if (FAILED(outcome->hr)) *mask = 0;
    SysFreeString(call.config);
    free(wide);
}

void exit_object_notify(struct exit_object *object, LONG event, LONG context,
                        struct outcome_of_call *outcome)
{
    struct call call = {.object = object, .outcome = outcome, .method = EXIT_NOTIFY, .event = event,
                        .context = context};

    exit_object_run(perform_call, &call);
}

void exit_object_describe(struct exit_object *object, BSTR *description,
                          struct outcome_of_call *outcome)
{
    struct call call = {.object = object, .outcome = outcome, .method = EXIT_GET_DESCRIPTION,
                        .description = description};

    *description = NULL;
    exit_object_run(perform_call, &call);
    if (SUCCEEDED(outcome->hr)) return;
    *description = NULL;                /* what a failed call left there is nobody's */
}

/* From creation to the last Release. */

static HRESULT bind_to(struct exit_object *object)
{
    HRESULT hr = IUnknown_QueryInterface(object->unknown, &IID_ICertExit, (void **)&object->exit);

    if (SUCCEEDED(hr)) return object->exit ? S_OK : E_NOINTERFACE;
    object->exit = NULL;
    hr = IUnknown_QueryInterface(object->unknown, &IID_IDispatch, (void **)&object->dispatch);
    if (FAILED(hr)) object->dispatch = NULL;
    for (int i = 0; i < EXIT_METHODS && SUCCEEDED(hr); i++) {
        WCHAR *name = (WCHAR *)exit_method_names[i];

        hr = IDispatch_GetIDsOfNames(object->dispatch, &IID_NULL, &name, 1, LOCALE_SYSTEM_DEFAULT,
                                     &object->ids[i]);
    }
    return hr;
}

static void perform_create(void *argument)
{
    struct call *call = argument;
    struct exit_object *object = call->object;

    call->outcome->hr = CoCreateInstance(call->clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown,
                                         (void **)&object->unknown);
    if (SUCCEEDED(call->outcome->hr))
        call->outcome->hr = object->unknown ? bind_to(object) : E_NOINTERFACE;
}

static void perform_release(void *argument)
{
    struct exit_object *object = ((struct call *)argument)->object;

    if (object->exit) ICertExit_Release(object->exit);
    if (object->dispatch) IDispatch_Release(object->dispatch);
    if (object->unknown) IUnknown_Release(object->unknown);
    ((struct call *)argument)->outcome->hr = S_OK;
}

void exit_object_create(const CLSID *clsid, struct exit_object *object,
                        struct outcome_of_call *outcome)
{
    struct call call = {.object = object, .clsid = clsid, .outcome = outcome};
    struct outcome_of_call ignored;

    *object = (struct exit_object){NULL, NULL, NULL, {0}};
    exit_object_run(perform_create, &call);
    if (SUCCEEDED(outcome->hr)) return;
    if (!outcome->fault.code) exit_object_release(object, &ignored);
    *object = (struct exit_object){
        NULL, NULL, NULL, {0}}; /* of what threw in its constructor nothing is touched */
}

void exit_object_release(struct exit_object *object, struct outcome_of_call *outcome)
{
    struct call call = {.object = object, .outcome = outcome};

    exit_object_run(perform_release, &call);
    *object = (struct exit_object){NULL, NULL, NULL, {0}};
}
