/* The version, the CA, and the registry key of its settings. */
#include "resource.h"
#include "sheet.h"

#include "dll.h"
#include "version.h"

#include <stdio.h>

static void about_page_show(HWND page)
{
    const struct target *target = sheet_of(page)->target;
    WCHAR text[600], file[SETTINGS_PATH_MAX] = L"";

    SetDlgItemTextW(page, ID_ABOUT_NAME, L"CertWitness " CERTWITNESS_VERSION);
    SetDlgItemTextW(page, ID_ABOUT_TEXT,
        L"Records what this CA does in a journal that can be verified line by line. © The "
        L"CertWitness authors, MIT licence.\n\n"
        L"The CA reads the settings when its service starts. Inside the CA's process CertWitness "
        L"has no window, no network "
        L"and no script. This page is in a file of its own, which only the snap-in loads.\n\n"
        L"To change settings in PowerShell: certwitness settings set NAME=VALUE. The manual (F1) "
        L"describes each setting.");
    swprintf(text, ARRAYSIZE(text), L"%ls on %ls%ls", target->ca, target->machine,
             target->local ? L"" : L" (another machine)");
    SetDlgItemTextW(page, ID_ABOUT_CA, text);
    SetDlgItemTextW(page, ID_ABOUT_KEY, target->key);
    if (!GetModuleFileNameW(dll_instance(), file, ARRAYSIZE(file))) file[0] = 0;
    file[ARRAYSIZE(file) - 1] = 0;
    SetDlgItemTextW(page, ID_ABOUT_FILE, file);
}

INT_PTR CALLBACK about_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam)
{
    INT_PTR handled = sheet_message(page, message, wparam, lparam);

    if (message == WM_INITDIALOG) about_page_show(page);
    return handled;
}
