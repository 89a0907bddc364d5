#include "store.h"

#include <stdlib.h>

struct store {
    struct disk_folder *folder;         /* owned */
    struct os_monitor *monitor;         /* owned */
};

HRESULT store_open(const char *path, struct store **out)
{
    struct store *store = calloc(1, sizeof *store);
    HRESULT hr;

    *out = NULL;
    if (!store) return E_OUTOFMEMORY;
    hr = os_monitor_create(&store->monitor);
    if (SUCCEEDED(hr)) hr = disk_open_folder(path, &store->folder);
    if (SUCCEEDED(hr)) hr = disk_guard(store->folder);
    if (FAILED(hr)) store_close(store);
    else *out = store;
    return hr;
}

void store_close(struct store *store)
{
    if (!store) return;
    disk_close_folder(store->folder);
    os_monitor_free(store->monitor);
    free(store);
}

HRESULT store_view(const char *path, struct disk_folder **out)
{
    HRESULT hr = disk_view_folder(path, out);

    if (FAILED(hr) || SUCCEEDED(hr = disk_guard(*out))) return hr;
    disk_close_folder(*out);
    *out = NULL;
    return hr;
}

struct disk_folder *store_enter(struct store *store)
{
    os_monitor_enter(store->monitor);
    return store->folder;
}

void store_leave(struct store *store)
{
    os_monitor_leave(store->monitor);
}
