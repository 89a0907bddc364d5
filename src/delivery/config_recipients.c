/*
 * The recipients of mail as destinations of their own.
 *
 * A section [to approvers] with the recipients a@x and b@x becomes two targets that follow each
 * other, "approvers/a@x" and "approvers/b@x". Each has a position, a state and parked lines of its
 * own, so one recipient that cannot be reached holds up no other, and none gets a message twice
 * because of another.
 */
#include "config_judge.h"

#include "journal/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_MAX 254
#define DIGITS      8

static char *config_recipient_name(const char *section, const char *recipient)
{
    size_t size = strlen(section) + strlen(recipient) + 2;
    char *name = malloc(size);

    if (name) snprintf(name, size, "%s/%s", section, recipient);
    return name;
}

/* An address is the same in any case. */
static char *config_recipient_file(const char *section, const char *recipient)
{
    char address[ADDRESS_MAX], hash[LINE_HASH_SIZE + 1];
    size_t size = strlen(section) + DIGITS + 2, length = 0;
    char *file = malloc(size);

    for (; recipient[length] && length < sizeof address; length++)
        address[length] = recipient[length] >= 'A' && recipient[length] <= 'Z'
                              ? (char)(recipient[length] | 0x20) : recipient[length];
    if (file && FAILED(hash_hex(address, length, hash))) {
        free(file);
        return NULL;
    }
    if (file) snprintf(file, size, "%s.%.*s", section, DIGITS, hash);
    return file;
}

/* The target at `index` becomes one for each recipient. */
static HRESULT config_expand_one(struct config *config, unsigned index)
{
    struct target *target = &config->targets[index];
    unsigned count = target->to.count;

    memmove(target + count, target + 1, (config->count - index - 1) * sizeof *target);
    config->count += count - 1;
    for (unsigned i = 1; i < count; i++) {
        target[i] = target[0];
        target[i].name = target[i].file = NULL;
        target[i].shares = true;
    }
    for (unsigned i = 0; i < count; i++) {
        free(target[i].name);
        free(target[i].file);
        target[i].recipient = target->to.values[i];
        target[i].name = config_recipient_name(target->section, target[i].recipient);
        target[i].file = config_recipient_file(target->section, target[i].recipient);
        if (!target[i].name || !target[i].file) return E_OUTOFMEMORY;
    }
    return S_OK;
}

HRESULT config_expand(struct config_reading *at)
{
    struct config *config = at->config;
    HRESULT hr = S_OK;

    for (unsigned i = 0; SUCCEEDED(hr) && i < config->count; i++) {
        unsigned count = config->targets[i].to.count;

        if (!count) continue;
        if (config->count + count - 1 > CONFIG_TARGETS_MAX) {
            config_wrong(at, config->targets[i].line,
                         "there are more than %d destinations; each recipient of mail is one",
                         CONFIG_TARGETS_MAX);
            return E_INVALIDARG;
        }
        hr = config_expand_one(config, i);
        i += count - 1;
    }
    return hr;
}
