/*
 * Heads of a journal that somebody noted earlier, and what its lines say of them.
 *
 * A head is the sequence and the hash of a line. Where the line is still there with that hash,
 * nothing up to it has changed since the head was noted, for nobody knows how to make other lines
 * that lead to the same hash.
 */
#ifndef NOTED_HEADS_H
#define NOTED_HEADS_H

#include "journal/line.h"

#include <stdio.h>

#define NOTED_HEADS_FILE_MAX (256u << 20) /* bytes: so many heads, each in an entry of a KiB */
/* a head every thousand lines, of a journal of a terabyte; 12 MiB */
#define NOTED_HEADS_MAX 262144

enum head_state {
    HEAD_WAITS,        /* its line has not come yet */
    HEAD_PROVEN,       /* its line is there */
    HEAD_LINKED,       /* its line is not, but the one behind it is, and names it */
    HEAD_CONTRADICTED, /* another line is there */
    HEAD_GONE,         /* its line is not there, and nothing tells what it was */
    HEAD_ASIDE,        /* its line is there, behind damage: no line before that leads to it */
    HEAD_OTHER_ASIDE,  /* another line is, in such a place */
    HEAD_STATES,
};

struct noted_head {
    uint64_t sequence;
    uint8_t hash[32];
    enum head_state state;
};

/* {0} has none. The heads are in the order of their sequences once noted_heads_sort has been
 * called, each once. */
struct noted_heads {
    struct noted_head *heads;           /* owned */
    size_t count, room;
    size_t next;                        /* the first one that may wait */
    uint64_t last;                      /* the line that was met last */
    bool failed; /* memory ran out, or there were more than NOTED_HEADS_MAX */
};

void noted_heads_free(struct noted_heads *heads);

/*
 * Add all heads that a text holds, in any of these forms: "42:<64 hex digits>", as certwitness
 * verify prints it; "sequence 42, hash <64 hex digits>", as the entries 100 to 104 of the event log
 * say it; "<Data>42</Data><Data><64 hex digits></Data>", as their XML does. UTF-8 or UTF-16; a hash
 * may be broken over lines, as PowerShell does. Returns how many there were.
 */
size_t noted_heads_add_text(struct noted_heads *heads, const char *text, size_t size);
/* A file of NOTED_HEADS_FILE_MAX bytes or more, as one that never ends, counts as failed. */
size_t noted_heads_add_file(struct noted_heads *heads, FILE *file);

void noted_heads_sort(struct noted_heads *heads);

/*
 * A line of the journal has come; they come in order. `told` is called for each head that is
 * settled by it. A line whose sequence is not above that of the last one takes its place, and
 * settles anew.
 */
void noted_heads_meet(struct noted_heads *heads, const struct line *line,
                      void (*told)(void *context, const struct noted_head *head), void *context);

/* The same of a line that is unverified (reader.h): nothing is settled, but heads of its sequence
 * are looked at. Whether it is the line of one. */
bool noted_heads_meet_aside(struct noted_heads *heads, const struct line *line);

/* "42:<64 hex digits>" */
#define NOTED_HEAD_TEXT (20 + 1 + LINE_HASH_SIZE + 1)
void noted_head_text(const struct noted_head *head, char out[NOTED_HEAD_TEXT]);

#endif
