/* The DLL, its one export, and whether anything may be shown at all. */
#include "registration/page_door.h"

#include "dll.h"
#include "sheet.h"
#include "target.h"

#include "version.h"
#include "base/refusal_windows.h"

#include <stdio.h>
#include <wchar.h>

static HMODULE instance;

BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) instance = dll;
    return TRUE;
}

HMODULE dll_instance(void)
{
    return instance;
}

/* A service's window station is never on a screen; a box shown there would wait for ever for
 * somebody to click it. */
static bool can_be_seen(void)
{
    USEROBJECTFLAGS flags = {0};
    DWORD size;

    return GetUserObjectInformationW(GetProcessWindowStation(), UOI_FLAGS, &flags, sizeof flags,
                                     &size) &&
           (flags.dwFlags & WSF_VISIBLE);
}

/* A window of this process, or none: another program's would be disabled while the sheet is open.
 */
static HWND owner_of(ULONG_PTR value)
{
    HWND window = (HWND)value;
    DWORD process = 0;

    if (!window || !IsWindow(window)) return NULL;
    GetWindowThreadProcessId(window, &process);
    return process == GetCurrentProcessId() ? GetAncestor(window, GA_ROOT) : NULL;
}

static HRESULT show(const struct page_request *request, WCHAR *why)
{
    const WCHAR *config = request->config ? request->config : L"",
                *storage = request->storage ? request->storage : L"";
    HWND owner = owner_of(request->owner);
    struct target target;
    HRESULT hr = target_open(config, storage, &target, why);

    if (FAILED(hr)) {
        MessageBoxW(
            owner, why, L"CertWitness",
            MB_OK | MB_ICONERROR); /* nobody knows whether a snap-in shows what is returned to it */
        return hr;
    }
    if (!sheet_show(&target, request->read_only || !target.may_write, owner))
        hr = refusal(ERROR_NOT_ENOUGH_MEMORY, why, PAGE_WHY_MAX,
                     L"The page of CertWitness could not be shown: no window could be created, or "
                     L"there is not enough memory. "
                     L"Close other programs and try again.");
    target_close(&target);
    return hr;
}

/* Our manifest, for as long as we show something: whatever the snap-in's own says, controls are the
 * current ones. */
static HRESULT show_in_context(const struct page_request *request, WCHAR *why)
{
    ACTCTXW wanted = {.cbSize = sizeof wanted,
                      .dwFlags = ACTCTX_FLAG_HMODULE_VALID | ACTCTX_FLAG_RESOURCE_NAME_VALID,
                      .lpResourceName = MAKEINTRESOURCEW(2),
                      .hModule = instance};
    HANDLE context = CreateActCtxW(&wanted);
    ULONG_PTR cookie = 0;
    bool active = context != INVALID_HANDLE_VALUE && ActivateActCtx(context, &cookie);
    HRESULT hr = show(request, why);

    if (active) DeactivateActCtx(0, cookie);
    if (context != INVALID_HANDLE_VALUE) ReleaseActCtx(context);
    return hr;
}

HRESULT WINAPI certwitness_page_show(const struct page_request *request, WCHAR *why)
{
    why[0] = 0;
    if (wcscmp(request->version, L"" CERTWITNESS_VERSION))
        return refusal(ERROR_REVISION_MISMATCH, why, PAGE_WHY_MAX,
                       L"certwitness.dll has version %.20ls and certwitness_page.dll has version "
                       L"%ls. Install both from one "
                       L"package, then close the snap-in and open it again.",
                       request->version, L"" CERTWITNESS_VERSION);
    if (!can_be_seen())
        return refusal(ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION, why, PAGE_WHY_MAX,
                       L"The page of CertWitness is not shown: this process runs where no user "
                       L"can see its windows. "
                       L"Open the snap-in on a desktop.");
    return show_in_context(request, why);
}
