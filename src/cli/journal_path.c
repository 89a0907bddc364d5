#include "journal_path.h"

#include "cli/terminal/console.h"
#include "base/error_text.h"
#include "journal/segment.h"
#include "journal_path_system.h"

#include <string.h>

/* S_FALSE: a folder, but no journal. */
static HRESULT look(const char *path)
{
    struct disk_folder *folder;
    uint64_t first = 0;
    HRESULT hr = disk_view_folder(path, &folder);

    if (FAILED(hr)) return hr;
    hr = segment_find_above(folder, 0, &first);
    disk_close_folder(folder);
    return SUCCEEDED(hr) && !first ? S_FALSE : hr;
}

static bool find_named(const char *operand, struct bytes *path)
{
    char reason[ERROR_TEXT_MAX];
    size_t before = path->size, size = strlen(operand);
    HRESULT hr;

    if (!journal_path_absolute(operand, path)) {
        console_note("%s: that cannot be the path of a folder", operand);
        return false;
    }
    if ((hr = look(path->data + before)) == S_OK) return true;
    if (hr == S_FALSE) console_note("%s: there is no journal in this folder (no file named <20 digits>.jsonl)", operand);
    else if (size > 6 && !strcmp(operand + size - 6, ".jsonl")) console_note("%s: a journal is a folder; give the one that the file lies in", operand);
    else console_note("%s: the journal cannot be read: %s", operand, error_text(hr, reason));
    return false;
}

static bool find_default(struct bytes *path)
{
    struct bytes candidates = {0};
    const char *found = NULL;
    unsigned count = 0;

    journal_path_candidates(&candidates);
    for (size_t at = 0; at < candidates.size; at += strlen(candidates.data + at) + 1) {
        if (look(candidates.data + at) == S_FALSE) continue;            /* one that cannot be read says so when it is the only one */
        if (!count++) found = candidates.data + at;
    }
    if (count == 1) bytes_add(path, found, strlen(found) + 1);
    if (count > 1) {
        console_note("there are several journals on this machine; name one of these folders:");
        for (size_t at = 0; at < candidates.size; at += strlen(candidates.data + at) + 1)
            if (look(candidates.data + at) != S_FALSE) console_note("    \"%s\"", candidates.data + at);
    }
    if (!count) console_note("no journal was found on this machine; name its folder");
    bytes_free(&candidates);
    return count == 1 && !path->failed;
}

bool journal_path_find(const char *operand, struct bytes *path)
{
    return operand ? find_named(operand, path) : find_default(path);
}
