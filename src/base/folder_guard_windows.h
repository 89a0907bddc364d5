/*
 * The guard of a folder with a journal or a program in it: whether anybody but the machine's administrators could put a file into it, change one or
 * move it away.
 *
 * It judges what is there already. Any user may create folders in %ProgramData%, and whoever owns a folder may give himself every right
 * to what will stand in it.
 */
#ifndef FOLDER_GUARD_WINDOWS_H
#define FOLDER_GUARD_WINDOWS_H

#include "os.h"

#include <windows.h>

#define FOLDER_GUARD_TEXT_MAX 320       /* characters with the zero, ample for every sentence */

/* What stands at a path, and what is asked of it. */
enum folder_role {
    FOLDER_HOLDS,                       /* a folder in which a journal lies, or a program: what stands in it is nobody else's */
    FOLDER_LEADS,                       /* a folder above one: nobody else takes what stands in it away, or the folder itself */
    FOLDER_ROOT,                        /* the root of a drive above one: likewise, but nobody takes a root away, and it leads nowhere else */
    FOLDER_LINK,                        /* a reparse point above one: nobody else makes it lead somewhere else */
    FOLDER_FILE,                        /* a file in one, that is run: nobody else writes to it */
};

struct folder_facts {
    enum folder_role role;
    DWORD attributes;                   /* FILE_ATTRIBUTE_… of the folder itself, not of what it may lead to */
    PSECURITY_DESCRIPTOR descriptor;    /* owner and DACL */
    PSID self;                          /* the account that this process runs as */
};

/* What was found: a sentence, and what icacls has to be given behind the path to mend it; "" where that is not known. */
struct folder_fault {
    WCHAR why[FOLDER_GUARD_TEXT_MAX], mend[FOLDER_GUARD_TEXT_MAX];
};

/*
 * The decision, a function of the facts alone. S_OK: it is fit for its role. Otherwise `fault->why` is a sentence without the folder's name:
 * HRESULT_FROM_WIN32(ERROR_DIRECTORY): a file in place of a folder, or a folder in place of a file. ERROR_REPARSE_POINT_ENCOUNTERED: it leads
 * somewhere else. ERROR_INVALID_OWNER: somebody else owns it. ERROR_INVALID_ACL: somebody else may write, or the list of permissions has
 * entries that are not understood.
 *
 * Nobody else: who else there is besides SYSTEM, Administrators, TrustedInstaller (Windows' own updates; it owns most system folders, and
 * whoever acts as it has SYSTEM already) and `self`. On a CA that is SYSTEM; elsewhere whoever runs this process can do all that the
 * guard could keep him from. CREATOR OWNER and OWNER RIGHTS stand for one of these, since nobody else can own or create anything there.
 *
 * May write: any right besides listing, reading and passing through. Entries that are only inherited by files count too: they would
 * let segments be changed. Denials are not weighed against allowances, so that the order of entries does not matter: what is
 * allowed to somebody else is refused even where it is denied to him as well. Reading is nobody's harm here: a log shipper may have it.
 *
 * Of FOLDER_LEADS only what puts another folder in the place of the one that is there counts: the rights to delete, its own deletion among them,
 * to change permissions and owner, and the owner himself. To make something new beside it, as any user may in the root of most disks, does no
 * harm; nor do entries for what will be made there alone, since what is there already has its own list. Of FOLDER_ROOT its own deletion does not
 * count either: on a disk for data Authenticated Users often have the right to Modify. FOLDER_LINK is judged as what can be written to is: whoever may
 * write to a link, or to its attributes, may make it lead somewhere else.
 */
HRESULT folder_guard_decide(const struct folder_facts *facts, struct folder_fault *fault) MUST_CHECK;

/*
 * Open what stands at `path` (with \\?\ before it) and decide. On S_OK `*out` is the caller's: while it is open, nobody can rename or
 * delete it, nor those above it, and put another in its place, nor write to a file. Other failures are those of opening it:
 * ERROR_SHARING_VIOLATION where somebody has a handle that could do so already.
 */
HRESULT folder_guard_open(const WCHAR *path, enum folder_role role, HANDLE *out, struct folder_fault *fault) MUST_CHECK;

/* Decide and hold nothing, so that nobody's handle stands in the way. A root that is asked about as FOLDER_LEADS is judged as FOLDER_ROOT. */
HRESULT folder_guard_look(const WCHAR *path, enum folder_role role, struct folder_fault *fault) MUST_CHECK;

#endif
