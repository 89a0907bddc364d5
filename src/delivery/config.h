/*
 * The configuration file of the delivery: one journal, one folder for the state, any number of
 * destinations.
 *
 *     # a comment
 *     [journal]
 *     path = /srv/journal
 *     [state]
 *     path = /var/lib/certwitness-delivery
 *     [to hub]
 *     kind = http
 *     url = https://events.corp.example/adcs
 *     startAt = oldest
 *
 * The file is UTF-8, with or without a BOM. A key and its value stand on one line; the value ends
 * before a '#' that follows a blank, and blanks around it do not count. Nothing is guessed: an
 * unknown section, an unknown key, a key that its kind of destination does not have, a key given
 * twice and a value out of range are errors, each with file, line and the valid form.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/notes.h"
#include "base/os.h"
#include "events/filter.h"

#define CONFIG_TARGETS_MAX 32
#define CONFIG_LIST_MAX    16           /* values of a key that may be repeated */
#define CONFIG_NAME_MAX    32           /* characters in a destination's name: a-z A-Z 0-9 - _ */
#define CONFIG_SIZE_MAX    (1 << 20)    /* bytes of the file */

enum config_kind { CONFIG_HTTP = 1, CONFIG_COPY = 2, CONFIG_PROGRAM = 4 };      /* bits */
enum config_format {
    FORMAT_BATCH,                       /* CloudEvents, many in one array */
    FORMAT_STRUCTURED,                  /* CloudEvents, one a request */
    FORMAT_SPLUNK,                      /* HTTP Event Collector, raw */
    FORMAT_ELASTIC,                     /* _bulk */
    FORMAT_TEMPLATE                     /* `body`, one a request */
};
enum config_auth { AUTH_NONE, AUTH_BEARER, AUTH_BASIC, AUTH_SPLUNK };
enum config_revocation { REVOCATION_BEST_EFFORT, REVOCATION_HARD, REVOCATION_OFF };
enum config_start { START_OLDEST, START_NOW, START_SEQUENCE };

struct config_list {
    char *values[CONFIG_LIST_MAX];      /* owned */
    unsigned count;
};

/* A destination. Texts are owned; NULL: the key is not given. */
struct target {
    char *name;
    unsigned line;                      /* of its section in the file */
    int kind;                           /* enum config_kind */
    int start;                          /* enum config_start; */
    uint64_t start_sequence;            /* with START_SEQUENCE: the first line to be delivered */
    bool stops_on_refusal;              /* else a refused line is parked */
    uint32_t lag_limit_min;             /* from which on `status` complains */
    uint32_t timeout_s;                 /* http, program: of one batch */
    struct filter filter;               /* open unless a key of the filter is given */
    char *url, *body, *content_type, *user, *ca, *client_certificate, *client_key, *proxy;
    int format, auth, revocation;
    bool allow_plain;
    struct config_list headers;
    char *path;                         /* copy: the folder */
    char *program;
    struct config_list arguments;
    uint32_t memory_mib;
};

struct config {
    char *file;                         /* owned, as are all texts */
    char *journal, *state;              /* absolute paths */
    struct target *targets;
    unsigned count;
};

/*
 * Read the file. Every error is noted, not only the first. S_OK: the configuration is complete and
 * consistent; whether folders and far ends exist is not examined. E_INVALIDARG: something is wrong,
 * and was noted; failures of file_read are noted as well. config_free has to follow in any case.
 */
HRESULT config_read(const char *path, struct config *config, const struct notes *errors) MUST_CHECK;
void config_free(struct config *config);

/* The destination of that name; NULL: there is none, which was noted with the nearest name. */
const struct target *config_find(const struct config *config, const char *name,
                                 const struct notes *errors);

const char *config_kind_name(int kind);

#endif
