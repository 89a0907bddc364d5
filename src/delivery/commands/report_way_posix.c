#define _GNU_SOURCE
#include "report_way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* systemd names the device and inode of the stream that its journal reads. */
bool report_is_prioritised(void)
{
    const char *told = getenv("JOURNAL_STREAM");
    struct stat found;
    char text[64];

    if (!told || fstat(STDERR_FILENO, &found)) return false;
    snprintf(text, sizeof text, "%llu:%llu", (unsigned long long)found.st_dev,
             (unsigned long long)found.st_ino);
    return !strcmp(told, text);
}

const struct reports *report_way(void)
{
    return &report_console;
}
