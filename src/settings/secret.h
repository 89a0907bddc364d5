/* Secrets that enrollees send to the CA and that must not be recorded in a journal. */
#ifndef SECRET_H
#define SECRET_H

#include <windows.h>
#include <stdbool.h>

/*
 * Blank the values of the attributes Challenge and ExpectedChallenge in `text`, which is `count`
 * units of the CA's RequestAttributes: lines of name:value. Names are compared more loosely than
 * the CA does (contract C.8: without blanks, '-' and case): only letters and digits count, and
 * full-width characters equal normal ones. Everything that might be such a value is removed, up to
 * the next LF. In place; returns the new count.
 */
size_t secret_blank(WCHAR *text, size_t count);

/*
 * True if `name`, of a property or an attribute, names something that is never recorded: the two
 * above, challengePassword, or an archived key. Compared as loosely as above; a prefix Request. or
 * Subject. and an index at the end (".0") are ignored.
 */
bool secret_is(const WCHAR *name, size_t count);

/*
 * True if `name` is a spelling of RequestAttributes, so that its value has to be passed to
 * secret_blank.
 */
bool secret_is_attributes(const WCHAR *name, size_t count);

#endif
