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
 * before a '#' that follows a blank, and blanks around it do not count. In body, header, subject
 * and text a '#' is no comment: the value ends with the line. Control characters and the line ends
 * of Unicode are errors wherever they stand. Nothing is guessed: an unknown
 * section, an unknown key, a key that its kind of destination does not have, a key given twice and
 * a value out of range are errors, each with file, line and the valid form.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/notes.h"
#include "base/os.h"
#include "events/filter.h"

#define CONFIG_TARGETS_MAX 64
#define CONFIG_LIST_MAX    16           /* values of a key that may be repeated */
#define CONFIG_NAME_MAX    32           /* characters in a destination's name: a-z A-Z 0-9 - _ */
#define CONFIG_KEYS_MAX    64           /* keys of a destination */
#define CONFIG_RATE_MOST   1000         /* messages in an hour */

/* bits */
enum config_kind {
    CONFIG_HTTP = 1,
    CONFIG_COPY = 2,
    CONFIG_PROGRAM = 4,
    CONFIG_RELP = 8,
    CONFIG_SYSLOG = 16,
    CONFIG_MAIL = 32
};
enum config_format {
    FORMAT_BATCH,                       /* CloudEvents, many in one array */
    FORMAT_STRUCTURED,                  /* CloudEvents, one a request */
    FORMAT_SPLUNK,                      /* HTTP Event Collector, raw */
    FORMAT_ELASTIC,                     /* _bulk */
    FORMAT_TEMPLATE                     /* `body`, one a request */
};
enum config_auth { AUTH_NONE, AUTH_BEARER, AUTH_BASIC, AUTH_SPLUNK };
enum config_tls { TLS_STARTTLS, TLS_AT_ONCE, TLS_NONE };       /* of mail */
enum config_revocation { REVOCATION_BEST_EFFORT, REVOCATION_HARD, REVOCATION_OFF };
enum config_start {
    START_OLDEST,
    START_NOW,
    START_SEQUENCE,
    START_NEVER                         /* mail: no events, the drafts of expiry alone */
};

struct config_list {
    char *values[CONFIG_LIST_MAX];      /* owned */
    unsigned count;
};

/*
 * A destination. Texts are owned; NULL: the key is not given. A section of kind mail is as many
 * destinations as it has recipients (config_recipients.c).
 */
struct target {
    char *name;                         /* "hub"; of a mail "approvers/pki@corp.example" */
    char *section;                      /* "hub", "approvers": [to SECTION] */
    char *file;                         /* its files in the folder of the state are called so:
                                         * "hub"; "approvers.1f3a9c20" with digits of the SHA-256
                                         * of the address in lower case */
    bool shares;                        /* all texts but name and file belong to the target
                                         * before */
    unsigned line;                      /* of its section in the file, */
    unsigned key_lines[CONFIG_KEYS_MAX];                /* and of its keys: config_line_of */
    int kind;                           /* enum config_kind */
    int start;                          /* enum config_start; */
    uint64_t start_sequence;            /* with START_SEQUENCE: the first line to be delivered */
    bool stops_on_refusal;              /* else a refused line is parked */
    uint32_t lag_limit_min;             /* from which on `status` complains */
    uint32_t timeout_s;                 /* of one batch */
    struct filter filter;               /* open unless a key of the filter is given */
    char *url, *body, *content_type, *user, *ca, *client_certificate, *client_key, *proxy;
    char *server;                       /* host:port */
    int format, auth, revocation;
    bool body_is_text;                  /* a template's `body`: text/plain, else JSON */
    bool allow_plain;
    struct config_list headers;
    char *path;                         /* copy: the folder */
    char *program;
    struct config_list arguments;
    uint32_t memory_mib;
    int tls;                            /* mail: enum config_tls; and the following */
    char *from, *subject;
    struct config_list to, text;
    const char *recipient;              /* the one of `to` that this destination is */
    uint32_t at_most;                   /* messages in an hour; 0: no limit */
};

struct config {
    char *file;                         /* owned, as are all texts */
    char *journal, *state;              /* absolute paths */
    uint32_t retain_days;               /* how long lines are kept in the journal; 0: not given */
    struct target *targets;
    unsigned count;
};

void config_free(struct config *config);

/* The line on which the destination has the key, the last one if it may be repeated; 0: it has
 * not. */
unsigned config_line_of(const struct target *target, const char *key);

/*
 * The destination of that name, or all of that section, of which there are `*count` in a row. NULL:
 * there is none, which was noted with the nearest name.
 */
const struct target *config_find(const struct config *config, const char *name, unsigned *count,
                                 const struct notes *errors);

/* "http", ..., NULL, in the order of the bits. */
extern const char *const config_kind_words[];

const char *config_kind_name(int kind);

#endif
