#include "grant.h"

#include "base/error_windows.h"

#include <aclapi.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_SIZE(account) (offsetof(ACCESS_ALLOWED_ACE, SidStart) + GetLengthSid(account))

static bool grant_is(const ACE_HEADER *header, const struct grant *grant)
{
    const ACCESS_ALLOWED_ACE *entry = (const ACCESS_ALLOWED_ACE *)header;

    return header->AceType == ACCESS_ALLOWED_ACE_TYPE && header->AceFlags == grant->flags &&
           header->AceSize == ENTRY_SIZE(grant->account) && entry->Mask == grant->rights &&
           EqualSid((PSID)&entry->SidStart, grant->account);
}

static HRESULT grant_copy(ACL *out, void *entry)
{
    DWORD size = ((ACE_HEADER *)entry)->AceSize;

    return AddAce(out, ACL_REVISION_DS, MAXDWORD, entry, size) ? S_OK : last_error();
}

static HRESULT grant_put(ACL *out, const struct grant *grant)
{
    return AddAccessAllowedAceEx(out, ACL_REVISION_DS, grant->flags, grant->rights, grant->account)
               ? S_OK
               : last_error();
}

/* An empty list with room for another one and `more` bytes. */
static HRESULT grant_begin(const ACL *list, size_t more, ACL **out)
{
    ACL_SIZE_INFORMATION size;
    size_t whole;

    *out = NULL;
    if (!IsValidAcl((ACL *)list) ||
        !GetAclInformation((ACL *)list, &size, sizeof size, AclSizeInformation))
        return HRESULT_FROM_WIN32(ERROR_INVALID_ACL);
    whole = size.AclBytesInUse + more;
    if (whole > 0xffff) return HRESULT_FROM_WIN32(ERROR_INVALID_ACL);
    if (!(*out = calloc(1, whole))) return E_OUTOFMEMORY;
    if (InitializeAcl(*out, (DWORD)whole, ACL_REVISION_DS)) return S_OK;
    return last_error();
}

static HRESULT grant_end(HRESULT hr, ACL **out)
{
    if (hr == S_OK) return hr;
    free(*out);
    *out = NULL;
    return hr;
}

HRESULT grant_into(const ACL *list, const struct grant *grant, ACL **out)
{
    HRESULT hr = grant_begin(list, ENTRY_SIZE(grant->account), out);
    bool put = false;
    void *entry;

    for (DWORD i = 0; hr == S_OK && i < list->AceCount; i++) {
        if (!GetAce((ACL *)list, i, &entry)) hr = last_error();
        else if (grant_is(entry, grant)) hr = S_FALSE;
        else {
            if (!put && ((ACE_HEADER *)entry)->AceFlags & INHERITED_ACE) {
                hr = grant_put(*out, grant);
                put = true;
            }
            if (hr == S_OK) hr = grant_copy(*out, entry);
        }
    }
    if (hr == S_OK && !put) hr = grant_put(*out, grant);
    return grant_end(hr, out);
}

HRESULT grant_out_of(const ACL *list, const struct grant *grant, ACL **out)
{
    HRESULT hr = grant_begin(list, 0, out);
    bool found = false;
    void *entry;

    for (DWORD i = 0; hr == S_OK && i < list->AceCount; i++) {
        if (!GetAce((ACL *)list, i, &entry)) hr = last_error();
        else if (!found && grant_is(entry, grant)) found = true;
        else hr = grant_copy(*out, entry);
    }
    return grant_end(hr == S_OK && !found ? S_FALSE : hr, out);
}

/* --- on disk --- */

static HRESULT grant_set(const WCHAR *path, PSECURITY_DESCRIPTOR descriptor, ACL *list)
{
    SECURITY_INFORMATION which = DACL_SECURITY_INFORMATION;
    SECURITY_DESCRIPTOR_CONTROL control;
    DWORD revision, code;

    if (!GetSecurityDescriptorControl(descriptor, &control, &revision)) return last_error();
    which |= control & SE_DACL_PROTECTED ? PROTECTED_DACL_SECURITY_INFORMATION
                                         : UNPROTECTED_DACL_SECURITY_INFORMATION;
    code = SetNamedSecurityInfoW((WCHAR *)path, SE_FILE_OBJECT, which, NULL, NULL, list, NULL);
    return HRESULT_FROM_WIN32(code);
}

static HRESULT grant_change(const WCHAR *path, const struct grant *grant,
                            HRESULT (*change)(const ACL *, const struct grant *, ACL **))
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    ACL *list = NULL, *changed = NULL;
    DWORD code = GetNamedSecurityInfoW(path, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL,
                                       &list, NULL, &descriptor);
    HRESULT hr;

    if (code) return HRESULT_FROM_WIN32(code);
    hr = list ? change(list, grant, &changed) : HRESULT_FROM_WIN32(ERROR_INVALID_ACL);
    if (hr == S_OK) hr = grant_set(path, descriptor, changed);
    free(changed);
    LocalFree(descriptor);
    return hr;
}

HRESULT grant_add(const WCHAR *path, const struct grant *grant)
{
    return grant_change(path, grant, grant_into);
}

HRESULT grant_remove(const WCHAR *path, const struct grant *grant)
{
    HRESULT hr = grant_change(path, grant, grant_out_of);

    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
                   hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND)
               ? S_FALSE
               : hr;
}
