#ifndef STUBCA_REASON_H
#define STUBCA_REASON_H

#include <windows.h>

/*
 * The reason for a refusal: one line of ASCII that names the fault, "" if there is none. Contains
 * no byte of the input.
 */
struct reason {
    char text[256];
};

#endif
