/* The journal's folder on the desktop: chosen in a dialog, opened in Explorer. */
#ifndef JOURNAL_FOLDER_H
#define JOURNAL_FOLDER_H

#include <windows.h>
#include <stdbool.h>

#define JOURNAL_FOLDER_MAX 512          /* characters with the zero */

/*
 * Let the user choose a folder. The dialog begins at `path`, or at the nearest folder above it that
 * exists. True: `path` holds the path that was chosen. False: `path` is unchanged; the user
 * cancelled, or the dialog could not be shown, and a box has said so.
 */
bool journal_folder_choose(HWND owner, WCHAR path[JOURNAL_FOLDER_MAX]);

/*
 * Open the folder in Explorer. Explorer usually runs without administrator rights. If it cannot
 * list a folder, it offers to give the user's account full control of it (Microsoft's KB 950934),
 * and CertWitness does not write into a folder that was changed so. Then Explorer is not started,
 * and a box says why.
 */
void journal_folder_open(HWND owner, const WCHAR *path);

#endif
