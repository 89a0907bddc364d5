/*
 * store_import FILE.p12: the certificate of a PKCS#12 file without a password goes into LocalMachine\My, with its key. Prints its SHA-1.
 * store_import --remove SHA1: takes it out again, from the registry itself, since Wine's CertDeleteCertificateFromStore does not.
 */
#include <windows.h>
#include <wincrypt.h>
#include <stdio.h>
#include <wchar.h>

static int fail(const char *what)
{
    fprintf(stderr, "store_import: %s: error 0x%lx\n", what, GetLastError());
    return 2;
}

static HCERTSTORE machine_store(void)
{
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE, L"My");
}

static BOOL read_file(const WCHAR *path, CRYPT_DATA_BLOB *out)
{
    static BYTE data[65536];
    FILE *file = _wfopen(path, L"rb");

    if (!file) return FALSE;
    out->pbData = data;
    out->cbData = (DWORD)fread(data, 1, sizeof data, file);
    fclose(file);
    return out->cbData != 0;
}

static int import(const WCHAR *path)
{
    CRYPT_DATA_BLOB pfx, sum;
    HCERTSTORE from, to = machine_store();
    const CERT_CONTEXT *each = NULL;
    BYTE hash[20];
    DWORD size, imported = 0;

    if (!to) return fail("LocalMachine\\My");
    if (!read_file(path, &pfx)) return fail("the file");
    if (!(from = PFXImportCertStore(&pfx, L"", CRYPT_EXPORTABLE))) return fail("PFXImportCertStore");
    while ((each = CertEnumCertificatesInStore(from, each))) {
        size = 0;
        if (!CertGetCertificateContextProperty(each, CERT_KEY_PROV_INFO_PROP_ID, NULL, &size) &&
            !CertGetCertificateContextProperty(each, CERT_KEY_CONTEXT_PROP_ID, NULL, &size)) continue;
        if (!CertAddCertificateContextToStore(to, each, CERT_STORE_ADD_REPLACE_EXISTING, NULL)) return fail("adding it");
        size = sizeof hash;
        if (!CertGetCertificateContextProperty(each, CERT_SHA1_HASH_PROP_ID, hash, &size)) return fail("its SHA-1");
        sum = (CRYPT_DATA_BLOB){size, hash};
        for (DWORD i = 0; i < sum.cbData; i++) printf("%02x", sum.pbData[i]);
        printf("\n");
        imported++;
    }
    CertCloseStore(from, 0);
    CertCloseStore(to, 0);
    return imported ? 0 : fail("no certificate with a key");
}

static int take_out(WCHAR *digits)
{
    WCHAR key[128];

    swprintf(key, ARRAYSIZE(key), L"Software\\Microsoft\\SystemCertificates\\My\\Certificates\\%ls", _wcsupr(digits));
    SetLastError((DWORD)RegDeleteKeyW(HKEY_LOCAL_MACHINE, key));
    return GetLastError() ? fail("removing it") : 0;
}

int wmain(int argc, WCHAR **argv)
{
    if (argc == 3 && !wcscmp(argv[1], L"--remove")) return take_out(argv[2]);
    return argc == 2 ? import(argv[1]) : fail("FILE.p12, or --remove SHA1");
}
