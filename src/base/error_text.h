/* An HRESULT of the journal's disk as a person reads it: "there is no such file or folder". */
#ifndef ERROR_TEXT_H
#define ERROR_TEXT_H

#include "os.h"

#define ERROR_TEXT_MAX 64

/* Returns `out`, or a text that is always there. English whatever Windows speaks, so that scripts and documents can name it. */
const char *error_text(HRESULT hr, char out[ERROR_TEXT_MAX]);

#endif
