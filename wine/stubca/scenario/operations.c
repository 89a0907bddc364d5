/* Operations. */
#include "operations.h"

#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "expectations.h"
#include "stubca/ca/requests.h"
#include "stubca/ca/revocation.h"
#include "stubca/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFFICER "NT AUTHORITY\\SYSTEM"  /* who acts where a step does not say */

/* What the names of a scenario stand for. */
struct named {
    char *name;
    LONG request_id;
};

struct operations {
    struct ca *ca;
    SRWLOCK names_lock;                 /* over what follows: steps may be played together */
    struct named *names;
    size_t name_count;
};

/* Names. A name whose step came to nothing has no request. */

static void name_set(struct operations *operations, const char *name, LONG request_id)
{
    AcquireSRWLockExclusive(&operations->names_lock);
    operations->names =
        heap_grow(operations->names, (operations->name_count + 1) * sizeof *operations->names);
    operations->names[operations->name_count++] = (struct named){heap_text(name), request_id};
    ReleaseSRWLockExclusive(&operations->names_lock);
}

static bool name_get(struct operations *operations, const struct step *step, LONG *request_id)
{
    *request_id = 0;
    AcquireSRWLockShared(&operations->names_lock);
    for (size_t i = 0; i < operations->name_count; i++) {
        if (!_stricmp(operations->names[i].name, step->words[0]))
            *request_id = operations->names[i].request_id;
    }
    ReleaseSRWLockShared(&operations->names_lock);
    if (*request_id) return true;
    expectation_failed(
        step, "the CA has no request of that name: the step that was to make it came to nothing");
    return false;
}

/* What the call says besides the request: every attribute=, and the template as one of them. The
 * caller frees. */
static char *operations_attributes_of(const struct step *step)
{
    const char *template = step_value(step, "template", NULL);
    char *lines = template ? text_format("CertificateTemplate:%s\n", template) : heap_text("");
    const char *value;
    size_t place = 0;

    while ((value = step_next_value(step, "attribute", &place))) {
        char *longer = text_format("%s%s\n", lines, value);

        free(lines);
        lines = longer;
    }
    return lines;
}

/* The file that a key to be archived lies in; nothing where it cannot be read, which is told. */
static bool operations_read_key(const struct step *step, char **data, size_t *size)
{
    const char *path = step_value(step, "archived-key", NULL);
    struct reason reason = {""};

    *data = NULL;
    *size = 0;
    if (!path || SUCCEEDED(file_read(path, ARCHIVED_KEY_MAX, data, size, &reason))) return true;
    expectation_failed(step, reason.text);
    return false;
}

/* As often as the step says, or until something else comes of it than expected. The verdict is the
 * last. */
static void submit_often(struct operations *operations, const struct step *step,
                         const struct submission *submission, struct verdict *verdict)
{
    const char *expected = step_value(step, "expect", outcome_words[OUTCOME_ISSUED]);
    long left = step_number(step, "times", 1);

    do {
        request_submit(operations->ca, submission, verdict);
    } while (--left && !strcmp(outcome_words[verdict->outcome], expected));
}

static void step_submit(struct operations *operations, const struct step *step)
{
    const char *requester = step_value(step, "requester", NULL);
    char *attributes = operations_attributes_of(step);
    struct submission submission = {
        .name = step->words[0],
        .path = step_value(step, "request", NULL),
        .attributes = attributes,
        .requester = requester,
        .caller = step_value(step, "caller", requester),
        .user_dn = step_value(step, "dn", NULL),
        .requester_facts = {(char *)step_value(step, "sid", NULL),
                            (char *)step_value(step, "upn", NULL),
                            (char *)step_value(step, "dns", NULL),
                            (char *)step_value(step, "mail", NULL)},
    };
    struct verdict verdict;
    char *key;

    if (operations_read_key(step, &key, &submission.archived_key_size)) {
        submission.archived_key = key;
        submit_often(operations, step, &submission, &verdict);
        name_set(operations, step->words[0], verdict.request_id);
        expectation_verdict(step, &verdict, OUTCOME_ISSUED);
    }
    free(key);
    free(attributes);
}

static void step_approve(struct operations *operations, const struct step *step)
{
    struct verdict verdict;
    LONG id;

    if (!name_get(operations, step, &id)) return;
    request_approve(operations->ca, id, step->words[0], step_value(step, "by", OFFICER), &verdict);
    expectation_verdict(step, &verdict, OUTCOME_ISSUED);
}

static void step_deny(struct operations *operations, const struct step *step)
{
    struct verdict verdict;
    LONG id;

    if (!name_get(operations, step, &id)) return;
    request_deny(operations->ca, id, step_value(step, "by", OFFICER), &verdict);
    expectation_verdict(step, &verdict, OUTCOME_DENIED);
}

static void step_retrieve(struct operations *operations, const struct step *step)
{
    struct verdict verdict;
    LONG id;

    if (!name_get(operations, step, &id)) return;
    request_retrieve(operations->ca, id, &verdict);
    expectation_verdict(step, &verdict, OUTCOME_ISSUED);
}

static void step_revocation(struct operations *operations, const struct step *step)
{
    const char *officer = step_value(step, "by", OFFICER);
    int reason = step->verb == VERB_HOLD
                     ? REASON_HOLD
                     : revocation_reason(step_value(step, "reason", "unspecified"));
    const char *effective = step_value(step, "effective", NULL);
    struct verdict verdict;
    LONG id;

    if (!name_get(operations, step, &id)) return;
    if (step->verb == VERB_RELEASE) {
        certificate_release(operations->ca, id, officer, &verdict);
        expectation_verdict(step, &verdict, OUTCOME_RELEASED);
        return;
    }
    if (reason == REASON_PUBLISH_EXPIRED || reason == REASON_DONT_PUBLISH_EXPIRED) {
        certificate_publish_expired(operations->ca, id, reason == REASON_PUBLISH_EXPIRED, &verdict);
    } else {
        certificate_revoke(operations->ca, id, reason,
                           effective ? ca_now() + atoi(effective) * DAY : 0, officer, &verdict);
    }
    expectation_verdict(step, &verdict, OUTCOME_REVOKED);
}

static void step_crl(struct operations *operations, const struct step *step)
{
    bool base = false, delta = false;
    struct verdict verdict;

    for (int i = 0; i < step->word_count; i++)
        *(!strcmp(step->words[i], "base") ? &base : &delta) = true;
    crl_publish(operations->ca, base, delta, &verdict);
    expectation_verdict(step, &verdict, OUTCOME_PUBLISHED);
}

static void step_import(struct operations *operations, const struct step *step)
{
    struct verdict verdict;

    request_import(operations->ca, step_value(step, "file", NULL), step_value(step, "by", OFFICER),
                   &verdict);
    name_set(operations, step->words[0], verdict.request_id);
    expectation_verdict(step, &verdict, OUTCOME_IMPORTED);
}

static void step_change(struct operations *operations, const struct step *step)
{
    const char *oid = step_value(step, "extension", NULL), *hex = step_value(step, "der", "0500");
    char *lines = operations_attributes_of(step), *der = heap_take(strlen(hex) / 2 + 1);
    struct verdict verdict;
    LONG id;

    if (name_get(operations, step, &id)) {
        for (size_t i = 0; hex[2 * i]; i++) sscanf(hex + 2 * i, "%2hhx", &der[i]);
        if (oid) {
            request_set_extension(operations->ca, id, oid, (LONG)step_number(step, "flags", 0), der,
                                  strlen(hex) / 2, &verdict);
        } else {
            request_set_attributes(operations->ca, id, lines, &verdict);
        }
        expectation_verdict(step, &verdict, OUTCOME_CHANGED);
    }
    free(lines);
    free(der);
}

static void step_delete(struct operations *operations, const struct step *step)
{
    struct verdict verdict;
    LONG id;

    if (!name_get(operations, step, &id)) return;
    request_delete(operations->ca, id, &verdict);
    expectation_verdict(step, &verdict, OUTCOME_DELETED);
}

static void step_recover(struct operations *operations, const struct step *step)
{
    struct verdict verdict;
    LONG id;

    if (!name_get(operations, step, &id)) return;
    request_recover_key(operations->ca, id, &verdict);
    expectation_verdict(step, &verdict, OUTCOME_RECOVERED);
}

static void (*const steps[VERB_COUNT])(struct operations *operations, const struct step *step) = {
    [VERB_SUBMIT] = step_submit,      [VERB_APPROVE] = step_approve,
    [VERB_DENY] = step_deny,          [VERB_RETRIEVE] = step_retrieve,
    [VERB_REVOKE] = step_revocation,  [VERB_HOLD] = step_revocation,
    [VERB_RELEASE] = step_revocation, [VERB_CRL] = step_crl,
    [VERB_IMPORT] = step_import,      [VERB_CHANGE] = step_change,
    [VERB_DELETE] = step_delete,      [VERB_RECOVER] = step_recover,
};

struct operations *operations_open(struct ca *ca)
{
    struct operations *operations = heap_take(sizeof *operations);

    operations->ca = ca;
    return operations;
}

void operations_close(struct operations *operations)
{
    if (!operations) return;
    for (size_t i = 0; i < operations->name_count; i++) free(operations->names[i].name);
    free(operations->names);
    free(operations);
}

void operation_play(struct operations *operations, const struct step *step)
{
    steps[step->verb](operations, step);
}
