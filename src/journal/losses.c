#include "losses.h"

#include "base/digits.h"
#include "base/json.h"
#include "base/utc.h"

#include <string.h>

#define TAIL_SIZE 32                    /* " and 18446744073709551615 more" and its zero */

static const char *const loss_names[LOSS_CAUSES] = {
    [LOSS_QUEUE] = "queueFull",      [LOSS_MEMORY] = "noMemory",     [LOSS_NO_LINE] = "noLine",
    [LOSS_EXCEPTION] = "exception",  [LOSS_UNWRITTEN] = "unwritten", [LOSS_LOW_SPACE] = "lowSpace",
    [LOSS_QUEUE_HALF] = "queueHalf",
};

/* A name may be cut: then what is left has to be UTF-8 still. */
static void cut_name(const char *name, char out[LOSSES_NAME_MAX + 1])
{
    size_t size = strnlen(name, LOSSES_NAME_MAX + 1);

    if (size > LOSSES_NAME_MAX)
        for (size = LOSSES_NAME_MAX; size && (name[size] & 0xc0) == 0x80; size--) {
        }
    memcpy(out, name, size);
    out[size] = 0;
}

static void losses_add_requester(struct losses *losses, const char *requester, uint64_t events)
{
    char name[LOSSES_NAME_MAX + 1] = "";
    uint32_t i;

    if (requester) cut_name(requester, name);
    for (i = 0; i < losses->requester_count && strcmp(losses->requesters[i].name, name); i++) {}
    if (!*name || i == LOSSES_REQUESTERS_MAX) {
        losses->unnamed += events;
        return;
    }
    if (i == losses->requester_count) {
        losses->requester_count++;
        losses->requesters[i].events = 0;
        memcpy(losses->requesters[i].name, name, sizeof name);
    }
    losses->requesters[i].events += events;
}

void losses_add(struct losses *losses, const struct loss *loss)
{
    if (!losses->events || loss->time < losses->first) losses->first = loss->time;
    if (!losses->events || loss->time > losses->last) losses->last = loss->time;
    losses->events++;
    losses->why[loss->cause]++;
    if (loss->yields) losses_add_requester(losses, loss->requester, 1);
    if (!loss->has_request) return;
    if (losses->count < LOSSES_REQUESTS_MAX) losses->requests[losses->count++] = loss->request_id;
    else losses->left_out++;
}

void losses_merge(struct losses *into, const struct losses *from)
{
    uint32_t room = LOSSES_REQUESTS_MAX - into->count,
             taken = from->count < room ? from->count : room;

    if (!from->events) return;
    if (!into->events || from->first < into->first) into->first = from->first;
    if (!into->events || from->last > into->last) into->last = from->last;
    memcpy(into->requests + into->count, from->requests, taken * sizeof *from->requests);
    into->count += taken;
    into->left_out += from->left_out + from->count - taken;
    into->events += from->events;
    for (int i = 0; i < LOSS_CAUSES; i++) into->why[i] += from->why[i];
    for (uint32_t i = 0; i < from->requester_count; i++)
        losses_add_requester(into, from->requesters[i].name, from->requesters[i].events);
    into->unnamed += from->unnamed;
}

void losses_clear(struct losses *losses)
{
    losses->events = losses->left_out = losses->unnamed = losses->count = losses->requester_count =
        0;
    memset(losses->why, 0, sizeof losses->why);
}

static void losses_add_time(struct json *json, const char *name, int64_t time)
{
    char text[UTC_TEXT_MAX];

    if (utc_text(time, true, text)) json_text(json, name, text);
}

static void add_requesters(struct json *json, const struct losses *losses)
{
    if (losses->requester_count) json_array(json, "requesters");
    for (uint32_t i = 0; i < losses->requester_count; i++) {
        json_object(json, NULL);
        json_text(json, "name", losses->requesters[i].name);
        json_number(json, "events", (int64_t)losses->requesters[i].events);
        json_end(json);
    }
    if (losses->requester_count) json_end(json);
    if (losses->unnamed) json_number(json, "requestersLeftOut", (int64_t)losses->unnamed);
}

void losses_json(const struct losses *losses, bool requests, struct bytes *out)
{
    uint32_t named = requests ? losses->count : 0;
    uint64_t left_out = losses->left_out + losses->count - named;
    struct json json = {.out = out};

    json_object(&json, NULL);
    json_number(&json, "events", (int64_t)losses->events);
    losses_add_time(&json, "first", losses->first);
    losses_add_time(&json, "last", losses->last);
    json_array(&json, "requestIDs");
    for (uint32_t i = 0; i < named; i++) json_number(&json, NULL, losses->requests[i]);
    json_end(&json);
    if (left_out) json_number(&json, "requestIDsLeftOut", (int64_t)left_out);
    add_requesters(&json, losses);
    json_object(&json, "why");
    for (int i = 0; i < LOSS_CAUSES; i++)
        if (losses->why[i]) json_number(&json, loss_names[i], (int64_t)losses->why[i]);
    json_end(&json);
    json_end(&json);
}

/* Into TAIL_SIZE characters. */
static void add_more(uint64_t count, char *out)
{
    strcpy(out, " and ");
    digits_of(count, out + 5);
    strcat(out, " more");
}

void losses_text(const struct losses *losses, char *out, size_t size)
{
    size_t used = 0;
    uint32_t i;

    out[0] = 0;
    for (i = 0; i < losses->count; i++) {
        char one[DIGITS_MAX];
        size_t comma = i ? 2 : 0, length = digits_signed(losses->requests[i], one);

        if (used + comma + length + TAIL_SIZE > size) break;
        memcpy(out + used, ", ", comma);
        memcpy(out + used + comma, one, length + 1);
        used += comma + length;
    }
    if (losses->count - i + losses->left_out && size - used >= TAIL_SIZE)
        add_more(losses->count - i + losses->left_out, out + used);
}
