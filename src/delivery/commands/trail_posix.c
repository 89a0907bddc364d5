#define _GNU_SOURCE
#include "trail.h"

#include "delivery/owner_posix.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

void trail_who(char out[TRAIL_WHO])
{
    uid_t account = owner_before();
    const struct passwd *user = getpwuid(account);
    const char *before = getenv("SUDO_USER");

    if (user) snprintf(out, TRAIL_WHO, "%s", user->pw_name);
    else snprintf(out, TRAIL_WHO, "uid %u", (unsigned)account);
    if (!account && before) snprintf(out, TRAIL_WHO, "root, by sudo of %.200s,", before);
}

/* syslog makes control characters harmless. */
void trail_put(const char *file, const char *sentence)
{
    (void)file;
    openlog("certwitness-delivery", LOG_PID, LOG_AUTHPRIV);
    syslog(LOG_NOTICE, "%s", sentence);
    closelog();
}
