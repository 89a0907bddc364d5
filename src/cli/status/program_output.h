/* What another program writes, within limits. */
#ifndef PROGRAM_OUTPUT_H
#define PROGRAM_OUTPUT_H

#include "base/bytes.h"
#include "base/os.h"

#include <windows.h>

/*
 * Run `program`, a whole path, with the command line `line`, without a window, and append what it
 * writes to standard output and error. `code` is its exit code. ERROR_TIMEOUT: it has not ended
 * within `wait_ms`, and was ended. Other failures say why it cannot be started. What `out` and
 * `errors` have no room for is passed over.
 */
HRESULT program_output(const WCHAR *program, WCHAR *line, uint32_t wait_ms, struct bytes *out,
                       struct bytes *errors, DWORD *code) MUST_CHECK;

#endif
