#include "secret.h"

#include "base/file_read.h"
#include "base/file_system.h"
#include "base/file_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *secret_path(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + sizeof "/.secret";
    char *path = malloc(size);

    if (path) snprintf(path, size, "%s/%s.secret", folder, name);
    return path;
}

HRESULT secret_load(const char *folder, const char *name, struct bytes *out)
{
    char *path = secret_path(folder, name);
    struct bytes stored = {0};
    HRESULT hr = path ? file_read(path, 2 * SECRET_MAX, &stored) : E_OUTOFMEMORY;

    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) hr = S_FALSE;
    else if (SUCCEEDED(hr) && secret_is_open(path)) hr = HRESULT_FROM_WIN32(ERROR_INVALID_ACL);
    else if (SUCCEEDED(hr)) hr = secret_unprotect(&stored, out);
    if (stored.data) memset(stored.data, 0, stored.size);
    bytes_free(&stored);
    free(path);
    return hr;
}

HRESULT secret_save(const char *folder, const char *name, const struct bytes *secret)
{
    char *path = secret_path(folder, name);
    struct bytes stored = {0};
    HRESULT hr = path ? secret_protect(secret, &stored) : E_OUTOFMEMORY;

    if (SUCCEEDED(hr)) hr = file_put(path, stored.data, stored.size);
    if (stored.data) memset(stored.data, 0, stored.size);
    bytes_free(&stored);
    free(path);
    return FAILED(hr) ? hr : S_OK;
}
