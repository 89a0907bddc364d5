/*
 * The version resource of this DLL as it was loaded: an upgrade may have replaced its file since.
 */
#ifndef VERSION_INFO_H
#define VERSION_INFO_H

#include <windows.h>

/*
 * Get a text by its name in the resource: FileVersion, ProductName and so on. S_OK: the caller
 * frees `*text`. On failure it is NULL: HRESULT_FROM_WIN32(ERROR_RESOURCE_NAME_NOT_FOUND),
 * E_OUTOFMEMORY. Any thread.
 */
HRESULT version_info(const WCHAR *name, BSTR *text);

#endif
