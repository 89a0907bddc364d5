/*
 * Access check of a folder that contains a journal or a program: could any account but the
 * machine's administrators add a file to it, change a file in it, or move it away?
 *
 * The check applies to existing folders. Any user may create folders in %ProgramData%, and the
 * owner of a folder may give himself every right to its later content.
 */
#ifndef FOLDER_GUARD_WINDOWS_H
#define FOLDER_GUARD_WINDOWS_H

#include "os.h"

#include <windows.h>

#define FOLDER_GUARD_TEXT_MAX 320       /* characters with the zero, ample for every sentence */

/* The role of a path, which decides what is checked. */
enum folder_role {
    FOLDER_HOLDS,                       /* a folder that contains a journal or a program: nobody
                                         * else may change its content */
    FOLDER_LEADS,                       /* a folder above it: nobody else may remove or replace
                                         * it or what is in it */
    FOLDER_ROOT,                        /* the root of a drive above it: as FOLDER_LEADS, but a
                                         * root cannot be removed or redirected */
    FOLDER_LINK,                        /* a reparse point above it: nobody else may change its
                                         * target */
    FOLDER_FILE,                        /* a file in it that is executed: nobody else may write
                                         * to it */
};

struct folder_facts {
    enum folder_role role;
    DWORD attributes;                   /* FILE_ATTRIBUTE_… of the object itself, not of a link's
                                         * target */
    PSECURITY_DESCRIPTOR descriptor;    /* owner and DACL */
    PSID self;                          /* the account of this process */
};

/*
 * From now on `account` counts as the account of this process does: it is that of a service of
 * ours, to which an administrator gave a folder, and whose files an administrator's commands work
 * on, too. The identifier is copied. Called before other threads are started. The module never
 * calls it.
 */
void folder_guard_trust(PSID account);
PSID folder_guard_trusted(void);        /* that account; NULL: none */

/*
 * The finding: a sentence, and the arguments that icacls needs after the path to correct it ("" if
 * these are not known).
 */
struct folder_fault {
    WCHAR why[FOLDER_GUARD_TEXT_MAX], mend[FOLDER_GUARD_TEXT_MAX];
};

/*
 * Decide from the facts alone. S_OK: the object is fit for its role. Otherwise `fault->why` is a
 * sentence without the object's name: HRESULT_FROM_WIN32(ERROR_DIRECTORY): a file where a folder
 * is expected, or a folder where a file is. ERROR_REPARSE_POINT_ENCOUNTERED: a link.
 * ERROR_INVALID_OWNER: the owner is another account. ERROR_INVALID_ACL: another account may write,
 * or the access list has entries that are not understood.
 *
 * Another account is any except SYSTEM, Administrators, TrustedInstaller, `self` and the account of
 * folder_guard_trust.
 * TrustedInstaller (Windows' own updates) owns most system folders, and its holder has SYSTEM's
 * rights anyway. On a CA `self` is SYSTEM; elsewhere the account of this process can do everything
 * the check could prevent. CREATOR OWNER and OWNER RIGHTS stand for one of the accepted accounts,
 * since no other can own or create anything there.
 *
 * "May write" is any right except list, read and traverse. Entries that only files inherit count
 * too: they would allow segments to be changed. Deny entries are ignored, so the order of entries
 * has no effect: a right that is allowed to another account is refused even if it is also denied.
 * Read access is harmless here: a log shipper may have it.
 *
 * For FOLDER_LEADS only rights count that allow the existing folder to be replaced: delete child,
 * delete (the folder itself), change permissions, take ownership, and being the owner. Creating
 * new objects next to it is harmless (any user may do so in the root of most disks), and so are
 * inherit-only entries, since existing objects have their own lists. For FOLDER_ROOT the right to
 * delete the folder itself does not count either: on data disks Authenticated Users often have
 * Modify. FOLDER_LINK is judged like a writable folder: any account that may write to a link or
 * its attributes can change its target.
 */
HRESULT folder_guard_decide(const struct folder_facts *facts,
                            struct folder_fault *fault) MUST_CHECK;

/*
 * Open the object at `path` (with the prefix \\?\) and decide. On S_OK the caller owns `*out`:
 * while it is open, nobody can rename, delete or replace the object or the folders above it, or
 * write to a file. Other failures come from opening it; ERROR_SHARING_VIOLATION: another program
 * has a handle that already allows this.
 */
HRESULT folder_guard_open(const WCHAR *path, enum folder_role role, HANDLE *out,
                          struct folder_fault *fault) MUST_CHECK;

/*
 * Decide without keeping a handle, so that other programs are not blocked. A drive's root passed
 * as FOLDER_LEADS is judged as FOLDER_ROOT.
 */
HRESULT folder_guard_look(const WCHAR *path, enum folder_role role,
                          struct folder_fault *fault) MUST_CHECK;

#endif
