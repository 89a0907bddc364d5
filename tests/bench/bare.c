/*
 * The limit that `make bench` measures against: the bytes of a journal, written and flushed again in the same groups, by a
 * program that does nothing else.
 *
 *   bare.exe JOURNAL OUT [head] two folders; prints one line of JSON. "head": behind every other stretch of groups, a record as long as that of the
 *                               journal's file `head` is written after each flush, into a file of its own and not flushed; both kinds are timed apart
 *
 * Lines whose `flushed` is the same were made between two flushes: they are the journal's groups. Each segment is read into
 * memory first; then each of its groups is one WriteFile at its offset and one FlushFileBuffers, and nothing between two groups
 * but looking at the clock. After that every line is hashed once, which is timed apart: in microseconds of the clock and of the
 * processor for each line.
 */
#include <windows.h>
#include <bcrypt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLUSHED "\"flushed\":\""
enum { DIGITS = 20 };

struct times {
    double *seconds;                    /* of each group */
    size_t count;
    double total;
};

enum { HEAD_SIZE = 207, STRETCH = 32 }; /* groups */

static HANDLE head = INVALID_HANDLE_VALUE;
static struct times kinds[2];           /* without that write, with it */

static void fail(const char *what)
{
    fprintf(stderr, "bare: %s failed with error %lu\n", what, GetLastError());
    exit(2);
}

static double now(void)
{
    LARGE_INTEGER counter, frequency;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&counter);
    return (double)counter.QuadPart / (double)frequency.QuadPart;
}

static double user_seconds(void)
{
    FILETIME created, ended, kernel, user;

    GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
    return (double)((ULONGLONG)user.dwHighDateTime << 32 | user.dwLowDateTime) / 1e7;
}

static char *read_segment(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *data;

    if (!file) fail(path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    data = malloc(*size + 1);
    if (!data || fread(data, 1, *size, file) != *size) fail(path);
    data[*size] = 0;
    fclose(file);
    return data;
}

static char *line_end(char *line, char *end)
{
    char *newline = memchr(line, '\n', (size_t)(end - line));

    return newline ? newline + 1 : end;
}

/* The first line behind those that say the same of what is flushed. */
static char *group_end(char *group, char *end)
{
    char *flushed = strstr(group, FLUSHED), *line;

    if (!flushed) fail("reading a line");
    for (line = line_end(group, end); line < end; line = line_end(line, end)) {
        char *other = strstr(line, FLUSHED);

        if (!other || memcmp(flushed, other, sizeof FLUSHED - 1 + DIGITS)) break;
    }
    return line;
}

static void add_time(struct times *times, double seconds)
{
    if (!(times->count & (times->count - 1))) times->seconds = realloc(times->seconds, (times->count * 2 + 1) * sizeof(double));
    times->seconds[times->count++] = seconds;
    times->total += seconds;
}

static void write_head(void)
{
    static const char record[HEAD_SIZE];
    OVERLAPPED at = {0};
    DWORD written;

    if (!WriteFile(head, record, HEAD_SIZE, &written, &at) || written != HEAD_SIZE) fail("WriteFile");
}

static void write_group(HANDLE out, size_t offset, const char *data, size_t size, struct times *times)
{
    OVERLAPPED at = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)((ULONGLONG)offset >> 32)};
    bool with = head != INVALID_HANDLE_VALUE && times->count / STRETCH % 2;
    double start = now(), seconds;
    DWORD written;

    if (!WriteFile(out, data, (DWORD)size, &written, &at) || written != size) fail("WriteFile");
    if (!FlushFileBuffers(out)) fail("FlushFileBuffers");
    if (with) write_head();
    seconds = now() - start;
    add_time(times, seconds);
    add_time(&kinds[with], seconds);
}

static size_t write_segment(const char *path, char *data, size_t size, struct times *times)
{
    HANDLE out = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, CREATE_ALWAYS,
                             FILE_ATTRIBUTE_NORMAL, NULL);
    char *end = data + size, *next;
    size_t lines = 0;

    if (out == INVALID_HANDLE_VALUE) fail(path);
    for (char *group = data; group < end; group = next) {
        next = group_end(group, end);
        write_group(out, (size_t)(group - data), group, (size_t)(next - group), times);
    }
    CloseHandle(out);
    for (char *line = data; line < end; line = line_end(line, end)) lines++;
    return lines;
}

static void hash_segment(char *data, size_t size)
{
    char *end = data + size, *next;
    unsigned char hash[32];

    for (char *line = data; line < end; line = next) {
        next = line_end(line, end);
        if (BCryptHash((BCRYPT_ALG_HANDLE)0x41, NULL, 0, (PUCHAR)line, (ULONG)(next - line), hash, sizeof hash)) fail("BCryptHash");
    }
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double microseconds(const struct times *times, double part)
{
    if (!times->count) return 0;
    size_t at = (size_t)(part * (double)times->count);

    return times->seconds[at < times->count ? at : times->count - 1] * 1e6;
}

int main(int argc, char **argv)
{
    double hash_seconds = 0, hash_user = 0;
    struct times times = {0};
    size_t lines = 0, bytes = 0;
    char path[MAX_PATH];
    WIN32_FIND_DATAA found;
    HANDLE search;

    if (argc != 3 && (argc != 4 || strcmp(argv[3], "head"))) return fputs("bare: expected JOURNAL OUT [head]\n", stderr), 2;
    snprintf(path, sizeof path, "%s/head", argv[2]);
    if (argc == 4 && (head = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL)) == INVALID_HANDLE_VALUE) fail(path);
    snprintf(path, sizeof path, "%s/*.jsonl", argv[1]);
    if ((search = FindFirstFileA(path, &found)) == INVALID_HANDLE_VALUE) fail(path);
    do {
        double start, user;
        size_t size;
        char *data;

        snprintf(path, sizeof path, "%s/%s", argv[1], found.cFileName);
        data = read_segment(path, &size);
        snprintf(path, sizeof path, "%s/%s", argv[2], found.cFileName);
        lines += write_segment(path, data, size, &times);
        bytes += size;
        start = now();
        user = user_seconds();
        hash_segment(data, size);
        hash_seconds += now() - start;
        hash_user += user_seconds() - user;
        free(data);
    } while (FindNextFileA(search, &found));
    qsort(times.seconds, times.count, sizeof *times.seconds, ascending);
    for (int i = 0; i < 2; i++) qsort(kinds[i].seconds, kinds[i].count, sizeof *kinds[i].seconds, ascending);
    printf("{\"lines\":%zu,\"bytes\":%zu,\"groups\":%zu,\"lines_per_second\":%.1f,"
           "\"group_us\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f},\"hash_us\":{\"clock\":%.2f,\"user\":%.2f},\"head_us\":{\"without\":%.1f,\"with\":%.1f}}\n",
           lines, bytes, times.count, (double)lines / times.total, microseconds(&times, 0.5), microseconds(&times, 0.99),
           microseconds(&times, 1), hash_seconds / (double)lines * 1e6, hash_user / (double)lines * 1e6,
           microseconds(&kinds[0], 0.5), microseconds(&kinds[1], 0.5));
    return 0;
}
