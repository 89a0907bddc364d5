/*
 * The DLL itself: where it lies, and whether it may be unloaded.
 *
 * All of it may be called from any thread at any time.
 */
#ifndef DLL_H
#define DLL_H

#include <windows.h>

/* Our own module, for its resources. Never NULL. */
HMODULE dll_instance(void);

/* The full path of our own file. The caller frees `*path`, which is NULL after failure. */
HRESULT dll_path(WCHAR **path);

/*
 * A reason to stay loaded, and its end: every object holds the DLL from its creation to its last Release, every class
 * factory as long as it is referenced, LockServer(TRUE) until LockServer(FALSE).
 *
 * Let go as the last thing a Release does: from then on DllCanUnloadNow may answer S_OK. The few instructions that lead
 * out of the DLL after that are COM's known gap, which it covers by waiting before it unloads a DLL that other threads
 * may run in.
 */
void dll_hold(void);
void dll_let_go(void);

#endif
