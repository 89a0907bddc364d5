#include "expiry_state.h"

#include "base/error_text.h"
#include "base/file_system.h"
#include "cli/terminal/console.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD   "certwitness-expiry 1\n"
#define MEMORY (16u << 20)

enum { ENTRY_TOLD, ENTRY_ITEM };

struct entry {
    uint8_t key[FACT_KEY], kind;
    int64_t threshold, end;
    struct expiry_item item;            /* of an ENTRY_ITEM */
};

static bool state_fail(struct expiry_state *state, HRESULT hr)
{
    char reason[ERROR_TEXT_MAX];

    if (!state->failed)
        console_note("--state %s: %s. Nothing was changed", state->path, error_text(hr, reason));
    state->failed = true;
    return false;
}

/* 32 digits, a number, a number. */
static bool read_entry(const char *line, struct entry *entry)
{
    int used = 0;

    *entry = (struct entry){.kind = ENTRY_TOLD};
    for (int i = 0; i < FACT_KEY; i++) {
        unsigned byte;
        char pair[3] = {line[2 * i], line[2 * i] ? line[2 * i + 1] : 0, 0};

        if (strspn(pair, "0123456789abcdef") != 2 || sscanf(pair, "%x", &byte) != 1) return false;
        entry->key[i] = (uint8_t)byte;
    }
    return sscanf(line + 2 * FACT_KEY, " %5" SCNd64 " %15" SCNd64 "%n", &entry->threshold,
                  &entry->end, &used) == 2 &&
           !strcmp(line + 2 * FACT_KEY + used, "\n");
}

static bool read_entries(struct expiry_state *state, FILE *file)
{
    char line[128];
    struct entry entry;
    unsigned number = 1;
    bool good = fgets(line, sizeof line, file) && !strcmp(line, HEAD);

    while (good && fgets(line, sizeof line, file)) {
        number++;
        if ((good = read_entry(line, &entry))) sorter_add(&state->entries, &entry);
    }
    if (good && !ferror(file)) return true;
    console_note("--state %s: line %u is not one that certwitness expiry wrote. Name another file, "
                 "or remove this one: then all is told once more", state->path, number);
    state->failed = true;
    return false;
}

bool expiry_state_begin(struct expiry_state *state, const struct expiry *expiry, const char *path)
{
    FILE *file;
    bool good;

    *state = (struct expiry_state){.expiry = expiry, .path = path};
    sorter_begin(&state->entries, sizeof(struct entry), offsetof(struct entry, threshold), MEMORY);
    if (!(file = file_open(path, "rb")))
        return errno == ENOENT ? true : state_fail(state, file_error());
    good = read_entries(state, file);
    fclose(file);
    return good;
}

void expiry_state_add(struct expiry_state *state, const struct expiry_item *item)
{
    struct entry entry = {.kind = ENTRY_ITEM, .end = item->not_after, .item = *item};

    memcpy(entry.key, item->key, FACT_KEY);
    entry.threshold = expiry_threshold(state->expiry, item->not_after);
    sorter_add(&state->entries, &entry);
}

static void write_entry(struct expiry_state *state, const struct entry *entry)
{
    if (entry->end <= state->expiry->now - EXPIRY_PAST) return;
    for (int i = 0; i < FACT_KEY; i++)
        bytes_printf(&state->file.text, "%02x", entry->key[i]);
    bytes_printf(&state->file.text, " %" PRId64 " %" PRId64 "\n", entry->threshold, entry->end);
    file_write_some(&state->file);
}

/* One certificate's entries: those that were told, then that of now. */
static void take_entry(struct entry *kept, const struct entry *entry, struct sorter *told)
{
    bool is_new = !kept->threshold && !kept->end;

    if (entry->kind == ENTRY_ITEM && (is_new || entry->threshold < kept->threshold))
        sorter_add(told, &entry->item);
    if (is_new || entry->threshold < kept->threshold) *kept = *entry;
}

bool expiry_state_choose(struct expiry_state *state, struct sorter *told)
{
    const struct entry *entry;
    struct entry kept = {0};

    file_write_begin(&state->file, state->path);
    state->has_file = true;
    bytes_add_text(&state->file.text, HEAD);
    sorter_sort(&state->entries);
    while ((entry = sorter_next(&state->entries))) {
        if (kept.end && memcmp(kept.key, entry->key, FACT_KEY)) {
            write_entry(state, &kept);
            kept = (struct entry){0};
        }
        take_entry(&kept, entry, told);
    }
    if (kept.end) write_entry(state, &kept);
    if (FAILED(state->entries.hr)) return state_fail(state, state->entries.hr);
    return FAILED(state->file.hr) ? state_fail(state, state->file.hr) : true;
}

bool expiry_state_end(struct expiry_state *state, bool keep)
{
    HRESULT hr = S_OK;

    sorter_free(&state->entries);
    if (state->has_file) hr = file_write_end(&state->file, keep && !state->failed);
    return FAILED(hr) ? state_fail(state, hr) : !state->failed;
}
