/*
 * What folders paths lead to, and whether two of them are one folder or one lies in the other. A
 * link, a junction, another case, a short name or a ".." make one folder look like two.
 */
#ifndef REAL_FOLDER_H
#define REAL_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

struct real_folder;

/*
 * Look where `count` paths lead, absolute ones in UTF-8 that are copied, all at once. A folder need
 * not exist: it is where it would be made. Those that do not answer within `wait_ms`, as on a share
 * that is away, are told apart from others by the texts of the paths alone. An `out` is NULL if
 * memory ran out; the caller frees each. Blocks for no longer than that.
 */
void real_folder_look(const char *const *paths, struct real_folder **out, unsigned count,
                      uint32_t wait_ms);

void real_folder_free(struct real_folder *folder);      /* takes NULL */

/*
 * One is the other, or lies in it. A folder that is mounted in two places is seen as one; of a
 * folder in another one, where only the inner one is mounted a second time, the mount is not.
 */
bool real_folder_is_nested(const struct real_folder *one, const struct real_folder *other);

#endif
