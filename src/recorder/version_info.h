/* What the version resource of our DLL says, as the DLL was loaded: its file may have been replaced by an upgrade since. */
#ifndef VERSION_INFO_H
#define VERSION_INFO_H

#include <windows.h>

/*
 * A text by its name in the resource: FileVersion, ProductName and so on. S_OK: the caller frees `*text`, which is NULL after failure:
 * HRESULT_FROM_WIN32(ERROR_RESOURCE_NAME_NOT_FOUND), E_OUTOFMEMORY. Any thread.
 */
HRESULT version_info(const WCHAR *name, BSTR *text);

#endif
