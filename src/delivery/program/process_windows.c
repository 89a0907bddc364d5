#include "process.h"

#include "base/error_windows.h"
#include "base/utf16_windows.h"

#include <windows.h>
#include <stdlib.h>

#define LOOK_MS   20
#define FLOOD_MS  1                     /* between pieces: a flood gets 64 MB/s at most */
#define DRAIN_MAX 64                    /* pieces: more than the pipe holds */

struct process {
    HANDLE input, nowhere, job;
    HANDLE reads, errors;               /* the pipe: where it is read, and written */
    PROCESS_INFORMATION started;
    WCHAR *program, *command;           /* owned */
};

static void process_close_handle(HANDLE handle)
{
    if (handle && handle != INVALID_HANDLE_VALUE) CloseHandle(handle);
}

/* Closing the job ends every process in it. */
static void process_close(struct process *process)
{
    process_close_handle(process->job);
    process_close_handle(process->started.hThread);
    process_close_handle(process->started.hProcess);
    process_close_handle(process->input);
    process_close_handle(process->reads);
    process_close_handle(process->errors);
    process_close_handle(process->nowhere);
    free(process->program);
    free(process->command);
}

/* A file that goes when its last handle is closed, and that only its owner can open. */
static HANDLE process_file(void)
{
    WCHAR folder[MAX_PATH + 1], path[MAX_PATH + 64];
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    WCHAR guid[37];
    char text[37];

    if (!GetTempPathW(MAX_PATH, folder) || FAILED(os_guid(text))) return INVALID_HANDLE_VALUE;
    for (int i = 0; i < 37; i++) guid[i] = (unsigned char)text[i];
    lstrcpyW(path, folder);
    lstrcatW(path, L"certwitness-");
    lstrcatW(path, guid);
    return CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_DELETE, &inherit, CREATE_NEW,
                       FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
}

/* One argument as CommandLineToArgvW and C programs read it. */
static void process_quote(struct bytes *out, const char *argument)
{
    size_t slashes = 0;

    bytes_add_text(out, "\"");
    for (; *argument; argument++) {
        if (*argument == '"')
            for (slashes++; slashes; slashes--) bytes_add_text(out, "\\");
        slashes = *argument == '\\' ? slashes + 1 : 0;
        bytes_add(out, argument, 1);
    }
    while (slashes--) bytes_add_text(out, "\\");
    bytes_add_text(out, "\"");
}

/* Freed by the caller; NULL: no memory. */
static WCHAR *process_wide(const char *text)
{
    size_t units = utf16_units(text, strlen(text)) + 1;
    WCHAR *wide = malloc(units * sizeof *wide);

    if (wide && utf16_from_utf8(text, wide, units)) return wide;
    free(wide);
    return NULL;
}

static HRESULT process_spell(struct process *process, const struct process_order *order)
{
    struct bytes command = {0};

    process_quote(&command, order->program);
    for (unsigned i = 0; i < order->count; i++) {
        bytes_add_text(&command, " ");
        process_quote(&command, order->arguments[i]);
    }
    bytes_add(&command, "", 1);
    if (!command.failed) process->command = process_wide(command.data);
    process->program = process_wide(order->program);
    bytes_free(&command);
    return process->command && process->program ? S_OK : E_OUTOFMEMORY;
}

static HRESULT process_make_job(struct process *process, const struct process_order *order)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation.LimitFlags =
            JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_JOB_MEMORY,
        .JobMemoryLimit = (SIZE_T)order->memory,
    };

    process->job = CreateJobObjectW(NULL, NULL);
    if (!process->job || !SetInformationJobObject(process->job, JobObjectExtendedLimitInformation,
                                                  &limits, sizeof limits))
        return last_error();
    return S_OK;
}

static HRESULT process_open(struct process *process, const struct process_order *order)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    DWORD written;
    HRESULT hr = process_spell(process, order);

    if (FAILED(hr)) return hr;
    process->nowhere = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
                                   FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0,
                                   NULL);
    process->input = process_file();
    if (process->nowhere == INVALID_HANDLE_VALUE || process->input == INVALID_HANDLE_VALUE ||
        !CreatePipe(&process->reads, &process->errors, &inherit, LAST_WORDS_PIECE))
        return last_error();
    if (!WriteFile(process->input, order->input.text, (DWORD)order->input.size, &written, NULL) ||
        written != order->input.size ||
        SetFilePointer(process->input, 0, NULL, FILE_BEGIN) == INVALID_SET_FILE_POINTER)
        return last_error();
    return process_make_job(process, order);
}

static HRESULT process_start_with(struct process *process, STARTUPINFOEXW *startup)
{
    HANDLE handles[] = {process->input, process->errors, process->nowhere};

    if (!UpdateProcThreadAttribute(startup->lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                   handles, sizeof handles, NULL, NULL) ||
        !CreateProcessW(process->program, process->command, NULL, NULL, TRUE,
                        CREATE_SUSPENDED | CREATE_NO_WINDOW | EXTENDED_STARTUPINFO_PRESENT, NULL,
                        NULL, &startup->StartupInfo, &process->started))
        return last_error();
    if (!AssignProcessToJobObject(process->job, process->started.hProcess)) {
        HRESULT hr = last_error();

        TerminateProcess(process->started.hProcess, 1);
        return hr;
    }
    ResumeThread(process->started.hThread);
    return S_OK;
}

static HRESULT process_start(struct process *process)
{
    STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup,
                                              .dwFlags = STARTF_USESTDHANDLES,
                                              .hStdInput = process->input,
                                              .hStdOutput = process->nowhere,
                                              .hStdError = process->errors}};
    SIZE_T size = 0;
    HRESULT hr;

    InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    if (!(startup.lpAttributeList = malloc(size))) return E_OUTOFMEMORY;
    if (InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size)) {
        hr = process_start_with(process, &startup);
        DeleteProcThreadAttributeList(startup.lpAttributeList);
    } else hr = last_error();
    free(startup.lpAttributeList);
    return hr;
}

/* False: there is nothing for now. A read of what is there does not wait. */
static bool process_listen(const struct process *process, char piece[LAST_WORDS_PIECE],
                           struct process_end *end)
{
    DWORD there = 0, got = 0;

    if (!PeekNamedPipe(process->reads, NULL, 0, NULL, &there, NULL) || !there) return false;
    if (there > LAST_WORDS_PIECE) there = LAST_WORDS_PIECE;
    if (!ReadFile(process->reads, piece, there, &got, NULL)) return false;
    last_words_add(&end->words, piece, got);
    return got != 0;
}

static void process_wait(struct process *process, const struct process_order *order,
                         char piece[LAST_WORDS_PIECE], struct process_end *end)
{
    uint64_t begun = os_ticks_ms();
    DWORD code, look_ms = 0;

    while (WaitForSingleObject(process->started.hProcess, look_ms) != WAIT_OBJECT_0) {
        end->stopped = __atomic_load_n(order->stop, __ATOMIC_ACQUIRE) != 0;
        end->timed_out = os_ticks_ms() - begun >= order->timeout_ms;
        if (end->stopped || end->timed_out) {
            TerminateJobObject(process->job, 1);
            WaitForSingleObject(process->started.hProcess, 5000);
            return;
        }
        look_ms = process_listen(process, piece, end) ? FLOOD_MS : LOOK_MS;
    }
    end->ran = GetExitCodeProcess(process->started.hProcess, &code);
    end->code = end->ran ? (int)code : 0;
    if (!end->ran) end->hr = last_error();
    TerminateJobObject(process->job, 1);
}

static void process_attend(struct process *process, const struct process_order *order,
                           char piece[LAST_WORDS_PIECE], struct process_end *end)
{
    process_wait(process, order, piece, end);
    for (int i = 0; i < DRAIN_MAX && process_listen(process, piece, end); i++) {}
}

void process_run(const struct process_order *order, struct process_end *end)
{
    struct process process = {0};
    char *piece = malloc(LAST_WORDS_PIECE);

    memset(end, 0, sizeof *end);
    end->hr = piece ? process_open(&process, order) : E_OUTOFMEMORY;
    if (SUCCEEDED(end->hr)) end->hr = process_start(&process);
    if (SUCCEEDED(end->hr)) process_attend(&process, order, piece, end);
    process_close(&process);
    free(piece);
}

const char *process_fault(const char *program)
{
    size_t units = utf16_units(program, strlen(program) + 1);
    WCHAR *wide = units ? calloc(units, sizeof *wide) : NULL;
    DWORD found = wide && utf16_from_utf8(program, wide, units) ? GetFileAttributesW(wide)
                                                               : INVALID_FILE_ATTRIBUTES;

    free(wide);
    if (found == INVALID_FILE_ATTRIBUTES)
        return "does not exist, or this account may not see it; correct the path";
    return found & FILE_ATTRIBUTE_DIRECTORY ? "is no file; give the path of a program" : NULL;
}
