/* Where a journal may lie, as far as a path alone can tell. What the folder there is like is judged when it is opened. */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include "settings.h"

/* %ProgramData%\CertWitness\<the CA's sanitized name>; a name that is no folder's name counts as "unnamed". Empty where there is no
 * %ProgramData%. */
void directory_default(const WCHAR *ca_name, WCHAR out[SETTINGS_PATH_MAX]);

/*
 * Replace %variables%, drop backslashes at the end, and see whether the path can be a journal's folder: absolute, on a drive of this
 * machine, below its root, every name in it one that Windows takes as it is written. False: `why` says what would be right, and `out`
 * is not to be used.
 *
 * A drive that is not there is no reason to refuse: it may come back, and a journal must not move meanwhile. Nothing is asked of the
 * drive itself, which may hang: only where its letter leads.
 */
bool directory_check(const WCHAR *text, WCHAR out[SETTINGS_PATH_MAX], WCHAR why[SETTINGS_TEXT_MAX]);

/* Whether a drive letter that leads to `target` (QueryDosDevice) may be a disk of this machine: not a share, nor a folder's alias. */
bool directory_target_is_local(const WCHAR *target);

#endif
