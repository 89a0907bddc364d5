/*
 * Rules for the path of a journal's folder, as far as a path alone can be judged. The folder
 * itself is judged when it is opened.
 */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include "settings.h"

/* SETTINGS_PLACE without its variable. Returns false, and "", if there is no %ProgramData%. */
bool directory_place(WCHAR out[SETTINGS_PATH_MAX]);

/*
 * The default: SETTINGS_PLACE\<the CA's sanitized name>; a name that is not valid for a
 * folder is replaced by "unnamed". Empty if there is no %ProgramData%.
 */
void directory_default(const WCHAR *ca_name, WCHAR out[SETTINGS_PATH_MAX]);

/*
 * Replace %variables%, remove backslashes at the end, and check that the path can be a journal's
 * folder: absolute, on a drive of this machine, below its root, each name one that Windows uses
 * unchanged. Returns false with the requirement in `why`; `out` is then undefined.
 *
 * A missing drive is not refused: it may come back, and a journal must not move meanwhile. The
 * drive itself, which may hang, is not accessed; only the target of its letter is read.
 */
bool directory_check(const WCHAR *text, WCHAR out[SETTINGS_PATH_MAX], WCHAR why[SETTINGS_TEXT_MAX]);

/*
 * True if a drive letter with the target `target` (QueryDosDevice) may be a disk of this machine:
 * not a share, and not an alias of a folder.
 */
bool directory_target_is_local(const WCHAR *target);

#endif
