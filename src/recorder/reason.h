/*
 * The reason why a journal is not being written now, as a sentence: for the event log and for the
 * CA's event 46.
 *
 * Any thread. Functions that are called while the CA waits allocate nothing. Eight journals have a
 * sentence of their own, far more than a process has CAs.
 */
#ifndef REASON_H
#define REASON_H

#include "journal/report.h"

#include <windows.h>

#define REASON_MAX 1000                 /* characters with the zero */

/*
 * Note a report, before any other use of it, in the journal's thread. A sentence is made for a new
 * problem, or one that has lasted for another ten minutes. This may check the folder again, or
 * find which program has a file open; until that is known, the sentence contains the HRESULT. A
 * report that the journal was opened, or is written again, removes the sentence.
 */
void reason_note(const struct journal_report *report);

/*
 * Get the sentence, or an HRESULT and the system's text for it. Returns false and an empty text if
 * no reason is known, or nothing was reported for seconds, for instance while a disk simply does
 * not answer.
 */
bool reason_of(const WCHAR *directory, WCHAR out[REASON_MAX]);

#endif
