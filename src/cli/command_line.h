/* What a command line is like on this system: which options look otherwise there, and what becomes
 * of a path in quotation marks. */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include <stdbool.h>

/* Whether a word that begins with a slash is an option to whoever types it, and not a path: on
 * Windows. */
extern const bool command_line_has_slashes;

/*
 * Mend an argument that is a path, in place. Windows reads the \" in "C:\CertWitness\CA 1\" as a
 * quotation mark that belongs to the path: the path then ends in one, and what follows on the
 * command line may be swallowed. No path of Windows has a quotation mark in it. One at the end
 * becomes the backslash that was typed. False: something was swallowed, and standard error has been
 * told what to type. On Linux, where a path may have a quotation mark in it, nothing is changed.
 */
bool command_line_mend(char *path);

#endif
