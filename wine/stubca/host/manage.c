/* What a module says of itself to the CA's snap-in. */
#include "manage.h"

#include "configuration.h"
#include "exit_object.h"
#include "guard.h"
#include "stubca/base/heap.h"
#include "pool.h"
#include "stubca/base/text.h"

#include <certmod.h>
#include <oleauto.h>
#include <stdlib.h>

const char *const manage_names[MANAGE_TEXTS] = {"Name", "Description", "Copyright", "File Version",
                                                "Product Version"};

/* One question on its way through pool and guard. */
struct question {
    const struct manage_wish *wish;
    const char *class_progid;
    BSTR config, storage;
    struct manage_answers *answers;
    HRESULT hr;
    struct fault fault;
};

static BSTR string_of(const char *utf8)
{
    WCHAR *wide = text_wide(utf8);
    BSTR string = SysAllocString(wide);

    free(wide);
    return string;
}

static HRESULT create(const char *progid, REFIID iid, void **out)
{
    CLSID clsid;
    HRESULT hr = exit_class(progid, &clsid);

    *out = NULL;
    if (SUCCEEDED(hr)) hr = CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, iid, out);
    return SUCCEEDED(hr) && !*out ? E_NOINTERFACE : hr;
}

static ICertManageModule *by_module(const struct question *question)
{
    ICertManageModule *manage = NULL;
    ICertExit2 *exit;

    if (FAILED(create(question->wish->progid, &IID_ICertExit2, (void **)&exit))) return NULL;
    if (FAILED(ICertExit2_GetManageModule(exit, &manage))) manage = NULL;
    ICertExit2_Release(exit);
    return manage;
}

static ICertManageModule *by_class(const struct question *question)
{
    ICertManageModule *manage;

    return SUCCEEDED(create(question->class_progid, &IID_ICertManageModule, (void **)&manage))
               ? manage
               : NULL;
}

/* S_FALSE and VT_EMPTY are how a module says that it has no such property. */
static void manage_get_property(ICertManageModule *manage, const struct question *question,
                                const char *property, VARIANT *value)
{
    BSTR name = string_of(property);

    VariantInit(value);
    if (ICertManageModule_GetProperty(manage, question->config, question->storage, name, 0,
                                      value) != S_OK)
        V_VT(value) = VT_EMPTY;
    SysFreeString(name);
}

static char *text_from(ICertManageModule *manage, const struct question *question,
                       const char *property)
{
    char *text = NULL;
    VARIANT value;

    manage_get_property(manage, question, property, &value);
    if (V_VT(&value) == VT_BSTR) text = V_BSTR(&value) ? text_utf8(V_BSTR(&value)) : heap_text("");
    VariantClear(&value);
    return text;
}

static const char *ask_threading(ICertManageModule *manage, const struct question *question)
{
    const char *said = "unsaid";
    VARIANT value;

    manage_get_property(manage, question, "IsMultiThreaded", &value);
    if (V_VT(&value) == VT_BOOL) said = V_BOOL(&value) ? "yes" : "no";
    if (V_VT(&value) == VT_I4) said = V_I4(&value) ? "yes" : "no";
    VariantClear(&value);
    return said;
}

static void set_window(ICertManageModule *manage, const struct question *question)
{
    HWND window = GetDesktopWindow();
    BSTR name = string_of("HWND");
    VARIANT value;

    VariantInit(&value);
    if (question->wish->window == MANAGE_WINDOW_BYTES) {
        V_VT(&value) = VT_BSTR;
        V_BSTR(&value) = SysAllocStringByteLen((const char *)&window, sizeof window);
    } else {
        V_VT(&value) = VT_I8;
        V_I8(&value) = (LONGLONG)(intptr_t)window;
    }
    ICertManageModule_SetProperty(manage, question->config, question->storage, name, 0, &value);
    VariantClear(&value);
    SysFreeString(name);
}

static void ask(void *argument)
{
    struct question *question = argument;
    ICertManageModule *manage = NULL;

    question->hr = E_NOINTERFACE;
    question->answers->way = "GetManageModule";
    if (question->wish->way != MANAGE_BY_CLASS) manage = by_module(question);
    if (!manage && question->wish->way != MANAGE_BY_MODULE) {
        question->answers->way = "the class";
        manage = by_class(question);
    }
    if (!manage) return;
    for (int i = 0; i < MANAGE_TEXTS; i++)
        question->answers->texts[i] = text_from(manage, question, manage_names[i]);
    question->answers->multi_threaded = ask_threading(manage, question);
    if (question->wish->configure && question->wish->window != MANAGE_NO_WINDOW)
        set_window(manage, question);
    if (question->wish->configure) {
        question->answers->configured = ICertManageModule_Configure(
            manage, question->config, question->storage, CMM_REFRESHONLY);
    }
    ICertManageModule_Release(manage);
    question->hr = S_OK;
}

static void ask_guarded(void *argument)
{
    struct question *question = argument;

    pool_call_begins(-1, question->wish->progid, "what the snap-in asks");
    if (!guard_run(ask, question, &question->fault)) question->hr = E_UNEXPECTED;
    pool_call_ends();
}

static HRESULT manage_explain(const struct question *question, struct reason *reason)
{
    if (question->fault.code) {
        return text_reason(reason, question->hr, "it threw 0x%08lx at %p",
                           (unsigned long)question->fault.code, question->fault.address);
    }
    if (FAILED(question->hr)) {
        return text_reason(reason, question->hr,
                           "there is neither a GetManageModule nor a class %s that gives an object",
                           question->class_progid);
    }
    return S_OK;
}

HRESULT manage_ask(const struct ca *ca, const struct manage_wish *wish, DWORD limit_ms,
                   struct manage_answers *answers, struct reason *reason)
{
    char *class_progid = text_format("%sManage", wish->progid),
         *config = text_format("%s\\%s", ca->dns_name, ca->name);
    char *storage = configuration_module_path(ca->sanitized, wish->progid);
    struct question question = {.wish = wish, .class_progid = class_progid, .answers = answers,
                                .config = string_of(config), .storage = string_of(storage)};
    struct pool *pool = pool_open(1, limit_ms);
    HRESULT hr;

    *answers = (struct manage_answers){.way = "", .multi_threaded = "unsaid"};
    if (pool) pool_run(pool, ask_guarded, &question);
    hr = pool ? manage_explain(&question, reason)
              : text_reason(reason, E_FAIL, "a thread cannot be made");
    pool_close(pool);
    SysFreeString(question.config);
    SysFreeString(question.storage);
    free(class_progid);
    free(config);
    free(storage);
    return hr;
}

void manage_free(struct manage_answers *answers)
{
    for (int i = 0; i < MANAGE_TEXTS; i++) free(answers->texts[i]);
    *answers = (struct manage_answers){.way = ""};
}
