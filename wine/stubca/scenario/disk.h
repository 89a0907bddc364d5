/*
 * The disk under the modules' files, made to hang, to be full or to fail while a scenario plays.
 *
 * stubca cannot do that itself. It tells a shim between Wine and the kernel (tests/shim/disk.c, loaded with LD_PRELOAD),
 * by files in the folder that SHIM_CONTROL names: `stall`, `enospc` or `eio`, which hold as long as they are there. Which
 * files' disk it is the shim was told when it was loaded. One thread at a time.
 */
#ifndef STUBCA_DISK_H
#define STUBCA_DISK_H

#include "stubca/ca/subject.h"

#define DISK_WORDS "stall|full|failing|normal"

/* `word` is one of DISK_WORDS. Holds when this returns, until the next call. HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED): there is no
 * shim. Another failure: the folder cannot be written; the disk may be as it was. */
HRESULT disk_make(const char *word, struct reason *reason);

/* As it was before the first disk_make; nothing where there was none. */
void disk_back_to_normal(void);

#endif
