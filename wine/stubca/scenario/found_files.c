/* Files that somebody else writes. */
#include "found_files.h"

#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

/* Finding. FindFirstFile's own wildcards also match short names that nobody sees, and only in the
 * last part. */

static bool matches(const WCHAR *pattern, const WCHAR *name)
{
    for (; *pattern; pattern++, name++) {
        if (*pattern == '*') {
            while (*pattern == '*') pattern++;
            do if (matches(pattern, name)) return true; while (*name++);
            return false;
        }
        if (!*name || (*pattern != '?' && towlower(*pattern) != towlower(*name))) return false;
    }
    return !*name;
}

static bool is_slash(WCHAR c)
{
    return c == '/' || c == '\\';
}

/* `size` characters of one and all of the other. The caller frees. */
static WCHAR *found_files_joined(const WCHAR *one, size_t size, const WCHAR *other)
{
    WCHAR *whole = heap_take((size + wcslen(other) + 1) * sizeof *whole);

    memcpy(whole, one, size * sizeof *whole);
    wcscpy(whole + size, other);
    return whole;
}

static void found_files_take(struct found_files *found, const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    if (attributes == INVALID_FILE_ATTRIBUTES || attributes & FILE_ATTRIBUTE_DIRECTORY) return;
    found->files = heap_grow(found->files, (found->count + 1) * sizeof *found->files);
    found->files[found->count++] = (struct found_file){.path = text_utf8(path)};
}

static void found_files_find(struct found_files *found, const WCHAR *path, size_t done);

/* The path's part from `start` to `end` has wildcards: go on with every name in the folder before
 * it that fits. */
static void find_names(struct found_files *found, const WCHAR *path, size_t start, size_t end)
{
    WCHAR *all = found_files_joined(path, start, L"*"),
          *pattern = found_files_joined(path + start, end - start, L"");
    WIN32_FIND_DATAW entry;
    HANDLE search = FindFirstFileW(all, &entry);

    for (BOOL more = search != INVALID_HANDLE_VALUE; more; more = FindNextFileW(search, &entry)) {
        WCHAR *name = entry.cFileName, *before, *whole;

        if (!wcscmp(name, L".") || !wcscmp(name, L"..") || !matches(pattern, name)) continue;
        before = found_files_joined(path, start, name);
        whole = found_files_joined(before, wcslen(before), path + end);
        found_files_find(found, whole, wcslen(before));
        free(before);
        free(whole);
    }
    if (search != INVALID_HANDLE_VALUE) FindClose(search);
    free(all);
    free(pattern);
}

/* Up to `done` the path has no wildcards any more. */
static void found_files_find(struct found_files *found, const WCHAR *path, size_t done)
{
    size_t start = done, end, wild = done + wcscspn(path + done, L"*?");

    if (!path[wild]) {
        found_files_take(found, path);
        return;
    }
    for (size_t i = done; i < wild; i++) if (is_slash(path[i])) start = i + 1;
    end = wild + wcscspn(path + wild, L"/\\");
    find_names(found, path, start, end);
}

static WCHAR *expanded(const char *path)
{
    WCHAR *wide = text_wide(path);
    DWORD size = ExpandEnvironmentStringsW(wide, NULL, 0);
    WCHAR *whole = heap_take((size + 1) * sizeof *whole);

    if (!ExpandEnvironmentStringsW(wide, whole, size)) wcscpy(whole, L"");
    free(wide);
    return whole;
}

/* Reading. */

static bool is_utf16(const char *data, size_t size)
{
    return size >= 2 && !memcmp(data, "\xFF\xFE", 2);
}

static HRESULT found_files_read_file(struct found_file *file, struct reason *reason)
{
    char *data;
    HRESULT hr = file_read(file->path, FOUND_FILE_MAX, &data, &file->size, reason);

    if (FAILED(hr)) return hr;
    file->text = data;
    file->text_size = file->size;
    if (is_utf16(data, file->size)) {
        const WCHAR *wide = (const WCHAR *)data + 1;

        file->text = text_utf8_counted(wide, file->size / sizeof *wide - 1, &file->text_size);
        free(data);
    }
    return S_OK;
}

HRESULT found_files_open(const char *path, bool look, struct found_files *found,
                         struct reason *reason)
{
    WCHAR *whole = expanded(path);
    HRESULT hr = S_OK;

    *found = (struct found_files){NULL, 0};
    found_files_find(found, whole, wcsncmp(whole, L"\\\\?\\", 4) ? 0 : 4);
    for (size_t i = 0; look && i < found->count && SUCCEEDED(hr); i++)
        hr = found_files_read_file(&found->files[i], reason);
    if (FAILED(hr)) found_files_close(found);
    free(whole);
    return hr;
}

void found_files_close(struct found_files *found)
{
    for (size_t i = 0; i < found->count; i++) {
        free(found->files[i].path);
        free(found->files[i].text);
    }
    free(found->files);
    *found = (struct found_files){NULL, 0};
}

/* Looking. */

unsigned long long found_files_size(const struct found_files *found)
{
    unsigned long long size = 0;

    for (size_t i = 0; i < found->count; i++) size += found->files[i].size;
    return size;
}

unsigned long long found_files_lines(const struct found_files *found)
{
    unsigned long long lines = 0;

    for (size_t i = 0; i < found->count; i++) {
        const struct found_file *file = &found->files[i];

        for (size_t c = 0; c < file->text_size; c++) lines += file->text[c] == '\n';
        lines += file->text_size && file->text[file->text_size - 1] != '\n';
    }
    return lines;
}

static bool holds(const struct found_file *file, const char *words, size_t size)
{
    for (size_t i = 0; i + size <= file->text_size; i++) {
        if (!memcmp(file->text + i, words, size)) return true;
    }
    return false;
}

bool found_files_hold(const struct found_files *found, const char *words)
{
    for (size_t i = 0; i < found->count; i++) {
        if (holds(&found->files[i], words, strlen(words))) return true;
    }
    return false;
}
