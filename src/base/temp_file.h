/*
 * A temporary file: bytes at offsets, for one program and one run.
 *
 * It lies in the folder that the system names for such files (TMPDIR, else /tmp; on Windows what
 * GetTempPathW gives), only its owner can open it, and it is gone with temp_file_close or the end
 * of the program, a crash included. One thread at a time.
 */
#ifndef TEMP_FILE_H
#define TEMP_FILE_H

#include "os.h"

#include <stddef.h>

struct temp_file;

HRESULT temp_file_open(struct temp_file **out) MUST_CHECK;
void temp_file_close(struct temp_file *file);           /* takes NULL */

/* Write or read exactly `size` bytes at `offset`. A full disk is ERROR_DISK_FULL; reading past
 * what was written is ERROR_IO_DEVICE. */
HRESULT temp_file_write(struct temp_file *file, uint64_t offset, const void *data,
                        size_t size) MUST_CHECK;
HRESULT temp_file_read(struct temp_file *file, uint64_t offset, void *data,
                       size_t size) MUST_CHECK;

#endif
