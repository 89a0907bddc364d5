/*
 * One entry for the Windows event log: the ID of a message of ours (messages.mc) and the texts that are put into it.
 *
 * Texts come in any state, some of them from people. In an entry they are bounded and on one line: what a terminal would not print,
 * unpaired surrogates and bytes that are no UTF-8 are U+FFFD, line breaks and tabs are blanks, and a percent sign is U+FF05, since
 * whoever shows an entry may put texts in for %1, %%1 or %{…} once more. A text that was cut ends in "…". An empty one is "(none)".
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <windows.h>
#include <stdint.h>

enum {
    ENTRY_INSERTS_MAX = 6,
    ENTRY_INSERT_MAX  = 1000,           /* characters of one text; Windows takes 31,839, but nobody reads them */
    ENTRY_TEXT_MAX    = 4096,           /* of all, each with its zero: more than any message of ours needs */
};

struct entry {
    DWORD id;                           /* of the message; its severity is in it */
    WORD count;
    const WCHAR *inserts[ENTRY_INSERTS_MAX];            /* in `text`, or static */
    size_t used;
    WCHAR text[ENTRY_TEXT_MAX];
    struct entry *next;                 /* for whoever owns the entry */
};

/* NULL without memory. Freed with free(). The functions below take NULL and do nothing, and past ENTRY_INSERTS_MAX as well. */
struct entry *entry_new(DWORD id);

/* `most` characters, ENTRY_INSERT_MAX at most. NULL counts as empty. */
void entry_add_wide(struct entry *entry, const WCHAR *text, size_t most);
void entry_add_utf8(struct entry *entry, const char *text, size_t most);

void entry_add_number(struct entry *entry, uint64_t number);
void entry_add_sequence(struct entry *entry, uint64_t sequence);        /* 20 digits, as in the journal */
void entry_add_hresult(struct entry *entry, HRESULT hr);                /* "0x80070005 (Access denied.)": the text is the system's */

#endif
