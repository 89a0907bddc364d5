/* What module.started says of the module and its settings. What it says of the CA is in ca.h, of the run in the journal. */
#ifndef MODULE_STARTED_H
#define MODULE_STARTED_H

#include "base/json.h"
#include "settings/settings.h"

/* The members of data.module, the journal's own aside. */
void module_started_add_module(struct json *json, const struct settings *settings);

/* The member "settings": what is in force; and "refusedSettings", whose members `refused` holds already, where there are any. */
void module_started_add_settings(struct json *json, const struct settings *settings, const struct bytes *refused);

#endif
