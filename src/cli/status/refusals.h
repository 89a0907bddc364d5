/* What the recorder would refuse of a CA's settings, in the words that module.started has for it:
 * values, and single items of Properties. */
#ifndef REFUSALS_H
#define REFUSALS_H

#include "setup/cas.h"

#include <stdbool.h>

struct refusal {
    const WCHAR *name, *value, *reason; /* as settings_refused; nothing of them outlives the call */
    bool is_item; /* `value` is an item of a list and left out, the others stand; else the setting's
                     default is in force */
};

typedef void refusals_told(void *context, const struct refusal *refusal);

/* What stands in the registry: settings_read, and of the list that is in force each item that is
 * left out. */
void refusals_read(const struct ca *ca, refusals_told *told, void *context, struct settings *out);

/* Names of values in the CA's key that are no setting's: nothing reads them. */
void refusals_unread(const struct ca *ca, void (*told)(void *context, const WCHAR *name),
                     void *context);

/* What somebody typed, as settings_check takes it. A JournalDirectory is not looked for on the
 * disk. False: `told` was called. */
bool refusals_typed(enum setting_id id, const WCHAR *text, refusals_told *told, void *context);

#endif
