/*
 * What Windows' loader does with the load configuration of our images, and what the stack guard does when it was overwritten.
 *
 * Each guard is looked up as the loader does it, through the header of the image in memory. That System32Only is obeyed cannot be seen
 * here: Wine 8 does not read DependentLoadFlags; tests/build/hardened.t reads it from the files.
 */
#include "lib/test.h"

#include <windows.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define UNTOUCHED 0x00002b992ddfa232            /* what the file holds until the loader has been there */
#define STACK_BUFFER_OVERRUN 0xc0000409
#define CHILD_MS 60000

static uint64_t guard_of(HMODULE image)
{
    const char *base = (const char *)image;
    const IMAGE_NT_HEADERS *headers = (const void *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    DWORD at = headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG].VirtualAddress;
    const IMAGE_LOAD_CONFIG_DIRECTORY64 *config = (const void *)(base + at);

    return at && config->SecurityCookie ? *(const uint64_t *)config->SecurityCookie : 0;
}

/* From build/tests/build/NAME.exe to build/bin. */
static void in_bin(const WCHAR *name, WCHAR path[MAX_PATH])
{
    GetModuleFileNameW(NULL, path, MAX_PATH);
    wcscpy(wcsrchr(path, '\\') + 1, L"..\\..\\bin\\");
    wcscat(path, name);
}

static uint64_t guard_in(const WCHAR *name)
{
    WCHAR path[MAX_PATH];
    HMODULE image;
    uint64_t guard = 0;

    in_bin(name, path);
    if ((image = LoadLibraryW(path))) {
        guard = guard_of(image);
        FreeLibrary(image);
    }
    return guard;
}

/*
 * Overwrites what lies behind its buffer where `size` is above 16: the guard, which begins there or 8 bytes on; noticed when it returns.
 * Not the return address: Windows ends the process without a look at it, Wine 8 asks the exception handlers first.
 */
static __attribute__((noinline)) int fill(volatile size_t size)
{
    volatile char buffer[16];

    for (size_t i = 0; i < size; i++) buffer[i] = 'A';
    return buffer[0] != 'A';
}

/* A child of this program: its exit code is half a guard, or what became of it. */
int test_role(void)
{
    WCHAR name[MAX_PATH];

    if (test_argc != 3) return -1;
    if (!strcmp(test_argv[1], "fill")) return fill(strtoul(test_argv[2], NULL, 10));
    swprintf(name, MAX_PATH, L"%hs", test_argv[2]);
    return (int)(guard_in(name) & 0x7fffffff);
}

static DWORD child(const WCHAR *role, const WCHAR *argument)
{
    WCHAR self[MAX_PATH], line[2 * MAX_PATH];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = STILL_ACTIVE;

    GetModuleFileNameW(NULL, self, MAX_PATH);
    swprintf(line, ARRAYSIZE(line), L"\"%ls\" %ls %ls", self, role, argument);
    if (!check(CreateProcessW(self, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))) return code;
    if (!check_int(WaitForSingleObject(process.hProcess, CHILD_MS), WAIT_OBJECT_0)) TerminateProcess(process.hProcess, 1);
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return code;
}

/* Calls `look` with the name of each file in build/bin that fits, and returns how many there were. */
static int each_in_bin(const WCHAR *pattern, void (*look)(const WCHAR *name))
{
    WCHAR path[MAX_PATH];
    WIN32_FIND_DATAW found;
    HANDLE search;
    int count = 0;

    in_bin(pattern, path);
    search = FindFirstFileW(path, &found);
    for (BOOL more = search != INVALID_HANDLE_VALUE; more; more = FindNextFileW(search, &found), count++) look(found.cFileName);
    FindClose(search);
    return count;
}

static void look_for_a_guard(const WCHAR *name)
{
    uint64_t guard = guard_in(name);

    if (!check(guard != 0) | !check(guard != UNTOUCHED) | !check(guard >> 48 == 0)) test_note("in %ls", name);
}

/* Wine begins with the time xor the process's number: of two processes both can differ by the same bits. That all others meet the
 * first one's is out of the question. */
static void look_for_another_guard(const WCHAR *name)
{
    DWORD one = child(L"guard", name);
    int others = 0;

    for (int i = 0; i < 5; i++) others += child(L"guard", name) != one;
    if (!check(one != 0) | !check(others > 0)) test_note("in %ls", name);
}

TEST(the_loader_gives_each_dll_a_guard_that_no_text_can_hold)
{
    check(each_in_bin(L"*.dll", look_for_a_guard) >= 2);
}

TEST(it_is_another_one_in_another_process)
{
    check(each_in_bin(L"*.dll", look_for_another_guard) >= 2);
}

TEST(a_buffer_that_is_filled_does_no_harm)
{
    check_int(child(L"fill", L"16"), 0);
}

TEST(one_that_is_overfilled_ends_the_process_at_once)
{
    check_int(child(L"fill", L"25"), STACK_BUFFER_OVERRUN);
}
