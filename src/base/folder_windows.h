/* The journal's folder on Windows: made where it is missing, judged where it is there, and held where it is. */
#ifndef FOLDER_WINDOWS_H
#define FOLDER_WINDOWS_H

#include "os.h"

#include <windows.h>

/* SYSTEM and Administrators, nobody else, nothing inherited: the journal holds names and requests. */
#define FOLDER_SDDL L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"

#define FOLDER_LONG_PATH L"\\\\?\\"     /* a CA's name may be 64 characters, each escaped as !xxxx */
#define FOLDER_LONG_SIZE 4

#define FOLDER_PATH_MAX 1024            /* characters of a path with the zero; a longer one cannot be judged */
#define FOLDER_WHY_MAX  2560            /* bytes, or characters, with the zero: ample for half of such a path and a sentence in UTF-8 */

/*
 * Make the folder at `path`, and those above it that are missing, each with FOLDER_SDDL, and open it. `path` begins with
 * FOLDER_LONG_PATH and a drive; it is written to, and back as it was when the call returns.
 *
 * On S_OK `*out` is the caller's: while it is open nobody can put another folder in this one's place. Blocks for as long as the disk does.
 * HRESULT_FROM_WIN32(ERROR_BAD_DEV_TYPE): the drive is no fixed disk of this machine. What folder_guard_decide refuses the folder with:
 * so is one above it that lies below %ProgramData%, where any user may create folders; elsewhere the way there is the administrator's choice, and
 * only a link is refused that somebody else may change, or that stands in a folder from which somebody else may take it away (FOLDER_LINK, FOLDER_LEADS).
 * All else: it could not be made or opened.
 */
HRESULT folder_hold(WCHAR *path, HANDLE *out) MUST_CHECK;

/* Whether anything stands at `directory`, a plain path of less than FOLDER_PATH_MAX characters, also where programs take no more than 260. What
 * cannot be asked for counts as there: judging it says why. */
bool folder_is_there(const WCHAR *directory);

/* What was found of a path. */
enum folder_answer {
    FOLDER_FIT,                         /* nobody but the machine's administrators could change it */
    FOLDER_MISSING,                     /* it does not exist yet; what exists of the way to it and has to be judged is fit */
    FOLDER_UNFIT,                       /* somebody else could, or it is no place for a journal or a program */
    FOLDER_UNJUDGED,                    /* it cannot be judged, which is no better: access is denied, another program keeps it open, … */
};

static inline bool folder_is_refused(enum folder_answer answer)
{
    return answer == FOLDER_UNFIT || answer == FOLDER_UNJUDGED;
}

/* What was judged, and is kept open: nobody can rename or remove any of it, nor put another in its place. Begins as zeros. */
#define FOLDER_HELD_MAX 1024            /* two paths, each made of names of one character */
struct folder_held {
    size_t count;
    HANDLE handles[FOLDER_HELD_MAX];    /* in the order of the path; the last is what was asked about, where it is there */
};

void folder_let_go(struct folder_held *held);

/*
 * Judge a folder as folder_hold does, and make nothing. Where it is refused `why` is a sentence that begins with the path of the folder that is to
 * blame; otherwise it is "". `held` may be NULL; else what was judged is added to it, also where something is refused, and is the caller's. Blocks
 * for as long as the disk does.
 */
enum folder_answer folder_judge(const WCHAR *directory, struct folder_held *held, WCHAR why[FOLDER_WHY_MAX]) MUST_CHECK;

/*
 * The same of a file that is run: the file is judged, the folder that it lies in as a journal's is, and those above it up to the drive's root: who may
 * take them away. While it is held nobody can write to it either. `file` may be spelled in any way that Windows takes for an absolute path with a
 * drive.
 */
enum folder_answer folder_judge_file(const WCHAR *file, struct folder_held *held, WCHAR why[FOLDER_WHY_MAX]) MUST_CHECK;

/*
 * The folders above `directory`, from the root of the drive on, and those that a link above leads to: each that somebody else could take away, or that
 * cannot be judged, is told with its path, the account and the command that mends it. None of them is a reason not to record. Nothing is held, and
 * nothing is told of what does not exist or of a path that cannot be taken apart.
 */
typedef void folder_told(void *context, const WCHAR *sentence);
void folder_above(const WCHAR *directory, folder_told *told, void *context);

/* folder_judge in UTF-8, holding nothing: why a journal could not be opened. */
enum folder_answer folder_explain(const char *directory, char why[FOLDER_WHY_MAX]) MUST_CHECK;

#endif
