/*
 * The rules by which `stubca check` examines a module, and the world in which each is examined: a CA with a row of every
 * kind, the module's class, its key.
 *
 * A rule runs in a child process, on its first thread, which is in the apartment that the class is registered for (the
 * multi-threaded one for ThreadingModel Both). What escapes from it as an exception breaks it. It may leave things
 * behind when it is broken, since the process then ends (but for broken_tidily), and must not when it holds, since the
 * next rules run in the same process.
 */
#ifndef STUBCA_CHECK_RULES_H
#define STUBCA_CHECK_RULES_H

#include "stubca/ca/ca.h"
#include "stubca/host/exit_object.h"

enum finding { HOLDS, BROKEN, NOT_EXAMINED };

enum check_row { ROW_ISSUED, ROW_PENDING, ROW_DENIED, ROW_REVOKED, ROW_KINDS };

struct examined {
    const char *progid;
    CLSID clsid;
    WCHAR *dll, *threading;             /* as registered; NULL: not there */
    bool apartment;                     /* ThreadingModel says Apartment, or nothing */
    DWORD limit_ms;                     /* how long nothing may happen before a rule counts as hung */
    DWORD quick_ms;                     /* how long Notify may take to be quick */
    const char *folder;                 /* for files, ours */
    char *key;                          /* the module's, below HKLM */
    struct ca *ca;                      /* NULL until the first rule that asks for it */
    LONG rows[ROW_KINDS];               /* request numbers */
    char why[512];                      /* of the finding, where it is not HOLDS */
    bool tidy;                          /* the rule is broken, and has left nothing behind: the process may go on */
};

struct rule {
    const char *name;                   /* a word */
    const char *title, *source;         /* a sentence that is true of a module that keeps the rule; where it stands */
    const char *needs;                  /* words: the rules without which this one says nothing; NULL: none */
    enum finding (*examine)(struct examined *it);
};

extern const struct rule rules[];
extern const int rule_count;

/* For a rule's last line: the reason goes into `why`. */
enum finding broken(struct examined *it, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum finding broken_tidily(struct examined *it, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum finding not_examined(struct examined *it, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The parent is told that the rule goes on: its time begins anew. Any thread. */
void check_goes_on(void);
void check_works(void);                 /* the same, and what is done next is our own, slow work */

/* Has the call gone well? If not, the reason is in `why`. Frees the outcome. */
bool call_went_well(struct examined *it, const char *method, struct outcome_of_call *outcome);

/* check_com.c: the class and its objects. */
enum finding rule_progid(struct examined *it);
enum finding rule_registered(struct examined *it);
enum finding rule_threading(struct examined *it);
enum finding rule_exports(struct examined *it);
enum finding rule_created(struct examined *it);
enum finding rule_interfaces(struct examined *it);
enum finding rule_late(struct examined *it);
enum finding rule_identity(struct examined *it);
enum finding rule_counts(struct examined *it);
enum finding rule_outputs(struct examined *it);
enum finding rule_arguments(struct examined *it);
enum finding rule_manage(struct examined *it);
enum finding rule_unload(struct examined *it);

/* check_events.c: what it does as a CA's module. */
enum finding rule_initialize(struct examined *it);
enum finding rule_mask(struct examined *it);
enum finding rule_description(struct examined *it);
enum finding rule_returns(struct examined *it);
enum finding rule_throws(struct examined *it);
enum finding rule_succeeds(struct examined *it);
enum finding rule_quick(struct examined *it);
enum finding rule_ui(struct examined *it);
enum finding rule_bound(struct examined *it);
enum finding rule_held(struct examined *it);
enum finding rule_unknown(struct examined *it);
enum finding rule_zero(struct examined *it);
enum finding rule_dead(struct examined *it);
enum finding rule_key(struct examined *it);
enum finding rule_empty(struct examined *it);
enum finding rule_odd(struct examined *it);
enum finding rule_concurrent(struct examined *it);

/* check_waste.c: what it leaves behind. */
enum finding rule_strings(struct examined *it);
enum finding rule_memory(struct examined *it);
enum finding rule_handles(struct examined *it);
enum finding rule_failing(struct examined *it);
enum finding rule_threads(struct examined *it);

/* check_session.c: an object from its creation to its last Release. */

struct session {
    struct examined *it;
    struct exit_object object;
    LONG mask;
};

/* Create and Initialize, on a CA that is made when it is asked for first. False: `why` tells. */
bool session_begin(struct examined *it, struct session *session);
bool session_create(struct examined *it, struct exit_object *object);
bool session_end(struct session *session);              /* SHUTDOWN if it is subscribed to, and the last Release */

/* The CA that sessions are held on; made at the first call. Ends the process where it cannot be made. */
struct ca *check_ca(struct examined *it);

/* One event, with a row of the kind that the CA would name: the context is alive for as long as the call lasts. */
void session_notify(struct session *session, LONG event, struct outcome_of_call *outcome);

/* Each event in the mask but SHUTDOWN, in the order of the bits; the object stays. False: one failed or threw, `why`
 * tells. With `only_faults` a failing HRESULT is none of our business. Any thread of the multi-threaded apartment. */
bool session_round(struct session *session, bool only_faults);

LONG event_of_bit(int bit);             /* 0 to 8: EXITEVENT_* in the order of the bits, 0x100 left out */
enum { EVENT_BITS = 9, KNOWN_EVENTS = 0x2FF };
const char *event_name(LONG event);

#endif
