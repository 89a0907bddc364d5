/* Entries of access lists that are added and removed, and the account of a service. */
#include "lib/test.h"

#include "base/folder_guard_windows.h"
#include "setup/grant.h"
#include "setup/service_account.h"

#include <sddl.h>
#include <stdlib.h>
#include <string.h>

#define JOURNAL L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"

static BYTE account[SECURITY_MAX_SID_SIZE];

static PSECURITY_DESCRIPTOR described(const WCHAR *sddl)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;

    check(ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &descriptor, NULL));
    return descriptor;
}

static ACL *list_of(PSECURITY_DESCRIPTOR descriptor)
{
    BOOL present, defaulted;
    ACL *list = NULL;

    check(GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted) && present && list);
    return list;
}

/* The entries as bytes: an ACL may have room behind them. */
static bool same_entries(const ACL *one, const ACL *other)
{
    ACL_SIZE_INFORMATION size, others;

    check(GetAclInformation((ACL *)one, &size, sizeof size, AclSizeInformation));
    check(GetAclInformation((ACL *)other, &others, sizeof others, AclSizeInformation));
    return size.AceCount == others.AceCount && size.AclBytesInUse == others.AclBytesInUse &&
           !memcmp(one + 1, other + 1, size.AclBytesInUse - sizeof *one);
}

static struct grant reading(void)
{
    check_hr(service_account_sid(L"CertWitnessDelivery", account), S_OK);
    return (struct grant){account, GRANT_READ, GRANT_BELOW};
}

TEST(the_account_of_a_service_has_the_identifier_that_windows_gives_it)
{
    BYTE sid[SECURITY_MAX_SID_SIZE];
    WCHAR *text = NULL;

    /* that of Windows' own service, which Microsoft documents */
    check_hr(service_account_sid(L"TrustedInstaller", sid), S_OK);
    check(ConvertSidToStringSidW(sid, &text));
    check_wide(text, L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464");
    LocalFree(text);
}

TEST(an_entry_stands_after_the_objects_own_and_before_those_that_it_inherited)
{
    PSECURITY_DESCRIPTOR before = described(L"O:BAD:(D;;FW;;;WD)(A;;FA;;;SY)(A;OICIID;FA;;;BA)(A;ID;FR;;;BU)");
    const struct grant grant = reading();
    ACCESS_ALLOWED_ACE *entry;
    ACL *list = NULL;

    check_hr(grant_into(list_of(before), &grant, &list), S_OK);
    check_int(list->AceCount, 5);
    check(GetAce(list, 2, (void **)&entry) && EqualSid(&entry->SidStart, account));
    check_int(entry->Mask, 0x120089);
    check_int(entry->Header.AceFlags, OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE);
    free(list);
    LocalFree(before);
}

TEST(what_was_added_and_removed_leaves_every_byte_as_it_was)
{
    static const WCHAR *const lists[] = {JOURNAL, L"O:BAD:", L"O:BAD:(D;;FW;;;WD)(A;;FA;;;SY)(A;OICIID;FA;;;BA)",
                                         L"O:BAD:P(A;;FR;;;WD)(A;OICI;FR;;;S-1-5-80-1-2-3-4-5)"};
    const struct grant grant = reading();

    for (size_t i = 0; i < ARRAYSIZE(lists); i++) {
        PSECURITY_DESCRIPTOR before = described(lists[i]);
        ACL *with = NULL, *without = NULL;

        check_hr(grant_into(list_of(before), &grant, &with), S_OK);
        check_hr(grant_out_of(with, &grant, &without), S_OK);
        check(same_entries(list_of(before), without));
        free(with);
        free(without);
        LocalFree(before);
    }
}

TEST(an_entry_that_is_there_is_not_added_and_another_right_is_not_removed)
{
    PSECURITY_DESCRIPTOR before = described(JOURNAL);
    struct grant grant = reading(), other = grant;
    ACL *with = NULL, *list = NULL;

    check_hr(grant_into(list_of(before), &grant, &with), S_OK);
    check_hr(grant_into(with, &grant, &list), S_FALSE);
    check(!list);
    other.rights = GRANT_CHANGE;
    check_hr(grant_out_of(with, &other, &list), S_FALSE);
    other = grant;
    other.flags = 0;
    check_hr(grant_out_of(with, &other, &list), S_FALSE);
    check_hr(grant_out_of(list_of(before), &grant, &list), S_FALSE);
    check(!list);
    free(with);
    LocalFree(before);
}

TEST(a_list_that_has_no_room_is_refused)
{
    ACL *full = calloc(1, 0xfffc), *list = (ACL *)1;
    const struct grant grant = reading();

    check(InitializeAcl(full, 0xfffc, ACL_REVISION_DS));
    while (AddAccessAllowedAce(full, ACL_REVISION_DS, GENERIC_READ, account)) {}
    check_hr(grant_into(full, &grant, &list), HRESULT_FROM_WIN32(ERROR_INVALID_ACL));
    check(!list);
    free(full);
}

static HRESULT judged(const WCHAR *sddl, const struct grant *grant, enum folder_role role)
{
    PSECURITY_DESCRIPTOR before = described(sddl);
    SECURITY_DESCRIPTOR after;
    struct folder_facts facts = {.role = role, .attributes = FILE_ATTRIBUTE_DIRECTORY, .descriptor = &after};
    struct folder_fault fault;
    BOOL defaulted;
    PSID owner;
    ACL *list = NULL;
    HRESULT hr;

    check_hr(grant_into(list_of(before), grant, &list), S_OK);
    check(InitializeSecurityDescriptor(&after, SECURITY_DESCRIPTOR_REVISION));
    check(GetSecurityDescriptorOwner(before, &owner, &defaulted) && SetSecurityDescriptorOwner(&after, owner, FALSE));
    check(SetSecurityDescriptorDacl(&after, TRUE, list, FALSE));
    hr = folder_guard_decide(&facts, &fault);
    free(list);
    LocalFree(before);
    return hr;
}

TEST(the_recorder_accepts_a_journal_that_the_service_reads_and_none_that_it_changes)
{
    struct grant grant = reading();

    check_hr(judged(JOURNAL, &grant, FOLDER_HOLDS), S_OK);
    check_hr(judged(JOURNAL, &grant, FOLDER_LEADS), S_OK);
    grant.rights = GRANT_CHANGE;
    check_hr(judged(JOURNAL, &grant, FOLDER_HOLDS), HRESULT_FROM_WIN32(ERROR_INVALID_ACL));
}

/* Last: it stays in force in this process. */
TEST(the_folder_of_the_state_is_accepted_by_the_delivery_which_trusts_its_service)
{
    struct grant grant = reading();

    grant.rights = GRANT_CHANGE;
    folder_guard_trust(account);
    check_hr(judged(JOURNAL, &grant, FOLDER_HOLDS), S_OK);
    check(EqualSid(folder_guard_trusted(), account));
}
