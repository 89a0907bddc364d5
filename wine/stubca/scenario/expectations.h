/*
 * Judges what became of a scenario's step, and prints its line of TAP.
 *
 * What a step expects of the modules' Notify and of time, whatever its verb, is judged here as well: notify-ms=, returns=
 * and took-ms=. Any thread, each with a step of its own.
 */
#ifndef STUBCA_EXPECTATIONS_H
#define STUBCA_EXPECTATIONS_H

#include "stubca/ca/ca.h"
#include "script.h"

/* What scenarios call an outcome. */
extern const char *const outcome_words[];

/* A step begins, on this thread; ends with one of the others. */
void expectation_begins(const struct step *step);

void expectation_met(const struct step *step);
void expectation_failed(const struct step *step, const char *why);

/* By what an operation came to. `usual` is what it must be where the step expects nothing else. */
void expectation_verdict(const struct step *step, const struct verdict *verdict, enum outcome usual);

/* By the files that it names; waits for them as long as it says. */
void expectation_files(const struct step *step);

#endif
