/*
 * The CA's answers to what modules ask: of a row in its database, of itself, or what the scenario has given instead
 * (overrides.h), as the choices in force have it (choices.h).
 *
 * Any thread, many at once. Outputs are set on S_OK alone; a VARIANT's or BSTR's former content is not looked at. A dead
 * context is E_INVALIDARG; CERTSRV_E_SERVER_SUSPENDED: nobody is served.
 */
#ifndef STUBCA_PROPERTY_ANSWERS_H
#define STUBCA_PROPERTY_ANSWERS_H

#include <objbase.h>
#include <oleauto.h>
#include <stdbool.h>

struct ca;
struct modules;

/* ModuleRegistryLocation of the module of that number, of the first for -1. The caller frees; NULL: there is none. */
typedef char *property_answers_location(const struct modules *modules, int module);

/* Who answers; NULL: nobody. `location` is asked with `modules`; NULL: there are no modules. Returns when no question to the former one is
 * being answered any more. All must live until the next call. */
void property_answers_serve(struct ca *ca, property_answers_location *location, const struct modules *modules);

/* SHUTDOWN has been told of; what that means is a choice (CHOICE_AFTER_SHUTDOWN). Until the next property_answers_serve. */
void property_answers_shut_down(void);

struct asker {
    LONG context;                       /* 0: the CA itself */
    int creator;                        /* the module whose object asks; -1: nobody's */
    bool context_set;                   /* SetContext succeeded on this object, with 0 or another */
};

bool answer_alive(LONG context);        /* may it be asked about? */

/* `getter` is IN_REQUEST or IN_CERTIFICATE (properties.h). */
HRESULT answer_property(const struct asker *asker, const WCHAR *name, LONG type, unsigned getter, VARIANT *out);
HRESULT answer_attribute(LONG context, const WCHAR *name, BSTR *out);
HRESULT answer_extension(LONG context, const WCHAR *name, LONG type, VARIANT *out, LONG *flags);

/* The names of all that the row has, none at context 0; `take` is called for each before this returns, and asks nothing. `flags`
 * are those of the enumeration's setup. */
enum listed { LIST_EXTENSIONS, LIST_ATTRIBUTES };
HRESULT answer_names(LONG context, enum listed listed, LONG flags, void (*take)(void *argument, const WCHAR *name), void *argument);

/* What Next says where Setup has not been called (I-10). */
HRESULT answer_misuse(void);

#endif
