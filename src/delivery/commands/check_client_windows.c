#include "check_files.h"

#include "base/error_text.h"
#include "base/file_read.h"
#include "base/utf16_windows.h"

#include <wincrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST  (1u << 20)           /* bytes; a PKCS#12 file has some KiB */
#define STORE_MAX  64                   /* characters of a store's name */
#define SHA1_BYTES 20

static const char *check_file(const char *path, char why[CHECK_WHY])
{
    struct bytes file = {0};
    char text[ERROR_TEXT_MAX];
    HRESULT hr = file_read(path, FILE_MOST, &file);

    if (FAILED(hr)) snprintf(why, CHECK_WHY, "cannot be read: %s", error_text(hr, text));
    bytes_free(&file);
    return FAILED(hr) ? "clientCertificate" : NULL;
}

/* `store` is "My\<SHA-1>". */
static bool check_is_there(DWORD where, const char *store)
{
    size_t size = strcspn(store, "\\");
    BYTE hash[SHA1_BYTES];
    CRYPT_HASH_BLOB blob = {sizeof hash, hash};
    const CERT_CONTEXT *found = NULL;
    char name[STORE_MAX];
    WCHAR wide[STORE_MAX];
    HCERTSTORE opened;

    for (int i = 0; i < SHA1_BYTES; i++) {
        char digits[3] = {store[size + 1 + 2 * i], store[size + 2 + 2 * i], 0};

        hash[i] = (BYTE)strtoul(digits, NULL, 16);
    }
    snprintf(name, sizeof name, "%.*s", (int)size, store);
    if (!utf16_from_utf8(name, wide, STORE_MAX)) return false;
    opened = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, where | CERT_STORE_OPEN_EXISTING_FLAG |
                           CERT_STORE_READONLY_FLAG, wide);
    if (!opened) return false;
    found = CertFindCertificateInStore(opened, X509_ASN_ENCODING, 0, CERT_FIND_HASH, &blob, NULL);
    CertFreeCertificateContext(found);
    CertCloseStore(opened, 0);
    return found;
}

/* Other places than these two are left to the TLS library; config_tls.c has judged the form. */
const char *check_client(const struct target *target, char why[CHECK_WHY])
{
    static const char machine[] = "LocalMachine\\", user[] = "CurrentUser\\";
    const char *text = target->client_certificate;
    bool is_machine = !strncmp(text, machine, sizeof machine - 1);

    if (!is_machine && strncmp(text, user, sizeof user - 1))
        return strchr(text, ':') || *text == '\\' ? check_file(text, why) : NULL;
    if (check_is_there(is_machine ? CERT_SYSTEM_STORE_LOCAL_MACHINE
                                  : CERT_SYSTEM_STORE_CURRENT_USER,
                       text + (is_machine ? sizeof machine : sizeof user) - 1))
        return NULL;
    snprintf(why, CHECK_WHY, "is in no store of that name; look at its SHA-1 (certutil -store My)");
    return "clientCertificate";
}
