/*
 * Words of a command line, quoted as a shell reads them: for commands that are printed to be
 * pasted.
 *
 * A word is any text without a zero: a path or a name of a CA, which may hold blanks, quotes and
 * what a shell would replace. What steers a terminal is left in it; the console escapes that.
 */
#ifndef SHELL_WORD_H
#define SHELL_WORD_H

#include "bytes.h"

enum shell {
    SHELL_POWERSHELL, /* Windows PowerShell 5.1, which a server has */
    SHELL_CMD,        /* cmd.exe, at its prompt and not in a batch file */
    SHELL_POSIX,      /* sh, bash */
};

#ifdef _WIN32
#define SHELL_HERE SHELL_POWERSHELL
#else
#define SHELL_HERE SHELL_POSIX
#endif

/* Append the word so that the shell hands it to a program as it is. */
void shell_word_add(struct bytes *out, enum shell shell, const char *word);

/*
 * Append `command`, a blank and the word, for the shells of this system: `certwitness show "C:\CA
 * 1"`. Where PowerShell and cmd.exe need different quotes both are given, PowerShell's first:
 * `certwitness show 'C:\$1' (in cmd.exe: certwitness show "C:\$1")`.
 */
void shell_command_add(struct bytes *out, const char *command, const char *word);

#endif
