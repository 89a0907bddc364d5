#include "net_mail.h"

#include "net_curl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define QUIT_MS 3000                    /* the longest wait for the answer to QUIT */

/* One use. curl tells commands and answers as it sends and receives them. */
struct net_mail {
    struct net *net;
    struct net_mail_answer *answer;
    bool login;                         /* AUTH was sent, and its last answer has not come */
    uint64_t quit_ms;                   /* when QUIT was sent; 0: not yet */
    struct span message;
    size_t sent;
};

static const struct {
    const char *verb;
    enum net_mail_stage stage;
} net_mail_verbs[] = {
    {"EHLO", NET_MAIL_HELLO}, {"HELO", NET_MAIL_HELLO},      {"STARTTLS", NET_MAIL_STARTTLS},
    {"AUTH", NET_MAIL_LOGIN}, {"MAIL", NET_MAIL_FROM},       {"RCPT", NET_MAIL_RECIPIENT},
    {"DATA", NET_MAIL_DATA},
};

const char *net_mail_stage_words(enum net_mail_stage stage)
{
    static const char *const words[] = {
        [NET_MAIL_GREETING] = "as its greeting",    [NET_MAIL_HELLO] = "to EHLO",
        [NET_MAIL_STARTTLS] = "to STARTTLS",        [NET_MAIL_LOGIN] = "to AUTH",
        [NET_MAIL_FROM] = "to MAIL FROM",           [NET_MAIL_RECIPIENT] = "to RCPT TO",
        [NET_MAIL_DATA] = "to DATA",                [NET_MAIL_CONTENT] = "to the message"};

    return words[stage];
}

static bool net_mail_is(const char *text, size_t size, const char *verb)
{
    size_t length = strlen(verb);

    return size > length && !strncasecmp(text, verb, length) &&
           (text[length] == ' ' || text[length] == '\r');
}

/* STARTTLS is followed by EHLO once more. */
static bool net_mail_may_follow(enum net_mail_stage stage, enum net_mail_stage before)
{
    return stage >= before || (stage == NET_MAIL_HELLO && before == NET_MAIL_STARTTLS);
}

/* A command is on its way, or a name or password, which may read like one. */
static void net_mail_begins(struct net_mail *mail, const char *text, size_t size)
{
    if (mail->login) return;
    if (net_mail_is(text, size, "QUIT")) mail->quit_ms = os_ticks_ms();
    for (size_t i = 0; i < sizeof net_mail_verbs / sizeof *net_mail_verbs; i++) {
        enum net_mail_stage stage = net_mail_verbs[i].stage;

        if (!net_mail_is(text, size, net_mail_verbs[i].verb) ||
            !net_mail_may_follow(stage, mail->answer->stage))
            continue;
        mail->login = stage == NET_MAIL_LOGIN;
        mail->answer->stage = stage;
        mail->answer->code = 0;
        return;
    }
}

/* The answer at this stage is complete. */
static void net_mail_answered(struct net_mail *mail, unsigned code)
{
    struct net_mail_answer *answer = mail->answer;

    answer->code = code;
    if (mail->login && code != 334) mail->login = false;
    if (answer->stage == NET_MAIL_CONTENT && code >= 200 && code < 300) answer->taken = true;
    if (answer->stage != NET_MAIL_DATA || code != 354) return;
    answer->stage = NET_MAIL_CONTENT;
    answer->code = 0;
}

/* A line of an answer; "250-" is not its last one. */
static void net_mail_hears(struct net_mail *mail, const char *text, size_t size)
{
    struct net_mail_answer *answer = mail->answer;
    char *end;
    unsigned long code;

    while (size && (text[size - 1] == '\r' || text[size - 1] == '\n')) size--;
    if (size >= NET_MAIL_SAID) size = NET_MAIL_SAID - 1;
    memcpy(answer->said, text, size);
    answer->said[size] = 0;
    code = strtoul(answer->said, &end, 10);
    if (end == answer->said + 3 && *end != '-') net_mail_answered(mail, (unsigned)code);
}

static int net_mail_follow(CURL *curl, curl_infotype type, char *text, size_t size, void *context)
{
    struct net_mail *mail = context;

    (void)curl;
    if (type == CURLINFO_HEADER_OUT) net_mail_begins(mail, text, size);
    else if (type == CURLINFO_HEADER_IN && !mail->quit_ms && !mail->answer->taken)
        net_mail_hears(mail, text, size);
    return 0;
}

static size_t net_mail_give(char *out, size_t size, size_t count, void *context)
{
    struct net_mail *mail = context;
    size_t most = size * count, rest = mail->message.size - mail->sent;

    if (most > rest) most = rest;
    memcpy(out, mail->message.text + mail->sent, most);
    mail->sent += most;
    return most;
}

/* The message is acknowledged already while QUIT waits for its answer. */
static int net_mail_look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct net_mail *mail = context;

    (void)a, (void)b, (void)c, (void)d;
    return __atomic_load_n(mail->net->options.stop, __ATOMIC_ACQUIRE) != 0 ||
           (mail->quit_ms && os_ticks_ms() - mail->quit_ms > QUIT_MS);
}

/* Passwords go by PLAIN and LOGIN alone, which every server has; a secret is only ever given with
 * TLS. */
static bool net_mail_set(struct net *net, struct net_mail *mail, const char *from,
                         const struct curl_slist *recipients)
{
    CURL *curl = net->curl;

    return !curl_easy_setopt(curl, CURLOPT_USE_SSL,
                             (long)(net->options.starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE)) &&
           !curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN") &&
           !curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L) &&
           !curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, net_mail_look) &&
           !curl_easy_setopt(curl, CURLOPT_XFERINFODATA, mail) &&
           !curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from) &&
           !curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients) &&
           !curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) &&
           !curl_easy_setopt(curl, CURLOPT_READFUNCTION, net_mail_give) &&
           !curl_easy_setopt(curl, CURLOPT_READDATA, mail) &&
           !curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->message.size) &&
           !curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, net_mail_follow) &&
           !curl_easy_setopt(curl, CURLOPT_DEBUGDATA, mail) &&
           !curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
}

void net_mail(struct net *net, const char *from, const char *recipient, struct span message,
              struct net_mail_answer *answer)
{
    struct net_mail mail = {.net = net, .answer = answer, .message = message};
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    CURLcode code = CURLE_OUT_OF_MEMORY;

    memset(answer, 0, sizeof *answer);
    *net->error = 0;
    if (recipients && net_mail_set(net, &mail, from, recipients))
        code = curl_easy_perform(net->curl);
    if (!answer->taken) net_failed(net, code, &answer->failure);
    curl_easy_setopt(net->curl, CURLOPT_VERBOSE, 0L);
    curl_easy_setopt(net->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
}
