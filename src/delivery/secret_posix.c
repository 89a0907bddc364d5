#include "secret.h"

#include <sys/stat.h>

HRESULT secret_protect(const struct bytes *plain, struct bytes *out)
{
    bytes_add(out, plain->data, plain->size);
    return out->failed ? E_OUTOFMEMORY : S_OK;
}

HRESULT secret_unprotect(const struct bytes *stored, struct bytes *out)
{
    return secret_protect(stored, out);
}

bool secret_is_open(const char *path)
{
    struct stat found;

    return stat(path, &found) || (found.st_mode & 077);
}
