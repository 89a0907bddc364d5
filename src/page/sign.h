/* The sign of a journal's health: a shape and a colour for each enum state_health. */
#ifndef SIGN_H
#define SIGN_H

#include "state.h"

/*
 * Fill `box` with `ground` and draw the sign in it: a disc with a check mark, a disc with an i, a
 * triangle with an exclamation mark, or an octagon with a cross. The shapes differ, so the colours
 * are not needed. With `high_contrast` only the system's colours of buttons and their text are
 * used.
 */
void sign_draw(HDC dc, const RECT *box, enum state_health health, bool high_contrast,
               HBRUSH ground);

/* Whether the user has switched high contrast on. */
bool sign_high_contrast(void);

#endif
