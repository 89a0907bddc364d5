/*
 * Files written by a module, as a scenario names and searches them.
 *
 * A path is UTF-8, with either kind of slash, relative to the current directory; %NAME% is an
 * environment variable; in every part of it * matches any characters and ? one, ignoring case.
 * Folders are not files. A file may be open in another program, also for writing: its content at
 * that moment is read. UTF-16 text that begins with its mark is converted, anything else is read
 * byte by byte.
 */
#ifndef STUBCA_FOUND_FILES_H
#define STUBCA_FOUND_FILES_H

#include "stubca/ca/subject.h"

#define FOUND_FILE_MAX (64u << 20)      /* bytes of one file; reading a larger one is an error */

struct found_files {
    struct found_file {
        char *path;
        size_t size;                    /* bytes on disk */
        char *text;                     /* UTF-8, or unconverted bytes; may contain NULs */
        size_t text_size;
    } *files;
    size_t count;
};

/*
 * Find all files that match the path and, with `look`, read them; without, they count as empty. No
 * match is not an error. An error, with the reason: a file cannot be read, since another program
 * has it open exclusively, or since it is too large.
 */
HRESULT found_files_open(const char *path, bool look, struct found_files *found,
                         struct reason *reason);
void found_files_close(struct found_files *found);

/* The totals of all files. A last line without an end counts. */
unsigned long long found_files_size(const struct found_files *found);
unsigned long long found_files_lines(const struct found_files *found);

/* True if one of the files contains the text. */
bool found_files_hold(const struct found_files *found, const char *words);

#endif
