#include "mail_rate.h"

#include <inttypes.h>
#include <string.h>

#define MAGIC "certwitness-mail-rate 1\n"

/* Those that an hour has passed since are forgotten. */
static void mail_rate_forget(struct mail_rate *rate, int64_t now)
{
    unsigned old = 0;

    for (unsigned i = 0; i < rate->count; i++)
        if (rate->sent[i] > now) rate->sent[i] = now;
    while (old < rate->count && now - rate->sent[old] >= MAIL_RATE_WINDOW) old++;
    rate->count -= old;
    memmove(rate->sent, rate->sent + old, rate->count * sizeof *rate->sent);
}

unsigned mail_rate_free(struct mail_rate *rate, int64_t now)
{
    mail_rate_forget(rate, now);
    return rate->count < rate->most ? rate->most - rate->count : 0;
}

uint32_t mail_rate_wait(const struct mail_rate *rate, int64_t now)
{
    int64_t until = rate->sent[rate->count - rate->most] + MAIL_RATE_WINDOW - now;

    return until > 0 ? (uint32_t)(until / 1000) + 1 : 1;
}

int64_t mail_rate_add(struct mail_rate *rate, int64_t now)
{
    if (rate->count && rate->sent[rate->count - 1] > now) now = rate->sent[rate->count - 1];
    if (rate->count < MAIL_RATE_MOST) rate->sent[rate->count++] = now;
    return now;
}

void mail_rate_take_back(struct mail_rate *rate, int64_t moment)
{
    unsigned at = 0;

    while (at < rate->count && rate->sent[at] != moment) at++;
    if (at == rate->count) return;
    rate->count--;
    memmove(rate->sent + at, rate->sent + at + 1, (rate->count - at) * sizeof *rate->sent);
}

void mail_rate_spell(const struct mail_rate *rate, struct bytes *out)
{
    bytes_add_text(out, MAGIC);
    for (unsigned i = 0; i < rate->count; i++) bytes_printf(out, "%" PRId64 "\n", rate->sent[i]);
}

/* False: there is no line more. */
static bool mail_rate_next(struct span *text, int64_t *out)
{
    size_t size = 0;

    *out = 0;
    for (; size < text->size && text->text[size] >= '0' && text->text[size] <= '9'; size++) {
        if (*out > INT64_MAX / 10 - 1) return false;
        *out = *out * 10 + text->text[size] - '0';
    }
    if (!size || size == text->size || text->text[size] != '\n') return false;
    text->text += size + 1;
    text->size -= size + 1;
    return true;
}

void mail_rate_read(struct mail_rate *rate, struct span text)
{
    const size_t skip = sizeof MAGIC - 1;
    int64_t moment, last = 0;

    rate->count = 0;
    if (text.size < skip || memcmp(text.text, MAGIC, skip)) return;
    text.text += skip;
    text.size -= skip;
    while (rate->count < MAIL_RATE_MOST && mail_rate_next(&text, &moment) && moment >= last)
        rate->sent[rate->count++] = last = moment;
}
