/* The trail of what administrators change: who passed over which lines, in the machine's log. */
#ifndef TRAIL_H
#define TRAIL_H

#define TRAIL_WHO 512                   /* bytes of a name, with its zero */

/*
 * Write an entry: to syslog, facility authpriv, or the Windows event log. `did` follows the name of
 * the account that runs this process: "discarded 3 lines". Blocks for 5 seconds at most.
 */
void trail_write(const char *file, const char *did);

/* --- of the system --- */

/* The account that runs this process, and who became it: "root, by sudo of alice". */
void trail_who(char out[TRAIL_WHO]);
/* `file` is the configuration. */
void trail_put(const char *file, const char *sentence);

#endif
