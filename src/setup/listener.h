/* Who is told what an installation does: the console, or an MSI's log. */
#ifndef LISTENER_H
#define LISTENER_H

#include <windows.h>
#include <stdbool.h>

#define LISTENER_TEXT_MAX 2048          /* characters with the zero; longer texts are cut */

enum tone {
    TONE_DONE,                          /* a step that was done; in a dry run, one that would be */
    TONE_TOUCHED,                       /* below it: a key or a file that it touches */
    TONE_NOTE,                          /* something to know: what is kept, a warning */
    TONE_NEXT,                          /* what to do next */
    TONE_REFUSED,                       /* why it cannot be done, and what to do */
};

struct listener {
    void (*tell)(void *context, enum tone tone, const WCHAR *text);     /* one sentence or two, without a line's end */
    /* Asked once, after `tell` has listed what will be removed for good. False: nothing is changed.
     * NULL: nobody can be asked, which is a no. */
    bool (*agrees)(void *context);
    void *context;
};

void listener_tell(const struct listener *listener, enum tone tone, const WCHAR *format, ...);

#endif
