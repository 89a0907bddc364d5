/*
 * A disk that is watched, and made to fail: loaded with LD_PRELOAD into the Wine process of one test.
 *
 * Wine's WriteFile ends in libc's pwrite (write, where no offset is given) and its FlushFileBuffers in fsync, in the process
 * itself; the others that are here Wine 8 does not call, and a later one might. (SetEndOfFile is done by wineserver, beyond our reach.)
 *
 * Environment, all of it needed but the last:
 *   SHIM_WATCH     calls on files whose path holds this text are logged, and fail as told below
 *   SHIM_ACKS      path of the file of acknowledgements: what is written there is logged too, and never fails
 *   SHIM_LOG       the log: appended to, one line for one call, the path last
 *   SHIM_CONTROL   a folder. While a file of one of these names is in it:
 *     stall            calls wait
 *     enospc           writes fail with ENOSPC
 *     eio              writes and flushes fail with EIO
 *     eio-write, eio-fsync     the next one fails with EIO and takes the file away
 *   SHIM_BEGIN     `NUMBER NAME`: once the flush of that number has ended, the file NAME is put into that folder
 *
 * The log, in an order from which the order of the calls follows: what had ended stands before what began after it.
 *   wrote OFFSET SIZE PATH           a write of SIZE bytes has ended; offset -1: where the file stood
 *   cut SIZE PATH                    the file was cut or made longer
 *   flushing NUMBER PATH             a flush is about to begin
 *   flushed NUMBER RESULT PATH       the flush of that number has ended; 0 or errno
 *   failed ERRNO PATH                a write has failed
 *   stalled PATH, resumed PATH       a call waits, and goes on
 *   acked TEXT                       TEXT is about to be written to the file of acknowledgements; line ends become blanks
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const char *watch, *acks, *control, *begin_name;
static long begin_at = -1;
static int log_file = -1;
static atomic_long flushes;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("SHIM_LOG"), *begin = getenv("SHIM_BEGIN");

    watch = getenv("SHIM_WATCH");
    acks = getenv("SHIM_ACKS");
    control = getenv("SHIM_CONTROL");
    if (begin && (begin_name = strchr(begin, ' '))) {
        begin_at = atol(begin);
        begin_name++;
    }
    if (watch && acks && control && path) log_file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}

/* One call of the system for one line: O_APPEND keeps the lines of all threads whole and in order. */
__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    char line[PATH_MAX + 128];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size >= (int)sizeof line) size = sizeof line - 1;
    syscall(SYS_write, log_file, line, (size_t)size);
}

/* Of a regular file or a folder; "" for all else, pipes to wineserver above all. */
static const char *path_of(int fd, char path[PATH_MAX])
{
    struct stat stat;
    char link[64];
    ssize_t size = 0;

    path[0] = 0;
    if (log_file < 0 || fstat(fd, &stat) || !(S_ISREG(stat.st_mode) || S_ISDIR(stat.st_mode))) return path;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, PATH_MAX - 1);
    path[size < 0 ? 0 : size] = 0;
    return path;
}

static bool is_watched(const char *path)
{
    return *path && strstr(path, watch);
}

static const char *control_path(const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", control, name);
    return path;
}

static bool is_told(const char *name)
{
    char path[PATH_MAX];

    return !access(control_path(name, path), F_OK);
}

static bool is_told_once(const char *name)
{
    char path[PATH_MAX];

    return !unlink(control_path(name, path));
}

static void begin_trouble(void)
{
    char path[PATH_MAX];
    int file = open(control_path(begin_name, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    if (file >= 0) close(file);
}

static void wait_while_stalled(const char *path)
{
    const struct timespec pause = {0, 5000000};

    if (!is_told("stall")) return;
    note("stalled %s\n", path);
    while (is_told("stall")) nanosleep(&pause, NULL);
    note("resumed %s\n", path);
}

static bool refuses(int code, const char *path)
{
    note("failed %d %s\n", code, path);
    errno = code;
    return true;
}

/* Before a write to a watched file: true with errno where it is to fail. */
static bool write_fails(const char *path)
{
    wait_while_stalled(path);
    if (is_told("enospc")) return refuses(ENOSPC, path);
    if (is_told("eio")) return refuses(EIO, path);
    return is_told_once("eio-write") && refuses(EIO, path);
}

static void note_acknowledged(const struct iovec *parts, int count)
{
    char text[256];
    size_t size = 0;

    for (int i = 0; i < count; i++) {
        for (size_t j = 0; j < parts[i].iov_len && size < sizeof text - 1; j++) {
            char c = ((const char *)parts[i].iov_base)[j];

            text[size++] = c == '\n' ? ' ' : c;
        }
    }
    text[size] = 0;
    note("acked %s\n", text);
}

/* Every write comes through here; offset -1: none was given. */
static ssize_t written(int fd, const struct iovec *parts, int count, off_t offset)
{
    char path[PATH_MAX];
    bool watched = is_watched(path_of(fd, path));
    ssize_t size;

    if (*path && !strcmp(path, acks)) note_acknowledged(parts, count);
    if (watched && write_fails(path)) return -1;
    if (offset < 0) size = syscall(SYS_writev, fd, parts, (long)count);
    else size = syscall(SYS_pwritev, fd, parts, (long)count, (long)offset, 0L);
    if (watched && size >= 0) note("wrote %lld %lld %s\n", (long long)offset, (long long)size, path);
    return size;
}

static int flush(int fd, long call)
{
    char path[PATH_MAX];
    bool watched = is_watched(path_of(fd, path));
    long number = watched ? atomic_fetch_add(&flushes, 1) : 0;
    int result, code;

    if (!watched) return (int)syscall(call, fd);
    note("flushing %ld %s\n", number, path);
    wait_while_stalled(path);
    result = (int)syscall(call, fd);
    if (is_told("eio") || is_told_once("eio-fsync")) {
        errno = EIO;
        result = -1;
    }
    code = errno;
    note("flushed %ld %d %s\n", number, result ? code : 0, path);
    if (number == begin_at) begin_trouble();
    errno = code;
    return result;
}

ssize_t write(int fd, const void *data, size_t size)
{
    return written(fd, &(struct iovec){(void *)data, size}, 1, -1);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return written(fd, parts, count, -1);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset)
{
    return written(fd, &(struct iovec){(void *)data, size}, 1, offset);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite64(fd, data, size, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset)
{
    return written(fd, parts, count, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return written(fd, parts, count, offset);
}

int fsync(int fd)
{
    return flush(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return flush(fd, SYS_fdatasync);
}

int ftruncate64(int fd, off_t size)
{
    char path[PATH_MAX];
    int result;

    if (!is_watched(path_of(fd, path))) return (int)syscall(SYS_ftruncate, fd, size);
    wait_while_stalled(path);
    result = (int)syscall(SYS_ftruncate, fd, size);
    note("cut %lld %s\n", (long long)size, path);
    return result;
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}
