#include "pruned_during_read.h"

uint64_t oldest_segment_left(const char *path)
{
    struct disk_folder *folder;
    uint64_t oldest = 0;

    if (FAILED(disk_view_folder(path, &folder))) return 0;
    if (segment_find_above(folder, 0, &oldest) != S_OK) oldest = 0;
    disk_close_folder(folder);
    return oldest;
}

bool was_pruned_during_read(const char *path, const struct reader_item *fault)
{
    bool gone =
        fault->kind == READER_UNREADABLE && fault->hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);

    if (!fault->place.sequence)
        return false; /* nothing was read: whoever cannot open the oldest would begin anew for ever
                       */
    return (gone || fault->kind == READER_MISSING) &&
           oldest_segment_left(path) > fault->place.sequence;
}
