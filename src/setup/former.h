/* Journals in %ProgramData%\CertWitness that no CA of this machine writes: of a CA that is gone, or from before JournalDirectory was changed. */
#ifndef FORMER_H
#define FORMER_H

#include "cas.h"

/*
 * Call `each` with the path of every such folder that has a file of a journal in it. A folder that may not be listed is passed over.
 * A former journal elsewhere is not found: nothing on this machine names it. Blocks for as long as the disk does.
 */
void former_each(const struct cas *cas, void (*each)(void *context, const WCHAR *path), void *context);

#endif
