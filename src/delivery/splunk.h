/*
 * What Splunk's HTTP Event Collector says in its answers: {"text":"Success","code":0}, in an answer
 * with the status 200. The code is what counts: what stands in front of a collector may answer 200
 * of its own, and some collectors say "Server is busy", 9, with it.
 */
#ifndef SPLUNK_H
#define SPLUNK_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define SPLUNK_TAKEN 0
#define SPLUNK_NONE  (-1)

/* The code of an answer's body; SPLUNK_NONE: it is no answer of a collector. */
int64_t splunk_code(struct span body);

/* The lines are refused. */
bool splunk_refuses(int64_t code);

/* No line is refused: the token, the index, the channel or the URL has to be corrected. Any other
 * code that is not SPLUNK_TAKEN passes with time. */
bool splunk_wants_hands(int64_t code);

#endif
