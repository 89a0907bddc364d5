/*
 * The exit module's COM class CertWitness.Exit.
 *
 * It implements ICertExit, ICertExit2, IDispatch and ISupportErrorInfo, for any thread. It passes
 * its calls to the recorder (recorder.h), which it starts in Initialize and stops with the last
 * Release.
 */
#ifndef EXIT_H
#define EXIT_H

#include <windows.h>

/*
 * Create an exit module and query it for `iid`. `*out` is NULL before the call and after a
 * failure. Opens no file, key or thread.
 */
HRESULT exit_create(REFIID iid, void **out);

#endif
