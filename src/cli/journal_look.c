#include "journal_look.h"

#include "journal/segment.h"

HRESULT journal_look(const char *path)
{
    struct disk_folder *folder;
    uint64_t first = 0;
    HRESULT hr = disk_view_folder(path, &folder);

    if (FAILED(hr)) return hr;
    hr = segment_find_above(folder, 0, &first);
    disk_close_folder(folder);
    return SUCCEEDED(hr) && !first ? S_FALSE : hr;
}
