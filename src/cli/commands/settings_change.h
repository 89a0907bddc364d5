/* settings set and settings reset: values that are judged first, and written all or none. And
 * settings as somebody types them. */
#ifndef SETTINGS_CHANGE_H
#define SETTINGS_CHANGE_H

#include "cli/options.h"
#include "cli/status/refusals.h"
#include "cli/suggestion.h"
#include "base/outcome.h"
#include "setup/cas.h"

/* Offer the names of all settings to `suggestion`, which may point into `names` afterwards. */
typedef char settings_names[SETTINGS_COUNT][SUGGESTION_NAME_MAX];
void settings_offer(struct suggestion *suggestion, settings_names names);

/*
 * Judge a journal's folder: its drive has to be there, and nobody but administrators may change it.
 * Reports a refusal to `told`. Warnings about the folders above go to standard error.
 */
void settings_judge_folder(const WCHAR *folder, refusals_told *told, void *context);

/* A value in force as text: EventMask in decimal and hexadecimal digits, a list with commas. */
void settings_text(const struct settings *settings, enum setting_id id,
                   WCHAR out[SETTINGS_LIST_MAX]);

/* The setting of that name, in any case; `name` has `size` bytes. False: there is none, and the
 * console has been told, with the name that was probably meant. */
bool settings_named(const char *name, size_t size, enum setting_id *id);

/* NAME=VALUE. False: it cannot be, and the console has been told. The value has not been judged. */
bool settings_typed(const char *operand, enum setting_id *id, WCHAR value[SETTINGS_LIST_MAX]);

/*
 * Carry out "set NAME=VALUE..." or "reset NAME...", the operands of `options`, for one CA of those
 * of this machine. Where RetainDays is among them the scheduled task follows. OUTCOME_CANNOT:
 * nothing was written. OUTCOME_WRONG: it was, but the task could not follow.
 */
enum outcome settings_change(const struct options *options, const struct cas *cas,
                             const struct ca *ca);

#endif
