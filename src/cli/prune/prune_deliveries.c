#include "prune_deliveries.h"

#include "events/state_record.h"

#include <stdlib.h>
#include <string.h>

#define SUFFIX ".state"

struct looking {
    struct disk_folder *folder;
    struct span ca;
    struct prune_deliveries *out;
    HRESULT hr;
};

static bool deliveries_is_state(const char *name)
{
    size_t size = strlen(name), suffix = sizeof SUFFIX - 1;

    return size > suffix && size < DISK_NAME_MAX && !strcmp(name + size - suffix, SUFFIX);
}

static void deliveries_note(struct prune_deliveries *out, const char *name, uint64_t have)
{
    out->have = have;
    strcpy(out->slowest, name);
}

static void deliveries_look_at(void *context, const char *name)
{
    struct looking *looking = context;
    struct state_record *record;
    const char *ca;
    int slot;

    if (FAILED(looking->hr) || !deliveries_is_state(name)) return;
    if (!(record = malloc(sizeof *record))) {
        looking->hr = E_OUTOFMEMORY;
        return;
    }
    looking->hr = state_record_load(looking->folder, name, record, &slot);
    ca = record->position.ca;
    if (FAILED(looking->hr)) deliveries_note(looking->out, name, 0);
    else if (looking->hr == S_OK && record->position.sequence < looking->out->have &&
             (!*ca || !looking->ca.size || span_is(looking->ca, ca)))
        deliveries_note(looking->out, name, record->position.sequence);
    free(record);
}

HRESULT prune_deliveries_look(const char *folder, struct span ca, struct prune_deliveries *out)
{
    struct looking looking = {.ca = ca, .out = out, .hr = S_OK};
    HRESULT hr = disk_view_folder(folder, &looking.folder);

    if (SUCCEEDED(hr)) hr = disk_list(looking.folder, deliveries_look_at, &looking);
    disk_close_folder(looking.folder);
    return FAILED(hr) ? hr : FAILED(looking.hr) ? looking.hr : S_OK;
}
