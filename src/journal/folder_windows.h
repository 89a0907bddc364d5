/* The journal's folder on Windows: made where it is missing, judged where it is there, and held where it is. */
#ifndef FOLDER_WINDOWS_H
#define FOLDER_WINDOWS_H

#include "os.h"

#include <windows.h>

/* SYSTEM and Administrators, nobody else, nothing inherited: the journal holds names and requests. */
#define FOLDER_SDDL L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"

#define FOLDER_LONG_PATH L"\\\\?\\"     /* a CA's name may be 64 characters, each escaped as !xxxx */
#define FOLDER_LONG_SIZE 4

#define FOLDER_WHY_MAX 2048             /* bytes with the zero, ample for a path and a sentence */

/*
 * Make the folder at `path`, and those above it that are missing, each with FOLDER_SDDL, and open it. `path` begins with
 * FOLDER_LONG_PATH and a drive; it is written to, and back as it was when the call returns.
 *
 * On S_OK `*out` is the caller's: while it is open nobody can put another folder in this one's place. Blocks for as long as the disk does.
 * HRESULT_FROM_WIN32(ERROR_BAD_DEV_TYPE): the drive is no fixed disk of this machine. What folder_guard_decide refuses the folder with:
 * so is one above it that lies below %ProgramData%, where any user may create folders; elsewhere the way there is the administrator's choice.
 * All else: it could not be made or opened.
 */
HRESULT folder_hold(WCHAR *path, HANDLE *out) MUST_CHECK;

/* Whether anything stands at `directory`, a plain path of less than 1024 characters, also where programs take no more than 260. */
bool folder_is_there(const WCHAR *directory);

/*
 * Look again at a folder that a journal could not be opened in, and say why in a sentence of UTF-8 that begins with the path refused. False,
 * and an empty text: there is nothing the matter with the folder. Makes nothing. Blocks for as long as the disk does.
 */
bool folder_explain(const char *directory, char out[FOLDER_WHY_MAX]);

/*
 * Whether somebody besides the machine's administrators could put another file in the place of `file`, an absolute path with a drive and less
 * than 1024 characters: why, as above. The file is judged, the folder that it lies in as a journal's is, and those above it up to the drive's
 * root: who may take them away. False, and an empty text: nobody could, or it cannot be told, as where there is no such file.
 */
bool folder_explain_file(const WCHAR *file, char out[FOLDER_WHY_MAX]);

#endif
