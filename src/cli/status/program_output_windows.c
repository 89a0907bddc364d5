#include "program_output.h"

#include "base/error_windows.h"

#define LOOK_MS 10

struct pipe { HANDLE ours, theirs; };

static void pipe_close(HANDLE *handle)
{
    if (*handle) CloseHandle(*handle);
    *handle = NULL;
}

static HRESULT pipe_open(struct pipe *pipe)
{
    if (!CreatePipe(&pipe->ours, &pipe->theirs, NULL, 0)) return last_error();
    return SetHandleInformation(pipe->theirs, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT)
               ? S_OK
               : last_error();
}

/* What is there now; false: nothing. */
static bool pipe_take(const struct pipe *pipe, struct bytes *out)
{
    char piece[4096];
    DWORD there = 0, got = 0;

    if (!PeekNamedPipe(pipe->ours, NULL, 0, NULL, &there, NULL) || !there ||
        !ReadFile(pipe->ours, piece, sizeof piece, &got, NULL) || !got)
        return false;
    bytes_add(out, piece, got);
    return true;
}

static HRESULT program_listen(HANDLE process, const struct pipe pipes[2], uint32_t wait_ms,
                              struct bytes *out, struct bytes *errors)
{
    uint64_t until = os_ticks_ms() + wait_ms;

    for (;;) {
        bool ended = WaitForSingleObject(process, 0) == WAIT_OBJECT_0, more = false;

        while (pipe_take(&pipes[0], out) || pipe_take(&pipes[1], errors)) more = true;
        if (ended && !more) return S_OK;
        if (os_ticks_ms() >= until) break;
        if (!more) WaitForSingleObject(process, LOOK_MS);
    }
    TerminateProcess(process, 1);
    WaitForSingleObject(process, wait_ms);
    return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
}

static HRESULT program_start(const WCHAR *program, WCHAR *line, const struct pipe pipes[2],
                             PROCESS_INFORMATION *started)
{
    STARTUPINFOW startup = {.cb = sizeof startup,
                            .dwFlags = STARTF_USESTDHANDLES,
                            .hStdOutput = pipes[0].theirs,
                            .hStdError = pipes[1].theirs};

    return CreateProcessW(program, line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &startup,
                          started)
               ? S_OK
               : last_error();
}

HRESULT program_output(const WCHAR *program, WCHAR *line, uint32_t wait_ms, struct bytes *out,
                       struct bytes *errors, DWORD *code)
{
    struct pipe pipes[2] = {0};
    PROCESS_INFORMATION started = {0};
    HRESULT hr = pipe_open(&pipes[0]);

    if (SUCCEEDED(hr)) hr = pipe_open(&pipes[1]);
    if (SUCCEEDED(hr)) hr = program_start(program, line, pipes, &started);
    for (int i = 0; i < 2; i++) pipe_close(&pipes[i].theirs);
    if (SUCCEEDED(hr)) hr = program_listen(started.hProcess, pipes, wait_ms, out, errors);
    if (SUCCEEDED(hr) && !GetExitCodeProcess(started.hProcess, code)) hr = last_error();
    for (int i = 0; i < 2; i++) pipe_close(&pipes[i].ours);
    pipe_close(&started.hThread);
    pipe_close(&started.hProcess);
    return hr;
}
