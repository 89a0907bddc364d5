#include "state_path.h"

#include "config_text.h"

#include "base/file_read.h"

#include <stdbool.h>
#include <string.h>

static const char *state_path_find(struct bytes *text)
{
    struct config_text at;
    bool of_state = false;
    char *line, *value;

    config_text_begin(&at, text);
    while ((line = config_text_next(&at)))
        if (*line == '[') of_state = !strcmp(line, "[state]");
        else if (of_state && (value = config_text_value(line)) && *value && !strcmp(line, "path"))
            return value;
    return NULL;
}

/* Windows says which of the folders above is missing, too. */
static bool state_path_is_missing(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
           hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

HRESULT state_path_read(const char *file, struct bytes *out)
{
    struct bytes text = {0};
    HRESULT hr = file_read(file, CONFIG_SIZE_MAX, &text);
    const char *path = NULL;

    bytes_add(&text, "", 1);
    if (SUCCEEDED(hr) && text.failed) hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) path = state_path_find(&text);
    if (path) bytes_add(out, path, strlen(path) + 1);
    bytes_free(&text);
    if (state_path_is_missing(hr)) return S_FALSE;
    if (FAILED(hr)) return hr;
    return out->failed ? E_OUTOFMEMORY : path ? S_OK : S_FALSE;
}
