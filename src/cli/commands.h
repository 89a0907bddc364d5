/* The commands: one a file. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "command.h"

extern const struct command command_show;
extern const struct command command_cert;
extern const struct command command_export;
extern const struct command command_stats;
extern const struct command command_list;
extern const struct command command_expiry, command_compare;
extern const struct command command_verify, command_deliver;
extern const struct command command_prune;
extern const struct command command_install, command_uninstall, command_enable, command_disable;
extern const struct command command_status, command_settings;

/* Whether the last six can do anything on this system: on Linux they say where to run them. */
extern const bool machine_commands_work;

#endif
