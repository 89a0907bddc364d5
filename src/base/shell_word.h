/*
 * Words of a command line, quoted for a shell: for printed commands that users paste.
 *
 * A word is any text without a zero: a path or the name of a CA, which may contain blanks, quotes
 * and characters that a shell would replace. Terminal control characters are kept; the console
 * escapes them.
 */
#ifndef SHELL_WORD_H
#define SHELL_WORD_H

#include "bytes.h"

enum shell {
    SHELL_POWERSHELL, /* Windows PowerShell 5.1, present on every server */
    SHELL_CMD,        /* cmd.exe, at its prompt and not in a batch file */
    SHELL_POSIX,      /* sh, bash */
};

#ifdef _WIN32
#define SHELL_HERE SHELL_POWERSHELL
#else
#define SHELL_HERE SHELL_POSIX
#endif

/* Append the word, quoted so that the shell passes it unchanged to a program. */
void shell_word_add(struct bytes *out, enum shell shell, const char *word);

/*
 * Append `command`, a blank and the word, quoted for the shells of this system:
 * `certwitness show "C:\CA 1"`. If PowerShell and cmd.exe need different quotes, both forms are
 * given, PowerShell's first: `certwitness show 'C:\$1' (in cmd.exe: certwitness show "C:\$1")`.
 */
void shell_command_add(struct bytes *out, const char *command, const char *word);

#endif
