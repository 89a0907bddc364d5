#ifndef STUBCA_REASON_H
#define STUBCA_REASON_H

#include <windows.h>

/* Why something was refused: one line of ASCII that names what is wrong, "" where nothing is. Holds no byte of the
 * input. */
struct reason {
    char text[256];
};

#endif
