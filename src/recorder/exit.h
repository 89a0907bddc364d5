/*
 * The exit module as the CA sees it: the class CertWitness.Exit.
 *
 * It answers ICertExit, ICertExit2, IDispatch and ISupportErrorInfo, on any thread. What it is told it hands to the
 * recorder (recorder.h), which it starts in Initialize and stops with the last Release.
 */
#ifndef EXIT_H
#define EXIT_H

#include <windows.h>

/*
 * A new exit module, asked for `iid`. `*out` is NULL before the call, and after failure. Opens no file, key or thread.
 */
HRESULT exit_create(REFIID iid, void **out);

#endif
