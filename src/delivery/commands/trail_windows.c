#include "trail.h"

#include "base/utf16_windows.h"
#include "delivery_messages.h"
#include "eventlog/entry_writer.h"
#include "settings/event_log.h"

#include <stdio.h>

#define NAME_MOST 256                   /* characters */
#define FILE_MOST 400
#define DRAIN_MS  5000

static BOOL trail_read_user(BYTE *out, DWORD size)
{
    HANDLE token;
    BOOL read;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return FALSE;
    read = GetTokenInformation(token, TokenUser, out, size, &size);
    CloseHandle(token);
    return read;
}

void trail_who(char out[TRAIL_WHO])
{
    union {
        TOKEN_USER user;
        BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } token;
    WCHAR name[NAME_MOST], domain[NAME_MOST], whole[2 * NAME_MOST];
    DWORD name_size = NAME_MOST, domain_size = NAME_MOST;
    SID_NAME_USE use;

    snprintf(out, TRAIL_WHO, "an unknown account");
    if (!trail_read_user(token.bytes, sizeof token) ||
        !LookupAccountSidW(NULL, token.user.User.Sid, name, &name_size, domain, &domain_size, &use))
        return;
    lstrcpyW(whole, domain);
    lstrcatW(whole, L"\\");
    lstrcatW(whole, name);
    if (!utf16_put_utf8(whole, out, TRAIL_WHO)) snprintf(out, TRAIL_WHO, "an unknown account");
}

void trail_put(const char *file, const char *sentence)
{
    struct entry *entry = entry_new(EVENT_DELIVERY_SOURCE, MESSAGE_DELIVERY_CHANGED);

    entry_add_utf8(entry, sentence, ENTRY_INSERT_MAX);
    entry_add_utf8(entry, file, FILE_MOST);
    entry_add_number(entry, 0);
    if (entry_writer_add(entry)) entry_writer_drain(DRAIN_MS);
}
