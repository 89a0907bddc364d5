#include "deliver.h"

#include "base/error_windows.h"

#include <windows.h>
#include <stdlib.h>
#include <wchar.h>

#define PATH_UNITS 32768                /* the longest path that Windows has */
#define EXE        L"" DELIVER_PROGRAM L".exe"

/* Behind the first word of a command line, and the blanks that follow it. */
static const WCHAR *skip_word(const WCHAR *line)
{
    bool quoted = false;

    for (; *line && (quoted || (*line != ' ' && *line != '\t')); line++)
        if (*line == '"') quoted = !quoted;
    return line + wcsspn(line, L" \t");
}

/* The path of the program beside this one. */
static HRESULT deliver_path(WCHAR *path)
{
    DWORD size = GetModuleFileNameW(NULL, path, PATH_UNITS - ARRAYSIZE(EXE));
    WCHAR *name;

    if (!size || size == PATH_UNITS - ARRAYSIZE(EXE)) return last_error();
    name = wcsrchr(path, '\\');
    wcscpy(name ? name + 1 : path, EXE);
    return S_OK;
}

/* The path in quotes, and what this program was given behind its command's name, as it was given.
 * Owned by the caller; NULL: no memory. */
static WCHAR *deliver_line(const WCHAR *path)
{
    const WCHAR *rest = skip_word(skip_word(GetCommandLineW()));
    WCHAR *line = malloc((wcslen(path) + wcslen(rest) + 4) * sizeof *line);

    if (!line) return NULL;
    wcscpy(line, L"\"");
    wcscat(line, path);
    wcscat(line, L"\" ");
    wcscat(line, rest);
    return line;
}

/* Ctrl+C and the like go to both; the other program decides what they mean. */
static BOOL WINAPI deliver_outlast(DWORD event)
{
    (void)event;
    return TRUE;
}

static HRESULT deliver_run(const WCHAR *path, WCHAR *line, int *code)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD ended;

    SetConsoleCtrlHandler(deliver_outlast, TRUE);
    if (!CreateProcessW(path, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return last_error();
    WaitForSingleObject(process.hProcess, INFINITE);
    if (GetExitCodeProcess(process.hProcess, &ended)) *code = (int)ended;
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return S_OK;
}

HRESULT deliver_start(char **argv, int *code)
{
    WCHAR *path = malloc(PATH_UNITS * sizeof *path), *line = NULL;
    HRESULT hr = path ? deliver_path(path) : E_OUTOFMEMORY;

    (void)argv;
    if (SUCCEEDED(hr) && !(line = deliver_line(path))) hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) hr = deliver_run(path, line, code);
    free(line);
    free(path);
    return hr;
}
