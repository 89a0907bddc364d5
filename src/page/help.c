#include "help.h"

#include "dll.h"

#include <shellapi.h>
#include <shlwapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

#define MANUAL    L"manual.html"
#define PATH_SIZE 1024                  /* characters with the zero */
#define URL_SIZE  (3 * PATH_SIZE + 128) /* each character of a path may be escaped, and an anchor */

static bool help_is_file(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

/* Where the manual is. False: it is missing, and `path` says where it should be. */
static bool find_manual(WCHAR path[PATH_SIZE])
{
    DWORD size = GetModuleFileNameW(dll_instance(), path, PATH_SIZE - ARRAYSIZE(MANUAL));
    WCHAR *name, *folder;

    if (!size || size >= PATH_SIZE - ARRAYSIZE(MANUAL) || !(name = wcsrchr(path, '\\'))) {
        wcscpy(path, MANUAL);
        return false;
    }
    wcscpy(name + 1, MANUAL);
    if (help_is_file(path)) return true;
    *name = 0;
    folder = wcsrchr(path, '\\');
    if (folder && !_wcsicmp(folder + 1, L"bin")) {
        wcscpy(folder + 1, MANUAL);
        return help_is_file(path);
    }
    *name = '\\';
    return false;
}

/*
 * If the file or its URL is opened, Windows makes a path of it and drops the anchor. So the program
 * that shows web pages is started with the URL.
 */
static bool show_at(HWND owner, const WCHAR *path, const WCHAR *anchor)
{
    WCHAR program[PATH_SIZE], url[URL_SIZE];
    DWORD program_size = PATH_SIZE, url_size = URL_SIZE - 1;
    size_t length;

    if (FAILED(AssocQueryStringW(ASSOCF_NONE, ASSOCSTR_EXECUTABLE, L".html", L"open", program,
                                 &program_size))
        || FAILED(UrlCreateFromPathW(path, url, &url_size, 0)))
        return false;
    length = wcslen(url);
    swprintf(url + length, URL_SIZE - length, L"#%ls", anchor);
    url[URL_SIZE - 1] = 0;
    return (INT_PTR)ShellExecuteW(owner, NULL, program, url, NULL, SW_SHOWNORMAL) > 32;
}

static bool help_show_file(HWND owner, const WCHAR *path)
{
    return (INT_PTR)ShellExecuteW(owner, L"open", path, NULL, NULL, SW_SHOWNORMAL) > 32;
}

static void help_say(HWND owner, const WCHAR *format, const WCHAR *path)
{
    WCHAR text[PATH_SIZE + 256];

    swprintf(text, ARRAYSIZE(text), format, path);
    text[ARRAYSIZE(text) - 1] = 0;
    MessageBoxW(owner, text, L"CertWitness", MB_OK | MB_ICONWARNING);
}

void help_show(HWND owner, const WCHAR *anchor)
{
    WCHAR path[PATH_SIZE];

    if (!find_manual(path))
        help_say(owner,
                 L"The manual is missing: there is no %ls. The MSI and the ZIP of CertWitness "
                 L"contain it. Copy it there.",
                 path);
    else if (!show_at(owner, path, anchor) && !help_show_file(owner, path))
        help_say(owner,
                 L"No program could be started to show the manual. Open %ls in a web browser.",
                 path);
}
