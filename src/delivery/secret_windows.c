#include "secret.h"

#include "base/error_windows.h"

#include <wincrypt.h>

static HRESULT secret_take(DATA_BLOB *blob, struct bytes *out)
{
    bytes_add(out, blob->pbData, blob->cbData);
    SecureZeroMemory(blob->pbData, blob->cbData);
    LocalFree(blob->pbData);
    return out->failed ? E_OUTOFMEMORY : S_OK;
}

/* For the machine: the service that reads it is another account than the one that gave it. */
HRESULT secret_protect(const struct bytes *plain, struct bytes *out)
{
    DATA_BLOB in = {(DWORD)plain->size, (BYTE *)plain->data}, protected;

    if (!CryptProtectData(&in, L"certwitness-delivery", NULL, NULL, NULL,
                          CRYPTPROTECT_LOCAL_MACHINE | CRYPTPROTECT_UI_FORBIDDEN, &protected))
        return last_error();
    return secret_take(&protected, out);
}

HRESULT secret_unprotect(const struct bytes *stored, struct bytes *out)
{
    DATA_BLOB in = {(DWORD)stored->size, (BYTE *)stored->data}, plain;

    if (!CryptUnprotectData(&in, NULL, NULL, NULL, NULL, CRYPTPROTECT_UI_FORBIDDEN, &plain))
        return last_error();
    return secret_take(&plain, out);
}

/* file_create and the folder's list keep others out; DPAPI keeps a copy from being of use. */
bool secret_is_open(const char *path)
{
    (void)path;
    return false;
}
