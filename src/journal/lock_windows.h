/*
 * The file `lock` on Windows, which ensures that a journal's folder has one writer.
 *
 * A writer has the lock if it has the file open and holds a lock on one byte far beyond its end;
 * the file is empty. Only SYSTEM and administrators can read the file: any other account that
 * could open it could keep the CA from its journal. Any thread; blocks for as long as the disk
 * does.
 */
#ifndef JOURNAL_LOCK_WINDOWS_H
#define JOURNAL_LOCK_WINDOWS_H

#include "base/os.h"

#include <windows.h>

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/*
 * Take the lock, creating the file at `path` if missing. The caller closes `*out`, which releases
 * the lock; NULL on failure. HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION): another writer has it.
 */
HRESULT lock_take(const WCHAR *path, HANDLE *out) MUST_CHECK;

/*
 * `lock` is the file, open for reading. S_OK: no writer has the lock.
 * HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION): a writer has it. A reader's lock on the byte stays
 * until the handle is closed.
 */
HRESULT lock_is_free(HANDLE lock) MUST_CHECK;

#endif
