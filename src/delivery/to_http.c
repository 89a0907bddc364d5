/*
 * The destination `http`: lines in the bodies of POST requests.
 *
 * | format     | body                                   | content type                          |
 * |------------|----------------------------------------|---------------------------------------|
 * | batch      | [line,line,...]                        | application/cloudevents-batch+json    |
 * | structured | one line                               | application/cloudevents+json          |
 * | splunk     | lines, each with its LF                | text/plain (HTTP Event Collector raw) |
 * | elastic    | {"create":{"_id":...}} and line, by turns | application/x-ndjson (_bulk)       |
 * | template   | `body` filled in (render.h)            | application/json, or `contentType`,   |
 * |            |                                        | a kind of JSON or text/plain          |
 *
 * A 2xx answer acknowledges all lines of the request, unless it is a page of HTML, which is what a
 * proxy shows that wants a login. With `splunk`, its code has to say so (splunk.h); with `elastic`,
 * the items in it say so for each line. 400, 413, 415 and 422 refuse what was sent, but for a 400
 * about TLS or about a setting of Splunk. Those, 401, 403, 404, 405, 407, pages and redirects need
 * an administrator. Anything else is tried again.
 *
 * An answer that is too long, or breaks off, is judged by its status; a 2xx that breaks off
 * acknowledges nothing.
 */
#include "destination.h"
#include "own_event.h"
#include "render.h"
#include "splunk.h"

#include "base/json.h"
#include "delivery/net/net_http.h"
#include "delivery/net/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define HEADERS_MAX (CONFIG_LIST_MAX + 4)
#define TEXT_VALUE  1000                /* columns of a value in text */
#define SAID_MAX    200                 /* bytes of an answer that are told */

struct to_http {
    const struct destination_place *place;              /* borrowed */
    struct url url;                     /* of the target's, borrowed: for what is said */
    struct net *net;                    /* owned, as is the rest */
    struct quote quote;
    struct bytes body;
    char *authorization, *content;      /* header lines */
    char key[160], channel[64];
    char *password;
    struct event event;
    struct line line;
    struct json_doc own;
};

/* "utf-8" in lower case: the CloudEvents SDK for JavaScript refuses "UTF-8" of a single event. */
static const char *to_http_content_type(const struct target *target)
{
    static const char *const types[] = {
        [FORMAT_BATCH] = "application/cloudevents-batch+json; charset=utf-8",
        [FORMAT_STRUCTURED] = "application/cloudevents+json; charset=utf-8",
        [FORMAT_SPLUNK] = "text/plain; charset=utf-8",
        [FORMAT_ELASTIC] = "application/x-ndjson",
        [FORMAT_TEMPLATE] = "application/json; charset=utf-8"};

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
    struct net_options options = destination_net(http->place);

    options.url = http->place->target->url;
    options.protocols = http->place->target->allow_plain ? "http,https" : "https";
    if (http->place->target->auth == AUTH_BASIC) {
        options.user = http->place->target->user;
        options.password = http->password;
    }
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
    quote_free(&http->quote);
    bytes_free(&http->body);
    event_free(&http->event);
    json_doc_free(&http->own);
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
                        "delivery secret set %s\"", place->target->name, place->target->section);
        return E_INVALIDARG;
    }
    if (!(http = calloc(1, sizeof *http))) {
        destination_say(why, "there is not enough memory");
        return E_OUTOFMEMORY;
    }
    http->place = place;
    url_read(place->target->url, &http->url);           /* config_http.c has judged it */
    hr = destination_quote(place, &http->quote);
    if (SUCCEEDED(hr)) hr = to_http_prepare(http);
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
    bool good = batch->lines[index].own
                    ? own_event_read(&http->own, text, &http->line)
                    : line_read(text.text, text.size, &http->line) == LINE_OK;

    if (!good) bytes_fail(&http->body);
    event_set(&http->event, &http->line);
    if (http->place->target->body_is_text)
        render_plain(&http->body, http->place->target->body, &http->event, TEXT_VALUE);
    else render_json(&http->body, http->place->target->body, &http->event);
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

/*
 * nginx answers 400 if a client certificate is missing or not accepted, and to http on a port for
 * https: that refuses no line. Its page is recognized from its first byte on, so that no server
 * that repeats an event in its answer is taken for it.
 */
static bool to_http_is_about_tls(const struct net_answer *answer)
{
    static const char *const pages[] = {"No required SSL certificate was sent",
                                        "The SSL certificate error",
                                        "The plain HTTP request was sent to HTTPS port"};
    char page[120];

    for (size_t i = 0; answer->status == 400 && i < sizeof pages / sizeof *pages; i++) {
        int size = snprintf(page, sizeof page, "<html>\r\n<head><title>400 %s</title>", pages[i]);

        if (answer->body.size >= (size_t)size && !memcmp(answer->body.data, page, (size_t)size))
            return true;
    }
    return false;
}

/* SPLUNK_NONE of any other format, too. */
static int64_t to_http_splunk_code(const struct to_http *http, const struct net_answer *answer)
{
    if (http->place->target->format != FORMAT_SPLUNK || answer->cut || answer->broken)
        return SPLUNK_NONE;
    return splunk_code((struct span){answer->body.data, answer->body.size});
}

static bool to_http_refuses(const struct net_answer *answer)
{
    long status = answer->status;

    return (status == 400 && !to_http_is_about_tls(answer)) || status == 413 || status == 415 ||
           status == 422;
}

static bool to_http_wants_hands(long status)
{
    return (status >= 300 && status < 400) || status == 401 || status == 403 || status == 404 ||
           status == 405 || status == 407;
}

static bool to_http_needs_hands(const struct net_answer *answer)
{
    return to_http_wants_hands(answer->status) || to_http_is_about_tls(answer);
}

static const char *to_http_advice(const struct net_answer *answer, int64_t code)
{
    long status = answer->status;

    if (to_http_is_about_tls(answer))
        return "; the client certificate is missing, expired or not accepted there, or the port "
               "is one for https: look at clientCertificate and url";
    if (status >= 300 && status < 400) return "; redirects are not followed: correct the url";
    if (status == 401 || status == 403) return "; look at auth and secret";
    if (splunk_wants_hands(code))
        return "; look at the url, at auth and secret, and at the settings of the token there";
    if (status == 404 || status == 405) return "; look at the url";
    return status == 407 ? NET_PROXY_LOGIN : "";
}

static void to_http_tell(const struct to_http *http, const struct net_answer *answer,
                         struct destination_report *report)
{
    struct span body = {answer->body.data, answer->body.size};
    char said[NET_WHY] = "";

    report->after_ms = answer->after_ms;
    if (!answer->status) {
        report->needs_hands = answer->failure.needs_hands;
        report->late = answer->failure.late;
        quote_text(&http->quote, answer->failure.why, said, sizeof said);
        destination_say(report->why, "%.*s: %s", (int)http->url.place.size, http->url.place.text,
                        said);
        return;
    }
    report->needs_hands = to_http_needs_hands(answer);
    if (!answer->broken) quote_said(&http->quote, body, said, SAID_MAX + 1);
    destination_say(report->why, "%.*s answered %ld%s%s%s", (int)http->url.place.size,
                    http->url.place.text, answer->status,
                    to_http_advice(answer, to_http_splunk_code(http, answer)),
                    *said ? ": " : "", said);
}

/* One item of a _bulk answer. 404 is about the index: it refuses no line. */
static void to_http_judge_item(const struct to_http *http, const struct json_doc *doc, json_at item,
                               struct destination_report *report)
{
    json_at create = json_find(doc, item, "create");
    struct span reason = json_doc_span(doc, json_find(doc, create, "error"));
    char said[SAID_MAX + 1];
    int64_t status = 0;

    json_doc_number(doc, json_find(doc, create, "status"), &status);
    if ((status >= 200 && status < 300) || status == 409) {     /* 409: it has it already */
        report->taken++;
        return;
    }
    report->result = status == 400 || status == 413 || status == 422 ? DESTINATION_REFUSED
                                                                     : DESTINATION_AGAIN;
    report->single = report->result == DESTINATION_REFUSED;
    report->needs_hands = to_http_wants_hands((long)status);
    quote_said(&http->quote, reason, said, sizeof said);
    destination_say(report->why, "_bulk says %d of a line%s%s", (int)status, *said ? ": " : "",
                    said);
}

static void to_http_judge_items(const struct to_http *http, const struct net_answer *answer,
                                unsigned count, struct destination_report *report)
{
    struct json_doc doc = {0};
    json_at items = JSON_NONE, item = JSON_NONE;
    unsigned seen = 0;

    if (json_doc_parse(&doc, (struct span){answer->body.data, answer->body.size}))
        items = json_find(&doc, JSON_ROOT, "items");
    while (report->taken == seen && seen < count &&
           (item = json_next(&doc, items, item)) != JSON_NONE) {
        to_http_judge_item(http, &doc, item, report);
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

/* What became of each line is not known. Fewer lines get a shorter answer; what the index has taken
 * already, it drops by its ID. */
static void to_http_judge_cut(struct to_http *http, unsigned count,
                              struct destination_report *report)
{
    report->result = count > 1 ? DESTINATION_REFUSED : DESTINATION_AGAIN;
    destination_say(report->why, "%.*s: the answer of _bulk to one line is longer than 1 MiB",
                    (int)http->url.place.size, http->url.place.text);
}

/* A 2xx of which not all came acknowledges nothing: who writes it may have failed meanwhile. */
static void to_http_judge_broken(struct to_http *http, const struct net_answer *answer,
                                 struct destination_report *report)
{
    char said[NET_WHY];

    report->result = DESTINATION_AGAIN;
    quote_text(&http->quote, answer->failure.why, said, sizeof said);
    destination_say(report->why, "%.*s answered %ld, and its answer breaks off: %s",
                    (int)http->url.place.size, http->url.place.text, answer->status, said);
}

/* "<!doctype html", or any tag where the answer's type says that it is a page. A receiver that
 * answers an empty page or "ok" with that type, as Flask and chats do, has taken the lines. */
static bool to_http_is_page(const struct net_answer *answer)
{
    static const char *const begins[] = {"<!doctype html", "<html"};
    struct span body = {answer->body.data, answer->body.size};

    if (body.size >= 3 && !memcmp(body.text, "\xef\xbb\xbf", 3)) {
        body.text += 3;
        body.size -= 3;
    }
    for (; body.size && strchr(" \t\r\n", *body.text) && *body.text; body.size--) body.text++;
    if (!body.size || *body.text != '<') return false;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t size = strlen(begins[i]);

        if (body.size >= size && !strncasecmp(body.text, begins[i], size)) return true;
    }
    return answer->page;
}

static void to_http_judge_page(struct to_http *http, const struct net_answer *answer,
                               struct destination_report *report)
{
    report->result = DESTINATION_AGAIN;
    report->needs_hands = true;
    destination_say(report->why, "%.*s answered %ld with a page of HTML, which acknowledges "
                    "nothing: is it the login page of a proxy, or the url that of a page? Open it "
                    "in a browser on this machine, then correct url, proxy or auth",
                    (int)http->url.place.size, http->url.place.text, answer->status);
}

/* An answer of the collector by its code; one of anything else, with a 2xx, is not its. */
static void to_http_judge_splunk(struct to_http *http, const struct net_answer *answer,
                                 unsigned count, struct destination_report *report)
{
    int64_t code = to_http_splunk_code(http, answer);

    if (code == SPLUNK_TAKEN) {
        report->taken = count;
        return;
    }
    to_http_tell(http, answer, report);
    report->result = splunk_refuses(code) ? DESTINATION_REFUSED : DESTINATION_AGAIN;
    report->single = report->result == DESTINATION_REFUSED && count == 1;
    report->needs_hands = code == SPLUNK_NONE || splunk_wants_hands(code);
    if (code != SPLUNK_NONE) return;
    destination_say(report->why, "%.*s answered %ld, but not as Splunk's HTTP Event Collector, "
                    "which says {\"text\":\"Success\",\"code\":0}; look at the url",
                    (int)http->url.place.size, http->url.place.text, answer->status);
}

static void to_http_judge_fine(struct to_http *http, const struct net_answer *answer,
                               unsigned count, struct destination_report *report)
{
    int format = http->place->target->format;

    if (answer->broken) to_http_judge_broken(http, answer, report);
    else if (to_http_is_page(answer)) to_http_judge_page(http, answer, report);
    else if (format == FORMAT_SPLUNK) to_http_judge_splunk(http, answer, count, report);
    else if (format != FORMAT_ELASTIC) report->taken = count;
    else if (answer->cut) to_http_judge_cut(http, count, report);
    else to_http_judge_items(http, answer, count, report);
}

static void to_http_judge(struct to_http *http, const struct net_answer *answer, unsigned count,
                          struct destination_report *report)
{
    int64_t code = to_http_splunk_code(http, answer);

    if (answer->status >= 200 && answer->status < 300) {
        to_http_judge_fine(http, answer, count, report);
        return;
    }
    report->result = to_http_refuses(answer) && !splunk_wants_hands(code) ? DESTINATION_REFUSED
                                                                          : DESTINATION_AGAIN;
    report->single = report->result == DESTINATION_REFUSED && count == 1;
    to_http_tell(http, answer, report);
    report->needs_hands |= splunk_wants_hands(code);
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

/* One request: with formats of one line a request, the first line alone. */
static void to_http_send(void *self, const struct batch *batch, unsigned first, unsigned count,
                         struct destination_report *report)
{
    struct to_http *http = self;
    const char *headers[HEADERS_MAX];
    struct net_answer answer;
    unsigned header_count;

    count = to_http_fill(http, batch, first, count);
    if (http->body.failed) {
        report->result = DESTINATION_AGAIN;
        destination_say(report->why, "there is not enough memory");
        return;
    }
    header_count = to_http_headers(http, batch, first, count, headers);
    net_post(http->net, headers, header_count, (struct span){http->body.data, http->body.size},
             &answer);
    to_http_judge(http, &answer, count, report);
    bytes_free(&answer.body);
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

const struct destination_class destination_http = {
    .open = to_http_open, .send = to_http_send, .render = to_http_render, .close = to_http_close};
