/*
 * The CA's answers to modules: from a row in its database, about itself, or the values given by
 * the scenario (property_overrides.h), according to the choices in force (open_questions.h).
 *
 * Any thread, many at once. Outputs are set only on S_OK; the former content of a VARIANT or BSTR
 * is ignored. E_INVALIDARG: the context is not alive. CERTSRV_E_SERVER_SUSPENDED: the CA does not
 * answer now.
 */
#ifndef STUBCA_PROPERTY_ANSWERS_H
#define STUBCA_PROPERTY_ANSWERS_H

#include <objbase.h>
#include <oleauto.h>
#include <stdbool.h>

struct ca;
struct modules;

/*
 * ModuleRegistryLocation of the module with that number, of the first one for -1. The caller frees
 * it; NULL: none.
 */
typedef char *property_answers_location(const struct modules *modules, int module);

/*
 * Set the CA that answers; NULL: none. `location` is called with `modules`; NULL: there are no
 * modules. Returns when the former CA has answered all calls in progress. The arguments must stay
 * valid until the next call.
 */
void property_answers_serve(struct ca *ca, property_answers_location *location,
                            const struct modules *modules);

/*
 * SHUTDOWN was raised; its effect is a choice (CHOICE_AFTER_SHUTDOWN). Valid until the next
 * property_answers_serve.
 */
void property_answers_shut_down(void);

struct asker {
    LONG context;                       /* 0: the CA itself */
    int creator;                        /* the module that created the object; -1: none */
    bool context_set;                   /* SetContext succeeded on this object, with 0 or another */
};

bool answer_alive(LONG context);        /* true if the context is alive */

/* `getter` is IN_REQUEST or IN_CERTIFICATE (properties.h). */
HRESULT answer_property(const struct asker *asker, const WCHAR *name, LONG type, unsigned getter,
                        VARIANT *out);
HRESULT answer_attribute(LONG context, const WCHAR *name, BSTR *out);
HRESULT answer_extension(LONG context, const WCHAR *name, LONG type, VARIANT *out, LONG *flags);

/*
 * The names of all attributes or extensions of the row, none at context 0; `take` is called for
 * each before this returns, and must not ask for others. `flags` are those of the enumeration's
 * setup.
 */
enum listed { LIST_EXTENSIONS, LIST_ATTRIBUTES };
HRESULT answer_names(LONG context, enum listed listed, LONG flags,
                     void (*take)(void *argument, const WCHAR *name), void *argument);

/* The result of Next without Setup (I-10). */
HRESULT answer_misuse(void);

#endif
