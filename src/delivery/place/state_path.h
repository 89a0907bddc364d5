/* The key path of [state] in the configuration of a delivery: the folder that tells what was
 * delivered. The delivery's own reader judges the whole file (delivery/config_read.h); this one
 * needs nothing else to be valid. */
#ifndef STATE_PATH_H
#define STATE_PATH_H

#include "base/bytes.h"
#include "base/os.h"

/*
 * Append that path, UTF-8, with its zero. S_FALSE: `file`, a path, is missing or has
 * no such key. Failures are those of file_read.
 */
HRESULT state_path_read(const char *file, struct bytes *out) MUST_CHECK;

#endif
