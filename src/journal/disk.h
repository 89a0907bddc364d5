/*
 * File access for a journal: its folder and the files in it, with explicit offsets and explicit
 * flushes.
 *
 * disk_windows.c is the product's implementation, disk_posix.c that of the native build; a test
 * may link its own disk. One thread at a time uses a folder and its files. Every call may block
 * for as long as the disk does. Data is on disk only after a flush has returned S_OK; a new file's
 * name only after disk_flush_folder has.
 */
#ifndef DISK_H
#define DISK_H

#include "base/os.h"

#define DISK_NAME_MAX 64 /* characters in a file's name; the journal's own are shorter */

#define DISK_LOCK_NAME "lock"           /* held by the one writer */

struct disk_folder;
struct disk_file;

/*
 * Create the folder `path` (UTF-8, absolute) and the missing folders above it, accessible for
 * SYSTEM and Administrators only, and lock it against other writers through the file `lock`, until
 * disk_close_folder. HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION): another writer has it or
 * (Windows) another program has the file open without sharing.
 * HRESULT_FROM_WIN32(ERROR_BAD_FILE_TYPE): `lock` is a link, or no plain file.
 */
HRESULT disk_open_folder(const char *path, struct disk_folder **out) MUST_CHECK;
void disk_close_folder(struct disk_folder *folder);     /* takes NULL */

/*
 * Check that the path still leads to the folder and the lock that disk_open_folder opened, or to
 * the folder that disk_view_folder did: S_OK; S_FALSE: it leads to others. A failure: this cannot
 * be determined, for instance because the volume was dismounted. Windows: a view goes wherever its
 * path leads.
 */
HRESULT disk_is_same_folder(struct disk_folder *folder) MUST_CHECK;

/*
 * Open an existing folder for reading: for disk_list, disk_view and disk_close_folder. Takes no
 * lock and writes nothing, so it works beside a writer, any number of times, and on read-only
 * media. Windows: also on another machine's share (\\server\share\folder). ERROR_FILE_NOT_FOUND or
 * ERROR_PATH_NOT_FOUND: the folder does not exist.
 */
HRESULT disk_view_folder(const char *path, struct disk_folder **out) MUST_CHECK;

/*
 * From now on open nothing in the folder but plain files with one name that belong to the folder's
 * owner, the account that runs, or root: another account may write to it, and what it puts there
 * could lead elsewhere. Else: HRESULT_FROM_WIN32(ERROR_BAD_FILE_TYPE). The lock is never opened
 * through a link. Windows: without effect.
 */
HRESULT disk_guard(struct disk_folder *folder) MUST_CHECK;

/* Call `each` for every file (not folder) in the folder, in no particular order. */
HRESULT disk_list(struct disk_folder *folder, void (*each)(void *context, const char *name),
                  void *context) MUST_CHECK;

/* Create a sub-folder. An existing one is accepted. */
HRESULT disk_make_folder(struct disk_folder *folder, const char *name) MUST_CHECK;
HRESULT disk_flush_folder(struct disk_folder *folder) MUST_CHECK;

/* Free space on the volume that is available to the writer, in bytes. */
HRESULT disk_free_bytes(struct disk_folder *folder, uint64_t *bytes) MUST_CHECK;

/* Remove a file. A reader that has it open can continue to read it. */
HRESULT disk_remove(struct disk_folder *folder, const char *name) MUST_CHECK;

/*
 * Rename a file in the folder; `to` may be in a sub-folder. ERROR_FILE_EXISTS: that name exists,
 * and nothing was changed.
 */
HRESULT disk_move(struct disk_folder *folder, const char *from, const char *to) MUST_CHECK;

/*
 * Open a file for reading and writing. `name` may be "sub-folder/name". disk_create:
 * ERROR_FILE_EXISTS if the file exists. disk_open: ERROR_FILE_NOT_FOUND if it does not.
 *
 * Readers may open the file while it is open here, and cannot then make a read, write or flush
 * fail. Windows: a program that opened the file earlier has to share it for reading and writing
 * (FILE_SHARE_READ | FILE_SHARE_WRITE, as log shippers and scanners do). If it does not, the open
 * fails with ERROR_SHARING_VIOLATION and has to be tried again.
 */
HRESULT disk_create(struct disk_folder *folder, const char *name,
                    struct disk_file **out) MUST_CHECK;
HRESULT disk_open(struct disk_folder *folder, const char *name, struct disk_file **out) MUST_CHECK;
void disk_close(struct disk_file *file);                /* takes NULL */

/*
 * Check that the name still leads to the open file: S_OK; S_FALSE: it leads to another one.
 * ERROR_FILE_NOT_FOUND: it leads to none.
 */
HRESULT disk_is_same_file(struct disk_folder *folder, const char *name,
                          struct disk_file *file) MUST_CHECK;

/*
 * Open a file for disk_read only. Shares everything, so that neither the writer nor a program that
 * prunes ever fails because of it: the file may grow, be cut and be removed meanwhile.
 * ERROR_FILE_NOT_FOUND if it does not exist.
 */
HRESULT disk_view(struct disk_folder *folder, const char *name, struct disk_file **out) MUST_CHECK;

/*
 * Read a small file: at most `room` bytes, the rest is cut; `*size` is the number of bytes read.
 * Shares as disk_view does. Opens plain files only, since a link, folder or pipe may block or lead
 * elsewhere: for these it returns HRESULT_FROM_WIN32(ERROR_INVALID_DATA). ERROR_FILE_NOT_FOUND if
 * the name does not exist.
 */
HRESULT disk_load(struct disk_folder *folder, const char *name, void *data, size_t room,
                  size_t *size) MUST_CHECK;

/*
 * Open the file, creating it if missing, and hold it exclusively until disk_close.
 * ERROR_SHARING_VIOLATION: another program has it.
 */
HRESULT disk_lock(struct disk_folder *folder, const char *name, struct disk_file **out) MUST_CHECK;

/*
 * The current size of a file; `name` as above. ERROR_FILE_NOT_FOUND or ERROR_PATH_NOT_FOUND if it
 * does not exist.
 */
HRESULT disk_size(struct disk_folder *folder, const char *name, uint64_t *size) MUST_CHECK;

/*
 * Set `*answer` if a writer has the folder open now, as far as this system can tell. It cannot see
 * a writer on another machine whose share does not report locks, nor (Linux) one under Wine. A
 * writer that opens the folder during this check, some microseconds, is refused and tries again,
 * as after any other writer; so do not call this continuously.
 */
HRESULT disk_is_written(struct disk_folder *folder, bool *answer) MUST_CHECK;

/* The current end of the file, also while another program writes it. */
HRESULT disk_end(struct disk_file *file, uint64_t *offset) MUST_CHECK;

/* Read up to `size` bytes; fewer only at the end of the file. */
HRESULT disk_read(struct disk_file *file, uint64_t offset, void *data, size_t size,
                  size_t *got) MUST_CHECK;
HRESULT disk_write(struct disk_file *file, uint64_t offset, const void *data,
                   size_t size) MUST_CHECK;
HRESULT disk_cut(struct disk_file *file, uint64_t size) MUST_CHECK;
HRESULT disk_flush(struct disk_file *file) MUST_CHECK;

#endif
