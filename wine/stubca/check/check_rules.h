/*
 * The rules of `stubca check`, and the environment in which a module is examined: a CA with a row
 * of every kind, the module's class, its key.
 *
 * A rule runs in a child process, on its first thread, which is in the apartment that the class is
 * registered for (the multi-threaded one for ThreadingModel Both). An exception that escapes from
 * it breaks the rule. A broken rule may leave objects behind, since the process then ends (except
 * after broken_tidily). A rule that holds must not, since the next rules run in the same process.
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
    bool apartment;                     /* ThreadingModel is Apartment or missing */
    DWORD limit_ms;                     /* longest time without progress before a rule counts as
                                         * hung */
    DWORD quick_ms;                     /* longest time of a Notify that counts as quick */
    const char *folder;                 /* our own folder for files */
    char *key;                          /* the module's key, below HKLM */
    struct ca *ca;                      /* NULL until the first rule needs it */
    LONG rows[ROW_KINDS];               /* request numbers */
    char why[512];                      /* reason of a finding other than HOLDS */
    bool tidy;                          /* the rule is broken and left nothing behind: the
                                         * process may continue */
};

struct rule {
    const char *name;                   /* a word */
    const char *title, *source;         /* a sentence that is true of a module that keeps the
                                         * rule; the rule's source */
    const char *needs;                  /* names of the rules that must hold for this one to be
                                         * meaningful; NULL: none */
    enum finding (*examine)(struct examined *it);
};

extern const struct rule rules[];
extern const int rule_count;

/* For a rule's return statement: write the reason to `why` and return the finding. */
enum finding broken(struct examined *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum finding broken_tidily(struct examined *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum finding not_examined(struct examined *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Report progress to the parent: the rule's time limit begins again. Any thread. */
void check_goes_on(void);
void check_works(void);                 /* the same, before slow work of our own */

/* True if the call succeeded. If not, the reason is in `why`. Frees the outcome. */
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

/*
 * Create and Initialize, with a CA that is made when first needed. False: the reason is in `why`.
 */
bool session_begin(struct examined *it, struct session *session);
bool session_create(struct examined *it, struct exit_object *object);
/* SHUTDOWN if subscribed, then the last Release */
bool session_end(struct session *session);

/* The CA of all sessions, made at the first call. Ends the process if it cannot be made. */
struct ca *check_ca(struct examined *it);

/*
 * Notify one event, with a row of the kind that the CA would use: the context is alive during the
 * call.
 */
void session_notify(struct session *session, LONG event, struct outcome_of_call *outcome);

/*
 * Notify each event in the mask but SHUTDOWN, in the order of the bits; the object is kept. False:
 * one failed or threw, with the reason in `why`. With `only_faults` a failing HRESULT is ignored.
 * Any thread of the multi-threaded apartment.
 */
bool session_round(struct session *session, bool only_faults);

LONG event_of_bit(int bit); /* 0 to 8: EXITEVENT_* in the order of the bits, 0x100 left out */
enum { EVENT_BITS = 9, KNOWN_EVENTS = 0x2FF };
const char *event_name(LONG event);

#endif
