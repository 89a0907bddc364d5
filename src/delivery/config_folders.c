#include "config_judge.h"

#include "place/real_folder.h"

#define WAIT_MS 5000                    /* for a share that is away; a second would do for others */

/* A folder that a section names. */
struct config_folder {
    const char *kind, *name, *path;     /* "to ", "hub"; "state", "" */
    unsigned line;
    struct real_folder *real;           /* borrowed; NULL: no memory */
};

static void config_judge_pair(struct config_reading *at, const struct config_folder *one,
                              const struct config_folder *other)
{
    if (!one->real || !other->real) at->no_memory = true;
    else if (real_folder_is_nested(one->real, other->real))
        config_wrong(at, other->line,
                     "the folder of [%s%s], %s, is that of [%s%s], or one is in the other; give "
                     "each a folder of its own", other->kind, other->name, other->path, one->kind,
                     one->name);
}

static void config_judge_pairs(struct config_reading *at, struct config_folder *folders,
                               unsigned count)
{
    const char *paths[CONFIG_TARGETS_MAX + 2] = {NULL};
    struct real_folder *real[CONFIG_TARGETS_MAX + 2];

    for (unsigned i = 0; i < count; i++) paths[i] = folders[i].path;
    real_folder_look(paths, real, count, WAIT_MS);
    for (unsigned i = 0; i < count; i++) folders[i].real = real[i];
    for (unsigned i = 1; i < count; i++)
        for (unsigned j = 0; j < i; j++) config_judge_pair(at, &folders[j], &folders[i]);
    for (unsigned i = 0; i < count; i++) real_folder_free(real[i]);
}

void config_judge_folders(struct config_reading *at)
{
    const struct config *config = at->config;
    struct config_folder folders[CONFIG_TARGETS_MAX + 2];
    unsigned count = 0;

    if (config->journal)
        folders[count++] = (struct config_folder){"journal", "", config->journal, at->journal_line,
                                                  NULL};
    if (config->state)
        folders[count++] = (struct config_folder){"state", "", config->state, at->state_line, NULL};
    for (unsigned i = 0; i < config->count; i++)
        if (config->targets[i].path)
            folders[count++] = (struct config_folder){"to ", config->targets[i].name,
                                                      config->targets[i].path,
                                                      config->targets[i].line, NULL};
    config_judge_pairs(at, folders, count);
}
