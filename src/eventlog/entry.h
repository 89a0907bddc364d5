/*
 * One entry for the Windows event log: its source, the ID of a message of that source (messages.mc)
 * and the texts inserted into it.
 *
 * The texts come in any state, some of them from enrollees. In an entry they are bounded and on
 * one line: characters that a terminal would not print, unpaired surrogates and bytes that are not
 * UTF-8 become U+FFFD, line breaks and tabs become blanks, and a percent sign becomes U+FF05,
 * since a program that shows entries may again replace %1, %%1 or %{…} by texts. A text that was
 * cut ends in "…". An empty text is "(none)".
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <windows.h>
#include <stdint.h>

enum {
    ENTRY_INSERTS_MAX = 6,
    ENTRY_INSERT_MAX  = 1000,           /* characters of one text; Windows accepts 31,839, too
                                         * many to read */
    ENTRY_TEXT_MAX    = 4096,           /* characters of all texts with their zeros: more than
                                         * any message needs */
};

struct entry {
    const WCHAR *source;                /* borrowed for the process's life */
    DWORD id;                           /* the message's ID, which includes its severity */
    WORD count;
    const WCHAR *inserts[ENTRY_INSERTS_MAX];            /* in `text`, or static */
    size_t used;
    WCHAR text[ENTRY_TEXT_MAX];
    struct entry *next;                 /* for the entry's owner */
};

/*
 * Returns NULL if memory is short. Freed with free(). The functions below do nothing for NULL, or
 * after ENTRY_INSERTS_MAX texts.
 */
struct entry *entry_new(const WCHAR *source, DWORD id);

/* At most `most` characters, and at most ENTRY_INSERT_MAX. NULL counts as empty. */
void entry_add_wide(struct entry *entry, const WCHAR *text, size_t most);
void entry_add_utf8(struct entry *entry, const char *text, size_t most);

void entry_add_number(struct entry *entry, uint64_t number);
void entry_add_sequence(struct entry *entry, uint64_t sequence); /* 20 digits, as in the journal */
/* "0x80070005 (Access denied.)": the system's text */
void entry_add_hresult(struct entry *entry, HRESULT hr);

#endif
