/* The receiver of an installation's messages: the console, or an MSI's log. */
#ifndef LISTENER_H
#define LISTENER_H

#include <windows.h>
#include <stdbool.h>

#define LISTENER_TEXT_MAX 2048          /* characters with the zero; longer texts are cut */

enum tone {
    TONE_DONE,                          /* a step that was done; in a dry run, one that would be */
    TONE_TOUCHED,                       /* a detail of the step: a key or a file that it changes */
    TONE_NOTE,                          /* information: what is kept, a warning */
    TONE_NEXT,                          /* what to do next */
    TONE_REFUSED,                       /* why it cannot be done, and what to do */
};

struct listener {
    /* one or two sentences, without a line end */
    void (*tell)(void *context, enum tone tone, const WCHAR *text);
    /* Called once, after `tell` has listed everything that will be removed permanently. False:
     * nothing is changed. NULL: there is nobody to ask, which counts as false. */
    bool (*agrees)(void *context);
    void *context;
};

void listener_tell(const struct listener *listener, enum tone tone, const WCHAR *format, ...);

#endif
