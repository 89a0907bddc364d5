#include "deliver.h"

#include "base/file_system.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

HRESULT deliver_start(char **argv, int *code)
{
    char path[PATH_MAX + sizeof DELIVER_PROGRAM];
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX);
    char *name;

    (void)code;
    if (size < 0) return file_error();
    path[size] = 0;
    name = strrchr(path, '/');
    strcpy(name ? name + 1 : path, DELIVER_PROGRAM);
    argv[0] = path;
    execv(path, argv);
    return file_error();
}
