/* What lies in a journal's folder, its chain left aside: how much it is, what is not the journal's,
 * whose journals they are. */
#ifndef FOREIGN_FILES_H
#define FOREIGN_FILES_H

#include "journal/segment.h"

#define FOREIGN_FILES_SHOWN 8

struct foreign_files {
    struct disk_folder *folder;         /* borrowed */
    uint64_t segments, bytes;
    uint64_t other_count;               /* files that are neither segments nor lock nor head */
    char others[FOREIGN_FILES_SHOWN][DISK_NAME_MAX];
};

/* What can be listed; nothing where the folder cannot. */
void foreign_files_look(struct disk_folder *folder, struct foreign_files *look);

/* A sentence that names the files that are not the journal's; names may be hostile. */
void foreign_files_report(const struct foreign_files *look, struct bytes *out);

/* A sentence, begun with a blank, if the files' first lines are of several journals; else nothing.
 */
void mixed_journals_report(struct disk_folder *folder, struct bytes *out);

/* Whether there are files of a segment's name with bytes in them, and none holds a whole line.
 * Reads up to the first one. */
bool folder_is_foreign(struct disk_folder *folder);

#endif
