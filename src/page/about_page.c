/* What this is, which CA it is about, and where its settings stand. */
#include "resource.h"
#include "sheet.h"

#include "dll.h"
#include "version.h"

#include <stdio.h>

static void show(HWND page)
{
    const struct target *target = sheet_of(page)->target;
    WCHAR text[600], file[SETTINGS_PATH_MAX] = L"";

    SetDlgItemTextW(page, ID_ABOUT_NAME, L"CertWitness " CERTWITNESS_VERSION);
    SetDlgItemTextW(page, ID_ABOUT_TEXT,
        L"Writes down what this CA does, in a journal that anyone can check line by line. © The CertWitness authors, MIT licence.\n\n"
        L"The CA reads its settings when its service starts. Inside the CA's process there is no window, no network and no script: this page "
        L"lies in a file of its own, which only the snap-in loads.\n\n"
        L"The same settings are changed by \"certutil -setreg exit\\CertWitness.Exit\\NAME VALUE\". manual.html describes each.");
    swprintf(text, ARRAYSIZE(text), L"%ls on %ls%ls", target->ca, target->machine, target->local ? L"" : L" (another machine than this)");
    SetDlgItemTextW(page, ID_ABOUT_CA, text);
    SetDlgItemTextW(page, ID_ABOUT_KEY, target->key);
    if (!GetModuleFileNameW(dll_instance(), file, ARRAYSIZE(file))) file[0] = 0;
    file[ARRAYSIZE(file) - 1] = 0;
    SetDlgItemTextW(page, ID_ABOUT_FILE, file);
}

INT_PTR CALLBACK about_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam)
{
    INT_PTR handled = sheet_message(page, message, wparam, lparam);

    if (message == WM_INITDIALOG) show(page);
    return handled;
}
