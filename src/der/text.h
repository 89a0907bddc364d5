/*
 * Character strings of ASN.1, as UTF-8.
 *
 * Structure is refused, characters are replaced: a request whose names hold garbage is still a
 * request, and whoever looks at it should see where the garbage stood. So nothing here fails; what
 * is no character becomes U+FFFD, and the caller is told.
 *
 *   UTF8String        as it is; bytes that are not well-formed UTF-8 (overlong forms and surrogates
 *                     included) become U+FFFD, one for each longest piece that could have begun a
 *                     character, as Unicode recommends
 *   PrintableString, NumericString, IA5String, VisibleString
 *                     ASCII; that the first two have fewer characters is not enforced ('*' and '@'
 *                     in a PrintableString are everyday sights); bytes from 80 on become U+FFFD
 *   T61String         taken as UTF-8 if all of it is well-formed UTF-8, else as Latin-1, as
 *                     Windows does
 *   BMPString         UTF-16, although the standard knows no surrogates there: Windows writes
 *                     pairs, so a pair is its character; a lone surrogate, or an odd byte at the
 *                     end, becomes U+FFFD
 *   UniversalString   UTF-32; surrogates, what is beyond U+10FFFF, and a last piece of under four
 *                     bytes, become U+FFFD
 *
 * Control characters, NUL among them, are characters and pass: text has a length, and who shows it
 * must escape.
 */
#ifndef DER_TEXT_H
#define DER_TEXT_H

#include "der.h"

/* Is a value of this tag text that der_text understands? */
bool der_is_text(uint32_t tag);

/* As what a text of this tag is read: UTF-8 for a T61String that is, else its own tag. For
 * der_text_next, which sees no more than what is left of a text. */
uint32_t der_text_tag(uint32_t tag, struct der_bytes content);

/*
 * Take the next character off the front of `*rest`, a text's contents: its UTF-8 goes to `utf8` and
 * its size, 1 to 4, is returned; 0 at the end, and for a tag that is no text. `*clean` (may be
 * NULL) becomes false where it was replaced, and is left alone otherwise.
 */
size_t der_text_next(uint32_t tag, struct der_bytes *rest, char utf8[4], bool *clean);

/*
 * Write the text's UTF-8 to `out`, at most `capacity` bytes and no NUL; returns the bytes it takes,
 * which may be more: then `out` holds as many whole characters as fit. `out` may be NULL when
 * capacity is 0. `*clean` (may be NULL): nothing was replaced. A tag that is no text gives 0 bytes,
 * unclean. The result is at most three times `content.size`.
 */
size_t der_text(uint32_t tag, struct der_bytes content, char *out, size_t capacity, bool *clean);

#endif
