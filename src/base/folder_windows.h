/* The journal's folder on Windows: created if missing, its access checked, and held in place. */
#ifndef FOLDER_WINDOWS_H
#define FOLDER_WINDOWS_H

#include "os.h"

#include <windows.h>

/* SYSTEM and Administrators only, nothing inherited: the journal contains names and requests. */
#define FOLDER_SDDL L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"

#define FOLDER_LONG_PATH L"\\\\?\\" /* a CA's name may be 64 characters, each escaped as !xxxx */
#define FOLDER_LONG_SIZE 4

#define FOLDER_PATH_MAX 1024 /* characters of a path with the zero; a longer one cannot be judged  \
                              */
/* bytes, or characters, with the zero: ample for half of such a path and a sentence in UTF-8 */
#define FOLDER_WHY_MAX 2560

/*
 * Create the folder at `path` and the missing folders above it, each with FOLDER_SDDL, and open
 * it. `path` begins with FOLDER_LONG_PATH and a drive; it is modified during the call and restored
 * before the call returns.
 *
 * On S_OK the caller owns `*out`: while it is open, nobody can replace this folder. Blocks for as
 * long as the disk does.
 *
 * HRESULT_FROM_WIN32(ERROR_BAD_DEV_TYPE): the drive is not a fixed disk of this machine. The
 * failures of folder_guard_decide: the folder was refused. A folder above it is refused on the
 * same grounds if it is below %ProgramData%, where any user may create folders. Elsewhere the path
 * to it is the administrator's choice, and only a link is refused: one that another account may
 * change, or that is in a folder from which another account may remove it (FOLDER_LINK,
 * FOLDER_LEADS). Any other failure: the folder could not be created or opened.
 */
HRESULT folder_hold(WCHAR *path, HANDLE *out) MUST_CHECK;

/*
 * True if `directory` exists; a plain path of less than FOLDER_PATH_MAX characters, even if
 * programs are limited to 260. If the system cannot say, the answer is true: judging the folder
 * then reports the reason.
 */
bool folder_is_there(const WCHAR *directory);

/* True if the drive of an absolute path exists. It may be empty, or hang. */
bool folder_has_drive(const WCHAR *path);

/* The result of judging a path. */
enum folder_answer {
    FOLDER_FIT,                         /* only the machine's administrators can change it */
    FOLDER_MISSING,                     /* it does not exist yet; the existing part of its path
                                         * that has to be judged is fit */
    FOLDER_UNFIT,                       /* another account can change it, or it is unsuitable for
                                         * a journal or a program */
    FOLDER_UNJUDGED,                    /* it cannot be judged and counts as unfit: access
                                         * denied, opened by another program, … */
};

static inline bool folder_is_refused(enum folder_answer answer)
{
    return answer == FOLDER_UNFIT || answer == FOLDER_UNJUDGED;
}

/*
 * Handles of the judged objects: while they are open, nobody can rename, remove or replace any of
 * these. Initialised to zeros.
 */
#define FOLDER_HELD_MAX 1024            /* two paths, each made of names of one character */
struct folder_held {
    size_t count;
    HANDLE handles[FOLDER_HELD_MAX];    /* in the order of the path; the last one is the path
                                         * asked about, if it exists */
};

void folder_let_go(struct folder_held *held);

/*
 * Judge a folder as folder_hold does, but create nothing. If it is refused, `why` is a sentence
 * that begins with the path of the folder that caused it; otherwise `why` is "". If `held` is not
 * NULL, the handles of the judged objects are added to it, also after a refusal; the caller owns
 * it. Blocks for as long as the disk does.
 */
enum folder_answer folder_judge(const WCHAR *directory, struct folder_held *held,
                                WCHAR why[FOLDER_WHY_MAX]) MUST_CHECK;

/*
 * Judge a file that is executed: the file itself, its folder (as a journal's folder), and the
 * folders above up to the drive's root (whether another account may remove them). While it is
 * held, nobody can write to the file. `file` may have any form that Windows accepts for an
 * absolute path with a drive.
 */
enum folder_answer folder_judge_file(const WCHAR *file, struct folder_held *held,
                                     WCHAR why[FOLDER_WHY_MAX]) MUST_CHECK;

/*
 * Report each folder above `directory`, from the drive's root on, and above the targets of links
 * on the way, that another account could remove or that cannot be judged: its path, the account,
 * and the command that corrects it. None of these prevents recording. Nothing is held. Folders
 * that do not exist and paths that cannot be parsed are not reported.
 */
typedef void folder_told(void *context, const WCHAR *sentence);
void folder_above(const WCHAR *directory, folder_told *told, void *context);

/* folder_judge in UTF-8, without holding anything: explains why a journal could not be opened. */
enum folder_answer folder_explain(const char *directory, char why[FOLDER_WHY_MAX]) MUST_CHECK;

#endif
