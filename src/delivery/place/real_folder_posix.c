#include "real_folder_system.h"

#include "base/bytes.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40                    /* as of Linux; behind so many a path leads nowhere */

const char real_folder_separator = '/';
const bool real_folder_any_case = false;

/* What the link at `path` says; false: it is none. */
static bool real_folder_read_link(const char *path, struct bytes *target)
{
    char text[PATH_MAX];
    ssize_t size = readlink(path, text, sizeof text);

    if (size <= 0 || (size_t)size == sizeof text) return false;
    bytes_add(target, text, (size_t)size);
    return true;
}

static void real_folder_cut_name(struct bytes *path)
{
    while (path->size && path->data[--path->size] != '/') {}
}

/* A path on the way. */
struct real_folder_way {
    struct bytes done, rest;            /* `rest` ends with a zero */
    size_t at;                          /* in `rest` */
    unsigned links;                     /* that may still be followed */
};

/* The last name of `done` is a link: go on with what it says. */
static void real_folder_follow(struct real_folder_way *way, struct bytes *target)
{
    if (*target->data == '/') way->done.size = 0;
    else real_folder_cut_name(&way->done);
    bytes_add_text(target, "/");
    bytes_add(target, way->rest.data + way->at, way->rest.size - way->at);
    bytes_free(&way->rest);
    way->rest = *target;
    *target = (struct bytes){0};
    way->at = 0;
    way->links--;
}

static void real_folder_go(struct real_folder_way *way, const char *name, size_t size)
{
    struct bytes target = {0};

    if (size == 1 && *name == '.') return;
    if (size == 2 && !memcmp(name, "..", 2)) {
        real_folder_cut_name(&way->done);
        return;
    }
    bytes_add_text(&way->done, "/");
    bytes_add(&way->done, name, size);
    bytes_add(&way->done, "", 1);
    if (way->done.failed) return;
    way->done.size--;
    if (way->links && real_folder_read_link(way->done.data, &target) && !target.failed)
        real_folder_follow(way, &target);
    bytes_free(&target);
}

static char *real_folder_walk(const char *path, unsigned links)
{
    struct real_folder_way way = {.links = links};
    char *result = NULL;

    bytes_add(&way.rest, path, strlen(path) + 1);
    while (!way.rest.failed && !way.done.failed) {
        const char *name = way.rest.data + way.at;
        size_t size;

        name += strspn(name, "/");
        if (!(size = strcspn(name, "/"))) break;
        way.at = (size_t)(name - way.rest.data) + size;
        real_folder_go(&way, name, size);
    }
    bytes_add(&way.done, "", 1);
    if (!way.rest.failed && !way.done.failed) result = strdup(way.done.data);
    bytes_free(&way.rest);
    bytes_free(&way.done);
    return result;
}

char *real_folder_plain(const char *path)
{
    return real_folder_walk(path, 0);
}

char *real_folder_resolve(const char *path)
{
    return real_folder_walk(path, LINKS_MAX);
}

bool real_folder_identify(const char *plain, struct real_folder_identity *out)
{
    struct stat found;

    if (stat(*plain ? plain : "/", &found)) return false;
    memset(out, 0, sizeof *out);
    out->volume = found.st_dev;
    memcpy(out->file, &found.st_ino, sizeof found.st_ino);
    return true;
}
