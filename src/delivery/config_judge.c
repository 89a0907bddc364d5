#include "config_judge.h"

#include "delivery/net/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SERVER_MAX     320              /* bytes; a host's name has 253 at most */
#define HELD_MIN       75               /* mail: lines may be held for an hour, */
#define MAIL_TIMEOUT_S 300              /* and some servers examine what they get for minutes */

unsigned config_given(const struct config_reading *at, unsigned target, const char *name)
{
    return config_line_of(&at->config->targets[target], name);
}

static void config_judge_keys(struct config_reading *at, unsigned index)
{
    const struct target *target = &at->config->targets[index];
    char valid[120];

    config_words(config_kind_words, valid, sizeof valid);
    if (!config_given(at, index, "kind"))
        config_wrong(at, target->line, "[to %s] has no kind; it is %s", target->name, valid);
    if (!target->kind) return;
    for (unsigned i = 0; i < config_key_count; i++)
        if (target->key_lines[i] && !(config_keys[i].kinds & (unsigned)target->kind))
            config_wrong(at, target->key_lines[i], "%s is no key of a destination of kind %s%s",
                         config_keys[i].name, config_kind_name(target->kind),
                         config_keys[i].type == TYPE_FILTER
                             ? ", which has every line of the journal, byte for byte" : "");
}

void config_needs(struct config_reading *at, unsigned index, const char *name)
{
    const struct target *target = &at->config->targets[index];

    if (!config_given(at, index, name))
        config_wrong(at, target->line, "[to %s] of kind %s has no %s", target->name,
                     config_kind_name(target->kind), name);
}

/* host:port, [address]:port; it becomes a part of a URL, so nothing else may be in it. */
static bool config_is_server(const char *server)
{
    char text[SERVER_MAX];
    struct url url;
    int size = snprintf(text, sizeof text, "https://%s", server);

    return size < SERVER_MAX && url_read(text, &url) && url.has_port && !url.rest.size;
}

static void config_judge_server(struct config_reading *at, unsigned index)
{
    const struct target *to = &at->config->targets[index];

    config_needs(at, index, "server");
    if (to->server && !config_is_server(to->server))
        config_wrong(at, config_given(at, index, "server"),
                     "server = %s is not valid; it is host:port, log.corp.example:2514 or "
                     "[2001:db8::1]:2514", to->server);
}

static bool config_is_address(const char *text)
{
    static const char local[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$%&'*+-/=?^_`{|}~.",
                      domain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    size_t before = strspn(text, local), after;

    if (!before || before > 64 || text[before] != '@') return false;
    after = strspn(text + before + 1, domain);
    return after && !text[before + 1 + after] && before + after < 254 && *text != '.' &&
           text[before - 1] != '.' && !strstr(text, "..") && !strchr(".-", text[before + 1]) &&
           !strchr(".-", text[before + after]);
}

static void config_judge_address(struct config_reading *at, unsigned line, const char *key,
                                 const char *text)
{
    if (!config_is_address(text))
        config_wrong(at, line, "%s = %s is not valid; it is an address, name@corp.example, in "
                     "ASCII", key, text);
}

static void config_judge_addresses(struct config_reading *at, unsigned index)
{
    const struct target *to = &at->config->targets[index];
    unsigned line = config_given(at, index, "to");

    if (to->from) config_judge_address(at, config_given(at, index, "from"), "from", to->from);
    for (unsigned i = 0; i < to->to.count; i++) {
        config_judge_address(at, line, "to", to->to.values[i]);
        for (unsigned j = 0; j < i; j++)
            if (!strcasecmp(to->to.values[i], to->to.values[j]))
                config_wrong(at, line, "to names %s twice", to->to.values[i]);
    }
}

static void config_judge_mail(struct config_reading *at, unsigned index)
{
    struct target *to = &at->config->targets[index];

    config_judge_server(at, index);
    config_needs(at, index, "from");
    config_needs(at, index, "to");
    config_judge_addresses(at, index);
    if (!config_given(at, index, "timeout")) to->timeout_s = MAIL_TIMEOUT_S;
    if (to->at_most && !config_given(at, index, "lagLimit")) to->lag_limit_min = HELD_MIN;
    if (to->tls == TLS_NONE && !to->allow_plain)
        config_wrong(at, config_given(at, index, "tls"),
                     "tls = none sends events as plain text, so anybody on the way can read and "
                     "change them; use starttls, or say allowPlain = yes");
    if (to->tls == TLS_NONE && to->user)
        config_wrong(at, config_given(at, index, "user"),
                     "user needs tls: a password is not sent as plain text");
}

static void config_judge_target(struct config_reading *at, unsigned index)
{
    const struct target *target = &at->config->targets[index];

    config_judge_keys(at, index);
    if (!target->kind) return;
    if (!config_given(at, index, "startAt"))
        config_wrong(at, target->line,
                     "[to %s] has no startAt; it is oldest, now or the sequence of a line",
                     target->name);
    if (target->start == START_NEVER && target->kind != CONFIG_MAIL)
        config_wrong(at, config_given(at, index, "startAt"),
                     "startAt = never is for kind mail, which then sends drafts of \"certwitness "
                     "expiry\" alone; it is oldest, now or the sequence of a line");
    switch (target->kind) {
    case CONFIG_HTTP:    config_judge_http(at, index); break;
    case CONFIG_COPY:    config_needs(at, index, "path"); break;
    case CONFIG_PROGRAM: config_needs(at, index, "program"); break;
    case CONFIG_RELP:
    case CONFIG_SYSLOG:
        config_judge_server(at, index);
        config_judge_proxy(at, index);
        break;
    case CONFIG_MAIL:    config_judge_mail(at, index); break;
    }
    config_judge_tls(at, index);
}

void config_judge(struct config_reading *at)
{
    unsigned last = at->line ? at->line : 1;

    if (!at->config->journal && !at->wrong)
        config_wrong(at, last, "there is no [journal] with the path of the journal's folder");
    if (!at->config->state && !at->wrong)
        config_wrong(at, last, "there is no [state] with the path of a folder for the state");
    if (!at->config->count && !at->wrong) config_wrong(at, last, "there is no [to NAME]");
    for (unsigned i = 0; i < at->config->count; i++) config_judge_target(at, i);
    config_judge_folders(at);
}
