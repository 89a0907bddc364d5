/*
 * Which folders may hold a journal: the decision as a function of owner, permissions and kind, on descriptors written as SDDL; and the
 * folders that Wine lets us make.
 *
 * Wine keeps of a folder's permissions no more than a Unix mode can hold, so that what Windows enforces is not shown here.
 */
#include "lib/test.h"

#include "base/folder_guard_windows.h"
#include "base/folder_windows.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define REPARSED HRESULT_FROM_WIN32(4395)               /* ERROR_REPARSE_POINT_ENCOUNTERED */
#define OWNER    HRESULT_FROM_WIN32(ERROR_INVALID_OWNER)
#define WRITABLE HRESULT_FROM_WIN32(ERROR_INVALID_ACL)
#define INSTALLER L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
#define SOMEBODY L"S-1-5-21-1-2-3-1104"
#define MYSELF   L"S-1-5-21-1-2-3-1105"

static struct folder_fault fault;
#define why fault.why

static PSECURITY_DESCRIPTOR descriptor_of(const WCHAR *sddl)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;

    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &descriptor, NULL)) {
        check_int(GetLastError(), 0);
        test_note("    %ls", sddl);
    }
    return descriptor;
}

static enum folder_role role = FOLDER_HOLDS;
static DWORD attributes_besides;

static HRESULT decide(PSECURITY_DESCRIPTOR descriptor, DWORD attributes)
{
    struct folder_facts facts = {role, attributes, descriptor, NULL};
    HRESULT hr;

    ConvertStringSidToSidW(MYSELF, &facts.self);
    wmemset(why, L'x', ARRAYSIZE(why));
    wmemset(fault.mend, L'x', ARRAYSIZE(fault.mend));
    hr = folder_guard_decide(&facts, &fault);
    LocalFree(facts.self);
    check(wcsnlen(why, ARRAYSIZE(why)) < ARRAYSIZE(why));
    check(SUCCEEDED(hr) == !why[0]);
    check(wcsnlen(fault.mend, ARRAYSIZE(fault.mend)) < ARRAYSIZE(fault.mend));
    return hr;
}

struct expected { const WCHAR *sddl; HRESULT hr; };

static void check_all(const struct expected *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PSECURITY_DESCRIPTOR descriptor = descriptor_of(list[i].sddl);

        if (!descriptor) continue;
        if (!check_hr(decide(descriptor, (role == FOLDER_FILE ? FILE_ATTRIBUTE_ARCHIVE : FILE_ATTRIBUTE_DIRECTORY) | attributes_besides), list[i].hr)) test_note("    %ls: %ls", list[i].sddl, why);
        LocalFree(descriptor);
    }
}
#define check_list(list) check_all((list), ARRAYSIZE(list))

TEST(what_we_pass_to_windows_is_what_the_design_says_and_the_guard_takes_it)
{
    PSECURITY_DESCRIPTOR descriptor = descriptor_of(FOLDER_SDDL);
    SECURITY_DESCRIPTOR_CONTROL control = 0;
    BOOL present = FALSE, defaulted;
    ACL *dacl = NULL;
    DWORD revision;

    check_wide(FOLDER_SDDL, L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)");
    check(GetSecurityDescriptorControl(descriptor, &control, &revision));
    check(control & SE_DACL_PROTECTED);
    check(GetSecurityDescriptorDacl(descriptor, &present, &dacl, &defaulted) && present);
    check_int(dacl ? dacl->AceCount : 0, 2);
    check_hr(decide(descriptor, FILE_ATTRIBUTE_DIRECTORY), S_OK);
    LocalFree(descriptor);
}

TEST(only_administrators_and_windows_may_own_it)
{
    static const struct expected owners[] = {
        {L"O:SYD:P(A;OICI;FA;;;SY)", S_OK}, {L"O:BAD:P(A;OICI;FA;;;SY)", S_OK}, {L"O:" INSTALLER L"D:P(A;OICI;FA;;;SY)", S_OK},
        {L"O:" MYSELF L"D:P(A;OICI;FA;;;SY)", S_OK},
        {L"O:" SOMEBODY L"D:P(A;OICI;FA;;;SY)", OWNER}, {L"O:BUD:P(A;OICI;FA;;;SY)", OWNER}, {L"O:WDD:P(A;OICI;FA;;;SY)", OWNER},
        {L"O:AUD:P(A;OICI;FA;;;SY)", OWNER}, {L"O:LSD:P(A;OICI;FA;;;SY)", OWNER}, {L"O:NSD:P(A;OICI;FA;;;SY)", OWNER},
        {L"O:COD:P(A;OICI;FA;;;SY)", OWNER},
        {L"O:S-1-5-18-1D:P(A;OICI;FA;;;SY)", OWNER}, {L"O:S-1-5-32D:P(A;OICI;FA;;;SY)", OWNER}, {L"O:S-1-3-18D:P(A;OICI;FA;;;SY)", OWNER},
        {L"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478465D:P(A;OICI;FA;;;SY)", OWNER},
        {L"O:S-1-5-80-956008885-3418522649-1831038044-1853292631D:P(A;OICI;FA;;;SY)", OWNER},
        {L"D:P(A;OICI;FA;;;SY)", OWNER},
    };

    check_list(owners);
    decide(descriptor_of(L"O:" SOMEBODY L"D:P(A;OICI;FA;;;SY)"), FILE_ATTRIBUTE_DIRECTORY);
    check_wide(why, L"It is owned by " SOMEBODY L", which is neither SYSTEM nor Administrators.");
}

TEST(whoever_may_change_it_is_refused)
{
    static const struct expected writers[] = {
        {L"O:BAD:P(A;OICI;FA;;;WD)", WRITABLE}, {L"O:BAD:(A;;FA;;;AU)", WRITABLE}, {L"O:BAD:(A;;FA;;;" SOMEBODY L")", WRITABLE},
        {L"O:BAD:(A;;FA;;;LS)", WRITABLE}, {L"O:BAD:(A;;FA;;;NS)", WRITABLE}, {L"O:BAD:(A;;FA;;;DA)", WRITABLE},
        {L"O:BAD:(A;;FA;;;CG)", WRITABLE}, {L"O:BAD:(A;;FA;;;AN)", WRITABLE},
        {L"O:BAD:(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;BU)", WRITABLE},
        /* What a folder below ProgramData inherits when an administrator makes it by hand. */
        {L"O:BAD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)", WRITABLE},
        {L"O:BAD:(A;OICIIO;FA;;;BU)", WRITABLE}, {L"O:BAD:(A;OIIO;GW;;;BU)", WRITABLE}, {L"O:BAD:(A;OINPIO;FW;;;BU)", WRITABLE},
        {L"O:BAD:(D;;FA;;;BU)(A;;FA;;;BU)", WRITABLE}, {L"O:BAD:(A;;FA;;;BU)(D;;FA;;;WD)", WRITABLE},
    };

    check_list(writers);
    decide(descriptor_of(L"O:BAD:(A;;FA;;;SY)(A;;FA;;;WD)"), FILE_ATTRIBUTE_DIRECTORY);
    check_wide(why, L"It, or what will stand in it, can be changed by S-1-1-0, which is neither SYSTEM nor Administrators.");
}

TEST(reading_and_denying_is_no_harm)
{
    static const struct expected others[] = {
        {L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FR;;;BU)", S_OK}, {L"O:BAD:(A;OICI;0x1200a9;;;WD)", S_OK}, {L"O:BAD:(A;OICI;GRGX;;;WD)", S_OK},
        {L"O:BAD:(D;OICI;FA;;;WD)(A;OICI;FA;;;BA)", S_OK}, {L"O:BAD:P", S_OK},
        {L"O:BAD:(A;OICIIO;GA;;;CO)", S_OK}, {L"O:BAD:(A;OICI;FA;;;CO)", S_OK}, {L"O:BAD:(A;;FA;;;S-1-3-4)", S_OK},
        {L"O:BAD:(A;OICI;FA;;;" INSTALLER L")(A;;FA;;;" MYSELF L")", S_OK},
    };

    check_list(others);
}

/* Bit by bit: a folder with one entry that gives Users the bit. */
TEST(every_single_right_but_listing_reading_and_passing_through_is_refused)
{
    const DWORD harmless = 0x1 | 0x8 | 0x20 | 0x80 | READ_CONTROL | SYNCHRONIZE | GENERIC_READ | GENERIC_EXECUTE;

    for (int bit = 0; bit < 32; bit++) {
        PSECURITY_DESCRIPTOR descriptor = descriptor_of(L"O:BAD:(A;;FA;;;BA)(A;OICI;FR;;;BU)");
        BOOL present, defaulted;
        ACCESS_ALLOWED_ACE *ace;
        ACL *dacl;

        if (!check(GetSecurityDescriptorDacl(descriptor, &present, &dacl, &defaulted)) || !check(GetAce(dacl, 1, (void **)&ace))) continue;
        ace->Mask = 1u << bit;
        if (!check_hr(decide(descriptor, FILE_ATTRIBUTE_DIRECTORY), ace->Mask & harmless ? S_OK : WRITABLE)) test_note("    bit %d", bit);
        LocalFree(descriptor);
    }
}

/* Lists of Windows' own folders, and what icacls makes of them. */
TEST(of_a_folder_on_the_way_only_taking_away_counts)
{
    static const struct expected above[] = {
        /* The root of a server's system disk, of a client's, of a disk for data; Program Files. */
        {L"O:" INSTALLER L"D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;CI;LC;;;BU)(A;CIIO;DC;;;BU)(A;OICIIO;GA;;;CO)", S_OK},
        {L"O:" INSTALLER L"D:PAI(A;;LC;;;AU)(A;OICIIO;SDGXGWGR;;;AU)(A;;FA;;;SY)(A;OICIIO;GA;;;SY)(A;OICIIO;GA;;;BA)(A;;FA;;;BA)(A;OICI;0x1200a9;;;BU)", S_OK},
        {L"O:BAD:(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;OICIIO;GA;;;CO)(A;OICI;0x1200a9;;;BU)(A;CI;LC;;;BU)(A;CIIO;DC;;;BU)(A;;0x1200a9;;;WD)", S_OK},
        {L"O:" INSTALLER L"D:PAI(A;;FA;;;" INSTALLER L")(A;CIIO;GA;;;" INSTALLER L")(A;;0x1301bf;;;SY)(A;OICIIO;GA;;;SY)(A;;0x1301bf;;;BA)(A;OICIIO;GA;;;BA)"
         L"(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICIIO;GA;;;CO)(A;;0x1200a9;;;AC)", S_OK},
        {L"O:BAD:(A;;FW;;;WD)", S_OK}, {L"O:BAD:(A;;GW;;;WD)", S_OK}, {L"O:BAD:(A;OICIIO;FA;;;WD)", S_OK}, {L"O:BAD:(D;;FA;;;WD)", S_OK},
        {L"O:BAD:(A;OICI;0x1301bf;;;BU)", WRITABLE}, {L"O:BAD:(A;;FA;;;WD)", WRITABLE}, {L"O:BAD:(A;NP;GA;;;WD)", WRITABLE},
        {L"O:BAD:(A;;DT;;;BU)", WRITABLE}, {L"O:BAD:(A;;SD;;;BU)", WRITABLE}, {L"O:BAD:(A;;WD;;;BU)", WRITABLE}, {L"O:BAD:(A;;WO;;;BU)", WRITABLE},
        {L"O:" SOMEBODY L"D:(A;;FA;;;BA)", OWNER}, {L"O:BUD:(A;;FA;;;BA)", OWNER}, {L"O:" MYSELF L"D:(A;;FA;;;BA)", S_OK},
    };
    PSECURITY_DESCRIPTOR descriptor = descriptor_of(L"O:BAD:(A;;FA;;;BA)(A;;DT;;;WD)");

    role = FOLDER_LEADS;
    check_list(above);
    decide(descriptor, FILE_ATTRIBUTE_DIRECTORY);
    check_wide(why, L"It, or what stands in it, can be taken away by S-1-1-0, which is neither SYSTEM nor Administrators.");
    check_hr(decide(descriptor, FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT), REPARSED);
    LocalFree(descriptor);
    role = FOLDER_HOLDS;
}

/* What Windows gives a disk for data: Authenticated Users may Modify, which has DELETE and not FILE_DELETE_CHILD. */
TEST(to_delete_the_root_of_a_drive_means_nothing)
{
    static const WCHAR data[] = L"O:BAD:(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;OICI;0x1301bf;;;AU)(A;OICI;0x1200a9;;;BU)";
    static const struct expected roots[] = {
        {data, S_OK}, {L"O:BAD:(A;;SD;;;WD)", S_OK},
        {L"O:BAD:(A;;DT;;;BU)", WRITABLE}, {L"O:BAD:(A;;WD;;;BU)", WRITABLE}, {L"O:BAD:(A;;WO;;;BU)", WRITABLE}, {L"O:BAD:(A;;FA;;;AU)", WRITABLE},
        {L"O:BAD:(A;;GA;;;WD)", WRITABLE}, {L"O:BUD:(A;;FA;;;BA)", OWNER},
    }, leads[] = {{data, WRITABLE}};

    role = FOLDER_ROOT;
    check_list(roots);
    role = FOLDER_LEADS;
    check_list(leads);
    role = FOLDER_HOLDS;
}

/* A mounted volume in such a root inherits Modify; whoever may write to a link, or to its attributes, makes it lead where he likes. */
TEST(a_link_above_is_fit_where_nobody_else_may_change_it)
{
    static const struct expected links[] = {
        {L"O:BAD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)", S_OK}, {L"O:SYD:(D;;CC;;;WD)(A;;FA;;;SY)", S_OK}, {L"O:BAD:(A;OICIIO;FA;;;WD)", S_OK},
        {L"O:BAD:(A;;FA;;;BA)(A;ID;0x1301bf;;;AU)", WRITABLE}, {L"O:BAD:(A;;0x100;;;BU)", WRITABLE}, {L"O:BAD:(A;;0x2;;;BU)", WRITABLE},
        {L"O:BAD:(A;;SD;;;BU)", WRITABLE}, {L"O:BAD:(A;;GW;;;BU)", WRITABLE}, {L"O:" SOMEBODY L"D:(A;;FA;;;BA)", OWNER},
    };

    role = FOLDER_LINK;
    for (int i = 0; i < 2; i++) {
        attributes_besides = i ? FILE_ATTRIBUTE_REPARSE_POINT : 0;
        check_list(links);
    }
    decide(descriptor_of(L"O:BAD:(A;;FA;;;WD)"), FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT);
    check_wide(why, L"It leads to another place (a junction, a symbolic link or a mounted volume) and can be changed by S-1-1-0, which is neither SYSTEM nor Administrators.");
    attributes_besides = 0;
    role = FOLDER_HOLDS;
}

TEST(what_is_refused_comes_with_what_mends_it)
{
    decide(descriptor_of(L"O:" SOMEBODY L"D:(A;;FA;;;BA)"), FILE_ATTRIBUTE_DIRECTORY);
    check_wide(fault.mend, L"/setowner *S-1-5-32-544");
    decide(descriptor_of(L"O:BAD:(A;;FA;;;" SOMEBODY L")"), FILE_ATTRIBUTE_DIRECTORY);
    check_wide(fault.mend, L"/inheritance:d /remove:g *" SOMEBODY);
    decide(descriptor_of(FOLDER_SDDL), FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT);
    check_wide(fault.mend, L"");
    decide(descriptor_of(FOLDER_SDDL), FILE_ATTRIBUTE_DIRECTORY);
    check_wide(fault.mend, L"");
}

TEST(a_file_that_is_run_is_nobody_elses_to_write)
{
    static const struct expected files[] = {
        {L"O:BAD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)(A;ID;0x1200a9;;;AC)", S_OK}, {L"O:SYD:(A;;FR;;;WD)", S_OK},
        {L"O:BAD:(A;;0x1301bf;;;AU)", WRITABLE}, {L"O:BAD:(A;;DC;;;BU)", WRITABLE}, {L"O:BAD:(A;;SD;;;BU)", WRITABLE}, {L"O:BAD:(A;;GW;;;BU)", WRITABLE},
        {L"O:" SOMEBODY L"D:(A;;FA;;;BA)", OWNER},
    };
    PSECURITY_DESCRIPTOR descriptor = descriptor_of(L"O:BAD:(A;;FA;;;WD)");

    role = FOLDER_FILE;
    check_list(files);
    decide(descriptor, FILE_ATTRIBUTE_ARCHIVE);
    check_wide(why, L"It can be changed by S-1-1-0, which is neither SYSTEM nor Administrators.");
    check_hr(decide(descriptor, FILE_ATTRIBUTE_DIRECTORY), HRESULT_FROM_WIN32(ERROR_DIRECTORY));
    check_hr(decide(descriptor, FILE_ATTRIBUTE_REPARSE_POINT), REPARSED);
    LocalFree(descriptor);
    role = FOLDER_HOLDS;
}

TEST(a_folder_without_a_list_of_permissions_is_refused)
{
    SECURITY_DESCRIPTOR absolute;
    PSID owner = NULL;

    check(ConvertStringSidToSidW(L"BA", &owner));
    check(InitializeSecurityDescriptor(&absolute, SECURITY_DESCRIPTOR_REVISION));
    check(SetSecurityDescriptorOwner(&absolute, owner, FALSE));
    check_hr(decide(&absolute, FILE_ATTRIBUTE_DIRECTORY), WRITABLE);                   /* no DACL */
    check(SetSecurityDescriptorDacl(&absolute, TRUE, NULL, FALSE));
    check_hr(decide(&absolute, FILE_ATTRIBUTE_DIRECTORY), WRITABLE);                   /* a NULL one */
    check_wide(why, L"It has no list of permissions: everybody can do anything to it.");
    check_hr(decide(NULL, FILE_ATTRIBUTE_DIRECTORY), WRITABLE);
    LocalFree(owner);
}

TEST(entries_of_other_kinds_and_damaged_ones_are_refused)
{
    for (int type = 0; type < 256; type++) {
        PSECURITY_DESCRIPTOR descriptor = descriptor_of(L"O:BAD:(A;;FA;;;BA)");
        BOOL present, defaulted;
        ACE_HEADER *ace;
        ACL *dacl;

        if (!check(GetSecurityDescriptorDacl(descriptor, &present, &dacl, &defaulted)) || !check(GetAce(dacl, 0, (void **)&ace))) continue;
        ace->AceType = (BYTE)type;
        if (!check_hr(decide(descriptor, FILE_ATTRIBUTE_DIRECTORY), type <= ACCESS_DENIED_ACE_TYPE ? S_OK : WRITABLE)) test_note("    %d", type);
        LocalFree(descriptor);
    }
    for (int broken = 0; broken < 7; broken++) {
        PSECURITY_DESCRIPTOR descriptor = descriptor_of(L"O:BAD:(A;;FR;;;BA)(A;;FR;;;WD)");
        BOOL present, defaulted;
        ACCESS_ALLOWED_ACE *ace;
        ACL *dacl;

        if (!check(GetSecurityDescriptorDacl(descriptor, &present, &dacl, &defaulted)) || !check(GetAce(dacl, 1, (void **)&ace))) continue;
        if (broken == 0) ((SID *)&ace->SidStart)->SubAuthorityCount = 15;              /* beyond the entry */
        if (broken == 1) ((SID *)&ace->SidStart)->Revision = 9;
        if (broken == 2) ace->Header.AceSize = 8;
        if (broken == 3) dacl->AceCount = 3;
        if (broken == 4) dacl->AclRevision = 77;
        if (broken == 5) ace->Header.AceSize = 4;
        if (broken == 6) ace->Header.AceSize = 12;
        if (!check_hr(decide(descriptor, FILE_ATTRIBUTE_DIRECTORY), WRITABLE)) test_note("    %d", broken);
        LocalFree(descriptor);
    }
}

TEST(a_reparse_point_and_a_file_are_refused_whoever_owns_them)
{
    PSECURITY_DESCRIPTOR descriptor = descriptor_of(FOLDER_SDDL);

    check_hr(decide(descriptor, FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT), REPARSED);
    check_hr(decide(descriptor, FILE_ATTRIBUTE_REPARSE_POINT), REPARSED);
    check_hr(decide(descriptor, FILE_ATTRIBUTE_ARCHIVE), HRESULT_FROM_WIN32(ERROR_DIRECTORY));
    LocalFree(descriptor);
}

TEST(without_an_account_of_our_own_nobody_else_is_trusted)
{
    PSECURITY_DESCRIPTOR descriptor = descriptor_of(L"O:" MYSELF L"D:(A;;FA;;;SY)");
    struct folder_facts facts = {FOLDER_HOLDS, FILE_ATTRIBUTE_DIRECTORY, descriptor, NULL};

    check_hr(folder_guard_decide(&facts, &fault), OWNER);
    LocalFree(descriptor);
}

/* --- real folders, below build/tmp --- */

static WCHAR root[400], sentence[FOLDER_WHY_MAX];

static WCHAR *below(const WCHAR *name)
{
    static WCHAR paths[8][500];
    static unsigned next;
    WCHAR *path = paths[next++ % 8];

    swprintf(path, 500, L"%ls\\%ls", root, name);
    return path;
}

static char *narrow(const WCHAR *path)
{
    static char out[1000];

    WideCharToMultiByte(CP_UTF8, 0, path + FOLDER_LONG_SIZE, -1, out, sizeof out, NULL, NULL);
    return out;
}

static void begin(void)
{
    static unsigned count;
    WCHAR here[300];

    check(GetCurrentDirectoryW(ARRAYSIZE(here), here) != 0);
    swprintf(root, ARRAYSIZE(root), L"%ls%ls\\build\\tmp", FOLDER_LONG_PATH, here);
    CreateDirectoryW(root, NULL);
    swprintf(root, ARRAYSIZE(root), L"%ls%ls\\build\\tmp\\guard-%lx-%lx-%u", FOLDER_LONG_PATH, here, GetCurrentProcessId(),
             GetTickCount(), ++count);
    check(CreateDirectoryW(root, NULL));
    check(SetEnvironmentVariableW(L"ProgramData", root + FOLDER_LONG_SIZE));
}

/* Give everybody every right; Wine keeps that as a mode. */
static void open_to_all(const WCHAR *path)
{
    PSECURITY_DESCRIPTOR descriptor = descriptor_of(L"D:P(A;OICI;FA;;;WD)");

    check(SetFileSecurityW(path, DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
}

static HRESULT hold(WCHAR *path)
{
    WCHAR before[500];
    HANDLE handle = (HANDLE)0x5a;
    HRESULT hr;

    wcscpy(before, path);
    hr = folder_hold(path, &handle);
    check_wide(path, before);
    if (SUCCEEDED(hr)) check(CloseHandle(handle));
    else check(!handle);
    return hr;
}

TEST(a_folder_that_is_not_there_is_made_with_those_above_it_and_taken_again)
{
    char said[FOLDER_WHY_MAX] = "poison";

    begin();
    check_hr(hold(below(L"CertWitness\\CA")), S_OK);
    check_hr(hold(below(L"CertWitness\\CA")), S_OK);
    check_hr(hold(below(L"CertWitness\\Another CA")), S_OK);
    check_int(folder_explain(narrow(below(L"CertWitness\\CA")), said), FOLDER_FIT);
    check_text(said, "");
    strcpy(said, "poison");
    check_int(folder_explain(narrow(below(L"not there\\at all")), said), FOLDER_MISSING);
    check_text(said, "");
    check_int(GetFileAttributesW(below(L"not there")), INVALID_FILE_ATTRIBUTES);
}

TEST(a_folder_that_everybody_may_change_is_refused_and_named)
{
    char said[FOLDER_WHY_MAX] = "poison";

    begin();
    check(CreateDirectoryW(below(L"open"), NULL));
    open_to_all(below(L"open"));
    check_hr(hold(below(L"open")), WRITABLE);
    check_hr(hold(below(L"open\\CA")), WRITABLE);                       /* one above it, below ProgramData */
    check_int(GetFileAttributesW(below(L"open\\CA")), INVALID_FILE_ATTRIBUTES);
    check_int(folder_explain(narrow(below(L"open\\CA")), said), FOLDER_UNFIT);
    check(strstr(said, "\\open: It, or what will stand in it, can be changed by S-1-1-0, ") != NULL);
    test_note("%s", said);
}

TEST(outside_program_data_only_the_folder_itself_is_judged)
{
    begin();
    check(CreateDirectoryW(below(L"open"), NULL));
    open_to_all(below(L"open"));
    check(SetEnvironmentVariableW(L"ProgramData", L"C:\\ProgramData"));
    check_hr(hold(below(L"open")), WRITABLE);
    check_hr(hold(below(L"open\\CA")), S_OK);
    check(SetEnvironmentVariableW(L"ProgramData", below(L"op") + FOLDER_LONG_SIZE));   /* the beginning of a name is no folder */
    check_hr(hold(below(L"open\\CA")), S_OK);
}

static WCHAR told[8][FOLDER_WHY_MAX];
static int told_count;

static void tell(void *context, const WCHAR *text)
{
    check(context == told);
    if (told_count < 8) wcscpy(told[told_count], text);
    told_count++;
}

static void check_above(const WCHAR *directory, int count)
{
    told_count = 0;
    folder_above(directory, tell, told);
    if (check_int(told_count, count)) return;
    for (int i = 0; i < told_count && i < 8; i++) test_note("    %ls", told[i]);
}

/* Below C:\, which in a prefix is nobody else's. */
TEST(folders_above_that_others_could_take_away_are_told_with_account_and_command_and_do_not_hinder)
{
    WCHAR path[3][120], wanted[400];

    swprintf(path[0], ARRAYSIZE(path[0]), FOLDER_LONG_PATH L"C:\\above-%lx-%lx", GetCurrentProcessId(), GetTickCount());
    for (int i = 1; i < 3; i++) swprintf(path[i], ARRAYSIZE(path[i]), i == 1 ? L"%ls\\PKI" : L"%ls\\CA", path[i - 1]);
    check(SetEnvironmentVariableW(L"ProgramData", L"C:\\ProgramData"));
    check_above(path[2] + FOLDER_LONG_SIZE, 0);                         /* nothing is there */
    check_hr(hold(path[2]), S_OK);
    check_above(path[2] + FOLDER_LONG_SIZE, 0);
    open_to_all(path[2]);                                               /* the folder itself is not above it */
    check_above(path[2] + FOLDER_LONG_SIZE, 0);
    check_hr(hold(path[2]), WRITABLE);
    check(RemoveDirectoryW(path[2]));
    for (int i = 0; i < 2; i++) open_to_all(path[i]);
    check_hr(hold(path[2]), S_OK);
    check_above(path[2] + FOLDER_LONG_SIZE, 2);
    for (int i = 0; i < 2; i++) {
        swprintf(wanted, ARRAYSIZE(wanted), L"%ls: It, or what stands in it, can be taken away by S-1-1-0, which is neither SYSTEM nor Administrators."
                 L" (To mend it: icacls \"%ls\" /inheritance:d /remove:g *S-1-1-0 )", path[i] + FOLDER_LONG_SIZE, path[i] + FOLDER_LONG_SIZE);
        check_wide(told[i], wanted);
    }
    for (int i = 3; i-- > 0;) check(RemoveDirectoryW(path[i]));
    check_above(L"", 0);
    check_above(L"\\\\server\\share\\x", 0);
}

static void make_file(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);

    check(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
}

static void close_to_others(const WCHAR *path)
{
    PSECURITY_DESCRIPTOR descriptor = descriptor_of(L"D:P(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;WD)");

    check(SetFileSecurityW(path, DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
}

/* Below C:\, which in a prefix is nobody else's; where this test itself lies may be anybody's. */
static const WCHAR *const parts[] = {L"", L"\\a", L"\\a\\b", L"\\a\\b\\x.dll"};
static WCHAR top[64], file[100];

static const WCHAR *part(int i)
{
    static WCHAR path[100];

    swprintf(path, ARRAYSIZE(path), L"%ls%ls", top, parts[i]);
    return path;
}

static void make_way(void)
{
    static unsigned count;

    swprintf(top, ARRAYSIZE(top), L"C:\\guard-%lx-%lx-%u", GetCurrentProcessId(), GetTickCount(), ++count);
    swprintf(file, ARRAYSIZE(file), L"%ls\\a\\b\\x.dll", top);
    for (int i = 0; i < 3; i++) check(CreateDirectoryW(part(i), NULL));
}

static void remove_way(void)
{
    check(DeleteFileW(file));
    for (int i = 3; i-- > 0;) check(RemoveDirectoryW(part(i)));
}

static char *narrow_text(const WCHAR *text)
{
    static char out[FOLDER_WHY_MAX];

    check(WideCharToMultiByte(CP_UTF8, 0, text, -1, out, sizeof out, NULL, NULL) != 0);
    return out;
}

static int file_answer(const WCHAR *path)
{
    wcscpy(sentence, L"poison");
    return folder_judge_file(path, NULL, sentence);
}

TEST(the_way_to_a_file_is_judged_from_the_root_of_the_drive_on)
{
    char wanted[200];

    make_way();
    check_int(file_answer(file), FOLDER_MISSING);
    check_wide(sentence, L"");
    make_file(file);
    check_int(file_answer(file), FOLDER_FIT);
    check_wide(sentence, L"");
    for (int i = 0; i < 4; i++) {
        open_to_all(part(i));
        check_int(file_answer(file), FOLDER_UNFIT);
        snprintf(wanted, sizeof wanted, "%ls: It%s can be %s by S-1-1-0, ", part(i), i == 3 ? "" : i == 2 ? ", or what will stand in it," : ", or what stands in it,",
                 i < 2 ? "taken away" : "changed");
        if (!check(!strncmp(narrow_text(sentence), wanted, strlen(wanted)))) test_note("    %s", narrow_text(sentence));
        close_to_others(part(i));
    }
    check_int(file_answer(file), FOLDER_FIT);
    remove_way();
}

static HANDLE keep(const WCHAR *path, DWORD access, DWORD share)
{
    HANDLE handle = CreateFileW(path, access, share, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);

    check(handle != INVALID_HANDLE_VALUE);
    return handle;
}

TEST(what_another_program_keeps_open_so_that_it_could_move_or_write_it_cannot_be_judged)
{
    WCHAR wanted[200];
    HANDLE handle;

    make_way();
    make_file(file);
    for (int i = 0; i < 4; i++) {
        const DWORD access[] = {DELETE, i == 3 ? GENERIC_WRITE : FILE_LIST_DIRECTORY | DELETE, FILE_READ_DATA};

        for (int j = 0; j < 3; j++) {                                   /* the last one shares nothing */
            handle = keep(part(i), access[j], j == 2 ? 0 : FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
            check_int(file_answer(file), FOLDER_UNJUDGED);
            swprintf(wanted, ARRAYSIZE(wanted), L"%ls: It cannot be judged: another program keeps it open ", part(i));
            if (!check(!wcsncmp(sentence, wanted, wcslen(wanted)))) test_note("    %s", narrow_text(sentence));
            CloseHandle(handle);
            check_int(file_answer(file), FOLDER_FIT);
        }
    }
    handle = keep(L"C:\\", DELETE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);        /* nobody can move that */
    check_int(file_answer(file), FOLDER_FIT);
    CloseHandle(handle);
    remove_way();
}

/* The folder and one above it, below ProgramData, each opened to everybody besides: what is not judged must not hide that. */
TEST(a_journal_s_folder_that_another_program_could_move_cannot_be_judged)
{
    static const WCHAR *const names[] = {L"open", L"open\\CA"};
    HANDLE handle;

    begin();
    for (int i = 0; i < 2; i++) check(CreateDirectoryW(below(names[i]), NULL));
    for (int i = 0; i < 2; i++) open_to_all(below(names[i]));
    for (int i = 0; i < 2; i++) {
        handle = keep(below(names[i]), DELETE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
        check_int(folder_judge(below(L"open\\CA") + FOLDER_LONG_SIZE, NULL, sentence), i ? FOLDER_UNFIT : FOLDER_UNJUDGED);
        check(wcsstr(sentence, i ? L"\\open: It, or what will" : L"\\open: It cannot be judged: another program"));
        close_to_others(below(L"open"));
        check_int(folder_judge(below(L"open\\CA") + FOLDER_LONG_SIZE, NULL, sentence), FOLDER_UNJUDGED);
        check(wcsstr(sentence, i ? L"\\open\\CA: It cannot be judged: another program" : L"\\open: It cannot"));
        check_hr(hold(below(L"open\\CA")), HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
        CloseHandle(handle);
        open_to_all(below(L"open"));
    }
}

TEST(a_path_that_cannot_be_taken_apart_cannot_be_judged)
{
    static WCHAR lengthy[FOLDER_PATH_MAX + 40];
    static const WCHAR *const odd[] = {L"", L"x.dll", L"C:x.dll", L"C:\\", L"\\\\server\\share\\x.dll", L"\\x\\y.dll", lengthy};

    while (wcslen(lengthy) < FOLDER_PATH_MAX) wcscat(lengthy, *lengthy ? L"\\0123456789" : L"C:");
    for (size_t i = 0; i < ARRAYSIZE(odd); i++) {
        if (!check_int(file_answer(odd[i]), FOLDER_UNJUDGED)) test_note("    %s", narrow_text(odd[i]));
        check(wcsstr(sentence, L"It cannot be judged: it is no absolute path with a drive of less than 1024 characters.") != NULL);
        check_int(folder_judge(odd[i], NULL, sentence), FOLDER_UNJUDGED);
    }
}

TEST(a_file_is_judged_where_Windows_would_load_it_from)
{
    WCHAR spelled[200];
    static const WCHAR *const ways[] = {L"%ls\\a\\..\\a\\b\\x.dll", L"%ls/a/b/x.dll", L"%ls\\a\\b\\x.dll ", L"%ls\\a\\b.\\x.dll", L"%ls\\a\\.\\b\\x.dll..."};

    make_way();
    make_file(file);
    open_to_all(part(2));
    for (size_t i = 0; i < ARRAYSIZE(ways); i++) {
        swprintf(spelled, ARRAYSIZE(spelled), ways[i], top);
        spelled[2] = '\\';
        if (!check_int(file_answer(spelled), FOLDER_UNFIT)) test_note("    %s", narrow_text(spelled));
    }
    remove_way();
}

TEST(what_was_judged_stays_as_it_is_until_it_is_let_go)
{
    struct folder_held held = {0};
    WCHAR elsewhere[120];

    make_way();
    make_file(file);
    check_int(folder_judge_file(file, &held, sentence), FOLDER_FIT);
    check_int((long long)held.count, 5);                                /* C:\ and these four */
    for (int i = 0; i < 4; i++) {
        swprintf(elsewhere, ARRAYSIZE(elsewhere), L"%ls-moved", part(i));
        check(!MoveFileW(part(i), elsewhere));
        check_int(GetLastError(), ERROR_SHARING_VIOLATION);
    }
    check(!DeleteFileW(file));
    check(CreateFileW(file, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE);
    check_int(GetLastError(), ERROR_SHARING_VIOLATION);
    folder_let_go(&held);
    check_int((long long)held.count, 0);
    remove_way();
}

TEST(while_it_is_held_it_stays_where_it_is)
{
    HANDLE held = NULL;

    begin();
    check_hr(folder_hold(below(L"CertWitness\\CA"), &held), S_OK);
    check(!MoveFileW(below(L"CertWitness\\CA"), below(L"CertWitness\\moved")));
    check_int(GetLastError(), ERROR_SHARING_VIOLATION);
    check(!RemoveDirectoryW(below(L"CertWitness\\CA")));
    CloseHandle(held);
    check(MoveFileW(below(L"CertWitness\\CA"), below(L"CertWitness\\moved")));
}

TEST(a_file_in_its_place_is_refused)
{
    begin();
    make_file(below(L"file"));
    check_hr(hold(below(L"file")), HRESULT_FROM_WIN32(ERROR_DIRECTORY));
}

TEST(a_drive_that_is_not_there_fails_as_missing)
{
    WCHAR nowhere[] = FOLDER_LONG_PATH L"Q:\\Journal\\CA";
    HRESULT hr = hold(nowhere);                                         /* 3 on Windows, 2 under Wine */

    check(hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
}
