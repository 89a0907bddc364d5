#include "expiry_state.h"

#include "base/error_text.h"
#include "base/file_system.h"
#include "cli/terminal/console.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD   "certwitness-expiry 2\n"
#define HEAD_1 "certwitness-expiry 1\n"
#define MEMORY (16u << 20)
#define END_NEVER INT64_C(253402300799) /* 9999-12-31: of one whose end is not known */

enum { ENTRY_TOLD, ENTRY_SETTLED, ENTRY_ITEM, ENTRY_OWN };

struct entry {
    uint8_t key[FACT_KEY], kind;
    int64_t threshold, end;
    struct expiry_item item;            /* of an ENTRY_ITEM */
    struct expiry_own *own;             /* of an ENTRY_OWN; borrowed */
};

static bool state_fail(struct expiry_state *state, HRESULT hr)
{
    char reason[ERROR_TEXT_MAX];

    if (!state->failed)
        console_note("--state %s: %s. Nothing was changed", state->path, error_text(hr, reason));
    state->failed = true;
    return false;
}

/* No run looks back to it any more. */
static bool is_over(const struct expiry_state *state, const struct entry *entry)
{
    return entry->end <= state->least;
}

/* 32 digits. */
static bool read_key(const char *line, uint8_t key[FACT_KEY])
{
    for (int i = 0; i < FACT_KEY; i++) {
        unsigned byte;
        char pair[3] = {line[2 * i], line[2 * i] ? line[2 * i + 1] : 0, 0};

        if (strspn(pair, "0123456789abcdef") != 2 || sscanf(pair, "%x", &byte) != 1) return false;
        key[i] = (uint8_t)byte;
    }
    return true;
}

/* Behind "run ": a key, a number. */
static bool read_run(struct expiry_state *state, const char *line)
{
    struct expiry_state_run *run = &state->runs[state->run_count];
    int used = 0;

    if (state->run_count == STATE_RUNS || !read_key(line, run->selection) ||
        sscanf(line + 2 * FACT_KEY, " %15" SCNd64 "%n", &run->time, &used) != 1 ||
        strcmp(line + 2 * FACT_KEY + used, "\n"))
        return false;
    state->run_count++;
    return true;
}

/* A key, a number, a number. Earlier versions wrote the days of the window that were left. */
static bool read_entry(const char *line, struct entry *entry)
{
    int used = 0;

    *entry = (struct entry){.kind = ENTRY_TOLD};
    if (!read_key(line, entry->key) ||
        sscanf(line + 2 * FACT_KEY, " %5" SCNd64 " %15" SCNd64 "%n", &entry->threshold,
               &entry->end, &used) != 2 ||
        strcmp(line + 2 * FACT_KEY + used, "\n"))
        return false;
    if (entry->threshold > 90) entry->threshold = EXPIRY_BEYOND;
    return true;
}

static bool read_entries(struct expiry_state *state, FILE *file)
{
    char line[128];
    struct entry entry;
    unsigned number = 1;
    bool good = fgets(line, sizeof line, file), has_runs = good && !strcmp(line, HEAD);

    good = has_runs || (good && !strcmp(line, HEAD_1));
    while (good && fgets(line, sizeof line, file)) {
        number++;
        if (has_runs && !strncmp(line, "run ", 4)) good = read_run(state, line + 4);
        else if ((good = read_entry(line, &entry))) sorter_add(&state->entries, &entry);
    }
    if (good && !ferror(file)) return true;
    console_note("--state %s: line %u is not one that certwitness expiry wrote. Name another file, "
                 "or remove this one: then all is told once more", state->path, number);
    state->failed = true;
    return false;
}

static void forget_runs(struct expiry_state *state)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < state->run_count; i++)
        if (state->runs[i].time > state->expiry->now - STATE_RUN_KEPT)
            state->runs[kept++] = state->runs[i];
    state->run_count = kept;
}

/* This selection's; a new one, without a time, where it is not known. */
static struct expiry_state_run *run_of(struct expiry_state *state,
                                       const uint8_t selection[FACT_KEY])
{
    struct expiry_state_run *run = state->runs;

    for (unsigned i = 0; i < state->run_count; i++)
        if (!memcmp(state->runs[i].selection, selection, FACT_KEY)) return &state->runs[i];
    if (state->run_count < STATE_RUNS) run = &state->runs[state->run_count++];
    else
        for (unsigned i = 1; i < STATE_RUNS; i++)
            if (state->runs[i].time < run->time) run = &state->runs[i];
    memcpy(run->selection, selection, FACT_KEY);
    run->time = FACT_NO_TIME;
    return run;
}

/* The run that begins is noted; what it and the others look back to is kept. */
static void note_run(struct expiry_state *state, struct expiry *expiry,
                     const uint8_t selection[FACT_KEY])
{
    struct expiry_state_run *run;

    forget_runs(state);
    run = run_of(state, selection);
    if (run->time > expiry->now) {
        expiry->was_set_back = true;
        run->time = FACT_NO_TIME;
    }
    expiry->last_run = run->time;
    expiry->past = expiry->now - EXPIRY_PAST;
    if (run->time != FACT_NO_TIME && run->time < expiry->now)
        expiry->past = run->time - EXPIRY_PAST;
    run->time = expiry->now;
    state->least = INT64_MAX;
    for (unsigned i = 0; i < state->run_count; i++)
        if (state->runs[i].time - EXPIRY_PAST < state->least)
            state->least = state->runs[i].time - EXPIRY_PAST;
}

/* From now on until expiry_state_end. */
static bool hold(struct expiry_state *state)
{
    struct bytes path = {0};
    HRESULT hr = E_OUTOFMEMORY;

    bytes_add_text(&path, state->path);
    bytes_add(&path, ".lock", 6);
    if (!path.failed) hr = file_hold(path.data, &state->held);
    bytes_free(&path);
    state->is_held = SUCCEEDED(hr);
    if (hr != HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        return state->is_held ? true : state_fail(state, hr);
    console_note("--state %s: another run of certwitness expiry has this file. Nothing was shown "
                 "or changed: run this one once more when that is done", state->path);
    state->failed = true;
    return false;
}

bool expiry_state_begin(struct expiry_state *state, struct expiry *expiry, const char *path,
                        const uint8_t selection[FACT_KEY])
{
    FILE *file = NULL;
    bool good;

    *state = (struct expiry_state){.expiry = expiry, .path = path};
    sorter_begin(&state->entries, sizeof(struct entry), offsetof(struct entry, threshold), MEMORY);
    good = hold(state);
    if (good && (file = file_open(path, "rb"))) {
        good = read_entries(state, file);
        fclose(file);
    }
    else if (good && errno != ENOENT) good = state_fail(state, file_error());
    if (good) note_run(state, expiry, selection);
    return good;
}

void expiry_state_add(struct expiry_state *state, const struct expiry_item *item)
{
    struct entry entry = {.kind = ENTRY_ITEM, .end = item->not_after, .item = *item};

    if (item->not_after == FACT_NO_TIME) entry.end = END_NEVER;
    memcpy(entry.key, item->key, FACT_KEY);
    entry.threshold = expiry_threshold(state->expiry, item->not_after);
    sorter_add(&state->entries, &entry);
}

void expiry_state_settle(struct expiry_state *state, const uint8_t key[FACT_KEY])
{
    struct entry entry = {.kind = ENTRY_SETTLED};

    memcpy(entry.key, key, FACT_KEY);
    sorter_add(&state->entries, &entry);
}

void expiry_state_add_own(struct expiry_state *state, struct expiry_own *own)
{
    struct entry entry = {.kind = ENTRY_OWN, .threshold = own->threshold, .end = own->end,
                          .own = own};

    memcpy(entry.key, own->key, FACT_KEY);
    sorter_add(&state->entries, &entry);
}

static void write_key(struct expiry_state *state, const uint8_t key[FACT_KEY])
{
    for (int i = 0; i < FACT_KEY; i++) bytes_printf(&state->file.text, "%02x", key[i]);
}

static void write_runs(struct expiry_state *state)
{
    for (unsigned i = 0; i < state->run_count; i++) {
        bytes_add_text(&state->file.text, "run ");
        write_key(state, state->runs[i].selection);
        bytes_printf(&state->file.text, " %" PRId64 "\n", state->runs[i].time);
    }
}

static void write_entry(struct expiry_state *state, const struct entry *entry)
{
    if (is_over(state, entry)) return;
    write_key(state, entry->key);
    bytes_printf(&state->file.text, " %" PRId64 " %" PRId64 "\n", entry->threshold, entry->end);
    file_write_some(&state->file);
}

static bool is_of_crl(const struct entry *entry)
{
    return entry->kind == ENTRY_OWN && entry->own->crl;
}

/* A CRL that is late, and told seven days ago or earlier. */
static bool is_late_still(const struct expiry_state *state, const struct entry *kept,
                          const struct entry *entry)
{
    return is_of_crl(entry) && kept->end <= state->expiry->now - EXPIRY_PAST;
}

/* It was told with fewer days left than it has; a CRL at a time that is to come. */
static bool was_early(const struct expiry_state *state, const struct entry *kept,
                      const struct entry *entry)
{
    return kept->kind == ENTRY_TOLD &&
           (entry->threshold > kept->threshold ||
            (is_of_crl(entry) && kept->end > state->expiry->now));
}

/* One certificate's entries: those that were told, then that of now. */
static void take_entry(const struct expiry_state *state, struct entry *kept, bool has_kept,
                       const struct entry *entry, struct sorter *told)
{
    bool is_early = has_kept && was_early(state, kept, entry);
    bool is_new = !has_kept || entry->threshold < kept->threshold || is_early ||
                  is_late_still(state, kept, entry);

    state->expiry->was_set_back |= is_early;
    if (entry->kind == ENTRY_ITEM && is_new) sorter_add(told, &entry->item);
    if (entry->kind == ENTRY_OWN && !is_new) entry->own->is_told = false;
    if (is_new) *kept = *entry;
}

bool expiry_state_choose(struct expiry_state *state, struct sorter *told)
{
    const struct entry *entry;
    struct entry kept = {0};
    bool has_kept = false;

    file_write_begin(&state->file, state->path);
    state->has_file = true;
    bytes_add_text(&state->file.text, HEAD);
    write_runs(state);
    sorter_sort(&state->entries);
    while ((entry = sorter_next(&state->entries))) {
        if (has_kept && memcmp(kept.key, entry->key, FACT_KEY)) {
            write_entry(state, &kept);
            has_kept = false;
        }
        if (entry->kind != ENTRY_SETTLED) take_entry(state, &kept, has_kept, entry, told);
        has_kept = entry->kind != ENTRY_SETTLED;
    }
    if (has_kept) write_entry(state, &kept);
    if (FAILED(state->entries.hr)) return state_fail(state, state->entries.hr);
    return FAILED(state->file.hr) ? state_fail(state, state->file.hr) : true;
}

bool expiry_state_end(struct expiry_state *state, bool keep)
{
    HRESULT hr = S_OK;

    sorter_free(&state->entries);
    if (state->has_file) hr = file_write_end(&state->file, keep && !state->failed);
    if (FAILED(hr)) state_fail(state, hr);
    if (state->is_held) file_let_go(state->held);
    state->is_held = false;
    return !state->failed;
}
