#include "folder_guard_windows.h"

#include "error_windows.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HARMLESS                                                                                   \
    (FILE_LIST_DIRECTORY | FILE_READ_EA | FILE_TRAVERSE | FILE_READ_ATTRIBUTES | READ_CONTROL |    \
     SYNCHRONIZE | GENERIC_READ | GENERIC_EXECUTE)

/* Of a folder on the way: what takes a folder away, or gives the right to. Nobody deletes the root
 * of a drive. */
#define HARMFUL_ROOT  (FILE_DELETE_CHILD | WRITE_DAC | WRITE_OWNER | GENERIC_ALL)
#define HARMFUL_ABOVE (HARMFUL_ROOT | DELETE)

#ifndef ERROR_REPARSE_POINT_ENCOUNTERED
#define ERROR_REPARSE_POINT_ENCOUNTERED 4395
#endif

/* Identifiers of accounts that are the same on every machine, in binary. */
struct well_known {
    SID_IDENTIFIER_AUTHORITY authority;
    BYTE count;
    DWORD parts[6];
};
static const struct well_known administrators[] = {
    {{SECURITY_NT_AUTHORITY}, 1, {SECURITY_LOCAL_SYSTEM_RID}},
    {{SECURITY_NT_AUTHORITY}, 2, {SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS}},
    {{SECURITY_NT_AUTHORITY},
     6,
     {80, 956008885, 3418522649, 1831038044, 1853292631,
      2271478464}}, /* NT SERVICE\TrustedInstaller */
};
static const struct well_known creators[] = {
    {{SECURITY_CREATOR_SID_AUTHORITY}, 1, {SECURITY_CREATOR_OWNER_RID}},
    {{SECURITY_CREATOR_SID_AUTHORITY}, 1, {SECURITY_CREATOR_OWNER_RIGHTS_RID}},
};

static bool folder_guard_is_one_of(PSID sid, const struct well_known *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool same =
            *GetSidSubAuthorityCount(sid) == list[i].count &&
            !memcmp(GetSidIdentifierAuthority(sid), &list[i].authority, sizeof list[i].authority);

        for (BYTE part = 0; same && part < list[i].count; part++)
            same = *GetSidSubAuthority(sid, part) == list[i].parts[part];
        if (same) return true;
    }
    return false;
}

static BYTE trusted[SECURITY_MAX_SID_SIZE];             /* its first byte is 0: none */

void folder_guard_trust(PSID account)
{
    CopySid(sizeof trusted, trusted, account);
}

PSID folder_guard_trusted(void)
{
    return *trusted ? trusted : NULL;
}

static bool is_trusted(PSID sid, const struct folder_facts *facts)
{
    return folder_guard_is_one_of(sid, administrators, ARRAYSIZE(administrators)) ||
           (facts->self && EqualSid(sid, facts->self)) || (*trusted && EqualSid(sid, trusted));
}

/* Not by name: to learn that, a domain controller might have to be asked. What mends it: its own
 * list in place of an inherited one, without him. */
static HRESULT refuse_account(DWORD code, PSID sid, const WCHAR *what, struct folder_fault *fault)
{
    WCHAR *text = NULL;

    ConvertSidToStringSidW(sid, &text);
    swprintf(fault->why, FOLDER_GUARD_TEXT_MAX,
             L"%ls %ls, which is neither SYSTEM nor Administrators.", what,
             text ? text : L"an account");
    fault->why[FOLDER_GUARD_TEXT_MAX - 1] = 0;
    if (code == ERROR_INVALID_OWNER) wcscpy(fault->mend, L"/setowner *S-1-5-32-544");
    else if (text)
        swprintf(fault->mend, FOLDER_GUARD_TEXT_MAX, L"/inheritance:d /remove:g *%.200ls", text);
    LocalFree(text);
    return HRESULT_FROM_WIN32(code);
}

static HRESULT folder_guard_refuse(DWORD code, const WCHAR *sentence, struct folder_fault *fault)
{
    swprintf(fault->why, FOLDER_GUARD_TEXT_MAX, L"%ls", sentence);
    return HRESULT_FROM_WIN32(code);
}

#define LINK L"It leads to another place (a junction, a symbolic link or a mounted volume)"

static HRESULT judge_owner(const struct folder_facts *facts, struct folder_fault *fault)
{
    const WCHAR *what = facts->role == FOLDER_LINK ? LINK L" and is owned by" : L"It is owned by";
    PSID owner = NULL;
    BOOL defaulted;

    if (!GetSecurityDescriptorOwner(facts->descriptor, &owner, &defaulted) || !owner ||
        !IsValidSid(owner))
        return folder_guard_refuse(ERROR_INVALID_OWNER, L"Nobody is known to own it.", fault);
    return is_trusted(owner, facts) ? S_OK
                                    : refuse_account(ERROR_INVALID_OWNER, owner, what, fault);
}

/* The account of an entry that allows something; both checked against the entry's own size. NULL
 * where it does not fit. */
static PSID allowed_sid(ACCESS_ALLOWED_ACE *ace)
{
    size_t room = ace->Header.AceSize;
    SID *sid = (SID *)&ace->SidStart;
    size_t start = offsetof(ACCESS_ALLOWED_ACE, SidStart);

    if (room < start + GetSidLengthRequired(0)) return NULL;
    return GetSidLengthRequired(sid->SubAuthorityCount) <= room - start && IsValidSid(sid) ? sid
                                                                                           : NULL;
}

static bool is_harmless(DWORD mask, enum folder_role role)
{
    if (role == FOLDER_ROOT) return !(mask & HARMFUL_ROOT);
    return role == FOLDER_LEADS ? !(mask & HARMFUL_ABOVE) : !(mask & ~(DWORD)HARMLESS);
}

/* What is above the journal's folder is there already, and has a list of its own. */
static bool is_above(enum folder_role role)
{
    return role == FOLDER_LEADS || role == FOLDER_ROOT || role == FOLDER_LINK;
}

static HRESULT judge_entry(ACE_HEADER *header, const struct folder_facts *facts,
                           struct folder_fault *fault)
{
    static const WCHAR *const whats[] = {
        [FOLDER_HOLDS] = L"It, or what will stand in it, can be changed by",
        [FOLDER_LEADS] = L"It, or what stands in it, can be taken away by",
        [FOLDER_ROOT] = L"What stands in it can be taken away by",
        [FOLDER_LINK] = LINK L" and can be changed by",
        [FOLDER_FILE] = L"It can be changed by",
    };
    ACCESS_ALLOWED_ACE *ace = (ACCESS_ALLOWED_ACE *)header;
    PSID sid;

    if (header->AceType == ACCESS_DENIED_ACE_TYPE ||
        (is_above(facts->role) && header->AceFlags & INHERIT_ONLY_ACE))
        return S_OK;
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE || !(sid = allowed_sid(ace)))
        return folder_guard_refuse(
            ERROR_INVALID_ACL,
            L"Its list of permissions has an entry of a kind that is not understood.", fault);
    if (is_harmless(ace->Mask, facts->role) || is_trusted(sid, facts) ||
        folder_guard_is_one_of(sid, creators, ARRAYSIZE(creators)))
        return S_OK;
    return refuse_account(ERROR_INVALID_ACL, sid, whats[facts->role], fault);
}

static HRESULT judge_dacl(const struct folder_facts *facts, struct folder_fault *fault)
{
    BOOL present = FALSE, defaulted;
    ACL *dacl = NULL;
    HRESULT hr = S_OK;
    void *ace;

    if (!GetSecurityDescriptorDacl(facts->descriptor, &present, &dacl, &defaulted) || !present ||
        !dacl)
        return folder_guard_refuse(
            ERROR_INVALID_ACL, L"It has no list of permissions: everybody can do anything to it.",
            fault);
    if (!IsValidAcl(dacl))
        return folder_guard_refuse(ERROR_INVALID_ACL, L"Its list of permissions is damaged.",
                                   fault);
    for (DWORD i = 0; i < dacl->AceCount && SUCCEEDED(hr); i++) {
        if (!GetAce(dacl, i, &ace))
            return folder_guard_refuse(ERROR_INVALID_ACL, L"Its list of permissions is damaged.",
                                       fault);
        hr = judge_entry(ace, facts, fault);
    }
    return hr;
}

HRESULT folder_guard_decide(const struct folder_facts *facts, struct folder_fault *fault)
{
    bool is_folder = facts->attributes & FILE_ATTRIBUTE_DIRECTORY;
    HRESULT hr;

    fault->why[0] = fault->mend[0] = 0;
    if (facts->attributes & FILE_ATTRIBUTE_REPARSE_POINT && facts->role != FOLDER_LINK &&
        facts->role != FOLDER_ROOT)
        return folder_guard_refuse(ERROR_REPARSE_POINT_ENCOUNTERED, LINK L".", fault);
    if (is_folder == (facts->role == FOLDER_FILE))
        return folder_guard_refuse(
            ERROR_DIRECTORY,
            is_folder ? L"It is a folder, not a file." : L"It is a file, not a folder.", fault);
    if (!facts->descriptor)
        return folder_guard_refuse(ERROR_INVALID_ACL, L"Its permissions cannot be read.", fault);
    hr = judge_owner(facts, fault);
    return FAILED(hr) ? hr : judge_dacl(facts, fault);
}

/* The process's account, also where the thread acts as somebody else. Freed by the caller. */
static HRESULT own_account(TOKEN_USER **out)
{
    HANDLE token;
    DWORD size = 0;
    HRESULT hr = S_OK;

    *out = NULL;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return last_error();
    GetTokenInformation(token, TokenUser, NULL, 0, &size);
    if (!(*out = malloc(size + 1))) hr = E_OUTOFMEMORY;
    else if (!GetTokenInformation(token, TokenUser, *out, size, &size)) hr = last_error();
    CloseHandle(token);
    return hr;
}

/* By handle and by name: neither follows a reparse point on Windows; Wine follows symbolic links in
 * the one and tells of them in the other. */
static HRESULT folder_guard_attributes_of(HANDLE handle, const WCHAR *path, DWORD *out)
{
    FILE_ATTRIBUTE_TAG_INFO info;
    DWORD named = GetFileAttributesW(path);

    if (named == INVALID_FILE_ATTRIBUTES) return last_error();
    if (!GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &info, sizeof info))
        return last_error();
    *out = info.FileAttributes | (named & FILE_ATTRIBUTE_REPARSE_POINT);
    return S_OK;
}

static HRESULT decide_on(HANDLE handle, const WCHAR *path, enum folder_role role,
                         struct folder_fault *fault)
{
    struct folder_facts facts = {.role = role};
    TOKEN_USER *account = NULL;
    HRESULT hr;
    DWORD code;

    if (FAILED(hr = folder_guard_attributes_of(handle, path, &facts.attributes))) goto done;
    if (FAILED(hr = own_account(&account))) goto done;
    facts.self = account->User.Sid;
    code = GetSecurityInfo(handle, SE_FILE_OBJECT,
                           OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, NULL, NULL, NULL,
                           NULL, &facts.descriptor);
    hr = code ? HRESULT_FROM_WIN32(code) : folder_guard_decide(&facts, fault);
done:
    LocalFree(facts.descriptor);
    free(account);
    return hr;
}

static bool is_root(const WCHAR *path)
{
    size_t size = wcslen(path);

    return size > 1 && path[size - 1] == '\\' && path[size - 2] == ':';
}

/* Nobody moves or deletes the root of a drive, so who may delete it matters not. A file that is
 * loaded as a DLL has no handle that writes. */
static DWORD shared(const WCHAR *path, enum folder_role role)
{
    if (role == FOLDER_FILE) return FILE_SHARE_READ;
    return FILE_SHARE_READ | FILE_SHARE_WRITE | (is_root(path) ? FILE_SHARE_DELETE : 0);
}

/* FILE_LIST_DIRECTORY, which is FILE_READ_DATA, is what makes Windows look at the sharing at all: a
 * handle that could only read attributes would hold nothing, and would not be kept out by one that
 * may delete. */
HRESULT folder_guard_open(const WCHAR *path, enum folder_role role, HANDLE *out,
                          struct folder_fault *fault)
{
    HANDLE handle = CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES | FILE_LIST_DIRECTORY,
                                shared(path, role), NULL, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    HRESULT hr;

    fault->why[0] = fault->mend[0] = 0;
    *out = NULL;
    if (handle == INVALID_HANDLE_VALUE) return last_error();
    if (FAILED(hr = decide_on(handle, path, role, fault))) CloseHandle(handle);
    else *out = handle;
    return hr;
}

HRESULT folder_guard_look(const WCHAR *path, enum folder_role role, struct folder_fault *fault)
{
    HANDLE handle =
        CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    HRESULT hr;

    fault->why[0] = fault->mend[0] = 0;
    if (handle == INVALID_HANDLE_VALUE) return last_error();
    hr = decide_on(handle, path, role == FOLDER_LEADS && is_root(path) ? FOLDER_ROOT : role, fault);
    CloseHandle(handle);
    return hr;
}
