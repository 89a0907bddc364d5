/* A call of certwitness-delivery: a command with its options and operands. */
#ifndef CALL_H
#define CALL_H

#include "delivery/config.h"
#include "base/outcome.h"

struct call {
    const char *command;
    const char *file;                   /* --config */
    bool once, json, dry_run;
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

/* The destination that the first operand names; NULL: there is none, which was noted. */
const struct target *call_target(const struct call *call);

/* Run what the command line says; `argv` is UTF-8. */
int call_program(int argc, char **argv);

/* --- of the system --- */

extern const char call_default_file[];  /* of the configuration */
/* From now on a signal to end (Ctrl-C, SIGTERM, the end of the session) is only noted; */
void call_stop_begin(void);
/* whether one has come. */
bool call_is_stopped(void);

#endif
