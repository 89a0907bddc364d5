/*
 * The DLL itself: its path, and whether it may be unloaded.
 *
 * Any function may be called from any thread at any time.
 */
#ifndef DLL_H
#define DLL_H

#include <windows.h>

/* The handle of this DLL, for its resources. Never NULL. */
HMODULE dll_instance(void);

/* The full path of this DLL's file. The caller frees `*path`, which is NULL after a failure. */
HRESULT dll_path(WCHAR **path);

/*
 * Count of reasons to stay loaded: every object holds the DLL from its creation to its last
 * Release, every class factory while it is referenced, LockServer(TRUE) until LockServer(FALSE).
 *
 * dll_let_go is the last statement of a Release: from then on DllCanUnloadNow may answer S_OK. A
 * few instructions of the DLL still run after that. This is COM's known gap: COM waits before it
 * unloads a DLL that other threads may be running in.
 */
void dll_hold(void);
void dll_let_go(void);

#endif
