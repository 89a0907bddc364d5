#define _GNU_SOURCE
#include "host.h"

#include <unistd.h>

void host_name(char out[HOST_MAX + 1])
{
    if (gethostname(out, HOST_MAX + 1)) out[0] = 0;
    out[HOST_MAX] = 0;
}
