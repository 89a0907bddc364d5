/* What the stub CA writes: PEM, of bytes of every length. */
#include "lib/test.h"
#include "stubca/base/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <wincrypt.h>

#define MOST 400                        /* bytes: more than eight full lines */

/* Lines of 64 characters, the last one shorter, none empty, and nothing but LF between them. */
static bool is_neat(const char *text, size_t size)
{
    const char *at = strchr(text, '\n') + 1;
    size_t left = (size + 2) / 3 * 4;

    if (strncmp(text, "-----BEGIN CERTIFICATE-----\n", 28)) return false;
    for (; left; at++) {
        size_t length = left < 64 ? left : 64;

        if (strcspn(at, "\r\n-") != length || at[length] != '\n') return false;
        at += length;
        left -= length;
    }
    return !strcmp(at, "-----END CERTIFICATE-----\n");
}

TEST(pem_is_neat_and_holds_the_same_bytes_whatever_their_number)
{
    unsigned char data[MOST], back[MOST + 3];
    struct reason reason = {0};
    char path[MAX_PATH + 40];

    snprintf(path + GetTempPathA(MAX_PATH, path), 40, "certwitness-stubca-files-%lu.pem", GetCurrentProcessId());

    for (size_t i = 0; i < MOST; i++) data[i] = (unsigned char)(i * 151 + 7);
    for (size_t size = 1; size <= MOST; size++) {
        DWORD length = sizeof back;
        size_t read;
        char *text;

        check_hr(file_write_pem(path, "CERTIFICATE", data, size, &reason), S_OK);
        if (!check_hr(file_read(path, 1 << 20, &text, &read, &reason), S_OK)) break;
        if (!check(is_neat(text, size))) test_note("%u bytes:\n%s", (unsigned)size, text);
        check(CryptStringToBinaryA(text, 0, CRYPT_STRING_BASE64HEADER, back, &length, NULL, NULL));
        check(length == size && !memcmp(back, data, size));
        free(text);
    }
    check(DeleteFileA(path));
}
