#include "real_folder.h"
#include "real_folder_system.h"

#include "base/case_fold.h"
#include "base/os.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* A folder on the way to a real one, itself included. */
struct real_folder_step {
    size_t size;                        /* of its path: so much of the real one */
    bool known;
    struct real_folder_identity identity;
};

/* A look at a folder, on a thread of its own. */
struct real_folder_look {
    char *path;                         /* owned, as are the following */
    char *real;
    struct real_folder_step *steps;     /* from the root on */
    unsigned count;
    struct os_thread *thread;
    int32_t left;                       /* set by the thread when it ends, and by who waits no
                                         * longer: the second one frees this */
};

struct real_folder {
    char *plain;                        /* owned */
    struct real_folder_look *look;      /* owned; NULL: there was no answer in time */
};

static void real_folder_free_look(struct real_folder_look *look)
{
    if (!look) return;
    free(look->path);
    free(look->real);
    free(look->steps);
    free(look);
}

static bool real_folder_leave(struct real_folder_look *look)
{
    return __atomic_exchange_n(&look->left, 1, __ATOMIC_ACQ_REL);
}

static void real_folder_identify_step(struct real_folder_look *look, size_t size)
{
    struct real_folder_step *step = &look->steps[look->count++];
    char end = look->real[size];

    step->size = size;
    look->real[size] = 0;
    step->known = real_folder_identify(look->real, &step->identity);
    look->real[size] = end;
}

static void real_folder_run(void *context)
{
    struct real_folder_look *look = context;
    size_t size;

    if ((look->real = real_folder_resolve(look->path))) {
        size = strlen(look->real);
        look->steps = calloc(size + 1, sizeof *look->steps);
        for (size_t i = 0; look->steps && i <= size; i++)
            if (i == size || look->real[i] == real_folder_separator)
                real_folder_identify_step(look, i);
    }
    if (real_folder_leave(look)) real_folder_free_look(look);
}

static struct real_folder_look *real_folder_begin(const char *path)
{
    struct real_folder_look *look = calloc(1, sizeof *look);

    if (look && (look->path = strdup(path)) &&
        SUCCEEDED(os_thread_start(real_folder_run, look, &look->thread)))
        return look;
    real_folder_free_look(look);
    return NULL;
}

/* The look, if it has ended; else it is left to its thread. */
static struct real_folder_look *real_folder_await(struct real_folder_look *look, uint32_t wait_ms)
{
    struct os_thread *thread;

    if (!look) return NULL;
    thread = look->thread;
    if (os_thread_join(thread, wait_ms)) {
        if (look->real && look->steps) return look;
        real_folder_free_look(look);
        return NULL;
    }
    os_thread_forget(thread);
    if (real_folder_leave(look)) real_folder_free_look(look);
    return NULL;
}

void real_folder_look(const char *const *paths, struct real_folder **out, unsigned count,
                      uint32_t wait_ms)
{
    uint64_t end = os_ticks_ms() + wait_ms, now;

    for (unsigned i = 0; i < count; i++) {
        if (!(out[i] = calloc(1, sizeof *out[i]))) continue;
        out[i]->plain = real_folder_plain(paths[i]);
        out[i]->look = real_folder_begin(paths[i]);
    }
    for (unsigned i = 0; i < count; i++) {
        if (!out[i]) continue;
        now = os_ticks_ms();
        out[i]->look = real_folder_await(out[i]->look, now < end ? (uint32_t)(end - now) : 0);
        if (out[i]->plain) continue;
        real_folder_free(out[i]);
        out[i] = NULL;
    }
}

void real_folder_free(struct real_folder *folder)
{
    if (!folder) return;
    real_folder_free_look(folder->look);
    free(folder->plain);
    free(folder);
}

/* Where `path` goes on behind as many characters as `folder` has; NULL: they are others. */
static const char *real_folder_behind(const char *path, const char *folder)
{
    size_t size = strlen(folder);
    uint32_t one, other;

    if (!real_folder_any_case) return strncmp(path, folder, size) ? NULL : path + size;
    while (*path && *folder) {
        path += utf8_next(path, strlen(path), &one);
        folder += utf8_next(folder, strlen(folder), &other);
        if (case_fold(one) != case_fold(other)) return NULL;
    }
    return *folder ? NULL : path;
}

/* The path is that of `folder`, or leads to a folder in it. */
static bool real_folder_begins(const char *path, const char *folder)
{
    const char *rest = real_folder_behind(path, folder);

    return rest && (!*rest || *rest == real_folder_separator);
}

/* The last folder on the way that is there. */
static const struct real_folder_step *real_folder_last(const struct real_folder_look *look)
{
    for (unsigned i = look->count; i--;)
        if (look->steps[i].known) return &look->steps[i];
    return NULL;
}

static bool real_folder_is_one(const struct real_folder_step *a, const struct real_folder_step *b)
{
    return a->known && a->identity.volume == b->identity.volume &&
           !memcmp(a->identity.file, b->identity.file, sizeof a->identity.file);
}

/* `outer` is what is there of it, and names behind that: `inner` passes all of them. */
static bool real_folder_passes(const struct real_folder_look *inner,
                               const struct real_folder_look *outer)
{
    const struct real_folder_step *last = real_folder_last(outer);

    for (unsigned i = 0; last && i < inner->count; i++)
        if (real_folder_is_one(&inner->steps[i], last) &&
            real_folder_begins(inner->real + inner->steps[i].size, outer->real + last->size))
            return true;
    return real_folder_begins(inner->real, outer->real);
}

bool real_folder_is_nested(const struct real_folder *one, const struct real_folder *other)
{
    const struct real_folder_look *a = one->look, *b = other->look;

    if (a && b) return real_folder_passes(a, b) || real_folder_passes(b, a);
    return real_folder_begins(one->plain, other->plain) ||
           real_folder_begins(other->plain, one->plain);
}
