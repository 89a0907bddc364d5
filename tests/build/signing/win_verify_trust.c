/*
 * What Windows thinks of signatures, for tests/build/sign.t:
 *
 *     win_verify_trust.exe ROOT FILE...
 *
 * For each FILE a line: the answer of WinVerifyTrust, in hexadecimal, and the name. ROOT, a certificate in DER, is one of the current user's
 * root authorities for as long as this runs, and only if it was none before. Exit code 1 where ROOT cannot be taken.
 */
#include <windows.h>
#include <wincrypt.h>
#include <wintrust.h>
#include <softpub.h>
#include <stdio.h>

static LONG verify(const WCHAR *path)
{
    GUID action = WINTRUST_ACTION_GENERIC_VERIFY_V2;
    WINTRUST_FILE_INFO file = {.cbStruct = sizeof file, .pcwszFilePath = path};
    WINTRUST_DATA data = {.cbStruct = sizeof data, .dwUIChoice = WTD_UI_NONE, .fdwRevocationChecks = WTD_REVOKE_NONE,
                          .dwUnionChoice = WTD_CHOICE_FILE, .pFile = &file, .dwStateAction = WTD_STATEACTION_VERIFY};
    LONG answer = WinVerifyTrust(INVALID_HANDLE_VALUE, &action, &data);

    data.dwStateAction = WTD_STATEACTION_CLOSE;
    WinVerifyTrust(INVALID_HANDLE_VALUE, &action, &data);
    return answer;
}

static PCCERT_CONTEXT read_certificate(const WCHAR *path)
{
    BYTE der[8192];
    FILE *file = _wfopen(path, L"rb");
    size_t size = file ? fread(der, 1, sizeof der, file) : 0;

    if (file) fclose(file);
    return CertCreateCertificateContext(X509_ASN_ENCODING, der, (DWORD)size);
}

int wmain(int argc, WCHAR **argv)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"Root");
    PCCERT_CONTEXT root = argc > 1 ? read_certificate(argv[1]) : NULL, added = NULL;

    if (!root || !CertAddCertificateContextToStore(store, root, CERT_STORE_ADD_NEW, &added)) {
        fprintf(stderr, "win_verify_trust: the root is no certificate, or cannot be added: 0x%08lx\n", GetLastError());
        return 1;
    }
    for (int i = 2; i < argc; i++) printf("%08lx %ls\n", (unsigned long)verify(argv[i]), argv[i]);
    CertDeleteCertificateFromStore(added);
    CertFreeCertificateContext(root);
    CertCloseStore(store, 0);
    return 0;
}
