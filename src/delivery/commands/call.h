/* A call of certwitness-delivery: a command with its options and operands. */
#ifndef CALL_H
#define CALL_H

#include "delivery/config.h"
#include "base/outcome.h"

struct call {
    const char *command;
    const char *file;                   /* --config */
    bool once, json, dry_run, purge, discard;
    const char *metrics;                /* --prometheus; NULL: not given */
    uint64_t event;                     /* --event; 0: not given */
    char **operands;
    unsigned count;
    struct config config;               /* has been read */
};

enum outcome call_check(struct call *call);
enum outcome call_test(struct call *call);
enum outcome call_run(struct call *call);
enum outcome call_status(struct call *call);
enum outcome call_seek(struct call *call);
enum outcome call_parked(struct call *call);
enum outcome call_retry(struct call *call);
enum outcome call_secret(struct call *call);
enum outcome call_mail(struct call *call);
enum outcome call_service(struct call *call);         /* reads the configuration itself */

/* The destinations that the first operand names, `*count` in a row (config_find); NULL: there is
 * none, which was noted. */
const struct target *call_targets(const struct call *call, unsigned *count);

/* Run what the command line says; `argv` is UTF-8. */
int call_program(int argc, char **argv);

/* --- of the system --- */

enum outcome call_service_install(const struct call *call);
enum outcome call_service_remove(const struct call *call);

extern const char call_stop_first[];    /* of seek and retry while a delivery has the state open */
/* From now on a signal to end (Ctrl-C, SIGTERM, the end of the session) is only noted; */
void call_stop_begin(void);
/* whether one has come. */
bool call_is_stopped(void);
/* It was SIGHUP, which nobody takes for an order to stop: the terminal is gone, or somebody meant
 * the configuration to be read anew. One that was ignored when the program was started is. */
bool call_is_hung_up(void);
/* What does not end so long after a stop is left; 0: nothing is, as Windows ends the process. */
extern const uint32_t call_stop_ms;
/* End the process at once, with threads in it. */
void call_leave(enum outcome outcome) __attribute__((noreturn));
/*
 * As root: become the owner of the folder of a state, which another account can fill with links,
 * and whose programs are not root's. False: that cannot be done, which was noted.
 */
bool call_become_owner(const char *state);
/* The files that root made in the folder of a state belong to that folder's owner afterwards. */
void call_hand_over(const char *state);
/* Days after which lines are removed from the journal; 0: never, or this machine does not know. */
uint32_t call_retain_days(const char *journal);

#endif
