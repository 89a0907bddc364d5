/* Which journal a command is about. */
#ifndef JOURNAL_PATH_H
#define JOURNAL_PATH_H

#include "base/bytes.h"
#include "base/os.h"

/* A row for a command's table of options, and what its help says of JOURNAL. */
#define JOURNAL_OPTION                                                                             \
    {                                                                                              \
        "ca", "NAME", "the journal of this CA of this machine"                                     \
    }
#define JOURNAL_HELP                                                                               \
    "JOURNAL is the journal's folder. On the CA itself it is not needed: the journal\n"            \
    "of this machine's CA is read; --ca chooses one of several CAs. If the CA has\n"               \
    "recorded nothing yet, standard error says so and the exit code is 2.\n"

/*
 * Append the journal's folder, absolute and zero-terminated, to `path`: the folder `operand`, or
 * the journal of the CA `ca`, or (both NULL) that of this machine's CA. A journal that another CA
 * left is never taken in place of one that this CA has not begun. False: there is none, there are
 * several, or it cannot be looked at; standard error has been told what and where, and what to do.
 */
bool journal_path_find(const char *operand, const char *ca, struct bytes *path);
/* Append what tells the folder from others, wherever the program runs: `path` is from above. */
void journal_path_whole(const char *path, struct bytes *out);

#endif
