#include "version_info.h"

#include "dll.h"

#include <oleauto.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define TEXTS L"\\StringFileInfo\\040904B0\\"

/*
 * A copy, since VerQueryValue has been seen to write into the block it searches. The caller frees
 * it; NULL if there is none.
 */
static void *version_block(void)
{
    HRSRC resource = FindResourceW(dll_instance(), MAKEINTRESOURCEW(VS_VERSION_INFO), RT_VERSION);
    HGLOBAL loaded = resource ? LoadResource(dll_instance(), resource) : NULL;
    const void *bytes = loaded ? LockResource(loaded) : NULL;
    DWORD size = bytes ? SizeofResource(dll_instance(), resource) : 0;
    void *block = size ? malloc(size) : NULL;

    if (block) memcpy(block, bytes, size);
    return block;
}

HRESULT version_info(const WCHAR *name, BSTR *text)
{
    void *block = version_block(), *value;
    WCHAR path[64];
    UINT length;                        /* in characters, with the closing NUL */
    HRESULT hr = S_OK;

    *text = NULL;
    if (!block) return E_OUTOFMEMORY;
    swprintf(path, ARRAYSIZE(path), TEXTS L"%ls", name);
    if (!VerQueryValueW(block, path, &value, &length))
        hr = HRESULT_FROM_WIN32(ERROR_RESOURCE_NAME_NOT_FOUND);
    else if (!(*text = SysAllocString(value))) hr = E_OUTOFMEMORY;
    free(block);
    return hr;
}
