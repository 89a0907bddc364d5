/*
 * The stack guard: what -fstack-protector-strong puts behind every array on the stack, and what
 * happens when it was overwritten.
 *
 * GCC's own libssp asks a cryptographic provider for the value when the DLL is loaded, which may
 * load DLLs in turn and must not be done from there. Windows has a value for everyone who asks:
 * before any code of an image runs, the loader puts a random number where the load configuration
 * says, if it finds this constant there. Its two highest bytes stay zero, so that no text can hold
 * it.
 */
#include <windows.h>

/* DEFAULT_SECURITY_COOKIE of Microsoft's C library */
#define REPLACED_BY_THE_LOADER 0x00002b992ddfa232

extern ULONG_PTR __stack_chk_guard;
ULONG_PTR __stack_chk_guard = REPLACED_BY_THE_LOADER;

__attribute__((noreturn)) void __stack_chk_fail(void);

/*
 * Ends the process at once, whoever it belongs to, as Windows' own DLLs do: nothing that would be
 * called now, an exception handler least of all, could be trusted. Windows Error Reporting gets
 * 0xc0000409, STATUS_STACK_BUFFER_OVERRUN.
 */
void __stack_chk_fail(void)
{
    __asm__ volatile("int $0x29" : : "c"(FAST_FAIL_STACK_COOKIE_CHECK_FAILURE));
    __builtin_unreachable();
}
