#include "power.h"

#include "journal/head.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR 512u
#define SEEN   (1u << 20)
#define ALL    6                        /* units of which every subset is tried */

static int find(const struct power *power, const char *name)
{
    for (int i = 0; i < power->file_count; i++) if (!strcmp(power->files[i].name, name)) return i;
    return -1;
}

/* More would make the test say less than it means to: it ends. */
static void must(bool ok)
{
    if (!ok) abort();
}

static int add(struct power *power, const char *name)
{
    int file = power->file_count++;

    must(file < POWER_FILES);
    memset(&power->files[file], 0, sizeof power->files[file]);
    strcpy(power->files[file].name, name);
    return file;
}

void power_begin(struct power *power)
{
    memset(power, 0, sizeof *power);
}

/* Bytes between the old end and `offset` become zeros. */
static void put(struct power_file *file, uint64_t offset, const void *data, size_t size)
{
    if (offset + size > file->size) {
        file->data = realloc(file->data, offset + size);
        if (offset > file->size) memset(file->data + file->size, 0, offset - file->size);
        file->size = offset + size;
    }
    if (size) memcpy(file->data + offset, data, size);
}

void power_add(struct power *power, const char *name, const void *data, size_t size)
{
    struct power_file *file = &power->files[add(power, name)];

    file->named = true;
    put(file, 0, data, size);
}

void power_end(struct power *power)
{
    for (int i = 0; i < power->file_count; i++) free(power->files[i].data);
    memset(power, 0, sizeof *power);
}

static struct power_unit *add_unit(struct power *power, const struct crash_operation *operation, int file)
{
    struct power_unit *unit = &power->units[power->unit_count++];

    must(file >= 0 && power->unit_count <= POWER_UNITS);
    *unit = (struct power_unit){.operation = operation, .file = file, .offset = operation->offset};
    return unit;
}

static void apply_unit(struct power_file *file, const struct power_unit *unit)
{
    if (unit->operation->kind == CRASH_WRITE) put(file, unit->offset, unit->data, unit->size);
    else if (unit->operation->kind == CRASH_CUT && unit->offset < file->size) file->size = unit->offset;
}

/* The head is written again and again and never flushed. What is on disk of it may be any of its records: the one before the last comes
 * there or does not by turns, so that there is never more than one unit of it. */
static void settle_head(struct power *power, int file)
{
    for (int i = 0; i < power->unit_count; i++) {
        struct power_unit unit = power->units[i];

        if (unit.file != file || unit.operation->kind != CRASH_WRITE) continue;
        if (power->head_writes++ % 2) apply_unit(&power->files[file], &unit);
        memmove(&power->units[i], &power->units[i + 1], (power->unit_count - i - 1) * sizeof unit);
        power->unit_count--;
        return;
    }
}

static bool is_written_over_itself(const struct power *power, const struct crash_operation *operation, int file)
{
    const struct power_file *there = &power->files[file];

    for (int i = 0; i < power->unit_count; i++) if (power->units[i].file == file) return false;
    return operation->offset + operation->size <= there->size && !memcmp(there->data + operation->offset, operation->data, operation->size);
}

static void add_write(struct power *power, const struct crash_operation *operation)
{
    int file = find(power, operation->file);

    if (!strcmp(operation->file, HEAD_NAME)) settle_head(power, file);
    if (is_written_over_itself(power, operation, file)) return;
    for (size_t done = 0; done < operation->size;) {
        struct power_unit *unit = add_unit(power, operation, file);
        size_t room = SECTOR - (operation->offset + done) % SECTOR, left = operation->size - done;

        unit->offset = operation->offset + done;
        unit->size = left < room ? left : room;
        unit->data = operation->data + done;
        done += unit->size;
    }
}

/* A flush of a file that said S_OK. What an earlier one had failed to bring to the disk is lost. */
static void flush(struct power *power, const char *name)
{
    int left = 0, file = find(power, name);

    for (int i = 0; i < power->unit_count; i++) {
        struct power_unit unit = power->units[i];

        if (unit.file != file || unit.operation->kind == CRASH_CREATE) power->units[left++] = unit;
        else if (!unit.forgotten) apply_unit(&power->files[file], &unit);
    }
    power->unit_count = left;
}

static void forget(struct power *power, const char *name)
{
    for (int i = 0; i < power->unit_count; i++) {
        struct power_unit *unit = &power->units[i];

        if (unit->operation->kind == CRASH_WRITE && !strcmp(power->files[unit->file].name, name)) unit->forgotten = true;
    }
}

static void flush_folder(struct power *power)
{
    int left = 0;

    for (int i = 0; i < power->unit_count; i++) {
        if (power->units[i].operation->kind == CRASH_CREATE) power->files[power->units[i].file].named = true;
        else power->units[left++] = power->units[i];
    }
    power->unit_count = left;
}

void power_apply(struct power *power, const struct crash_operation *operation)
{
    switch (operation->kind) {
    case CRASH_CREATE:       add_unit(power, operation, add(power, operation->file)); break;
    case CRASH_WRITE:        add_write(power, operation); break;
    case CRASH_CUT:          if (!operation->failed) add_unit(power, operation, find(power, operation->file)); break;
    case CRASH_FLUSH:        if (!operation->failed) flush(power, operation->file);
                             else if (operation->forgotten) forget(power, operation->file);
                             break;
    case CRASH_FLUSH_FOLDER: if (!operation->failed) flush_folder(power); break;
    case CRASH_MARK:         must(operation->offset < POWER_MARKS); power->marks[operation->offset] = true; break;
    }
}

static uint32_t random_bits(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

/* A unit of a write that did not come out whole. `flushed` is what had been on disk of the file. */
static void put_other(struct power_file *file, const struct power_unit *unit, enum power_fate fate, const struct power_file *flushed)
{
    uint32_t seed = (uint32_t)unit->offset * 2654435761u + 1;
    char block[SECTOR] = "";

    if (fate == POWER_HALF) {
        put(file, unit->offset, unit->data, unit->size / 2);
        return;
    }
    for (size_t i = 0; i < unit->size && fate == POWER_GARBLED; i++) block[i] = (char)random_bits(&seed);
    if (fate == POWER_STALE) memcpy(block, flushed->data ? flushed->data : block, unit->size < flushed->size ? unit->size : flushed->size);
    put(file, unit->offset, block, unit->size);
}

static uint64_t hash_of(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

uint64_t power_cut(const struct power *power, const enum power_fate *fates)
{
    struct power_file after[POWER_FILES];
    uint64_t hash = 0xcbf29ce484222325u;

    crash_disk_begin();
    for (int i = 0; i < power->file_count; i++) {
        after[i] = power->files[i];
        after[i].data = NULL;
        after[i].size = 0;
        put(&after[i], 0, power->files[i].data, power->files[i].size);
    }
    for (int i = 0; i < power->unit_count; i++) {
        const struct power_unit *unit = &power->units[i];
        bool write = unit->operation->kind == CRASH_WRITE;

        if (fates[i] == POWER_KEPT && unit->operation->kind == CRASH_CREATE) after[unit->file].named = true;
        else if (fates[i] == POWER_KEPT) apply_unit(&after[unit->file], unit);
        else if (write && fates[i] != POWER_LOST) put_other(&after[unit->file], unit, fates[i], &power->files[unit->file]);
    }
    for (int i = 0; i < power->file_count; i++) {
        if (after[i].named) {
            crash_disk_put(after[i].name, after[i].data ? after[i].data : "", after[i].size);
            hash = hash_of(hash_of(hash, after[i].name, strlen(after[i].name) + 1), after[i].data, after[i].size) * 31 + after[i].size;
        }
        free(after[i].data);
    }
    return hash;
}

static bool is_new(uint64_t *seen, uint64_t hash)
{
    size_t at = hash % SEEN;

    while (seen[at] && seen[at] != hash) at = (at + 1) % SEEN;
    if (seen[at]) return false;
    seen[at] = hash;
    return true;
}

struct cutting {
    const struct power *power;
    uint64_t *seen;
    void (*each)(const struct power *power, void *context);
    void *context;
};

static void try_fates(const struct cutting *cutting, const enum power_fate *fates)
{
    uint64_t hash = power_cut(cutting->power, fates);

    hash = hash_of(hash, cutting->power->marks, sizeof cutting->power->marks) | 1;
    if (is_new(cutting->seen, hash)) cutting->each(cutting->power, cutting->context);
}

/* Each unit from `from` up to, not including, `to` is kept, and those of the bits; the others share a fate. */
static void try_sets(const struct cutting *cutting, int from, int to, unsigned bits)
{
    enum power_fate fates[POWER_UNITS];

    for (int other = POWER_LOST; other < POWER_FATES; other++) {
        for (int i = 0; i < cutting->power->unit_count; i++)
            fates[i] = (i >= from && i < to) || (i < 32 && bits >> i & 1) ? POWER_KEPT : (enum power_fate)other;
        try_fates(cutting, fates);
    }
}

void power_cuts(const struct power *power, unsigned samples, uint64_t *seen, void (*each)(const struct power *, void *), void *context)
{
    struct cutting cutting = {power, seen, each, context};
    enum power_fate fates[POWER_UNITS];
    uint32_t seed = 88172645u + power->unit_count;

    if (power->unit_count <= ALL) {
        for (unsigned bits = 0; bits < 1u << power->unit_count; bits++) try_sets(&cutting, 0, 0, bits);
        samples = power->unit_count > 1 ? samples / 4 : 0;
    } else {
        for (int i = 0; i <= power->unit_count; i++) try_sets(&cutting, 0, i, 0);
        for (int i = 0; i < power->unit_count; i++) try_sets(&cutting, i, power->unit_count, 0);
    }
    while (samples--) {
        for (int i = 0; i < power->unit_count; i++) fates[i] = random_bits(&seed) % POWER_FATES;
        try_fates(&cutting, fates);
    }
}
