/* The name of this machine, as syslog messages have it. */
#ifndef HOST_H
#define HOST_H

#define HOST_MAX 255                    /* characters of a HOSTNAME in RFC 5424 */

/* Fully qualified, where the system knows it so without asking a network; "" if it has no name. */
void host_name(char out[HOST_MAX + 1]);

#endif
