/*
 * What is to be said of a journal while it is read for what is in it: damage with its place, also
 * where the journal itself tells of it; which lines behind it nothing but their own hashes vouches
 * for; and where another CA's lines begin. Each of these makes the outcome OUTCOME_WRONG.
 *
 * The first 20 faults are told one by one and the others counted. Of more than 100 nothing is made
 * any more: each may take as long as reading all that follows it, and behind a journal of nothing
 * but faults there is nothing to see. `certwitness verify` is the command that judges a journal.
 */
#ifndef JOURNAL_NOTES_H
#define JOURNAL_NOTES_H

#include "base/bytes.h"
#include "base/notes.h"
#include "base/outcome.h"
#include "journal/reader.h"

struct journal_notes {
    const struct notes *to;             /* borrowed: who is told */
    const char *path; /* borrowed: the journal's folder, for advice. NULL: it is not known */
    struct bytes source;                /* owned; the CA that the lines so far are of */
    bool has_advice;                    /* which command verifies the journal was said */
    unsigned faults, breaks;            /* damage that is not on record, and such as is */
    bool on_record; /* the journal.broken that names what was told last is still to come */
    uint64_t stray, stray_last, stray_lines;            /* unverified lines since the last note */
    uint64_t last;                      /* sequence of the last line */
    enum outcome outcome; /* OUTCOME_FINE, OUTCOME_WRONG, or OUTCOME_CANNOT where the disk refused;
                             begins as zeros */
};

void journal_notes_free(struct journal_notes *notes);

/* A READER_LINE. Where unverified ones end, how many they were is told. */
void journal_notes_line(struct journal_notes *notes, const struct reader_item *item);

/* READER_FAULT, READER_ON_RECORD: `result` says which. False: there is no use in going on. */
bool journal_notes_tell(struct journal_notes *notes, enum reader_result result,
                        const struct reader_item *item);

/* READER_UNFINISHED, and `why` (unfinished.h). Where that is not harmless the exit code is 1. */
void journal_notes_unfinished(struct journal_notes *notes, const struct reader_item *item,
                              const char *why, bool is_harmless);

/* The disk refuses, which is tried again: no fault yet. */
void journal_notes_retry(const struct journal_notes *notes, const struct reader_item *item);

/* Note `before` and the command that verifies this journal, to be pasted into a shell. Only once.
 */
void journal_notes_verify(struct journal_notes *notes, const char *before);

/* What is to be said once reading has ended. */
void journal_notes_end(struct journal_notes *notes);

#endif
