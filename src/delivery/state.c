#include "state.h"

#include "base/file_system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct state {
    struct store *store;                /* borrowed */
    struct disk_file *file;             /* owned; NULL: there is no file yet */
    char name[DISK_NAME_MAX], fresh[DISK_NAME_MAX];
    uint64_t generation;
    unsigned slot;                      /* of the next record */
    bool named;                         /* the file's name is on disk */
};

HRESULT state_load(struct disk_folder *folder, const char *name, struct state_record *record)
{
    char file[DISK_NAME_MAX];
    int slot;

    snprintf(file, sizeof file, "%.41s.state", name);
    return state_record_load(folder, file, record, &slot);
}

HRESULT state_open(struct store *store, const char *name, struct state **out,
                   struct state_record *record)
{
    struct state *state = calloc(1, sizeof *state);
    struct disk_folder *folder;
    int slot = -1;
    HRESULT hr;

    *out = NULL;
    if (!state) return E_OUTOFMEMORY;
    state->store = store;
    snprintf(state->name, sizeof state->name, "%.41s.state", name);
    snprintf(state->fresh, sizeof state->fresh, "%.41s.new", name);
    folder = store_enter(store);
    hr = state_record_load(folder, state->name, record, &slot);
    if (hr == S_OK) hr = disk_open(folder, state->name, &state->file);
    store_leave(store);
    state->generation = record->generation;
    state->slot = slot == 0 ? 1 : 0;
    state->named = slot >= 0;
    if (FAILED(hr)) state_close(state);
    else *out = state;
    return hr;
}

void state_close(struct state *state)
{
    if (!state) return;
    disk_close(state->file);
    free(state);
}

static HRESULT state_write(struct disk_file *file, unsigned slot, const char *text)
{
    HRESULT hr = disk_write(file, (uint64_t)slot * STATE_SLOT, text, STATE_SLOT);

    return SUCCEEDED(hr) ? disk_flush(file) : hr;
}

/* The first record: the file gets its name when the record is on disk. */
static HRESULT state_make(struct state *state, struct disk_folder *folder, const char *text)
{
    struct disk_file *file = NULL;
    HRESULT hr = disk_remove(folder, state->fresh);

    if (FAILED(hr) && hr != HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return hr;
    if (FAILED(hr = disk_create(folder, state->fresh, &file))) return hr;
    hr = state_write(file, 0, text);
    disk_close(file);
    if (SUCCEEDED(hr)) hr = disk_move(folder, state->fresh, state->name);
    if (SUCCEEDED(hr)) hr = disk_open(folder, state->name, &state->file);
    return hr;
}

/* As state_save, while the file has no name that a power cut leaves. */
static HRESULT state_name(struct state *state, struct disk_folder *folder, const char *text)
{
    HRESULT hr = state->file ? state_write(state->file, state->slot, text)
                             : state_make(state, folder, text);

    if (SUCCEEDED(hr)) hr = disk_flush_folder(folder);
    state->named = SUCCEEDED(hr);
    return hr;
}

HRESULT state_stands(struct state *state)
{
    struct disk_folder *folder = store_enter(state->store);
    HRESULT hr = disk_is_same_folder(folder);

    if (hr == S_OK && state->file) hr = disk_is_same_file(folder, state->name, state->file);
    store_leave(state->store);
    if (hr == S_FALSE || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
        return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
    return hr;
}

HRESULT state_save(struct state *state, struct state_record *record)
{
    char text[STATE_SLOT + 1];
    HRESULT hr;

    record->generation = state->generation + 1;
    if (FAILED(hr = state_record_spell(record, text))) return hr;
    if (FAILED(hr = state_stands(state))) return hr;
    if (state->named) hr = state_write(state->file, state->slot, text);
    else {
        hr = state_name(state, store_enter(state->store), text);
        store_leave(state->store);
    }
    if (FAILED(hr)) return hr;          /* the same slot again: the other one is the intact one */
    state->generation = record->generation;
    state->slot ^= 1;
    return S_OK;
}
