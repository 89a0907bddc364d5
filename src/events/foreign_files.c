#include "foreign_files.h"

#include "journal/head.h"
#include "journal/request.h"
#include "journal/segment_list.h"
#include "journal/unwritten.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SOURCES_MAX 4

static void on_name(void *context, const char *name)
{
    struct foreign_files *look = context;
    uint64_t size;

    if (segment_sequence(name)) {
        look->segments++;
        if (SUCCEEDED(disk_size(look->folder, name, &size))) look->bytes += size;
    } else if (strcmp(name, "lock") && strcmp(name, HEAD_NAME) && strcmp(name, UNWRITTEN_NAME) &&
               strcmp(name, REQUEST_NAME) && strcmp(name, PRUNE_LOCK_NAME)) {
        if (look->other_count < FOREIGN_FILES_SHOWN)
            snprintf(look->others[look->other_count], DISK_NAME_MAX, "%s", name);
        look->other_count++;
    }
}

void foreign_files_look(struct disk_folder *folder, struct foreign_files *look)
{
    HRESULT hr;

    *look = (struct foreign_files){.folder = folder};
    hr = disk_list(folder, on_name, look);
    (void)hr;                           /* the reader will say so */
}

void foreign_files_report(const struct foreign_files *look, struct bytes *out)
{
    uint64_t shown =
        look->other_count < FOREIGN_FILES_SHOWN ? look->other_count : FOREIGN_FILES_SHOWN;

    bytes_add_text(
        out, look->other_count == 1
                 ? "One file in the folder is not the journal's, and was not looked at: "
                 : "Files in the folder that are not the journal's, and were not looked at: ");
    for (uint64_t i = 0; i < shown; i++) {
        if (i) bytes_add_text(out, ", ");
        bytes_add_text(out, look->others[i]);
    }
    if (look->other_count > shown)
        bytes_printf(out, " and %" PRIu64 " more", look->other_count - shown);
    bytes_add_text(out, ".");
}

/* One of the journals whose files lie here. */
struct owner {
    char source[LINE_SOURCE_MAX + 1], file[SEGMENT_NAME_SIZE + 1];
    uint64_t files;
};

static HRESULT first_line(struct disk_folder *folder, uint64_t segment, struct owner *out)
{
    struct segment_reader *file;
    struct line line;
    HRESULT hr = segment_open_first(folder, segment, &file, &line);

    out->files = 0;
    if (hr != S_OK) return hr;
    if (line.source.size <= LINE_SOURCE_MAX) {
        snprintf(out->source, sizeof out->source, "%.*s", (int)line.source.size, line.source.text);
        segment_name(segment, out->file);
        out->files = 1;
    }
    segment_reader_close(file);
    return hr;
}

static void count_owner(struct owner owners[SOURCES_MAX], unsigned *count,
                        const struct owner *found)
{
    for (unsigned i = 0; i < *count; i++) {
        if (strcmp(owners[i].source, found->source)) continue;
        owners[i].files++;
        return;
    }
    if (*count < SOURCES_MAX) owners[(*count)++] = *found;
}

void mixed_journals_report(struct disk_folder *folder, struct bytes *out)
{
    struct owner owners[SOURCES_MAX], found;
    unsigned count = 0;
    struct segment_list list = {0};

    if (FAILED(segment_list_read(&list, folder))) return;
    for (size_t i = 0; i < list.count; i++)
        if (SUCCEEDED(first_line(folder, list.starts[i], &found)) && found.files)
            count_owner(owners, &count, &found);
    segment_list_free(&list);
    if (count < 2) return;
    bytes_add_text(out, " The files in this folder are of several journals, each of which needs a "
                        "folder of its own:");
    for (unsigned i = 0; i < count; i++) {
        bytes_add_text(out, i ? ", " : " ");
        bytes_add_text(out, owners[i].source);
        bytes_printf(out, " (%s", owners[i].file);
        if (owners[i].files > 1) bytes_printf(out, " and %" PRIu64 " more", owners[i].files - 1);
        bytes_add_text(out, ")");
    }
    bytes_add_text(out, ".");
}

static bool has_line(struct disk_folder *folder, uint64_t segment)
{
    struct segment_reader *file;
    struct segment_piece piece;
    struct line line;
    bool has = false;

    if (FAILED(segment_reader_open(folder, segment, &file))) return true;
    while (!has && segment_next(file, &piece) == S_OK)
        has = line_read(piece.text.text, piece.text.size, &line) == LINE_OK;
    segment_reader_close(file);
    return has;
}

bool folder_is_foreign(struct disk_folder *folder)
{
    struct segment_list list = {0};
    bool foreign = SUCCEEDED(segment_list_read(&list, folder)) && list.count;

    for (size_t i = 0; i < list.count && foreign; i++) foreign = !has_line(folder, list.starts[i]);
    segment_list_free(&list);
    return foreign;
}
