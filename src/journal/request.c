/*
 * The format of a request to prune, version 1
 *
 * Before a program removes sealed segments of a journal or moves them away, it announces this in
 * the file `prune` in the journal's folder. The journal's writer looks for the file when it opens
 * the journal and then once a minute. It checks that the request names the last line of a sealed
 * segment of its chain, writes journal.pruned with the request's content, flushes it, and removes
 * the request. Only then may the segments be removed, the oldest first. The writer removes no
 * segment.
 *
 * The program holds the file `prune.lock` in the same folder exclusively, from before the request
 * until the segments are removed, so that two programs never make requests at the same time.
 *
 * The file is at most 1024 bytes of UTF-8, in lines that end in LF, with exactly one space between
 * a line's name and its value:
 *
 *   certwitness prune 1
 *   sequence <20 decimal digits: the last line to be removed, from 1 to 2^64 - 3>
 *   hash <64 lower-case hex digits: the "hash" of that line>
 *   segments <20 decimal digits: the number of files to be removed, from 1>
 *   before <RFC 3339 in UTC with milliseconds: every line in them is older>
 *   then <removed, or archived>
 *   rule <1 to 200 bytes: the rule that selected them>
 *   account <1 to 200 bytes: the account that makes the request>
 *   end <64 lower-case hex digits: SHA-256 of all bytes before this line>
 *
 * rule and account contain no character that controls a terminal or is invisible (utf8.h). Nothing
 * follows the last LF. A file that ends before the LF of its line `end` is unfinished: the writer
 * leaves it alone and looks again later. A file that is not a request is left in place and
 * reported in the event log. A request whose line is not the last line of a sealed segment of this
 * chain is removed and reported in the event log; the program that waits for it sees that it
 * disappeared without a journal.pruned.
 */
#include "request.h"

#include "base/digits.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TITLE    "certwitness prune 1\n"
#define END_SIZE (4 + LINE_HASH_SIZE + 1)       /* "end <hash>" LF */

static const char ways[2][9] = {"removed", "archived"};

static bool hash_text(const char *data, size_t size, char out[LINE_HASH_SIZE + 1])
{
    uint8_t hash[32];

    if (FAILED(os_sha256(data, size, hash))) return false;
    digits_hex(hash, sizeof hash, out);
    out[LINE_HASH_SIZE] = 0;
    return true;
}

static bool request_is_plain(const char *text, size_t size)
{
    uint32_t point;

    if (!size || size > REQUEST_TEXT_MAX) return false;
    for (size_t at = 0; at < size;) {
        size_t step = utf8_next(text + at, size - at, &point);

        if (!utf8_is_plain(point) || (point == 0xfffd && step == 1)) return false;
        at += step;
    }
    return true;
}

static bool is_hash(const char *text)
{
    return strspn(text, "0123456789abcdef") == LINE_HASH_SIZE && !text[LINE_HASH_SIZE];
}

/* "2026-11-21T10:00:00.123Z": its form, not whether there is such a day. */
static bool request_is_time(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";

    if (strlen(text) != sizeof form - 1) return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
    return true;
}

static bool is_right(const struct request *request)
{
    return request->last.sequence && request->last.sequence < UINT64_MAX - 2 && request->segments &&
           is_hash(request->last.hash) && request_is_time(request->before) &&
           request_is_plain(request->rule, strlen(request->rule)) &&
           request_is_plain(request->account, strlen(request->account));
}

bool request_make(const struct request *request, struct bytes *out)
{
    char hash[LINE_HASH_SIZE + 1];
    size_t start = out->size;

    if (!is_right(request)) return false;
    bytes_printf(out, TITLE "sequence %020" PRIu64 "\nhash %s\nsegments %020" PRIu64 "\n",
                 request->last.sequence, request->last.hash, request->segments);
    bytes_printf(out, "before %s\nthen %s\n", request->before, ways[request->archived]);
    bytes_printf(out, "rule %s\n", request->rule);
    bytes_printf(out, "account %s\n", request->account);
    if (!out->failed && hash_text(out->data + start, out->size - start, hash)) {
        bytes_printf(out, "end %s\n", hash);
        if (!out->failed) return true;
    }
    out->size = start;
    return false;
}

/* What is still to be read. */
struct rest {
    const char *text;
    size_t size;
};

/* The value of the line that comes next, which has to be `name`; zero-terminated in `out`, which
 * has room for `most` bytes and the zero. */
static bool request_take(struct rest *rest, const char *name, char *out, size_t most)
{
    const char *end = rest->size ? memchr(rest->text, '\n', rest->size) : NULL;
    size_t names = strlen(name), size = end ? (size_t)(end - rest->text) : 0,
           value = size - names - 1;

    if (!end || size < names + 1 || memcmp(rest->text, name, names) || rest->text[names] != ' ' ||
        value > most)
        return false;
    if (memchr(rest->text, 0, size)) return false;
    memcpy(out, rest->text + names + 1, value);
    out[value] = 0;
    rest->text += size + 1;
    rest->size -= size + 1;
    return true;
}

static bool request_take_number(struct rest *rest, const char *name, uint64_t *out)
{
    char digits[21];

    *out = 0;
    if (!request_take(rest, name, digits, 20) || strspn(digits, "0123456789") != 20) return false;
    for (const char *at = digits; *at; at++) {
        if (*out > (UINT64_MAX - (uint64_t)(*at - '0')) / 10) return false;
        *out = *out * 10 + (uint64_t)(*at - '0');
    }
    return true;
}

static bool take_way(struct rest *rest, bool *archived)
{
    char way[sizeof ways[0]];

    if (!request_take(rest, "then", way, sizeof way - 1)) return false;
    *archived = !strcmp(way, ways[1]);
    return *archived || !strcmp(way, ways[0]);
}

static bool request_take_all(struct rest *rest, struct request *out)
{
    return request_take_number(rest, "sequence", &out->last.sequence) &&
           request_take(rest, "hash", out->last.hash, LINE_HASH_SIZE) &&
           request_take_number(rest, "segments", &out->segments) &&
           request_take(rest, "before", out->before, sizeof out->before - 1) &&
           take_way(rest, &out->archived) &&
           request_take(rest, "rule", out->rule, REQUEST_TEXT_MAX) &&
           request_take(rest, "account", out->account, REQUEST_TEXT_MAX);
}

/* Whether it is what a request begins with, though cut off somewhere. */
static bool may_be_finished(const char *text, size_t size)
{
    size_t title = sizeof TITLE - 1;

    return size < REQUEST_SIZE_MAX && !memcmp(text, TITLE, size < title ? size : title);
}

enum request_form request_read(const char *text, size_t size, struct request *out)
{
    struct rest rest = {text + sizeof TITLE - 1, size - (sizeof TITLE - 1)};
    struct request found = {0};
    char hash[LINE_HASH_SIZE + 1], end[LINE_HASH_SIZE + 1];
    bool ended = size > sizeof TITLE + END_SIZE && text[size - 1] == '\n' &&
                 !memcmp(text + size - END_SIZE, "end ", 4);

    if (size > REQUEST_SIZE_MAX ||
        (size && !may_be_finished(text, size - (size == REQUEST_SIZE_MAX))))
        return REQUEST_WRONG;
    if (!ended) return size < REQUEST_SIZE_MAX ? REQUEST_UNFINISHED : REQUEST_WRONG;
    if (!request_take_all(&rest, &found) || rest.size != END_SIZE ||
        !request_take(&rest, "end", end, LINE_HASH_SIZE))
        return REQUEST_WRONG;
    if (!is_right(&found) || !hash_text(text, size - END_SIZE, hash) || strcmp(hash, end))
        return REQUEST_WRONG;
    *out = found;
    return REQUEST_WHOLE;
}

/* Whether the segment behind that line is there, and begins with the line that follows it. */
static HRESULT is_last_of_segment(struct disk_folder *folder, const struct chain_head *last)
{
    struct segment_reader *reader;
    struct line line;
    bool follows;
    HRESULT hr = segment_open_first(folder, last->sequence + 1, &reader, &line);

    if (hr != S_OK) return FAILED(hr) ? hr : HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    follows = line.sequence == last->sequence + 1 &&
              !memcmp(line.previous.text, last->hash, LINE_HASH_SIZE);
    segment_reader_close(reader);
    return follows ? S_OK : HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
}

static enum request_state request_judge(struct disk_folder *folder, uint64_t writing,
                                        struct request_look *out)
{
    const HRESULT gone = HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND),
                  wrong = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);

    out->hr = out->request.last.sequence < writing ? is_last_of_segment(folder, &out->request.last)
                                                   : wrong;
    if (SUCCEEDED(out->hr)) return REQUEST_GOOD;
    return out->hr == gone || out->hr == wrong ? REQUEST_OF_OTHER : REQUEST_UNREADABLE;
}

void request_look(struct disk_folder *folder, uint64_t writing, struct request_look *out)
{
    char text[REQUEST_SIZE_MAX + 1];
    size_t size;

    memset(out, 0, sizeof *out);
    out->hr = disk_load(folder, REQUEST_NAME, text, sizeof text, &size);
    if (out->hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return;
    out->state =
        out->hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA) ? REQUEST_NOT_ONE : REQUEST_UNREADABLE;
    if (FAILED(out->hr)) return;
    switch (request_read(text, size, &out->request)) {
    case REQUEST_UNFINISHED:
        out->state = REQUEST_NONE;
        break;
    case REQUEST_WRONG:
        out->state = REQUEST_NOT_ONE;
        out->hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        break;
    case REQUEST_WHOLE:
        out->state = request_judge(folder, writing, out);
        break;
    }
}
