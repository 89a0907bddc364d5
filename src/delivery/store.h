/*
 * The folder in which the delivery keeps what it must not forget: for each destination a file
 * NAME.state, and if lines were refused a file NAME.parked.
 *
 * The folder is locked against a second delivery (the file `lock`). The calls of different
 * destinations may come from different threads at once.
 */
#ifndef STORE_H
#define STORE_H

#include "journal/disk.h"

struct store;

/* ERROR_SHARING_VIOLATION: another delivery uses the folder. Other failures: disk_open_folder. What
 * is opened in it: disk_guard. */
HRESULT store_open(const char *path, struct store **out) MUST_CHECK;
void store_close(struct store *store);                  /* takes NULL */

/* The folder for reading, beside a delivery: disk_view_folder, guarded. */
HRESULT store_view(const char *path, struct disk_folder **out) MUST_CHECK;

/* The folder, for the one thread between enter and leave. */
struct disk_folder *store_enter(struct store *store);
void store_leave(struct store *store);

#endif
