/* Readable text for an HRESULT of the journal's disk: "there is no such file or folder". */
#ifndef ERROR_TEXT_H
#define ERROR_TEXT_H

#include "os.h"

#define ERROR_TEXT_MAX 64

/*
 * Returns `out` or a constant string. The text is English in every language of Windows, so that
 * scripts and documents can quote it.
 */
const char *error_text(HRESULT hr, char out[ERROR_TEXT_MAX]);

#endif
