/* What this process uses. */
#include "process_usage.h"

#include "heap.h"

#include <psapi.h>
#include <stdlib.h>
#include <winternl.h>

/* SYSTEM_HANDLE_INFORMATION_EX, which no header has. GetProcessHandleCount would be shorter, but
 * under Wine it says 0. */
struct handle_entry {
    void *object;
    ULONG_PTR process, handle;
    ULONG access;
    USHORT creator, type;
    ULONG attributes, reserved;
};

struct handle_list {
    ULONG_PTR count, reserved;
    struct handle_entry entries[];
};

#define SYSTEM_EXTENDED_HANDLE_INFORMATION ((SYSTEM_INFORMATION_CLASS)64)

typedef NTSTATUS(WINAPI *query_system)(SYSTEM_INFORMATION_CLASS, void *, ULONG, ULONG *);

static const NTSTATUS too_short = (NTSTATUS)0xC0000004;         /* STATUS_INFO_LENGTH_MISMATCH */

ULONG process_usage_handles(void)
{
    query_system query = (query_system)(void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"),
                                                              "NtQuerySystemInformation");
    ULONG size = 1 << 16, own = 0;
    struct handle_list *list = heap_take(size);
    NTSTATUS status = -1;

    while (query &&
           (status = query(SYSTEM_EXTENDED_HANDLE_INFORMATION, list, size, NULL)) == too_short) {
        list = heap_grow(list, size *= 2);
    }
    for (ULONG_PTR i = 0; status >= 0 && i < list->count; i++) {
        if (list->entries[i].process == GetCurrentProcessId()) own++;
    }
    free(list);
    return own;
}

static double seconds(FILETIME time)
{
    return (double)((ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime) / 1e7;
}

struct process_usage process_usage_now(void)
{
    PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof memory};
    FILETIME created, ended, kernel = {0}, user = {0};
    struct process_usage usage = {0};

    GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
    GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory);
    usage.user_seconds = seconds(user);
    usage.kernel_seconds = seconds(kernel);
    usage.working_set = memory.WorkingSetSize;
    usage.peak_working_set = memory.PeakWorkingSetSize;
    usage.handles = process_usage_handles();
    return usage;
}
