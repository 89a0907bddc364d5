#include "config_keys.h"

#include "events/filter_value.h"

#include <string.h>

#define EVERY    (SELECTS | CONFIG_COPY)
#define SELECTS  (CONFIG_HTTP | CONFIG_PROGRAM | STREAMS | CONFIG_MAIL)
#define STREAMS  (CONFIG_RELP | CONFIG_SYSLOG)
#define CONNECTS (CONFIG_HTTP | STREAMS)
#define TLS      (CONNECTS | CONFIG_MAIL)
#define AT(name) offsetof(struct target, name)

static const char *const refusal_words[] = {"park", "stop", NULL};
static const char *const format_words[] = {"batch",   "structured", "splunk",
                                           "elastic", "template",   NULL};
static const char *const auth_words[] = {"none", "bearer", "basic", "splunk", NULL};
static const char *const tls_words[] = {"starttls", "smtps", "none", NULL};
static const char *const revocation_words[] = {"bestEffort", "hard", "off", NULL};

const struct config_key config_keys[] = {
    {"kind", TYPE_WORD, EVERY, AT(kind), 0, 0, config_kind_words},
    {"startAt", TYPE_START, EVERY, 0, 0, 0, NULL},
    {"onRefused", TYPE_WORD, EVERY, AT(stops_on_refusal), 0, 0, refusal_words},
    {"lagLimit", TYPE_NUMBER, EVERY, AT(lag_limit_min), 1, 525600, NULL},
    {"types", TYPE_FILTER, SELECTS, 0, FILTER_TYPES, 0, NULL},
    {"requests", TYPE_FILTER, SELECTS, 0, FILTER_REQUESTS, 0, NULL},
    {"requesters", TYPE_FILTER, SELECTS, 0, FILTER_REQUESTERS, 0, NULL},
    {"subjects", TYPE_FILTER, SELECTS, 0, FILTER_SUBJECTS, 0, NULL},
    {"templates", TYPE_FILTER, SELECTS, 0, FILTER_TEMPLATES, 0, NULL},
    {"serials", TYPE_FILTER, SELECTS, 0, FILTER_SERIALS, 0, NULL},
    {"timeout", TYPE_NUMBER, SELECTS, AT(timeout_s), 1, 3600, NULL},
    {"url", TYPE_TEXT, CONFIG_HTTP, AT(url), 0, 0, NULL},
    {"format", TYPE_WORD, CONFIG_HTTP, AT(format), 0, 0, format_words},
    {"body", TYPE_TEXT, CONFIG_HTTP, AT(body), 0, 0, NULL},
    {"contentType", TYPE_TEXT, CONFIG_HTTP, AT(content_type), 0, 0, NULL},
    {"header", TYPE_HEADER, CONFIG_HTTP, AT(headers), 0, 0, NULL},
    {"auth", TYPE_WORD, CONFIG_HTTP, AT(auth), 0, 0, auth_words},
    {"user", TYPE_TEXT, CONFIG_HTTP | CONFIG_MAIL, AT(user), 0, 0, NULL},
    {"ca", TYPE_PATH, TLS, AT(ca), 0, 0, NULL},
    {"clientCertificate", TYPE_TEXT, TLS, AT(client_certificate), 0, 0, NULL},
    {"clientKey", TYPE_PATH, TLS, AT(client_key), 0, 0, NULL},
    {"revocation", TYPE_WORD, TLS, AT(revocation), 0, 0, revocation_words},
    {"proxy", TYPE_TEXT, CONNECTS, AT(proxy), 0, 0, NULL},
    {"allowPlain", TYPE_YES, TLS, AT(allow_plain), 0, 0, NULL},
    {"server", TYPE_TEXT, STREAMS | CONFIG_MAIL, AT(server), 0, 0, NULL},
    {"tls", TYPE_WORD, CONFIG_MAIL, AT(tls), 0, 0, tls_words},
    {"from", TYPE_TEXT, CONFIG_MAIL, AT(from), 0, 0, NULL},
    {"to", TYPE_ADDRESSES, CONFIG_MAIL, AT(to), 0, 0, NULL},
    {"subject", TYPE_TEXT, CONFIG_MAIL, AT(subject), 0, 0, NULL},
    {"text", TYPE_LIST, CONFIG_MAIL, AT(text), 0, 0, NULL},
    {"atMost", TYPE_RATE, CONFIG_MAIL, AT(at_most), 1, CONFIG_RATE_MOST, NULL},
    {"path", TYPE_PATH, CONFIG_COPY, AT(path), 0, 0, NULL},
    {"program", TYPE_PATH, CONFIG_PROGRAM, AT(program), 0, 0, NULL},
    {"argument", TYPE_LIST, CONFIG_PROGRAM, AT(arguments), 0, 0, NULL},
    {"memory", TYPE_NUMBER, CONFIG_PROGRAM, AT(memory_mib), 16, 65536, NULL},
};
#define KEYS (sizeof config_keys / sizeof *config_keys)
_Static_assert(KEYS <= CONFIG_KEYS_MAX, "struct target has room for each");

const unsigned config_key_count = KEYS;

unsigned config_line_of(const struct target *target, const char *key)
{
    for (unsigned i = 0; i < KEYS; i++)
        if (!strcmp(config_keys[i].name, key)) return target->key_lines[i];
    return 0;
}
