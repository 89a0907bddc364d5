/*
 * A disk in memory that can fail, stall and lose power, behind journal/disk.h; linked instead of disk_posix.c.
 *
 * It keeps for every file what was written and what of that was flushed. crash_disk_cut_power leaves only what was flushed: bytes by
 * disk_flush, names of files by disk_flush_folder. Any thread.
 */
#ifndef CRASH_DISK_H
#define CRASH_DISK_H

#include "journal/disk.h"

void crash_disk_begin(void);                    /* an empty disk that works */
void crash_disk_cut_power(void);                /* what was not flushed is gone; open handles are dead, the lock is free */

/* The `nth` write or flush from now on, counted from 1, fails with `hr`, and `more` after it; a write that fails has written half. */
void crash_disk_fail(unsigned nth, unsigned more, HRESULT hr);
/* After a flush that failed, the next one says S_OK though nothing of what was written before it ever reaches the disk. */
void crash_disk_lie_after_failure(void);
void crash_disk_stall(bool stall);              /* writes and flushes block until it is false again */
void crash_disk_stall_loads(bool stall);        /* disk_load does: somebody holds the file so that whoever opens it waits */

void crash_disk_keep(const char *name, bool keep);     /* removing this file fails with ERROR_ACCESS_DENIED; one at a time */
void crash_disk_refuse_folder(HRESULT hr);      /* opening the folder fails so, until it is S_OK again */
/* The volume was dismounted and mounted again: handles are dead, names are not. The lock is free, or `elsewhere` another machine's, for good or
 * until the next call. move_at_failure: that happens, elsewhere, with the next operation that fails. */
void crash_disk_move(bool elsewhere);
void crash_disk_move_at_failure(void);
bool crash_disk_has_moved(void);                /* it has happened */
bool crash_disk_is_locked(void);                /* somebody has the folder open */
void crash_disk_leave_free(uint64_t bytes);    /* what the volume says is free from now on; writing does not change it */
void crash_disk_shrink(uint64_t bytes, uint64_t share);        /* so much is free, and `share` bytes less with each that is written: others write as well */
uint64_t crash_disk_least_free(void);           /* the least that was free since then */

unsigned crash_disk_operations(void);           /* writes and flushes since crash_disk_begin */

unsigned crash_disk_listings(void);             /* how often the folder was listed since then */
void crash_disk_refuse_listings(unsigned times, HRESULT hr);    /* the next `times` listings of the folder fail with `hr` */

/* While true, cutting a file short is refused: somebody has it mapped. */
void crash_disk_refuse_cuts(bool refuse);

/* As if the file had been flushed when it was `size` bytes long, and written but not flushed since: a process that was killed. */
void crash_disk_unflush(const char *name, size_t size);

/* The content of a file as a reader sees it now, `*size` bytes, or NULL; valid until the next call of this disk. */
const char *crash_disk_file(const char *name, size_t *size);

/* A file that is on disk, name and bytes; it replaces one of that name. */
void crash_disk_put(const char *name, const void *data, size_t size);

/* What was asked of the disk since crash_disk_begin, in order, with what came of it; crash_disk_mark adds a mark of the test's own. */
enum crash_kind { CRASH_CREATE, CRASH_WRITE, CRASH_CUT, CRASH_FLUSH, CRASH_FLUSH_FOLDER, CRASH_MARK };

struct crash_operation {
    enum crash_kind kind;
    char file[DISK_NAME_MAX];
    uint64_t offset;                    /* of a write; the size that a cut leaves; the number of a mark */
    size_t size;
    char *data;                         /* what was written, even if that failed half-way; zero-terminated */
    bool failed;
    bool forgotten;                     /* a flush that failed: later ones say nothing about what was written before it */
};

/* Valid until crash_disk_begin; the caller takes the place of every thread that used the disk. */
const struct crash_operation *crash_disk_log(size_t *count);
void crash_disk_mark(uint64_t number);

#endif
