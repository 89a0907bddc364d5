#define _GNU_SOURCE                     /* sched_getaffinity */
#include "processors.h"

#include <sched.h>

unsigned processor_count(void)
{
    cpu_set_t set;

    return !sched_getaffinity(0, sizeof set, &set) && CPU_COUNT(&set) > 0
               ? (unsigned)CPU_COUNT(&set)
               : 1;
}
