#include "os.h"

#include "digits.h"

#include <windows.h>
#include <bcrypt.h>
#include <stdlib.h>
#include <string.h>

#define MICROS_1601_TO_1970 11644473600000000LL

int64_t os_now(void)
{
    FILETIME now;

    GetSystemTimePreciseAsFileTime(&now);
    return (int64_t)(((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) / 10) -
           MICROS_1601_TO_1970;
}

uint64_t os_ticks_ms(void)
{
    return GetTickCount64();
}

HRESULT os_guid(char out[37])
{
    uint8_t b[16];

    if (BCryptGenRandom(NULL, b, sizeof b, BCRYPT_USE_SYSTEM_PREFERRED_RNG) < 0) return E_FAIL;
    b[6] = (b[6] & 0x0f) | 0x40;        /* version 4, RFC 4122 */
    b[8] = (b[8] & 0x3f) | 0x80;
    strcpy(out, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    for (int i = 0, at = 0; i < 16; i++, at += 2) {
        if (out[at] == '-') at++;
        digits_hex(&b[i], 1, out + at);
    }
    return S_OK;
}

/* A pseudo-handle of Windows 10 and Server 2016 on: nothing to open, nothing to close when the DLL
 * is unloaded. */
#ifndef BCRYPT_SHA256_ALG_HANDLE
#define BCRYPT_SHA256_ALG_HANDLE ((BCRYPT_ALG_HANDLE)0x41)
#endif
#ifndef BCRYPT_SHA1_ALG_HANDLE
#define BCRYPT_SHA1_ALG_HANDLE ((BCRYPT_ALG_HANDLE)0x31)
#endif

/* Without ntstatus.h, which wants to be included before windows.h. */
static HRESULT hashed(NTSTATUS status)
{
    if (status >= 0) return S_OK;
    return (ULONG)status == 0xc0000017 || (ULONG)status == 0xc000009a
               ? E_OUTOFMEMORY
               : E_FAIL; /* STATUS_NO_MEMORY, _INSUFFICIENT_RESOURCES */
}

HRESULT os_sha1(const void *data, size_t size, uint8_t out[20])
{
    if (size > ULONG_MAX) return E_INVALIDARG;
    return hashed(BCryptHash(BCRYPT_SHA1_ALG_HANDLE, NULL, 0, (PUCHAR)data, (ULONG)size, out, 20));
}

HRESULT os_sha256(const void *data, size_t size, uint8_t out[32])
{
    if (size > ULONG_MAX) return E_INVALIDARG;
    return hashed(
        BCryptHash(BCRYPT_SHA256_ALG_HANDLE, NULL, 0, (PUCHAR)data, (ULONG)size, out, 32));
}

struct os_monitor {
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
};

HRESULT os_monitor_create(struct os_monitor **out)
{
    if (!(*out = calloc(1, sizeof **out))) return E_OUTOFMEMORY;
    InitializeSRWLock(&(*out)->lock);
    InitializeConditionVariable(&(*out)->changed);
    return S_OK;
}

void os_monitor_free(struct os_monitor *monitor)
{
    free(monitor);
}

void os_monitor_enter(struct os_monitor *monitor)
{
    AcquireSRWLockExclusive(&monitor->lock);
}

void os_monitor_leave(struct os_monitor *monitor)
{
    ReleaseSRWLockExclusive(&monitor->lock);
}

bool os_monitor_wait(struct os_monitor *monitor, uint32_t wait_ms)
{
    return SleepConditionVariableSRW(&monitor->changed, &monitor->lock, wait_ms, 0);
}

void os_monitor_wake_all(struct os_monitor *monitor)
{
    WakeAllConditionVariable(&monitor->changed);
}

void os_word_wait(const int32_t *word, int32_t value, uint32_t wait_ms)
{
    WaitOnAddress((volatile void *)word, &value, sizeof value, wait_ms);
}

void os_word_wake(const int32_t *word)
{
    WakeByAddressSingle((void *)word);
}

struct os_thread {
    HANDLE handle;
    void (*run)(void *);
    void *context;
};

static DWORD WINAPI run_thread(void *parameter)
{
    struct os_thread *thread = parameter;

    thread->run(thread->context);
    return 0;
}

HRESULT os_thread_start(void (*run)(void *), void *context, struct os_thread **out)
{
    struct os_thread *thread = calloc(1, sizeof *thread);
    HRESULT hr;

    *out = NULL;
    if (!thread) return E_OUTOFMEMORY;
    thread->run = run;
    thread->context = context;
    if (!(thread->handle = CreateThread(NULL, 0, run_thread, thread, 0, NULL))) {
        hr = HRESULT_FROM_WIN32(GetLastError());
        free(thread);
        return hr;
    }
    *out = thread;
    return S_OK;
}

bool os_thread_join(struct os_thread *thread, uint32_t wait_ms)
{
    if (WaitForSingleObject(thread->handle, wait_ms) != WAIT_OBJECT_0) return false;
    CloseHandle(thread->handle);
    free(thread);
    return true;
}

void os_thread_forget(struct os_thread *thread)
{
    CloseHandle(thread->handle);
    free(thread);
}
