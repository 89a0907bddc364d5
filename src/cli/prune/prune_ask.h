/* Asking a journal's writer to put on record what is about to go, and waiting until it is. */
#ifndef PRUNE_ASK_H
#define PRUNE_ASK_H

#include "journal/request.h"
#include "journal/segment_list.h"

enum prune_answer {
    PRUNE_ON_RECORD,  /* journal.pruned is in the chain and covered: `hr` is S_OK */
    PRUNE_NO_WRITER,  /* no writer has the journal open; nothing was asked */
    PRUNE_REFUSED,    /* the writer took the request away and wrote no line */
    PRUNE_NO_ANSWER,  /* not within `wait_ms`, or Ctrl-C: the request was taken back */
    PRUNE_LOCKED,     /* `stopped`: somebody has the journal open */
    PRUNE_CANNOT_ASK, /* the disk refused: `hr` */
};

/*
 * Leave the request and wait for the writer, `wait_ms` at most. `list` is that of the folder's
 * segments. `stopped`: open the journal in this process, answer in its place, in a run of its own,
 * and close it.
 */
enum prune_answer prune_ask(const char *path, struct disk_folder *folder,
                            const struct segment_list *list, const struct request *request,
                            bool stopped, uint32_t wait_ms, HRESULT *hr);

/* Whether journal.pruned of just these lines stands in the segments of `list` from the one at
 * `from` on, and is covered (line.c). */
HRESULT prune_is_on_record(struct disk_folder *folder, const struct segment_list *list, size_t from,
                           const struct chain_head *last, bool *answer) MUST_CHECK;

#endif
