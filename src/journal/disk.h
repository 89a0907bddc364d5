/*
 * A journal's folder and the files in it, as the journal needs them: whole-file names, explicit offsets, explicit flushes.
 *
 * disk_windows.c serves the product, disk_posix.c the native build; a test may link a disk of its own. One thread at a time uses a
 * folder and its files. Every call may block for as long as the disk does. Nothing is on disk before a flush has returned S_OK; a
 * new file's name not before disk_flush_folder has.
 */
#ifndef DISK_H
#define DISK_H

#include "base/os.h"

#define DISK_NAME_MAX 64                /* characters in a file's name; the journal's own are shorter */

#define DISK_LOCK_NAME "lock"           /* the file that only one writer has */

struct disk_folder;
struct disk_file;

/*
 * Make the folder `path` (UTF-8, absolute) and those above it where missing, readable and writable for SYSTEM and Administrators
 * only, and lock it against every other writer through the file `lock`, until disk_close_folder.
 * HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION): another writer has it, or (Windows) somebody who lets nobody read the file beside him.
 */
HRESULT disk_open_folder(const char *path, struct disk_folder **out) MUST_CHECK;
void disk_close_folder(struct disk_folder *folder);     /* takes NULL */

/* Whether a folder that disk_open_folder opened, and its lock, are still what stands at the path: S_OK; S_FALSE: another does. A failure where
 * that cannot be told, as when the volume was dismounted. */
HRESULT disk_is_same_folder(struct disk_folder *folder) MUST_CHECK;

/*
 * Open a folder that is there, only to look: with disk_list, disk_view and disk_close_folder. Takes no lock and writes nothing, so
 * that it works beside a writer, as often as wanted, and on a medium that cannot be written. Windows: another machine's share, too
 * (\\server\share\folder). ERROR_FILE_NOT_FOUND or ERROR_PATH_NOT_FOUND: no such folder.
 */
HRESULT disk_view_folder(const char *path, struct disk_folder **out) MUST_CHECK;

/* Calls `each` for every file (not folder) in the folder, in no order. */
HRESULT disk_list(struct disk_folder *folder, void (*each)(void *context, const char *name), void *context) MUST_CHECK;

/* Make a sub-folder, or be content with the one that is there. */
HRESULT disk_make_folder(struct disk_folder *folder, const char *name) MUST_CHECK;
HRESULT disk_flush_folder(struct disk_folder *folder) MUST_CHECK;

/* What the writer may still write on the volume, in bytes. */
HRESULT disk_free_bytes(struct disk_folder *folder, uint64_t *bytes) MUST_CHECK;

/* Remove a file. A reader that has it open keeps what it has. */
HRESULT disk_remove(struct disk_folder *folder, const char *name) MUST_CHECK;

/* Give a file another name in the folder, which may be in a sub-folder. ERROR_FILE_EXISTS: that name is taken, and nothing was done. */
HRESULT disk_move(struct disk_folder *folder, const char *from, const char *to) MUST_CHECK;

/*
 * Open for reading and writing. `name` may be "sub-folder/name".
 * create: ERROR_FILE_EXISTS where there is one already. open: ERROR_FILE_NOT_FOUND where there is none.
 *
 * Readers may open the file while we have it, and can then do nothing that makes a read, write or flush of ours fail. Windows: whoever had
 * it open before us has to share it for reading and writing (FILE_SHARE_READ | FILE_SHARE_WRITE, as log shippers and scanners do);
 * as long as somebody does not, open fails with ERROR_SHARING_VIOLATION and has to be tried again.
 */
HRESULT disk_create(struct disk_folder *folder, const char *name, struct disk_file **out) MUST_CHECK;
HRESULT disk_open(struct disk_folder *folder, const char *name, struct disk_file **out) MUST_CHECK;
void disk_close(struct disk_file *file);                /* takes NULL */

/* Open for disk_read alone. Shares everything, so that neither the writer nor whoever prunes ever fails for it: the file may grow,
 * be cut and be removed meanwhile. ERROR_FILE_NOT_FOUND where there is none. */
HRESULT disk_view(struct disk_folder *folder, const char *name, struct disk_file **out) MUST_CHECK;

/*
 * Read a small file whole, `*size` bytes of it up to `room`; what is longer is cut there. Shares as disk_view does. Opens nothing but a plain
 * file: no link, folder or pipe, which may block or lead elsewhere; of these it says HRESULT_FROM_WIN32(ERROR_INVALID_DATA).
 * ERROR_FILE_NOT_FOUND where there is nothing of that name.
 */
HRESULT disk_load(struct disk_folder *folder, const char *name, void *data, size_t room, size_t *size) MUST_CHECK;

/* Open the file, make it where there is none, and hold it alone until disk_close. ERROR_SHARING_VIOLATION: somebody else does. */
HRESULT disk_lock(struct disk_folder *folder, const char *name, struct disk_file **out) MUST_CHECK;

/* How long a file is now; `name` as above. ERROR_FILE_NOT_FOUND or ERROR_PATH_NOT_FOUND where there is none. */
HRESULT disk_size(struct disk_folder *folder, const char *name, uint64_t *size) MUST_CHECK;

/*
 * Whether a writer has the folder open at this moment, as far as this system can tell: none that works on another machine whose share does
 * not say so, or (Linux) under Wine. A writer that opens the folder just while this looks, some microseconds, is refused, and tries again
 * as it does when another has it: not for asking all the time.
 */
HRESULT disk_is_written(struct disk_folder *folder, bool *answer) MUST_CHECK;

/* Where the file ends now, also while somebody writes it. */
HRESULT disk_end(struct disk_file *file, uint64_t *offset) MUST_CHECK;

/* Fewer bytes than asked for only at the end of the file. */
HRESULT disk_read(struct disk_file *file, uint64_t offset, void *data, size_t size, size_t *got) MUST_CHECK;
HRESULT disk_write(struct disk_file *file, uint64_t offset, const void *data, size_t size) MUST_CHECK;
HRESULT disk_cut(struct disk_file *file, uint64_t size) MUST_CHECK;
HRESULT disk_flush(struct disk_file *file) MUST_CHECK;

#endif
