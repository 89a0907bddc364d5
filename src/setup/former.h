/*
 * Former journals: journals that no CA of this machine writes, because the CA was removed or
 * JournalDirectory was changed.
 */
#ifndef FORMER_H
#define FORMER_H

#include "cas.h"

/*
 * Call `each` with the path of every folder in `place` in which no CA of `cas` records, until it
 * returns false. Links are skipped. What is in the folders is not looked at. Blocks for as long as
 * the disk does.
 */
void former_folders(const struct cas *cas, const WCHAR *place,
                    bool (*each)(void *context, const WCHAR *path), void *context);

/*
 * Call `each` with the path of every such folder in SETTINGS_PLACE that contains a file of a
 * journal. A folder that cannot be listed is skipped. A former journal in another place is not
 * found, since nothing on this machine names it. Blocks for as long as the disk does.
 */
void former_each(const struct cas *cas, void (*each)(void *context, const WCHAR *path),
                 void *context);

#endif
