/*
 * The file `lock` on Windows, by which a journal's folder has one writer.
 *
 * It is had by whoever has it open and holds one byte of it, far beyond its end: the file is empty. It is readable for
 * SYSTEM and administrators alone: with it open, anybody else could keep the CA from its journal. Any thread; blocks
 * for as long as the disk does.
 */
#ifndef JOURNAL_LOCK_WINDOWS_H
#define JOURNAL_LOCK_WINDOWS_H

#include "base/os.h"

#include <windows.h>

/*
 * Take the lock, making the file at `path` where it is missing. The caller closes `*out`, which lets it go; NULL on
 * failure. HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION): another writer has it.
 */
HRESULT lock_take(const WCHAR *path, HANDLE *out) MUST_CHECK;

/*
 * S_OK: nobody writes under the lock that `lock` is open on, for reading. HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION):
 * somebody does. Keeps a reader's hold of the byte until the handle is closed.
 */
HRESULT lock_is_free(HANDLE lock) MUST_CHECK;

#endif
