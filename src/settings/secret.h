/* Secrets that enrollees hand to the CA and that must not stand in a journal. */
#ifndef SECRET_H
#define SECRET_H

#include <windows.h>
#include <stdbool.h>

/*
 * Blank the values of the attributes Challenge and ExpectedChallenge in `text`, `count` units of the CA's RequestAttributes: lines of
 * name:value. Names are compared more loosely than the CA does (contract C.8: without blanks, '-' and case): nothing but letters and
 * digits counts, and full-width ones are the same as others. What might be such a value goes, up to the next LF. In place; returns
 * the new count.
 */
size_t secret_blank(WCHAR *text, size_t count);

/*
 * Whether `name`, a property's or an attribute's, names something that is never recorded: the two above, challengePassword, or an
 * archived key. As loosely as above; a prefix Request. or Subject. and an index at the end (".0") change nothing.
 */
bool secret_is(const WCHAR *name, size_t count);

/* Whether `name` is a spelling of RequestAttributes, so that its value has to go through secret_blank. */
bool secret_is_attributes(const WCHAR *name, size_t count);

#endif
