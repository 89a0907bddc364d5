/*
 * The parts of module.started about the module and its settings. The part about the CA is in ca.h,
 * the part about the run in the journal.
 */
#ifndef MODULE_STARTED_H
#define MODULE_STARTED_H

#include "base/json.h"
#include "settings/settings.h"

/* Add the members of data.module, except for the journal's own. */
void module_started_add_module(struct json *json, const struct settings *settings);

/*
 * Add the member "settings" with the settings in force, and, if settings were refused,
 * "refusedSettings" with the members in `refused`.
 */
void module_started_add_settings(struct json *json, const struct settings *settings,
                                 const struct bytes *refused);

#endif
