/*
 * Judgement of a scenario's steps: compares the outcome of a step with its expectations and prints
 * its line of TAP.
 *
 * The expectations of every verb about the modules' Notify and about time are judged here as well:
 * notify-ms=, returns= and took-ms=. Any thread, each with a step of its own.
 */
#ifndef STUBCA_EXPECTATIONS_H
#define STUBCA_EXPECTATIONS_H

#include "stubca/ca/ca.h"
#include "script.h"

/* The words for outcomes in scenarios. */
extern const char *const outcome_words[];

/* Begin a step on this thread. One of the other functions ends it. */
void expectation_begins(const struct step *step);

void expectation_met(const struct step *step);
void expectation_failed(const struct step *step, const char *why);

/* Judge by the outcome of an operation. `usual` is the outcome required if the step states none. */
void expectation_verdict(const struct step *step, const struct verdict *verdict,
                         enum outcome usual);

/* Judge by the files that the step names; waits for them as long as it says. */
void expectation_files(const struct step *step);

#endif
