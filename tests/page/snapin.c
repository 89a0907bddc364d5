/*
 * The part of the CA's snap-in: makes CertWitness.ExitManage out of a DLL, tells it a window in one of many types, calls Configure, and says
 * what came of it.
 *
 *   snapin DLL FLAGS CONFIG STORAGE [CONFIG STORAGE]... [WORD...]
 *
 * Calls Configure for each pair; "-" stands for a NULL string. Words: -hwnd=TYPE,... gives the handle of a window of this process before each
 * call, once in each of the types below; -station puts the process into a window station that nobody sees; -exit asks an exit module for its
 * management object; -version=TEXT asks the page itself, as another version; -hold only keeps the desktop there, until it is killed; -stranger has
 * a window there that is none of the snap-in's, and says what is done to it, until it is killed.
 */
#include "desktop.h"

#include "registration/page_door.h"

#include <certsrv.h>
#include <certwitness.h>
#include <tlhelp32.h>
#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

static int argument_count;
static WCHAR **arguments;

static const WCHAR *word(const WCHAR *name)
{
    size_t size = wcslen(name);

    for (int i = 1; i < argument_count; i++) if (!wcsncmp(arguments[i], name, size)) return arguments[i] + size;
    return NULL;
}

static bool is_word(const WCHAR *argument)
{
    return argument[0] == '-' && argument[1];
}

static BSTR text_of(const WCHAR *argument)
{
    return wcscmp(argument, L"-") ? SysAllocString(argument) : NULL;
}

static void *create(HMODULE dll, const CLSID *clsid, const IID *iid)
{
    HRESULT (WINAPI *get)(REFCLSID, REFIID, void **) = (void *)GetProcAddress(dll, "DllGetClassObject");
    IClassFactory *factory = NULL;
    void *object = NULL;

    if (!get || FAILED(get(clsid, &IID_IClassFactory, (void **)&factory))) return NULL;
    IClassFactory_CreateInstance(factory, NULL, iid, &object);
    IClassFactory_Release(factory);
    return object;
}

static ICertManageModule *manage_of(HMODULE dll)
{
    ICertManageModule *manage = NULL;
    ICertExit2 *exit;

    if (!word(L"-exit")) return create(dll, &CLSID_ExitManage, &IID_ICertManageModule);
    if (!(exit = create(dll, &CLSID_Exit, &IID_ICertExit2))) return NULL;
    ICertExit2_GetManageModule(exit, &manage);
    ICertExit2_Release(exit);
    return manage;
}

/* Values of every type that a handle might come in, and some that hold none. */
static void give_window(ICertManageModule *manage, HWND window, const WCHAR *type)
{
    BSTR name = SysAllocString(L"HWND");
    VARIANT value, inner;
    LONG narrow = (LONG)(LONG_PTR)window;
    LONGLONG wide = (LONGLONG)(LONG_PTR)window;
    BSTR blob = SysAllocStringByteLen((const char *)&wide, sizeof wide);

    VariantInit(&value);
    if (!wcscmp(type, L"i4")) V_VT(&value) = VT_I4, V_I4(&value) = narrow;
    if (!wcscmp(type, L"i8")) V_VT(&value) = VT_I8, V_I8(&value) = wide;
    if (!wcscmp(type, L"i8ref")) V_VT(&value) = VT_I8 | VT_BYREF, V_I8REF(&value) = &wide;
    if (!wcscmp(type, L"bstr")) V_VT(&value) = VT_BSTR, V_BSTR(&value) = blob;
    if (!wcscmp(type, L"bstr4")) V_VT(&value) = VT_BSTR, V_BSTR(&value) = SysAllocStringByteLen((const char *)&narrow, sizeof narrow);
    if (!wcscmp(type, L"variant")) {
        V_VT(&inner) = VT_BSTR, V_BSTR(&inner) = blob;
        V_VT(&value) = VT_VARIANT | VT_BYREF, V_VARIANTREF(&value) = &inner;
    }
    if (!wcscmp(type, L"array")) {
        void *bytes;

        V_VT(&value) = VT_ARRAY | VT_UI1, V_ARRAY(&value) = SafeArrayCreateVector(VT_UI1, 0, sizeof wide);
        SafeArrayAccessData(V_ARRAY(&value), &bytes);
        memcpy(bytes, &wide, sizeof wide);
        SafeArrayUnaccessData(V_ARRAY(&value));
    }
    if (!wcscmp(type, L"stranger")) V_VT(&value) = VT_I8, V_I8(&value) = (LONGLONG)(LONG_PTR)FindWindowW(L"SnapIn", L"stranger");
    if (!wcscmp(type, L"garbage")) V_VT(&value) = VT_BSTR, V_I8(&value) = 0x7ffe123456789a;
    if (!V_I8(&value) && wcscmp(type, L"none")) wprintf(L"no such window\n");
    ICertManageModule_SetProperty(manage, NULL, NULL, name, 0, &value);
    SysFreeString(name);
}

static unsigned threads(void)
{
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    unsigned count = 0;

    for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry)) count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(all);
    return count;
}

static void say_error(HRESULT hr)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;

    wprintf(L"hr 0x%08lx\n", hr);
    if (FAILED(hr) && GetErrorInfo(0, &info) == S_OK) {
        IErrorInfo_GetDescription(info, &text);
        wprintf(L"error %ls\n", text);
        SysFreeString(text);
        IErrorInfo_Release(info);
    }
}

static HRESULT ask_page(const WCHAR *version)
{
    struct page_request request = {version, L"-", L"-", 0, false};
    HMODULE page = LoadLibraryW(arguments[1]);
    page_show *show = page ? (page_show *)(void *)GetProcAddress(page, PAGE_EXPORT) : NULL;
    WCHAR why[PAGE_WHY_MAX] = L"";
    HRESULT hr = show ? show(&request, why) : E_FAIL;

    wprintf(L"error %ls\n", why);
    return hr;
}

static LRESULT CALLBACK window_message(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    if (message == WM_ENABLE) wprintf(L"owner %ls\n", wparam ? L"enabled" : L"disabled"), fflush(stdout);
    return DefWindowProcW(window, message, wparam, lparam);
}

static HWND window_of(void)
{
    WNDCLASSW class = {.lpfnWndProc = window_message, .hInstance = GetModuleHandleW(NULL), .lpszClassName = L"SnapIn"};

    RegisterClassW(&class);
    return CreateWindowW(L"SnapIn", L"certsrv", WS_OVERLAPPEDWINDOW | WS_VISIBLE, 0, 0, 400, 300, NULL, NULL, NULL, NULL);
}

static void be_stranger(void)
{
    MSG message;

    SetWindowTextW(window_of(), L"stranger");
    wprintf(L"held\n"), fflush(stdout);
    while (GetMessageW(&message, NULL, 0, 0) > 0) DispatchMessageW(&message);
}

static void configure(ICertManageModule *manage, int pair)
{
    BSTR config = text_of(arguments[pair]), storage = text_of(arguments[pair + 1]);
    unsigned before = threads();

    say_error(ICertManageModule_Configure(manage, config, storage, wcstol(arguments[2], NULL, 0)));
    wprintf(L"page %ls\n", GetModuleHandleW(PAGE_FILE) ? L"loaded" : L"gone");
    wprintf(L"threads %d\n", (int)(threads() - before));
    fflush(stdout);
    SysFreeString(config);
    SysFreeString(storage);
}

static int configure_all(HMODULE dll)
{
    ICertManageModule *manage = manage_of(dll);
    WCHAR *types = _wcsdup(word(L"-hwnd=") ? word(L"-hwnd=") : L"none"), *rest = NULL;
    HWND window = window_of();

    if (!manage) return 3;
    for (WCHAR *type = wcstok_s(types, L",", &rest); type; type = wcstok_s(NULL, L",", &rest)) {
        wprintf(L"hwnd %ls\n", type);
        give_window(manage, window, type);
        for (int pair = 3; pair + 1 < argument_count && !is_word(arguments[pair]); pair += 2) configure(manage, pair);
    }
    wprintf(L"references %lu\n", ICertManageModule_Release(manage));
    return 0;
}

int wmain(int argc, WCHAR **argv)
{
    HMODULE dll;
    int result;

    argument_count = argc;
    arguments = argv;
    if (word(L"-version=")) {
        say_error(ask_page(word(L"-version=")));
        return 0;
    }
    desktop_enter();
    if (word(L"-stranger")) be_stranger();
    if (word(L"-hold")) {
        window_of();
        wprintf(L"held\n"), fflush(stdout);
        Sleep(INFINITE);
    }
    if (argc < 5) return 2;
    if (word(L"-station")) SetProcessWindowStation(CreateWindowStationW(L"Unseen", 0, WINSTA_ALL_ACCESS, NULL));
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (!(dll = LoadLibraryW(argv[1]))) return 4;
    result = configure_all(dll);
    fflush(stdout);
    CoUninitialize();
    return result;
}
