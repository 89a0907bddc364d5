/*
 * Power cuts: what may be on a disk when the power goes in the middle of a run that crash_disk.h has logged.
 *
 * Unflushed changes are names of new files, cuts, and writes, each write split where sectors of 512 bytes end. On the disk each may
 * be there or not, independent of its order; of a write, there may also be zeros, garbage, old bytes of the same file, or its first
 * half. Bytes that are on disk and written over themselves are in no more danger than those that share a sector with what is written:
 * in none.
 */
#ifndef POWER_H
#define POWER_H

#include "crash_disk.h"

#define POWER_FILES 48
#define POWER_UNITS 400
#define POWER_MARKS 128

struct power_file {
    char name[DISK_NAME_MAX];
    bool named;                         /* its name is on disk */
    char *data;                         /* what is on disk of it, owned */
    size_t size;
};

struct power_unit {
    const struct crash_operation *operation;    /* what it is of: CRASH_CREATE, CRASH_WRITE or CRASH_CUT */
    int file;
    uint64_t offset;
    size_t size;
    const char *data;
    bool forgotten;
};

/* The disk between two operations. */
struct power {
    struct power_file files[POWER_FILES];
    int file_count;
    struct power_unit units[POWER_UNITS];       /* not flushed, in order */
    int unit_count;
    unsigned head_writes;               /* that were settled */
    bool marks[POWER_MARKS];
};

void power_begin(struct power *power);          /* the disk as crash_disk_put left it is to be added by power_add */
void power_add(struct power *power, const char *name, const void *data, size_t size);
void power_apply(struct power *power, const struct crash_operation *operation);
void power_end(struct power *power);

enum power_fate { POWER_KEPT, POWER_LOST, POWER_ZEROED, POWER_GARBLED, POWER_STALE, POWER_HALF, POWER_FATES };

/* The crash disk becomes what is left when the power goes now and each unit has its fate. Returns a hash of it all. */
uint64_t power_cut(const struct power *power, const enum power_fate *fates);

/*
 * Calls `each` with a crash disk for every way in which the power may go now: every set of units kept, the others lost, zeroed,
 * garbled, stale or halved alike, for up to six units; beyond that every prefix and suffix, and `samples` seeded ones, in which
 * each unit has a fate of its own. What came out the same before, with the same marks, is left out; `seen` is a table of 1 << 20
 * zeros at first.
 */
void power_cuts(const struct power *power, unsigned samples, uint64_t *seen, void (*each)(const struct power *power, void *context),
                void *context);

#endif
