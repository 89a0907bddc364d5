#include "state_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "certwitness-delivery "
#define FIRST_VERSION '1'
#define VERSION       '3'
#define NO_CA "-"

int position_compare_faults(const struct position *a, const struct position *b)
{
    if (a->fault_segment != b->fault_segment) return a->fault_segment < b->fault_segment ? -1 : 1;
    if (a->fault_offset != b->fault_offset) return a->fault_offset < b->fault_offset ? -1 : 1;
    return 0;
}

HRESULT state_record_spell(const struct state_record *record, char out[STATE_SLOT + 1])
{
    const struct position *at = &record->position;
    HRESULT hr;
    int size = snprintf(out, STATE_SLOT,
                        MAGIC "%c %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                              " %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                              " %" PRIu64 " %s ",
                        VERSION, record->generation, at->segment, at->offset, at->number,
                        at->sequence, at->sequence ? at->hash : line_no_hash, record->parked,
                        record->parked_from, record->parked_to, at->fault_segment,
                        at->fault_offset, record->row, *at->ca ? at->ca : NO_CA);

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
    const char *next = text + sizeof MAGIC + 1;         /* behind the version and a blank */
    char version = text[sizeof MAGIC - 1];

    memset(out, 0, sizeof *out);
    if (strncmp(text, MAGIC, sizeof MAGIC - 1) || next[-1] != ' ') return false;
    if (version < FIRST_VERSION || version > VERSION) return false;
    if (!state_number(&next, &out->generation) || !state_number(&next, &at->segment) ||
        !state_number(&next, &at->offset) || !state_number(&next, &at->number) ||
        !state_number(&next, &at->sequence) || !state_word(&next, at->hash, sizeof at->hash) ||
        !state_number(&next, &out->parked) || !state_number(&next, &out->parked_from) ||
        !state_number(&next, &out->parked_to) ||
        (version >= '2' && (!state_number(&next, &at->fault_segment) ||
                            !state_number(&next, &at->fault_offset))) ||
        (version >= '3' && !state_number(&next, &out->row)) ||
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

HRESULT state_record_load(struct disk_folder *folder, const char *file,
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
