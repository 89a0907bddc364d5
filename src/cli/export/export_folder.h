/*
 * The folder that `export` writes to: its claim, and the names of what lies in it.
 *
 * A folder with anything in it is taken only if an earlier export of the same journal left it, as
 * its file export.json says. Names of files are made of numbers and hexadecimal digits alone; of
 * what an enrollee wrote nothing gets into a name.
 */
#ifndef EXPORT_FOLDER_H
#define EXPORT_FOLDER_H

#include "events/event_items.h"
#include "base/os.h"

/* "certificates/<40 digits>-<32 digits>.cer", and what a number may make of the others */
#define EXPORT_NAME_MAX 160

/*
 * Make the folder `path`, or take the one that is there, for the journal with this source (line.h);
 * and the folders in it. False: it cannot be, and standard error has been told why.
 */
bool export_folder_claim(const char *path, struct span source);

/* The name of an item's file, with '/' in it: certificates/<serial number>-<SHA-256>.cer,
 * requests/<RequestID>-<SHA-256>.req, crls/<key>-base-<number>-<SHA-256>.crl, ca/... . 32 digits of
 * the hash are enough to tell files apart. What cannot be read ends in .bin. */
void export_folder_name(const struct event_item *item, int64_t request_id,
                        char out[EXPORT_NAME_MAX]);

/* Append "path/name" and a zero, the slash being the system's. */
void export_folder_path(struct bytes *out, const char *path, const char *name);

#endif
