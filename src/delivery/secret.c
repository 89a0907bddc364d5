#include "secret.h"

#include "base/file_system.h"
#include "base/file_write.h"

#include "delivery/store.h"

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

/* Whose file it is, and that it is none of another place, the folder looks at. */
static HRESULT secret_read(const char *path, const char *name, struct bytes *out)
{
    const size_t room = 2 * SECRET_MAX + 1;
    char file[DISK_NAME_MAX], *data = bytes_reserve(out, room);
    struct disk_folder *folder = NULL;
    HRESULT hr = data ? store_view(path, &folder) : E_OUTOFMEMORY;

    snprintf(file, sizeof file, "%.41s.secret", name);
    if (SUCCEEDED(hr)) hr = disk_load(folder, file, data, room, &out->size);
    disk_close_folder(folder);
    if (out->size == room) hr = E_INVALIDARG;
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
        return S_FALSE;
    return hr;
}

HRESULT secret_load(const char *folder, const char *name, struct bytes *out)
{
    char *path = secret_path(folder, name);
    struct bytes stored = {0};
    HRESULT hr = path ? secret_read(folder, name, &stored) : E_OUTOFMEMORY;

    if (hr == S_OK) hr = secret_is_open(path) ? HRESULT_FROM_WIN32(ERROR_INVALID_ACL)
                                              : secret_unprotect(&stored, out);
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
