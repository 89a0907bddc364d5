/* The process as a Windows service, CertWitnessDelivery: under the service control manager. */
#ifndef COMMANDS_SERVICE_H
#define COMMANDS_SERVICE_H

#include <stdbool.h>

/*
 * Run the command line as the service, if the service control manager started this process: `run`
 * is called with it, on a thread of its own; `file` is the configuration, for the event log. True
 * once it has ended. False: this is a window or a script (error 1063), and nothing was run.
 *
 * A stop ends within 20 seconds: a destination that has not ended by then is left as it is, as by a
 * crash, which loses nothing. The service control manager counts any other end as a failure, after
 * which it starts the service again.
 */
bool service_dispatch(int (*run)(int argc, char **argv), int argc, char **argv, const char *file);

bool service_is_stopped(void);          /* whether this process is one that was told to stop */

#endif
