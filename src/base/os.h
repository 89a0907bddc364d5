/*
 * What the journal needs of an operating system besides files: time, chance, SHA-256, threads, HRESULTs.
 *
 * os_windows.c serves the product, os_posix.c the native build for sanitizers, fuzzers and Linux. Files are behind disk.h.
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
#define ERROR_NOT_ENOUGH_QUOTA   1816
#define ERROR_WORKING_SET_QUOTA    1453
#define ERROR_IO_DEVICE          1117
#define ERROR_TIMEOUT            1460
#endif

#define MUST_CHECK __attribute__((warn_unused_result))

/* The two spellings of it. */
static inline bool is_no_memory(HRESULT hr)
{
    return hr == E_OUTOFMEMORY || hr == HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
}

/* Microseconds since 1970-01-01 00:00 UTC, negative before. */
int64_t os_now(void);

/* Milliseconds of a clock that nobody sets. */
uint64_t os_ticks_ms(void);

/* A random GUID, 36 characters in lower case and a zero. */
HRESULT os_guid(char out[37]) MUST_CHECK;

HRESULT os_sha256(const void *data, size_t size, uint8_t out[32]) MUST_CHECK;
HRESULT os_sha1(const void *data, size_t size, uint8_t out[20]) MUST_CHECK;     /* for what Windows calls a thumbprint, and nothing else */

/* A mutex with a condition. wait returns false when `wait_ms` have passed; it may also return early, with true, for no reason. */
struct os_monitor;
HRESULT os_monitor_create(struct os_monitor **out) MUST_CHECK;
void os_monitor_free(struct os_monitor *monitor);       /* takes NULL; nobody may be in it */
void os_monitor_enter(struct os_monitor *monitor);
void os_monitor_leave(struct os_monitor *monitor);
bool os_monitor_wait(struct os_monitor *monitor, uint32_t wait_ms);     /* inside; lets go of it while it waits */
void os_monitor_wake_all(struct os_monitor *monitor);

/*
 * A word that one thread waits for another to change: it is changed first, with __atomic_…, and then woken by its address alone, which
 * may be freed memory by then. wait returns once `*word` is not `value`, or after `wait_ms`, or early, for no reason.
 */
void os_word_wait(const int32_t *word, int32_t value, uint32_t wait_ms);
void os_word_wake(const int32_t *word);

struct os_thread;
HRESULT os_thread_start(void (*run)(void *), void *context, struct os_thread **out) MUST_CHECK;

/* True: the thread has ended, to its last instruction, and is freed. False after `wait_ms`: it still runs and `thread` stays valid. */
bool os_thread_join(struct os_thread *thread, uint32_t wait_ms);

/* Nobody will join it: frees what is kept of it, while it goes on. The thread may say so of itself. */
void os_thread_forget(struct os_thread *thread);

#endif
