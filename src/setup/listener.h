/* Who is told what an installation does: the console, or an MSI's log. */
#ifndef LISTENER_H
#define LISTENER_H

#include <windows.h>

#define LISTENER_TEXT_MAX 2048          /* characters with the zero; longer texts are cut */

enum tone {
    TONE_WHAT,                          /* a step: what is done, or would be */
    TONE_TOUCHED,                       /* below it: a key or a file that it touches */
    TONE_HINT,                          /* what to know, and what to do next */
    TONE_REFUSED,                       /* why it cannot be done, and what to do */
};

struct listener {
    void (*tell)(void *context, enum tone tone, const WCHAR *text);     /* one sentence or two, without a line's end */
    void *context;
};

void listener_tell(const struct listener *listener, enum tone tone, const WCHAR *format, ...);

#endif
