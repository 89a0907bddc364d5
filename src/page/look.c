#include "look.h"

#include "base/folder_windows.h"
#include "journal/segment.h"
#include "base/utf16_windows.h"

#include <winsvc.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define END_WAIT_MS 2000
/* holds a whole line wherever the file was being written */
#define TAIL (2 * (uint64_t)LINE_MAX_SIZE)

struct look {
    LONG ref, done;                     /* the thread's and the caller's; 1 once `facts` stands */
    HMODULE dll;                        /* the thread's */
    HANDLE thread;                      /* the caller's */
    WCHAR directory[SETTINGS_PATH_MAX];
    struct look_facts facts;
};

static uint64_t ticks_of(FILETIME time)
{
    return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static uint64_t process_start(DWORD id)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
    FILETIME created = {0}, unused;

    if (!process) return 0;
    if (!GetProcessTimes(process, &created, &unused, &unused, &unused)) created = (FILETIME){0};
    CloseHandle(process);
    return ticks_of(created);
}

static void look_at_service(struct look_facts *facts)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = manager ? OpenServiceW(manager, L"CertSvc", SERVICE_QUERY_STATUS) : NULL;
    SERVICE_STATUS_PROCESS status;
    DWORD size;

    if (service && QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&status,
                                        sizeof status, &size)) {
        facts->service = LOOK_STARTING;
        if (status.dwCurrentState == SERVICE_STOPPED) facts->service = LOOK_STOPPED;
        if (status.dwCurrentState == SERVICE_RUNNING || status.dwCurrentState == SERVICE_PAUSED)
            facts->service = LOOK_RUNNING;
        if (facts->service == LOOK_RUNNING)
            facts->service_start = process_start(status.dwProcessId);
    }
    if (service) CloseServiceHandle(service);
    if (manager) CloseServiceHandle(manager);
}

/* What may stand in a line is anybody's who could write to the folder. */
static void look_take_text(struct span span, WCHAR out[LOOK_TEXT_MAX])
{
    size_t size = span.size < LOOK_TEXT_MAX ? span.size : LOOK_TEXT_MAX - 1;

    for (size_t i = 0; i < size; i++)
        out[i] = span.text[i] >= ' ' && span.text[i] <= '~' ? (WCHAR)span.text[i] : L'?';
    out[size] = 0;
}

static WORD look_digits(const char *text, int count)
{
    unsigned number = 0;

    while (count--) number = number * 10 + ((unsigned char)*text++ - '0');
    return (WORD)number;
}

/* "2026-11-21T10:00:00.123Z", whose form line_read has seen to only as far as the hash vouches for
 * it. */
static uint64_t ticks_of_text(struct span time)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    const char *text = time.text;
    SYSTEMTIME parts = {0};
    FILETIME ticks;

    if (time.size < sizeof form - 1) return 0;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return 0;
    parts.wYear = look_digits(text, 4), parts.wMonth = look_digits(text + 5, 2),
    parts.wDay = look_digits(text + 8, 2);
    parts.wHour = look_digits(text + 11, 2), parts.wMinute = look_digits(text + 14, 2),
    parts.wSecond = look_digits(text + 17, 2);
    return SystemTimeToFileTime(&parts, &ticks) ? ticks_of(ticks) : 0;
}

static void look_take_line(const struct line *line, struct look_facts *facts)
{
    static const char prefix[] = "certwitness.";
    struct span type = line->type;

    if (type.size > sizeof prefix - 1 && !memcmp(type.text, prefix, sizeof prefix - 1))
        type.text += sizeof prefix - 1, type.size -= sizeof prefix - 1;
    look_take_text(type, facts->type);
    if (!wcscmp(facts->type, L"journal.broken")) facts->broken = line->sequence;
    look_take_text(line->subject, facts->subject);
    facts->time = ticks_of_text(line->time);
    facts->sequence = line->sequence;
    facts->has_line = true;
    facts->has_tail = false;
}

/* Listings lag behind what a writer has appended. `path` is the folder's, with \\?\ before it; 0
 * where it cannot be told. */
static uint64_t look_size_of(const WCHAR *path, uint64_t sequence)
{
    WCHAR whole[FOLDER_LONG_SIZE + SETTINGS_PATH_MAX + SEGMENT_NAME_SIZE + 2];
    char name[SEGMENT_NAME_SIZE + 1];
    LARGE_INTEGER size = {0};
    HANDLE file;

    segment_name(sequence, name);
    swprintf(whole, ARRAYSIZE(whole), L"%ls\\%hs", path, name);
    file = CreateFileW(whole, FILE_READ_ATTRIBUTES,
                       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                       0, NULL);
    if (file == INVALID_HANDLE_VALUE) return 0;
    if (!GetFileSizeEx(file, &size)) size.QuadPart = 0;
    CloseHandle(file);
    return (uint64_t)size.QuadPart;
}

/* The end of one segment. */
static HRESULT look_at_segment(struct disk_folder *folder, uint64_t sequence, uint64_t size,
                               struct look_facts *facts)
{
    struct segment_reader *reader;
    struct segment_piece piece;
    struct line line;
    HRESULT hr = segment_reader_open(folder, sequence, &reader);

    if (FAILED(hr)) return hr;
    if (size > TAIL) segment_seek(reader, size - TAIL);
    while ((hr = segment_next(reader, &piece)) == S_OK) {
        if (line_read(piece.text.text, piece.text.size, &line) == LINE_OK)
            look_take_line(&line, facts);
        else facts->has_tail = true;
    }
    segment_reader_close(reader);
    return hr;
}

struct newest {
    uint64_t sequence, size;
};

static void count_file(const WIN32_FIND_DATAW *found, struct look_facts *facts,
                       struct newest *newest)
{
    char name[MAX_PATH];
    uint64_t sequence;

    if ((found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) ||
        !utf16_put_utf8(found->cFileName, name, sizeof name) ||
        !(sequence = segment_sequence(name)))
        return;
    facts->files++;
    facts->bytes += (uint64_t)found->nFileSizeHigh << 32 | found->nFileSizeLow;
    if (sequence <= newest->sequence) return;
    newest->sequence = sequence;
    newest->size = (uint64_t)found->nFileSizeHigh << 32 | found->nFileSizeLow;
}

/* `path` has \\?\ before it. */
static DWORD list_files(const WCHAR *path, struct look_facts *facts, struct newest *newest)
{
    WCHAR pattern[FOLDER_LONG_SIZE + SETTINGS_PATH_MAX + 2];
    WIN32_FIND_DATAW found;
    HANDLE search;
    DWORD error;

    swprintf(pattern, ARRAYSIZE(pattern), L"%ls\\*", path);
    search = FindFirstFileW(pattern, &found);
    if (search == INVALID_HANDLE_VALUE) return GetLastError();
    do count_file(&found, facts, newest); while (FindNextFileW(search, &found));
    error = GetLastError();
    FindClose(search);
    facts->bytes -= newest->size;
    if (newest->sequence) newest->size = look_size_of(path, newest->sequence);
    facts->bytes += newest->size;
    return error == ERROR_NO_MORE_FILES ? 0 : error;
}

/* The last segment may have been begun a moment ago; then the one before it has the last line. */
static HRESULT look_at_tail(const WCHAR *path, const char *directory, const struct newest *newest,
                            struct look_facts *facts)
{
    struct disk_folder *folder;
    uint64_t before = 0;
    HRESULT hr = disk_view_folder(directory, &folder);

    if (FAILED(hr)) return hr;
    hr = look_at_segment(folder, newest->sequence, newest->size, facts);
    if (SUCCEEDED(hr) && !facts->has_line &&
        SUCCEEDED(hr = segment_find_below(folder, newest->sequence, &before)) && before)
        hr = look_at_segment(folder, before, look_size_of(path, before), facts);
    disk_close_folder(folder);
    return hr;
}

static void look_at_files(const WCHAR *path, const char *directory, struct look_facts *facts)
{
    struct newest newest = {0};
    HRESULT hr = S_OK;

    facts->error = list_files(path, facts, &newest);
    if (facts->error || !newest.sequence) return;
    hr = look_at_tail(path, directory, &newest, facts);
    if (FAILED(hr))
        facts->error = HRESULT_FACILITY(hr) == FACILITY_WIN32 ? HRESULT_CODE(hr) : ERROR_READ_FAULT;
}

/* The first of them. */
static void look_note_above(void *context, const WCHAR *sentence)
{
    WCHAR *first = context;

    if (!*first) swprintf(first, LOOK_WHY_MAX, L"%.1000ls", sentence);
}

/* The guard of the recorder itself, as whoever runs this process: for SYSTEM a folder of his own
 * account would be a stranger's. */
static void look_at_guard(const WCHAR *directory, struct look_facts *facts)
{
    WCHAR why[FOLDER_WHY_MAX];
    enum folder_answer answer = folder_judge(directory, NULL, why);

    facts->is_unjudged = answer == FOLDER_UNJUDGED;
    swprintf(facts->refused, LOOK_WHY_MAX, L"%ls", why);
    facts->refused[LOOK_WHY_MAX - 1] = 0;
    if (!folder_is_refused(answer)) folder_above(directory, look_note_above, facts->above);
}

static void look_at(const WCHAR *directory, struct look_facts *facts)
{
    WCHAR path[FOLDER_LONG_SIZE + SETTINGS_PATH_MAX] = FOLDER_LONG_PATH,
                                  root[] = {directory[0], ':', '\\', 0};
    ULARGE_INTEGER available;
    char *utf8 = utf16_to_utf8(directory);
    DWORD attributes;

    look_at_service(facts);
    wcscat(path, directory);
    facts->has_drive = folder_has_drive(directory);
    facts->has_free = facts->has_drive && GetDiskFreeSpaceExW(root, &available, NULL, NULL);
    if (facts->has_free) facts->free_bytes = available.QuadPart;
    attributes = facts->has_drive ? GetFileAttributesW(path) : INVALID_FILE_ATTRIBUTES;
    if (attributes == INVALID_FILE_ATTRIBUTES && facts->has_drive) {
        facts->error = GetLastError();
        if (facts->error == ERROR_FILE_NOT_FOUND || facts->error == ERROR_PATH_NOT_FOUND)
            facts->error = 0;
    }
    facts->has_folder =
        attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
    if (facts->has_drive) look_at_guard(directory, facts);
    if (utf8 && facts->has_folder) look_at_files(path, utf8, facts);
    free(utf8);
}

static void look_let_go(struct look *look)
{
    if (!InterlockedDecrement(&look->ref)) free(look);
}

static DWORD WINAPI look_run(void *context)
{
    struct look *look = context;
    HMODULE dll = look->dll;

    look_at(look->directory, &look->facts);
    InterlockedExchange(&look->done, 1);
    look_let_go(look);
    FreeLibraryAndExitThread(dll, 0);
}

struct look *look_start(const WCHAR *directory)
{
    struct look *look = calloc(1, sizeof *look);

    if (!look) return NULL;
    look->ref = 2;
    wcscpy(look->directory, directory);
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)look_run,
                           &look->dll))
        look->thread = CreateThread(NULL, 0, look_run, look, 0, NULL);
    if (look->thread) return look;
    if (look->dll) FreeLibrary(look->dll);
    free(look);
    return NULL;
}

bool look_done(const struct look *look, struct look_facts *out)
{
    if (!InterlockedCompareExchange((LONG *)&look->done, 0, 0)) return false;
    *out = look->facts;
    return true;
}

void look_free(struct look *look)
{
    if (!look) return;
    WaitForSingleObject(look->thread, END_WAIT_MS);
    CloseHandle(look->thread);
    look_let_go(look);
}
