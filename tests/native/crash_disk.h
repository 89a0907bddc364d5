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

void crash_disk_keep(const char *name, bool keep);     /* removing this file fails with ERROR_ACCESS_DENIED; one at a time */
void crash_disk_refuse_folder(HRESULT hr);      /* opening the folder fails so, until it is S_OK again */
bool crash_disk_is_locked(void);                /* somebody has the folder open */
void crash_disk_leave_free(uint64_t bytes);    /* what the volume says is free from now on; writing does not change it */

unsigned crash_disk_operations(void);           /* writes and flushes since crash_disk_begin */

/* As if the file had been flushed when it was `size` bytes long, and written but not flushed since: a process that was killed. */
void crash_disk_unflush(const char *name, size_t size);

/* The content of a file as a reader sees it now, `*size` bytes, or NULL; valid until the next call of this disk. */
const char *crash_disk_file(const char *name, size_t *size);

#endif
