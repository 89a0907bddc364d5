#include "aside.h"

#include <stdio.h>

#define ATTEMPTS_MAX 1000

HRESULT aside_move(struct disk_folder *folder, const char *name, char kept[DISK_NAME_MAX])
{
    HRESULT hr = disk_make_folder(folder, "torn");

    *kept = 0;
    if (FAILED(hr)) return hr;
    for (unsigned attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        snprintf(kept, DISK_NAME_MAX, "torn/%.20s-foreign-%u", name, attempt);
        if ((hr = disk_move(folder, name, kept)) != HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)) break;
    }
    if (SUCCEEDED(hr)) return disk_flush_folder(folder);
    *kept = 0;
    return hr;
}
