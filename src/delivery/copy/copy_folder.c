#include "copy_folder.h"

#include "journal/head.h"
#include "journal/segment.h"

#include <string.h>

/* The first line of the oldest file: its CA, and its sequence. S_FALSE: there is no whole line. */
static HRESULT copy_folder_first(const char *path, char ca[LINE_SOURCE_MAX + 1],
                                 uint64_t *sequence, uint64_t *file)
{
    struct segment_reader *reader = NULL;
    struct disk_folder *folder = NULL;
    struct line line;
    HRESULT hr = disk_view_folder(path, &folder);

    *sequence = *file = 0;
    if (SUCCEEDED(hr)) hr = segment_find_above(folder, 0, file);
    if (SUCCEEDED(hr)) hr = *file ? segment_open_first(folder, *file, &reader, &line) : S_FALSE;
    if (hr == S_OK) {
        *sequence = line.sequence;
        source_keep_ca(line.source, ca);
    }
    segment_reader_close(reader);
    disk_close_folder(folder);
    return hr;
}

/* Whether it has a file `head`, as each copy has. */
static bool copy_folder_has_head(const char *path)
{
    struct disk_folder *folder = NULL;
    uint64_t size;
    bool has = SUCCEEDED(disk_view_folder(path, &folder)) &&
               SUCCEEDED(disk_size(folder, HEAD_NAME, &size));

    disk_close_folder(folder);
    return has;
}

/* Whether the journal has lines before that one which are to be in the copy, and would not come to
 * it again. Of a copy whose last file was removed that file does. */
static HRESULT copy_folder_had(const struct destination_place *place, const struct position *next,
                               bool *had)
{
    uint64_t from = copy_folder_has_head(place->target->path) ? next->segment : next->sequence;
    char ca[LINE_SOURCE_MAX + 1];
    uint64_t first, file;
    HRESULT hr;

    *had = false;
    if (place->target->start == START_NOW) return S_OK;
    hr = copy_folder_first(place->journal, ca, &first, &file);
    if (hr != S_OK) return hr;
    if (first < place->target->start_sequence) first = place->target->start_sequence;
    *had = first < from;
    return S_OK;
}

void copy_folder_look(const struct destination_place *place, const struct position *next,
                      struct copy_look *look)
{
    uint64_t first, file;
    bool had = false;

    *look = (struct copy_look){.verdict = COPY_UNREADABLE};
    look->hr = copy_folder_first(place->target->path, look->ca, &first, &file);
    if (look->hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        look->hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
        look->hr = S_FALSE;
    if (look->hr == S_FALSE && !file) look->hr = copy_folder_had(place, next, &had);
    if (FAILED(look->hr)) return;
    look->verdict = had                                        ? COPY_EMPTY
                    : *look->ca && strcmp(look->ca, next->ca) ? COPY_OTHER_CA
                                                               : COPY_FITS;
}
