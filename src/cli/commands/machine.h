/* The commands about this machine's CA and the module in it: machine.c has their rows;
 * machine_windows.c and status_windows.c do them, and machine_posix.c says that there is no CA on
 * such a machine. */
#ifndef MACHINE_H
#define MACHINE_H

#include "cli/command.h"

enum outcome machine_install(const struct options *options);
enum outcome machine_uninstall(const struct options *options);
enum outcome machine_enable(const struct options *options);
enum outcome machine_disable(const struct options *options);
enum outcome machine_status(const struct options *options);
enum outcome machine_settings(const struct options *options);

#endif
