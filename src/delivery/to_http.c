/*
 * The destination `http`: lines in the bodies of POST requests.
 *
 * | format     | body                                   | content type                          |
 * |------------|----------------------------------------|---------------------------------------|
 * | batch      | [line,line,...]                        | application/cloudevents-batch+json    |
 * | structured | one line                               | application/cloudevents+json          |
 * | splunk     | lines, each with its LF                | text/plain (HTTP Event Collector raw) |
 * | elastic    | {"create":{"_id":...}} and line, by turns | application/x-ndjson (_bulk)       |
 * | template   | `body` filled in (render.h)            | application/json, or `contentType`    |
 *
 * A 2xx answer acknowledges all lines of the request; with `elastic`, the items in it say so for
 * each line. 400, 413, 415 and 422 refuse what was sent. 401, 403, 404, 405, 407 and redirects need
 * an administrator. Anything else is tried again.
 */
#include "destination.h"
#include "net.h"
#include "render.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADERS_MAX (CONFIG_LIST_MAX + 4)
#define SAID_MAX    200                 /* bytes of an answer that are told */

struct to_http {
    const struct destination_place *place;              /* borrowed */
    struct net *net;                    /* owned, as is the rest */
    struct bytes body;
    char *authorization, *content;      /* header lines */
    char key[160], channel[64];
    char *password;
    struct event event;
    struct line line;
};

static const char *to_http_content_type(const struct target *target)
{
    static const char *const types[] = {
        [FORMAT_BATCH] = "application/cloudevents-batch+json; charset=UTF-8",
        [FORMAT_STRUCTURED] = "application/cloudevents+json; charset=UTF-8",
        [FORMAT_SPLUNK] = "text/plain; charset=UTF-8",
        [FORMAT_ELASTIC] = "application/x-ndjson",
        [FORMAT_TEMPLATE] = "application/json; charset=UTF-8"};

    return target->content_type ? target->content_type : types[target->format];
}

/* "before" and the text in one string, owned by the caller; NULL: no memory. */
static char *to_http_joined(const char *before, const char *text, size_t size)
{
    size_t first = strlen(before);
    char *out = malloc(first + size + 1);

    if (!out) return NULL;
    memcpy(out, before, first);
    memcpy(out + first, text, size);
    out[first + size] = 0;
    return out;
}

static HRESULT to_http_prepare(struct to_http *http)
{
    const struct target *target = http->place->target;
    struct span secret = http->place->secret;
    const char *type = to_http_content_type(target);

    http->content = to_http_joined("Content-Type: ", type, strlen(type));
    http->password = to_http_joined("", secret.text ? secret.text : "", secret.size);
    if (target->auth == AUTH_BEARER)
        http->authorization = to_http_joined("Authorization: Bearer ", secret.text, secret.size);
    if (target->auth == AUTH_SPLUNK)
        http->authorization = to_http_joined("Authorization: Splunk ", secret.text, secret.size);
    if (!http->content || !http->password ||
        ((target->auth == AUTH_BEARER || target->auth == AUTH_SPLUNK) && !http->authorization))
        return E_OUTOFMEMORY;
    strcpy(http->channel, "X-Splunk-Request-Channel: ");
    return os_guid(http->channel + strlen(http->channel));
}

static HRESULT to_http_connect(struct to_http *http)
{
    const struct target *target = http->place->target;
    struct net_options options = {.url = target->url,
                                  .allow_plain = target->allow_plain,
                                  .ca = target->ca,
                                  .client_certificate = target->client_certificate,
                                  .client_key = target->client_key,
                                  .proxy = target->proxy,
                                  .revocation_hard = target->revocation == REVOCATION_HARD,
                                  .revocation_off = target->revocation == REVOCATION_OFF,
                                  .user = target->auth == AUTH_BASIC ? target->user : NULL,
                                  .password = http->password,
                                  .timeout_ms = target->timeout_s * 1000,
                                  .stop = http->place->stop};

    return net_open(&options, &http->net);
}

static void to_http_wipe(char *text)
{
    for (volatile char *at = text; at && *at; at++) *at = 0;
    free(text);
}

static void to_http_close(void *self)
{
    struct to_http *http = self;

    if (!http) return;
    net_close(http->net);
    bytes_free(&http->body);
    event_free(&http->event);
    to_http_wipe(http->authorization);
    to_http_wipe(http->password);
    free(http->content);
    free(http);
}

static HRESULT to_http_open(const struct destination_place *place, void **out, char *why)
{
    struct to_http *http;
    HRESULT hr;

    *out = NULL;
    if (place->target->auth != AUTH_NONE && !place->secret.size) {
        destination_say(why, "[to %s] has an auth and no secret; give it with \"certwitness-"
                        "delivery secret set %s\"", place->target->name, place->target->name);
        return E_INVALIDARG;
    }
    if (!(http = calloc(1, sizeof *http))) {
        destination_say(why, "there is not enough memory");
        return E_OUTOFMEMORY;
    }
    http->place = place;
    hr = to_http_prepare(http);
    if (SUCCEEDED(hr)) hr = to_http_connect(http);
    if (SUCCEEDED(hr)) *out = http;
    else {
        destination_say(why, "there is not enough memory");
        to_http_close(http);
    }
    return hr;
}

/* --- bodies --- */

static void to_http_add_batch(struct to_http *http, const struct batch *batch, unsigned first,
                              unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        struct span line = batch_line(batch, i);

        bytes_add_text(&http->body, i == first ? "[" : ",");
        bytes_add(&http->body, line.text, line.size);
    }
    bytes_add_text(&http->body, "]");
}

/* The hash is the document's name: sent twice, it is one document. */
static void to_http_add_elastic(struct to_http *http, const struct batch *batch, unsigned first,
                                unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        struct span line = batch_line(batch, i);
        const struct batch_line *each = &batch->lines[i];

        if (each->own) bytes_add_text(&http->body, "{\"create\":{}}\n");
        else bytes_printf(&http->body, "{\"create\":{\"_id\":\"%s\"}}\n", each->position.hash);
        bytes_add(&http->body, line.text, line.size);
        bytes_add_text(&http->body, "\n");
    }
}

static void to_http_add_template(struct to_http *http, const struct batch *batch, unsigned index)
{
    struct span text = batch_lines(batch, index, 1);

    memset(&http->line, 0, sizeof http->line);
    if (!batch->lines[index].own && line_read(text.text, text.size, &http->line) != LINE_OK)
        bytes_fail(&http->body);
    event_set(&http->event, &http->line);
    render_json(&http->body, http->place->target->body, &http->event);
}

/* Returns how many of the lines are in the body. */
static unsigned to_http_fill(struct to_http *http, const struct batch *batch, unsigned first,
                             unsigned count)
{
    struct span lines = batch_lines(batch, first, count);

    bytes_reset(&http->body, 4 * BATCH_BYTES);
    switch (http->place->target->format) {
    case FORMAT_BATCH:   to_http_add_batch(http, batch, first, count); return count;
    case FORMAT_SPLUNK:  bytes_add(&http->body, lines.text, lines.size); return count;
    case FORMAT_ELASTIC: to_http_add_elastic(http, batch, first, count); return count;
    case FORMAT_TEMPLATE: to_http_add_template(http, batch, first); return 1;
    default:
        bytes_add(&http->body, lines.text, batch_line(batch, first).size);
        return 1;
    }
}

/* --- answers --- */

static bool to_http_refuses(long status)
{
    return status == 400 || status == 413 || status == 415 || status == 422;
}

static bool to_http_needs_hands(long status)
{
    return (status >= 300 && status < 400) || status == 401 || status == 403 || status == 404 ||
           status == 405 || status == 407;
}

static const char *to_http_advice(long status)
{
    if (status >= 300 && status < 400) return "; redirects are not followed: correct the url";
    if (status == 401 || status == 403) return "; look at auth and secret";
    if (status == 404 || status == 405) return "; look at the url";
    if (status == 407) return "; the proxy wants a password";
    return "";
}

static void to_http_tell(const struct to_http *http, const struct net_answer *answer,
                         struct destination_report *report)
{
    int said = answer->body.size < SAID_MAX ? (int)answer->body.size : SAID_MAX;

    report->after_ms = answer->after_ms;
    if (!answer->status) {
        report->needs_hands = answer->needs_hands;
        destination_say(report->why, "%s: %s", http->place->target->url, answer->why);
        return;
    }
    report->needs_hands = to_http_needs_hands(answer->status);
    destination_say(report->why, "%s answered %ld%s%s%.*s", http->place->target->url,
                    answer->status, to_http_advice(answer->status), said ? ": " : "", said,
                    said ? answer->body.data : "");
}

/* One item of a _bulk answer. */
static void to_http_judge_item(const struct json_doc *doc, json_at item,
                               struct destination_report *report)
{
    json_at create = json_find(doc, item, "create");
    struct span reason = json_doc_span(doc, json_find(doc, create, "error"));
    int64_t status = 0;

    json_doc_number(doc, json_find(doc, create, "status"), &status);
    if ((status >= 200 && status < 300) || status == 409) {     /* 409: it has it already */
        report->taken++;
        return;
    }
    report->result = status >= 400 && status < 500 && status != 429 && status != 401 &&
                             status != 403
                         ? DESTINATION_REFUSED
                         : DESTINATION_AGAIN;
    report->single = report->result == DESTINATION_REFUSED;
    destination_say(report->why, "_bulk says %d of a line%s%.*s", (int)status,
                    reason.size ? ": " : "", (int)(reason.size < SAID_MAX ? reason.size : SAID_MAX),
                    reason.size ? reason.text : "");
}

static void to_http_judge_items(const struct net_answer *answer, unsigned count,
                                struct destination_report *report)
{
    struct json_doc doc = {0};
    json_at items = JSON_NONE, item = JSON_NONE;
    unsigned seen = 0;

    if (json_doc_parse(&doc, (struct span){answer->body.data, answer->body.size}))
        items = json_find(&doc, JSON_ROOT, "items");
    while (report->taken == seen && seen < count &&
           (item = json_next(&doc, items, item)) != JSON_NONE) {
        to_http_judge_item(&doc, item, report);
        seen++;
    }
    if (report->taken == seen && seen < count) {
        report->result = DESTINATION_AGAIN;
        report->needs_hands = true;
        destination_say(report->why, "the answer is none of _bulk; look at the url and, if it has "
                        "a filter_path, whether that leaves items.*.status");
    }
    json_doc_free(&doc);
}

static void to_http_judge(struct to_http *http, const struct net_answer *answer, unsigned count,
                          struct destination_report *report)
{
    bool fine = answer->status >= 200 && answer->status < 300;

    if (fine && http->place->target->format == FORMAT_ELASTIC) {
        to_http_judge_items(answer, count, report);
        return;
    }
    if (fine) {
        report->taken = count;
        return;
    }
    report->result = to_http_refuses(answer->status) ? DESTINATION_REFUSED : DESTINATION_AGAIN;
    report->single = report->result == DESTINATION_REFUSED && count == 1;
    to_http_tell(http, answer, report);
}

static unsigned to_http_headers(struct to_http *http, const struct batch *batch, unsigned first,
                                unsigned count, const char *headers[HEADERS_MAX])
{
    const struct target *target = http->place->target;
    const struct position *last = &batch->lines[first + count - 1].position;
    unsigned at = 0;

    snprintf(http->key, sizeof http->key, "Idempotency-Key: %s-%u", last->hash, count);
    headers[at++] = http->content;
    if (http->authorization) headers[at++] = http->authorization;
    if (target->format == FORMAT_SPLUNK) headers[at++] = http->channel;
    else if (!batch->lines[first + count - 1].own) headers[at++] = http->key;
    for (unsigned i = 0; i < target->headers.count; i++) headers[at++] = target->headers.values[i];
    return at;
}

/* One request. `report->taken` counts its lines. */
static unsigned to_http_request(struct to_http *http, const struct batch *batch, unsigned first,
                                unsigned count, struct destination_report *report)
{
    const char *headers[HEADERS_MAX];
    struct net_answer answer;
    unsigned header_count;

    count = to_http_fill(http, batch, first, count);
    if (http->body.failed) {
        report->result = DESTINATION_AGAIN;
        destination_say(report->why, "there is not enough memory");
        return count;
    }
    header_count = to_http_headers(http, batch, first, count, headers);
    net_post(http->net, headers, header_count, (struct span){http->body.data, http->body.size},
             &answer);
    to_http_judge(http, &answer, count, report);
    bytes_free(&answer.body);
    return count;
}

static void to_http_send(void *self, const struct batch *batch, unsigned first, unsigned count,
                         struct destination_report *report)
{
    unsigned taken = 0;

    while (report->result == DESTINATION_TAKEN && taken < count) {
        report->taken = 0;
        to_http_request(self, batch, first + taken, count - taken, report);
        taken += report->taken;
    }
    report->taken = taken;
}

static void to_http_render(void *self, const struct batch *batch, unsigned first, unsigned count,
                           struct bytes *out)
{
    struct to_http *http = self;

    for (unsigned done = 0; done < count;) {
        done += to_http_fill(http, batch, first + done, count - done);
        bytes_add(out, http->body.data, http->body.size);
        bytes_add_text(out, "\n");
        if (http->body.failed) bytes_fail(out);
    }
}

const struct destination_class destination_http = {to_http_open, to_http_send, to_http_render,
                                                   to_http_close};
