#include "state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "certwitness-delivery 1 "
#define NO_CA "-"

struct state {
    struct store *store;                /* borrowed */
    struct disk_file *file;             /* owned; NULL: there is no file yet */
    char name[DISK_NAME_MAX], fresh[DISK_NAME_MAX];
    uint64_t generation;
    unsigned slot;                      /* of the next record */
    bool named;                         /* the file's name is on disk */
};

/* `out` is STATE_SLOT bytes. False: the record is too long. */
static HRESULT state_spell(const struct state_record *record, char out[STATE_SLOT + 1])
{
    const struct position *at = &record->position;
    HRESULT hr;
    int size = snprintf(out, STATE_SLOT,
                        MAGIC "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                              " %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %s ",
                        record->generation, at->segment, at->offset, at->number, at->sequence,
                        at->sequence ? at->hash : line_no_hash, record->parked,
                        record->parked_from, record->parked_to, *at->ca ? at->ca : NO_CA);

    if (size < 0 || size + LINE_HASH_SIZE + 1 > STATE_SLOT) return E_INVALIDARG;
    if (FAILED(hr = hash_hex(out, (size_t)size, out + size))) return hr;
    size += LINE_HASH_SIZE;
    memset(out + size, ' ', STATE_SLOT - (size_t)size);
    out[size] = '\n';
    return S_OK;
}

static bool state_number(const char **at, uint64_t *out)
{
    char *end;

    if (**at < '0' || **at > '9') return false;
    *out = strtoull(*at, &end, 10);
    if (*end != ' ') return false;
    *at = end + 1;
    return true;
}

static bool state_word(const char **at, char *out, size_t room)
{
    size_t size = strcspn(*at, " ");

    if (!size || size >= room || (*at)[size] != ' ') return false;
    memcpy(out, *at, size);
    out[size] = 0;
    *at += size + 1;
    return true;
}

static bool state_parse(const char *text, struct state_record *out)
{
    struct position *at = &out->position;
    char sum[LINE_HASH_SIZE + 1];
    const char *next = text + sizeof MAGIC - 1;

    memset(out, 0, sizeof *out);
    if (strncmp(text, MAGIC, sizeof MAGIC - 1)) return false;
    if (!state_number(&next, &out->generation) || !state_number(&next, &at->segment) ||
        !state_number(&next, &at->offset) || !state_number(&next, &at->number) ||
        !state_number(&next, &at->sequence) || !state_word(&next, at->hash, sizeof at->hash) ||
        !state_number(&next, &out->parked) || !state_number(&next, &out->parked_from) ||
        !state_number(&next, &out->parked_to) ||
        !state_word(&next, at->ca, sizeof at->ca))
        return false;
    if (!strcmp(at->ca, NO_CA)) *at->ca = 0;
    return SUCCEEDED(hash_hex(text, (size_t)(next - text), sum)) &&
           !strncmp(next, sum, LINE_HASH_SIZE) && next[LINE_HASH_SIZE] == '\n';
}

/* The valid record of the two. Returns its slot, -1 for none. */
static int state_choose(const char *data, size_t size, struct state_record *record)
{
    char text[STATE_SLOT + 1];
    struct state_record each;
    int slot = -1;

    for (unsigned i = 0; i < 2; i++) {
        if (size < (i + 1) * STATE_SLOT) break;
        memcpy(text, data + i * STATE_SLOT, STATE_SLOT);
        text[STATE_SLOT] = 0;
        if (!state_parse(text, &each)) continue;
        if (slot >= 0 && each.generation <= record->generation) continue;
        *record = each;
        slot = (int)i;
    }
    return slot;
}

static HRESULT state_look(struct disk_folder *folder, const char *file,
                          struct state_record *record, int *slot)
{
    char *data = malloc(2 * STATE_SLOT);
    size_t size = 0;
    HRESULT hr = data ? disk_load(folder, file, data, 2 * STATE_SLOT, &size) : E_OUTOFMEMORY;

    memset(record, 0, sizeof *record);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) hr = S_FALSE;
    else if (SUCCEEDED(hr) && (*slot = state_choose(data, size, record)) < 0)
        hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    free(data);
    return hr;
}

HRESULT state_load(struct disk_folder *folder, const char *name, struct state_record *record)
{
    char file[DISK_NAME_MAX];
    int slot;

    snprintf(file, sizeof file, "%.40s.state", name);
    return state_look(folder, file, record, &slot);
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
    snprintf(state->name, sizeof state->name, "%.40s.state", name);
    snprintf(state->fresh, sizeof state->fresh, "%.40s.new", name);
    folder = store_enter(store);
    hr = state_look(folder, state->name, record, &slot);
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

HRESULT state_save(struct state *state, struct state_record *record)
{
    char text[STATE_SLOT + 1];
    HRESULT hr;

    record->generation = state->generation + 1;
    if (FAILED(hr = state_spell(record, text))) return hr;
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
