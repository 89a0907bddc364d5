/*
 * The disk of the modules' files, made to hang, to be full or to fail while a scenario plays.
 *
 * stubca cannot do this itself. It controls a shim between Wine and the kernel (tests/shim/disk.c,
 * loaded with LD_PRELOAD) by files in the folder that SHIM_CONTROL names: `stall`, `enospc` or
 * `eio`, each in effect while it exists. The shim knows from its own start which files' disk is
 * meant. One thread at a time.
 */
#ifndef STUBCA_DISK_H
#define STUBCA_DISK_H

#include "stubca/ca/subject.h"

#define DISK_WORDS "stall|full|failing|normal"

/*
 * `word` is one of DISK_WORDS. In effect when this returns, until the next call.
 * HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED): there is no shim. Any other failure: the folder cannot
 * be written; the disk's state may be unchanged.
 */
HRESULT disk_make(const char *word, struct reason *reason);

/* Restore the state before the first disk_make; no effect if there was none. */
void disk_back_to_normal(void);

#endif
