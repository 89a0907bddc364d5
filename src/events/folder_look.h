/* What lies in a journal's folder, its chain left aside: how much it is, what is not the journal's, whose journals they are. */
#ifndef FOLDER_LOOK_H
#define FOLDER_LOOK_H

#include "journal/segment.h"

#define FOLDER_OTHERS_SHOWN 8

struct folder_look {
    struct disk_folder *folder;         /* borrowed */
    uint64_t segments, bytes;
    uint64_t other_count;               /* files that are neither segments nor lock nor head */
    char others[FOLDER_OTHERS_SHOWN][DISK_NAME_MAX];
};

/* What can be listed; nothing where the folder cannot. */
void folder_look(struct disk_folder *folder, struct folder_look *look);

/* A sentence that names the files that are not the journal's; names may be hostile. */
void folder_tell_others(const struct folder_look *look, struct bytes *out);

/* A sentence, begun with a blank, if the files' first lines are of several journals; else nothing. */
void folder_tell_mixed(struct disk_folder *folder, struct bytes *out);

/* Whether there are files of a segment's name with bytes in them, and none holds a whole line. Reads up to the first one. */
bool folder_is_foreign(struct disk_folder *folder);

#endif
