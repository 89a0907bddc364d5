/*
 * Frames of RELP, the Reliable Event Logging Protocol, as librelp publishes it.
 *
 *     TXNR SP COMMAND SP DATALEN [SP DATA] LF
 *
 * TXNR is 0 for hints of the far end, else 1 to RELP_TXNR_MAX; COMMAND has 1 to 32 letters; DATALEN
 * is the number of bytes in DATA, and without any the blank before it is missing, too.
 */
#ifndef RELP_FRAME_H
#define RELP_FRAME_H

#include "base/bytes.h"
#include "base/span.h"

#include <stdint.h>

#define RELP_TXNR_MAX    999999999u
#define RELP_ANSWER_MAX  65536          /* bytes of data in a frame that is read: an answer is a
                                         * few words */

struct relp_frame {
    uint32_t txnr;
    struct span command, data;          /* views */
    size_t size;                        /* of the whole frame */
};

enum relp_verdict { RELP_FRAME, RELP_MORE, RELP_WRONG };

/* The frame at the beginning of the text. RELP_MORE: its end has not come. */
enum relp_verdict relp_frame_read(struct span text, struct relp_frame *out);

/* Append a frame. */
void relp_frame_add(struct bytes *out, uint32_t txnr, const char *command, struct span data);

/* The code at the beginning of an answer's data, 200 or 500; 0: there is none. `rest`: the words
 * behind it, up to the line's end; `offers`: the lines behind that. */
unsigned relp_answer_code(struct span data, struct span *rest, struct span *offers);

/* The value of an offer, a view; size 0 and NULL: it is not there. */
struct span relp_offer(struct span offers, const char *name);

#endif
