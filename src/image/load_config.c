/*
 * The load configuration: what Windows does for a program or DLL of ours before any of its code
 * runs.
 *
 * It is found through a directory of the file's header, which binutils 2.40 cannot write;
 * src/image/finish does. Every image is linked with this file, none calls it.
 */
#include <windows.h>
#include <stddef.h>

/* as for LoadLibraryEx, for the DLLs that we import */
#define SYSTEM32_ONLY LOAD_LIBRARY_SEARCH_SYSTEM32

extern ULONG_PTR __stack_chk_guard;

/* MinGW-w64's structure ends where that of Windows Vista did. This is the length that Windows 10
 * first had. */
#pragma pack(push, 4)
struct load_config {
    IMAGE_LOAD_CONFIG_DIRECTORY64 base; /* its Reserved1 has since become DependentLoadFlags */
    ULONGLONG guard_cf[4];              /* Control Flow Guard: GCC cannot make the tables */
    DWORD guard_flags;
};
#pragma pack(pop)

_Static_assert(sizeof(struct load_config) == 0x94, "a length that Windows knows");
_Static_assert(offsetof(IMAGE_LOAD_CONFIG_DIRECTORY64, Reserved1) == 0x4e,
               "where Windows has DependentLoadFlags");
_Static_assert(offsetof(IMAGE_LOAD_CONFIG_DIRECTORY64, SecurityCookie) == 0x58,
               "where Windows has SecurityCookie");

extern const struct load_config _load_config_used;

const struct load_config _load_config_used = {
    .base = {
        .Size = sizeof(struct load_config),
        .Reserved1 = SYSTEM32_ONLY,
        .SecurityCookie = (ULONG_PTR)&__stack_chk_guard,
    },
};
