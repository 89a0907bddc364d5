/* The program certwitness-delivery, which lies beside this one. */
#ifndef DELIVER_H
#define DELIVER_H

#include "base/os.h"

/* What is said where the program is not there. */
#define DELIVER_PROGRAM "certwitness-delivery"

/*
 * Run it with the words behind the command's name, in this console, with this program's input and
 * output, until it ends. `argv` is this command's, and ends with NULL. S_OK: it has run, and ended
 * with `*code`; on Linux it takes this process over, and nothing returns. Else it could not be
 * started; ERROR_FILE_NOT_FOUND: it is not there. Main thread.
 */
HRESULT deliver_start(char **argv, int *code) MUST_CHECK;

#endif
