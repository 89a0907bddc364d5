/* Secrets that enrollees hand to the CA and that must not stand in a journal. */
#ifndef SECRET_H
#define SECRET_H

#include <windows.h>

/*
 * Blank the values of the attributes Challenge and ExpectedChallenge in `text`, `count` units of the CA's RequestAttributes: lines of
 * name:value. Names are compared as the CA does, without blanks, '-' and case (contract C.8). In place; returns the new count.
 */
size_t secret_blank(WCHAR *text, size_t count);

#endif
