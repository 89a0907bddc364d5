#include "config.h"

#include "cli/suggestion.h"

#include <stdlib.h>
#include <string.h>

const char *const config_kind_words[] = {"http", "copy", "program", "relp", "syslog", "mail", NULL};

const char *config_kind_name(int kind)
{
    return config_kind_words[__builtin_ctz((unsigned)kind)];
}

static void config_free_list(struct config_list *list)
{
    for (unsigned i = 0; i < list->count; i++) free(list->values[i]);
}

static void config_free_target(struct target *target)
{
    char *texts[] = {target->name, target->url, target->body, target->content_type, target->user,
                     target->ca, target->client_certificate, target->client_key, target->proxy,
                     target->path, target->program, target->section, target->file, target->server,
                     target->from, target->subject};

    if (target->shares) {
        free(target->name);
        free(target->file);
        return;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    config_free_list(&target->headers);
    config_free_list(&target->arguments);
    config_free_list(&target->to);
    config_free_list(&target->text);
}

void config_free(struct config *config)
{
    for (unsigned i = 0; i < config->count; i++) config_free_target(&config->targets[i]);
    free(config->targets);
    free(config->file);
    free(config->journal);
    free(config->state);
    memset(config, 0, sizeof *config);
}

const struct target *config_find(const struct config *config, const char *name, unsigned *count,
                                 const struct notes *errors)
{
    char meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;
    unsigned first = 0;

    *count = 1;
    for (unsigned i = 0; i < config->count; i++)
        if (!strcmp(config->targets[i].name, name)) return &config->targets[i];
    while (first < config->count && strcmp(config->targets[first].section, name)) first++;
    while (first + *count < config->count &&
           !strcmp(config->targets[first + *count].section, name))
        ++*count;
    if (first < config->count) return &config->targets[first];
    suggestion_begin(&suggestion, name);
    for (unsigned i = 0; i < config->count; i++)
        suggestion_offer(&suggestion, config->targets[i].section);
    notes_add(errors, "%s has no destination [to %s].%s", config->file, name,
              suggestion_text(&suggestion, "", meant));
    return NULL;
}
