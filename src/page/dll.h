/* The page DLL's own module, for its resources. */
#ifndef PAGE_DLL_H
#define PAGE_DLL_H

#include <windows.h>

HMODULE dll_instance(void);

#endif
