/*
 * The destination `mail`: a message for each line, to one recipient (config_recipients.c).
 *
 * | the far end's answer                          | what it means                                 |
 * |-----------------------------------------------|-----------------------------------------------|
 * | 2xx to the message, whatever follows          | the line is taken                             |
 * | 4xx, or none                                  | again, later                                  |
 * | 5xx to the message or to DATA                 | the line is refused                           |
 * | 5xx to RCPT TO                                | refused for this recipient                    |
 * | 552 to MAIL FROM, which has the size with it  | refused                                       |
 * | none: the message is above MESSAGE_MOST       | refused                                       |
 * | 530, 534, 535, 538; 500 to 504 and 5.7.x      | needs an administrator: a password, a right,  |
 * | before the message; any other 5xx until then  | a setting. Never refused                      |
 *
 * With a limit (mail_rate.h), if more lines wait than messages are left in the hour, the next
 * message is a digest of them all, up to a batch. If none is left, lines are held until one is.
 */
#include "to_mail.h"
#include "mail_message.h"
#include "mail_rate.h"

#include "base/error_text.h"
#include "base/file_read.h"
#include "base/file_write.h"
#include "delivery/net/net_mail.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(CONFIG_RATE_MOST <= MAIL_RATE_MOST, "struct mail_rate has room for each");

#define MESSAGE_MOST   (8u << 20)       /* bytes */
#define RATE_FILE_MOST 65536

struct to_mail {
    const struct destination_place *place;              /* borrowed */
    struct net *net;                    /* owned, as is the rest */
    struct quote quote;
    char *url, *password, *rate_path;
    struct mail_message message;
    struct mail_rate rate;
    int64_t counted;                    /* the moment that stands for the message on its way */
    struct bytes text;
};

static char *to_mail_joined(const char *before, const char *text, const char *after)
{
    size_t size = strlen(before) + strlen(text) + strlen(after) + 1;
    char *out = malloc(size);

    if (out) snprintf(out, size, "%s%s%s", before, text, after);
    return out;
}

/* --- the limit --- */

static bool to_mail_is_limited(const struct to_mail *mail)
{
    return mail->rate_path != NULL;
}

/* `test` counts its messages while the delivery runs, too. */
static void to_mail_read_rate(struct to_mail *mail)
{
    struct bytes text = {0};

    if (SUCCEEDED(file_read(mail->rate_path, RATE_FILE_MOST, &text)))
        mail_rate_read(&mail->rate, (struct span){text.size ? text.data : "", text.size});
    bytes_free(&text);
}

static HRESULT to_mail_open_rate(struct to_mail *mail)
{
    const struct destination_place *place = mail->place;
    char *folder;

    if (!place->target->at_most || !place->state) return S_OK;
    mail->rate.most = place->target->at_most;
    folder = to_mail_joined(place->state, "/", place->target->file);
    mail->rate_path = folder ? to_mail_joined(folder, ".rate", "") : NULL;
    free(folder);
    return mail->rate_path ? S_OK : E_OUTOFMEMORY;
}

static HRESULT to_mail_write_rate(const struct to_mail *mail)
{
    struct bytes text = {0};
    HRESULT hr;

    mail_rate_spell(&mail->rate, &text);
    hr = text.failed ? E_OUTOFMEMORY : file_put(mail->rate_path, text.data, text.size);
    bytes_free(&text);
    /* `test` may send before the first run has made the folder: there is nothing to hold to. */
    return hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) ||
           hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ? S_FALSE : hr;
}

/* A message is counted before it is sent: a limit that cannot be kept would be none. False: it
 * cannot be counted, so it is not sent. */
static bool to_mail_count(struct to_mail *mail, struct destination_report *report)
{
    char text[ERROR_TEXT_MAX];
    HRESULT hr;

    if (!to_mail_is_limited(mail)) return true;
    mail->counted = mail_rate_add(&mail->rate, os_now());
    if (SUCCEEDED(hr = to_mail_write_rate(mail))) return true;
    mail_rate_take_back(&mail->rate, mail->counted);
    report->result = DESTINATION_AGAIN;
    report->needs_hands = true;
    destination_say(report->why, "how many messages were sent (atMost) cannot be saved in "
                    "%.100s.rate, so none is sent: %s", mail->place->target->file,
                    error_text(hr, text));
    return false;
}

/* It counts from when it was sent on, or was not sent. Where this cannot be written it counts from
 * when it was begun. */
static void to_mail_settle(struct to_mail *mail, bool sent)
{
    int64_t now = os_now();

    if (!to_mail_is_limited(mail)) return;
    to_mail_read_rate(mail);
    mail_rate_take_back(&mail->rate, mail->counted);
    mail_rate_free(&mail->rate, now);
    if (sent) mail_rate_add(&mail->rate, now);
    (void)to_mail_write_rate(mail);
}

/* How many lines the next message has; 0: they are held. */
static unsigned to_mail_choose(struct to_mail *mail, unsigned count,
                               struct destination_report *report)
{
    int64_t now = os_now();
    unsigned left = UINT_MAX;

    if (to_mail_is_limited(mail)) {
        to_mail_read_rate(mail);
        left = mail_rate_free(&mail->rate, now);
    }
    if (left) return count > left ? count : 1;
    report->result = DESTINATION_HELD;
    report->after_ms = mail_rate_wait(&mail->rate, now);
    destination_say(report->why, "%u messages were sent in the last hour (atMost), so more are "
                    "held for %u s", mail->rate.most,
                    (unsigned)(report->after_ms / 1000) + 1);
    return 0;
}

/* --- open and close --- */

static void to_mail_close(void *self)
{
    struct to_mail *mail = self;

    if (!mail) return;
    net_close(mail->net);
    quote_free(&mail->quote);
    for (volatile char *at = mail->password; at && *at; at++) *at = 0;
    free(mail->url);
    free(mail->password);
    free(mail->rate_path);
    mail_message_free(&mail->message);
    bytes_free(&mail->text);
    free(mail);
}

static HRESULT to_mail_connect(struct to_mail *mail)
{
    const struct target *target = mail->place->target;
    struct span secret = mail->place->secret;
    struct net_options options = destination_net(mail->place);

    mail->url = to_mail_joined(target->tls == TLS_AT_ONCE ? "smtps://" : "smtp://", target->server,
                               "");
    mail->password = calloc(secret.size + 1, 1);
    if (!mail->url || !mail->password) return E_OUTOFMEMORY;
    if (secret.size) memcpy(mail->password, secret.text, secret.size);
    options.url = mail->url;
    options.protocols = "smtp,smtps";
    options.starttls = target->tls == TLS_STARTTLS;
    if (target->user) {
        options.user = target->user;
        options.password = mail->password;
    }
    return net_open(&options, &mail->net);
}

static HRESULT to_mail_open(const struct destination_place *place, void **out, char *why)
{
    const struct target *target = place->target;
    struct to_mail *mail;
    HRESULT hr;

    *out = NULL;
    if (target->user && !place->secret.size) {
        destination_say(why, "[to %s] has a user and no secret; give it with \"certwitness-"
                        "delivery secret set %s\"", target->section, target->section);
        return E_INVALIDARG;
    }
    if (!(mail = calloc(1, sizeof *mail))) {
        destination_say(why, "there is not enough memory");
        return E_OUTOFMEMORY;
    }
    mail->place = place;
    mail->message = (struct mail_message){.from = target->from, .to = &target->to,
                                          .subject = target->subject, .text = &target->text};
    hr = destination_quote(place, &mail->quote);
    if (SUCCEEDED(hr)) hr = to_mail_open_rate(mail);
    if (SUCCEEDED(hr)) hr = to_mail_connect(mail);
    if (SUCCEEDED(hr)) *out = mail;
    else {
        destination_say(why, "there is not enough memory");
        to_mail_close(mail);
    }
    return hr;
}

/* --- answers --- */

/* 5.7.x, "security or policy", in front of an answer's text. */
static bool to_mail_is_policy(const struct net_mail_answer *answer)
{
    return !strncmp(answer->said + (*answer->said ? 3 : 0), " 5.7.", 5);
}

/* Taken, or the answer to the message was lost. */
static bool to_mail_may_have_come(const struct net_mail_answer *answer)
{
    return answer->taken || (answer->stage == NET_MAIL_CONTENT && !answer->code);
}

static bool to_mail_is_login(unsigned code)
{
    return code == 530 || code == 534 || code == 535 || code == 538;
}

static bool to_mail_refuses(const struct net_mail_answer *answer)
{
    if (answer->code < 500 || to_mail_is_login(answer->code)) return false;
    if (answer->stage == NET_MAIL_CONTENT) return true;
    if (answer->stage == NET_MAIL_FROM) return answer->code == 552;
    return answer->stage >= NET_MAIL_RECIPIENT && answer->code > 504 &&
           !(answer->stage == NET_MAIL_RECIPIENT && to_mail_is_policy(answer));
}

static const char *to_mail_advice(const struct net_mail_answer *answer)
{
    if (to_mail_is_login(answer->code) || answer->stage == NET_MAIL_LOGIN)
        return "; look at user and secret";
    if (answer->stage == NET_MAIL_STARTTLS) return "; look at tls";
    if (answer->stage == NET_MAIL_FROM) return "; may this user send as from?";
    if (answer->stage == NET_MAIL_RECIPIENT) return "; may this user send to this address?";
    return "";
}

/* What the far end says may be in any encoding; the rest of the delivery makes it plain. */
static void to_mail_judge(const struct to_mail *mail, const struct net_mail_answer *answer,
                          unsigned count, struct destination_report *report)
{
    const struct target *target = mail->place->target;
    char said[NET_WHY];

    if (answer->taken) {
        report->taken = count;
        return;
    }
    report->result = to_mail_refuses(answer) ? DESTINATION_REFUSED : DESTINATION_AGAIN;
    report->single = report->result == DESTINATION_REFUSED && count == 1;
    report->late = report->result == DESTINATION_AGAIN && answer->failure.late && count > 1;
    report->needs_hands = report->result == DESTINATION_AGAIN &&
                          (answer->code >= 500 || (!answer->code && answer->failure.needs_hands));
    quote_text(&mail->quote, answer->code >= 400 ? answer->said : answer->failure.why, said,
               sizeof said);
    if (answer->code >= 400)
        destination_say(report->why, "%s answered %s %s%s%s%s", target->server,
                        net_mail_stage_words(answer->stage),
                        answer->stage == NET_MAIL_RECIPIENT ? target->recipient : "",
                        answer->stage == NET_MAIL_RECIPIENT ? " " : "", said,
                        report->needs_hands ? to_mail_advice(answer) : "");
    else
        destination_say(report->why, "%s: %s", target->server, said);
}

/* --- messages --- */

static bool to_mail_fill(struct to_mail *mail, const struct batch *batch, unsigned first,
                         unsigned count)
{
    bytes_reset(&mail->text, 1u << 20);
    mail->text.limit = MESSAGE_MOST;
    mail_message_write(&mail->message, batch, first, count, &mail->text);
    return !mail->text.failed;
}

/* A message that is too large stays so: its line, or one of a digest's, is parked. */
static void to_mail_tell_unmade(const struct to_mail *mail, unsigned count,
                                struct destination_report *report)
{
    bool large = !mail->text.for_good;

    report->result = large ? DESTINATION_REFUSED : DESTINATION_AGAIN;
    report->single = large && count == 1;
    if (large)
        destination_say(report->why, "the message would be larger than %u MiB; shorten text",
                        MESSAGE_MOST >> 20);
    else destination_say(report->why, "there is not enough memory");
}

/* One message a call, so that the position is on disk before the next one. */
static void to_mail_send(void *self, const struct batch *batch, unsigned first, unsigned count,
                         struct destination_report *report)
{
    struct to_mail *mail = self;
    struct net_mail_answer answer;

    if (!(count = to_mail_choose(mail, count, report))) return;
    if (!to_mail_fill(mail, batch, first, count)) {
        to_mail_tell_unmade(mail, count, report);
        return;
    }
    if (!to_mail_count(mail, report)) return;
    net_mail(mail->net, mail->place->target->from, mail->place->target->recipient,
             (struct span){mail->text.data, mail->text.size}, &answer);
    to_mail_settle(mail, to_mail_may_have_come(&answer));
    to_mail_judge(mail, &answer, count, report);
}

void to_mail_post(void *opened, struct span message, struct destination_report *report)
{
    struct to_mail *mail = opened;
    struct net_mail_answer answer;

    net_mail(mail->net, mail->place->target->from, mail->place->target->recipient, message,
             &answer);
    to_mail_judge(mail, &answer, 1, report);
}

static void to_mail_render(void *self, const struct batch *batch, unsigned first, unsigned count,
                           struct bytes *out)
{
    struct to_mail *mail = self;

    for (unsigned i = 0; i < count; i++) {
        if (to_mail_fill(mail, batch, first + i, 1)) {
            bytes_add(out, mail->text.data, mail->text.size);
            continue;
        }
        out->failed = true;
        out->for_good |= mail->text.for_good;
    }
}

const struct destination_class destination_mail = {
    .open = to_mail_open, .send = to_mail_send, .render = to_mail_render, .close = to_mail_close};
