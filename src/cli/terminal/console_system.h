/* What console.c needs of the system: console_windows.c, console_posix.c. */
#ifndef CONSOLE_SYSTEM_H
#define CONSOLE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

enum console_stream { CONSOLE_OUT, CONSOLE_ERROR, CONSOLE_IN };

void console_system_open(void);
bool console_system_write(enum console_stream stream, const char *text, size_t size);
bool console_system_is_terminal(enum console_stream stream);
unsigned console_system_width(enum console_stream stream);      /* 0: not known */
unsigned console_system_height(void);   /* as well */
bool console_system_has_colours(void);
void console_system_catch_interrupt(
    volatile int *flag); /* from now on Ctrl-C sets it, and ends the program when pressed again */

#endif
