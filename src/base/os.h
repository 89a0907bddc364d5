/*
 * Operating-system services of the journal besides files: time, random numbers, hashes, threads,
 * HRESULTs.
 *
 * os_windows.c is the product's implementation, os_posix.c that of the native build for
 * sanitizers, fuzzers and Linux. Files are in disk.h.
 */
#ifndef OS_H
#define OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#include <windef.h>
#include <winerror.h>
#else
typedef int32_t HRESULT;
#define SUCCEEDED(hr) ((hr) >= 0)
#define FAILED(hr)    ((hr) < 0)
#define S_OK          ((HRESULT)0)
#define S_FALSE       ((HRESULT)1)
#define E_FAIL        ((HRESULT)0x80004005)
#define E_UNEXPECTED  ((HRESULT)0x8000ffff)
#define E_INVALIDARG  ((HRESULT)0x80070057)
#define E_OUTOFMEMORY ((HRESULT)0x8007000e)
#define HRESULT_FROM_WIN32(code) ((HRESULT)(0x80070000u | (code)))
#define ERROR_FILE_NOT_FOUND     2
#define ERROR_PATH_NOT_FOUND     3
#define ERROR_ACCESS_DENIED      5
#define ERROR_NOT_ENOUGH_MEMORY  8
#define ERROR_INVALID_DATA       13
#define ERROR_SHARING_VIOLATION  32
#define ERROR_FILE_EXISTS        80
#define ERROR_DISK_FULL          112
#define ERROR_BAD_FILE_TYPE      222
#define ERROR_NOT_ENOUGH_QUOTA   1816
#define ERROR_WORKING_SET_QUOTA    1453
#define ERROR_IO_DEVICE          1117
#define ERROR_TIMEOUT            1460
#endif

#define MUST_CHECK __attribute__((warn_unused_result))

/* True for both codes that mean "out of memory". */
static inline bool is_no_memory(HRESULT hr)
{
    return hr == E_OUTOFMEMORY || hr == HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
}

/* Microseconds since 1970-01-01 00:00 UTC, negative before. */
int64_t os_now(void);

/* Milliseconds of a monotonic clock that cannot be set. */
uint64_t os_ticks_ms(void);

/* A random GUID, 36 characters in lower case and a zero. */
HRESULT os_guid(char out[37]) MUST_CHECK;

HRESULT os_sha256(const void *data, size_t size, uint8_t out[32]) MUST_CHECK;
/* only for Windows certificate thumbprints */
HRESULT os_sha1(const void *data, size_t size, uint8_t out[20]) MUST_CHECK;

/*
 * A mutex with a condition variable. os_monitor_wait returns false after `wait_ms`; it may also
 * return true early without a reason.
 */
struct os_monitor;
HRESULT os_monitor_create(struct os_monitor **out) MUST_CHECK;
void os_monitor_free(struct os_monitor *monitor);       /* takes NULL; no thread may be in it */
void os_monitor_enter(struct os_monitor *monitor);
void os_monitor_leave(struct os_monitor *monitor);
/* call it inside the monitor, which is released during the wait */
bool os_monitor_wait(struct os_monitor *monitor, uint32_t wait_ms);
void os_monitor_wake_all(struct os_monitor *monitor);

/*
 * Waiting for a change of a word in memory. The other thread first changes the word with
 * __atomic_…, then calls os_word_wake, which uses the address only: the memory may already be
 * freed. os_word_wait returns once `*word` differs from `value`, after `wait_ms`, or early without
 * a reason.
 */
void os_word_wait(const int32_t *word, int32_t value, uint32_t wait_ms);
void os_word_wake(const int32_t *word);

struct os_thread;
HRESULT os_thread_start(void (*run)(void *), void *context, struct os_thread **out) MUST_CHECK;

/*
 * True: the thread has ended, including its last instruction, and is freed. False after `wait_ms`:
 * it still runs and `thread` stays valid.
 */
bool os_thread_join(struct os_thread *thread, uint32_t wait_ms);

/*
 * Give up joining the thread: frees its handle while it continues to run. The thread may call this
 * for itself.
 */
void os_thread_forget(struct os_thread *thread);

#endif
