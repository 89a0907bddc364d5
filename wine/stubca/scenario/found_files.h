/*
 * Files that somebody else writes, a module that is, as a scenario names them and looks into them.
 *
 * A path is UTF-8, with either slash, relative to the current directory; %NAME% stands for a variable of the environment;
 * in every part of it * stands for any characters and ? for one, whatever their case. Folders are no files. A file may be
 * open elsewhere, for writing too: what is seen is what had been written at that moment. Text in UTF-16 that begins with
 * its mark is read as such, anything else byte by byte.
 */
#ifndef STUBCA_FOUND_FILES_H
#define STUBCA_FOUND_FILES_H

#include "stubca/ca/subject.h"

#define FOUND_FILE_MAX (64u << 20)      /* bytes of one file; what is larger is not looked into, which is an error */

struct found_files {
    struct found_file {
        char *path;
        size_t size;                    /* in bytes, as it lies on disk */
        char *text;                     /* UTF-8, or bytes as they are; NULs may be in it */
        size_t text_size;
    } *files;
    size_t count;
};

/* Find all that the path stands for, and with `look` read them; without, they count as empty. None is no error. An error,
 * with the reason: one cannot be read, since somebody else has it for himself alone, or since it is too large. */
HRESULT found_files_open(const char *path, bool look, struct found_files *found, struct reason *reason);
void found_files_close(struct found_files *found);

/* Of all of them together. A last line without an end is a line. */
unsigned long long found_files_size(const struct found_files *found);
unsigned long long found_files_lines(const struct found_files *found);

/* Does one of them hold these words? */
bool found_files_hold(const struct found_files *found, const char *words);

#endif
