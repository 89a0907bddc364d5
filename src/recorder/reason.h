/*
 * Why a journal is not written at this moment, in a sentence: for the event log, and for whoever waits for it (the CA's event 46).
 *
 * Any thread. What may be asked for while the CA waits allocates nothing. Eight journals have a sentence of their own, far more than there are CAs in a process.
 */
#ifndef REASON_H
#define REASON_H

#include "journal/report.h"

#include <windows.h>

#define REASON_MAX 1000                 /* characters with the zero */

/*
 * Of each report before anything else is made of it, in the journal's thread. A trouble is put into words when it is a new one, or has lasted for
 * another ten minutes: it may look at the folder again, or ask who has a file open; until that is known, the sentence holds the HRESULT. That the
 * journal is opened, or written again, takes the sentence back.
 */
void reason_note(const struct journal_report *report);

/* A sentence, or an HRESULT and what the system calls it; false, and an empty text: none is known, or nothing has been
 * heard of it for seconds, as while a disk simply does not answer. */
bool reason_of(const WCHAR *directory, WCHAR out[REASON_MAX]);

#endif
