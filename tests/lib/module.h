/* The module under test, for tests that load it themselves. */
#ifndef TEST_MODULE_H
#define TEST_MODULE_H

#include "lib/test.h"

#include <certexit.h>
#include <certwitness.h>
#include <wchar.h>

/* build/bin/certwitness.dll, absolute: a test, build/tests/ROOM/NAME.exe, lies two folders beside build/bin. */
static inline const WCHAR *module_path(void)
{
    static WCHAR path[MAX_PATH];
    WCHAR here[MAX_PATH];

    GetModuleFileNameW(NULL, here, MAX_PATH);
    wcscpy(wcsrchr(here, '\\') + 1, L"..\\..\\bin\\certwitness.dll");
    GetFullPathNameW(here, MAX_PATH, path, NULL);
    return path;
}

/* Its class object, past the registry; NULL and a failed check where there is none. The caller releases it. */
static inline IClassFactory *module_factory(HMODULE module)
{
    HRESULT (WINAPI *get_class)(REFCLSID, REFIID, void **) = (void *)GetProcAddress(module, "DllGetClassObject");
    IClassFactory *factory = NULL;

    if (check(get_class != NULL)) check_hr(get_class(&CLSID_Exit, &IID_IClassFactory, (void **)&factory), S_OK);
    return factory;
}

/* One CA's exit module, past the registry. The caller releases it. */
static inline ICertExit2 *module_exit(HMODULE module)
{
    IClassFactory *factory = module_factory(module);
    ICertExit2 *exit = NULL;

    if (!factory) return NULL;
    check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_ICertExit2, (void **)&exit), S_OK);
    IClassFactory_Release(factory);
    return exit;
}

#endif
