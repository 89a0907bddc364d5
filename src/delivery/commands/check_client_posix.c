#include "check_files.h"

#include "base/error_text.h"
#include "base/file_read.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

#define FILE_MOST (1u << 20)            /* bytes; a chain and its key have some KiB */

/* Nobody is there to type a password; `context` notes that one was asked for. */
static int check_password(char *out, int size, int writes, void *context)
{
    (void)out, (void)size, (void)writes;
    *(bool *)context = true;
    return -1;
}

static BIO *check_open(const char *path, struct bytes *file, char why[CHECK_WHY])
{
    char text[ERROR_TEXT_MAX];
    HRESULT hr = file_read(path, FILE_MOST, file);

    if (FAILED(hr))
        snprintf(why, CHECK_WHY, "cannot be read: %s",
                 hr == E_INVALIDARG ? "it is larger than 1 MiB" : error_text(hr, text));
    return SUCCEEDED(hr) ? BIO_new_mem_buf(file->size ? file->data : "", (int)file->size) : NULL;
}

static X509 *check_certificate(const char *path, char why[CHECK_WHY])
{
    struct bytes file = {0};
    X509 *certificate = NULL;
    BIO *bio = check_open(path, &file, why);

    if (bio && !(certificate = PEM_read_bio_X509(bio, NULL, check_password, &(bool){false})))
        snprintf(why, CHECK_WHY, "holds no certificate in PEM");
    BIO_free(bio);
    bytes_free(&file);
    return certificate;
}

static EVP_PKEY *check_key(const char *path, char why[CHECK_WHY])
{
    struct bytes file = {0};
    bool is_locked = false;
    EVP_PKEY *key = NULL;
    BIO *bio = check_open(path, &file, why);

    if (bio && !(key = PEM_read_bio_PrivateKey(bio, NULL, check_password, &is_locked)))
        snprintf(why, CHECK_WHY, "%s",
                 is_locked ? "is encrypted, and nobody is there to type its password; give a key "
                             "without one that only the delivery's account can read"
                           : "holds no private key in PEM");
    BIO_free(bio);
    if (file.data) OPENSSL_cleanse(file.data, file.size);
    bytes_free(&file);
    return key;
}

/* Without clientKey the key is in the certificate's file. */
const char *check_client(const struct target *target, char why[CHECK_WHY])
{
    const char *path = target->client_key ? target->client_key : target->client_certificate;
    const char *wrong = "clientCertificate";
    X509 *certificate = check_certificate(target->client_certificate, why);
    EVP_PKEY *key = NULL;

    if (!certificate) return wrong;
    if (target->client_key) wrong = "clientKey";
    if (!(key = check_key(path, why))) {}
    else if (X509_check_private_key(certificate, key) == 1) wrong = NULL;
    else
        snprintf(why, CHECK_WHY, "is not the key of the certificate in %s",
                 target->client_certificate);
    EVP_PKEY_free(key);
    X509_free(certificate);
    return wrong;
}
