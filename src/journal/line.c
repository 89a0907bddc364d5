/*
 * The format of a journal, version 1.0
 *
 * A journal is a folder. Its segments are the files named <20 decimal digits>.jsonl; the digits are the sequence of the segment's
 * first line, from 1 to 2^64 - 2. All other files and folders are no part of the chain: `lock` is held open by the writer, `head`
 * tells how far the journal is on disk, `unwritten` of runs that left no lines, `torn/` holds bytes that were being written when the power went.
 *
 * A segment is a row of lines. A line is one JSON object in UTF-8 without BOM, of at most 1 MiB, ended by one LF, with no white
 * space between its tokens and these members in this order:
 *
 *   "specversion"      "1.0" (CloudEvents)
 *   "id"               run + "-" + sequence. The run is a GUID in lower case, new each time a journal is opened for writing
 *   "source"           "/adcs/<DNS name of the machine>/<sanitized name of the CA>", percent-escaped
 *   "type"             "certwitness." and the type of event
 *   "subject"          only where there is a request: "request/<RequestID>"
 *   "time"             when the CA told us: RFC 3339 in UTC, "YYYY-MM-DDThh:mm:ss.mmmZ", with three decimals or more
 *   "sequence"         20 decimal digits: 1 for the first line ever, then one more for each line
 *   "previoushash"     the "hash" of the line before it; 64 zeros for line 1
 *   "flushed"          20 decimal digits: the highest sequence known to be on disk when this line was made; below "sequence"
 *   "datacontenttype"  "application/json"
 *   "data"             the event, an object
 *   "hash"             64 lower-case hex digits: SHA-256 of the line's bytes from its first up to, not including, the ,"hash":
 *                      that ends it
 *
 * So a line ends in ,"hash":"<64 digits>"} and LF. No string of the envelope holds a backslash. The chain runs on from segment to
 * segment in the order of their names.
 *
 * A line is intact if and only if it ends in LF, is at most 1 MiB long with it, begins with these members up to the { of "data",
 * ends in } and its hash, and the hash is right. It is valid if it is intact, its sequence is one more than that of the line
 * before, and its previoushash is the hash of the line before. The first line of the oldest segment that is there has no line
 * before it: older segments may have been moved away; its sequence is that of the segment's name, and its previoushash is taken as
 * it stands. Whoever reads also demands that a valid line is JSON (RFC 8259) which every parser reads the same way: no member name
 * twice in an object, no unpaired surrogate (RFC 7493), objects and arrays at most 64 deep. Whoever writes on does not look: such a
 * line is on disk.
 *
 * A segment is begun only when all lines before its first one are on disk. So:
 *
 * - Where a segment has been read up to the line before the next segment's first, whatever still follows in it is passed over,
 *   lines or not. It was left behind: writing it failed and its events were written again into the next segment; or it is a torn
 *   tail, which journal.recovered tells of, and which could not be cut off because somebody had the file open. But where an intact
 *   line in it, found as told below and with a sequence not below that of the next segment's first line, has a "flushed" not below
 *   that either, what was left behind had been on disk: two writers have gone on from the same line, and it is damage.
 * - Where a segment ends before that, or holds something else than the next valid line, it is damaged (changed, or lines are
 *   missing), unless the damage is on record: the next segment's first line is of type certwitness.journal.broken, and its "data"
 *   begins with "file" (this segment's name), "offset" (of the first byte that is not of a valid line) and "sequence" (of the line
 *   that had to stand there). Then the rest of the damaged segment is passed over, and the chain goes on with journal.broken, whose
 *   sequence is that of its segment's name, as always, and whose previoushash is the hash of the intact line with the highest
 *   sequence that follows in the damaged segment, not below the one that had to stand there; or, where none does, of the last valid
 *   line. To find intact lines behind damage, take what stands between two LFs (or the beginning of the file and an LF), and if
 *   that is no intact line, the part of it from its last {"specversion":"1.0","id":" on.
 * - What follows the last valid line of the last segment is damaged if some intact line in it, found in that way and with a
 *   sequence not below the one that had to stand there, has a "flushed" not below it either: it had been on disk. Otherwise it is a
 *   torn tail: it is being written, or was when the power went, and nobody was told that it is on disk. Any of its bytes may be
 *   anything.
 *
 * `head` is one record of 207 bytes, and nothing else. Its fields are separated by one blank:
 *
 *   certwitness-head   these 16 letters
 *   1                  the version of this form
 *   run                the GUID of the run that wrote it
 *   sequence           20 decimal digits: the last line that was on disk when it was written; from 1 to 2^63 - 1
 *   hash               64 lower-case hex digits: the "hash" of that line
 *   checksum           64 lower-case hex digits: SHA-256 of the record's bytes before this field, and behind them the CA's name:
 *                      what follows the last "/" in the "source" of the journal's lines. So another CA's head is none
 *
 * and one LF ends it. Anything else is no head. The writer puts it down in place after each flush that its callers were told of,
 * and does not flush it: after a power cut it may be older than the chain, or torn, or not there. It is never newer: all lines up to
 * its sequence were on disk before it was written. A line is covered, and will stay as it is, if the chain leads from it to the line
 * that `head` names, with that hash, or to a later line whose "flushed" is not below it. Where there is no head, or no line of that
 * sequence and hash, "flushed" alone says so: `head` may have been left out of a copy, or be that of an older one.
 *
 * Where the head's sequence is above that of the last valid line of the last segment, lines have been lost that were on disk; or the
 * journal was copied while it was written, and `head` after its segments. Then what follows the last valid line is damaged, not torn.
 *
 * Opening for writing moves a torn tail to torn/<segment's digits>-<offset>-<n> and tells so in journal.recovered ("file",
 * "offset", "sequence", "bytes", "kept"); it leaves damage where it is, and tells of it in journal.broken, in a new segment. Where the
 * head's sequence is above all that is there, journal.broken has the sequence after the head's, so that none is used twice, and says
 * in "head" what it named ("run", "sequence", "hash"). Where there is no segment at all, its "file" is "head", its "sequence" that of
 * the head, and its previoushash the head's hash.
 *
 * A file that has a segment's name but is not of this chain is moved to torn/<its digits>-foreign-<n>. Where opening moved it, module.started of
 * that run names it in "movedAside" of its "module"; one that stood in the way of a segment that was begun later is told of in the event log alone.
 *
 * A run that cannot write its first lines, or ends while events of it have not reached the disk, puts that down in the file `unwritten`, where the
 * folder lets it. The next run that writes takes it into "unwritten" of "module" in its module.started, says there that the run before had not
 * "endedCleanly", and removes the file once that line is on disk. It is one record of 250 bytes, its fields separated by one blank, and one LF:
 *
 *   certwitness-unwritten   these 21 letters
 *   1                  the version of this form
 *   run                the GUID of the last such run
 *   began, ended       24 characters each, as "time" above: when the first such run first failed to write, and the last that is known of the last one
 *   runs               20 digits, as the next two: how many such runs there were in a row; not 0
 *   uncounted          of these: killed, or at work still; what they have lost is not counted
 *   events             how many events the others have lost
 *   hresult            "0x" and 8 lower-case hex digits: why the last one could not write
 *   checksum           as in `head`
 *
 * The lines of a run have one source. Where the last valid line before a run has another, "module" of its module.started says so: "previousSource" is
 * that of the line. So it is where the machine has another name, or a cluster has carried the CA to another one, and the chain goes on. Its first line
 * is module.started, or journal.recovered or journal.broken right before that.
 */
#include "line.h"

#include "base/digits.h"
#include "base/json.h"
#include "base/json_check.h"
#include "base/utc.h"

#include <stdlib.h>
#include <string.h>

#define LINE_START      "{\"specversion\":\"1.0\",\"id\":\""
#define NUMBER_DIGITS   20              /* of "sequence" and "flushed" */
#define HASH_MEMBER     ",\"hash\":\""
#define END_SIZE        (sizeof HASH_MEMBER - 1 + LINE_HASH_SIZE + 3)   /* ,"hash":"…"} LF */

HRESULT hash_hex(const char *data, size_t size, char out[LINE_HASH_SIZE + 1])
{
    uint8_t hash[32];
    HRESULT hr = os_sha256(data, size, hash);

    if (FAILED(hr)) return hr;
    digits_hex(hash, sizeof hash, out);
    out[LINE_HASH_SIZE] = 0;
    return S_OK;
}

/* Where the reader stands; `bad` once anything was not as it must be. */
struct scan {
    const char *at, *end;
    bool bad;
};

static bool literal(struct scan *scan, const char *text)
{
    size_t size = strlen(text);

    if (scan->bad || (size_t)(scan->end - scan->at) < size || memcmp(scan->at, text, size)) return false;
    scan->at += size;
    return true;
}

static void expect(struct scan *scan, const char *text)
{
    if (!literal(scan, text)) scan->bad = true;
}

/* What stands before the next quote. The envelope's strings hold none that is escaped: source is percent-escaped. */
static struct span quoted(struct scan *scan)
{
    struct span span = {scan->at, 0};
    const char *at = scan->at;

    while (!scan->bad && at < scan->end && *at != '"' && *at != '\\') at++;
    if (scan->bad || at == scan->end || *at != '"') { scan->bad = true; return span; }
    span.size = at - scan->at;
    scan->at = at + 1;
    return span;
}

static uint64_t number(struct span digits, struct scan *scan)
{
    uint64_t value = 0;

    if (digits.size != NUMBER_DIGITS || !digits_read(digits.text, digits.size, &value)) scan->bad = true;
    return value;
}

static struct span hash_digits(struct scan *scan)
{
    struct span digits = quoted(scan);

    if (digits.size != LINE_HASH_SIZE) scan->bad = true;
    for (size_t i = 0; i < digits.size && !scan->bad; i++) {
        char digit = digits.text[i];

        if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) scan->bad = true;
    }
    return digits;
}

/* The id has to be run and sequence again. */
static struct span run_of(struct span id, struct span sequence, bool *bad)
{
    if (id.size != 36 + 1 + sequence.size || id.text[36] != '-' || memcmp(id.text + 37, sequence.text, sequence.size)) *bad = true;
    return (struct span){id.text, id.size < 36 ? id.size : 36};
}

/* Whether the text is like `model`, in which 0 stands for a decimal and f for a lower-case hex digit. */
static bool is_like(struct span text, const char *model)
{
    size_t i;

    for (i = 0; i < text.size && model[i]; i++) {
        char c = text.text[i];
        bool digit = c >= '0' && c <= '9';

        if (model[i] == '0' ? !digit : model[i] == 'f' ? !digit && (c < 'a' || c > 'f') : c != model[i]) return false;
    }
    return i == text.size && !model[i];
}

/* RFC 3339 in UTC, with three decimals or more. */
static bool is_time(struct span text)
{
    struct span head = {text.text, text.size < 23 ? text.size : 23};

    if (!is_like(head, "0000-00-00T00:00:00.000") || text.text[text.size - 1] != 'Z') return false;
    for (size_t i = 23; i + 1 < text.size; i++) if (text.text[i] < '0' || text.text[i] > '9') return false;
    return text.size > 23;
}

static bool read_form(struct scan *scan, struct line *line)
{
    struct span id, sequence;

    expect(scan, LINE_START);
    id = quoted(scan);
    expect(scan, ",\"source\":\"");
    line->source = quoted(scan);
    expect(scan, ",\"type\":\"");
    line->type = quoted(scan);
    if (literal(scan, ",\"subject\":\"")) line->subject = quoted(scan);
    expect(scan, ",\"time\":\"");
    line->time = quoted(scan);
    expect(scan, ",\"sequence\":\"");
    sequence = quoted(scan);
    line->sequence = number(sequence, scan);
    expect(scan, ",\"previoushash\":\"");
    line->previous = hash_digits(scan);
    expect(scan, ",\"flushed\":\"");
    line->flushed = number(quoted(scan), scan);
    expect(scan, ",\"datacontenttype\":\"application/json\",\"data\":{");
    line->run = run_of(id, sequence, &scan->bad);
    if (scan->bad || !is_like(line->run, "ffffffff-ffff-ffff-ffff-ffffffffffff") || !is_time(line->time)) return false;
    return line->flushed < line->sequence && line->sequence < UINT64_MAX;
}

static void add_member(struct bytes *out, const char *name, const char *text)
{
    struct json json = {.out = out, .comma = true};

    json_text(&json, name, text);
}

static void add_number(struct bytes *out, const char *name, uint64_t number)
{
    char digits[NUMBER_DIGITS + 1] = "";

    digits_padded(number, digits, NUMBER_DIGITS);
    bytes_add_text(out, ",\"");
    bytes_add_text(out, name);
    bytes_add_text(out, "\":\"");
    bytes_add_text(out, digits);
    bytes_add_text(out, "\"");
}

static void add_id(struct bytes *out, const struct line_place *place)
{
    char digits[NUMBER_DIGITS + 1] = "";

    digits_padded(place->sequence, digits, NUMBER_DIGITS);
    bytes_add_text(out, LINE_START);
    bytes_add_text(out, place->run);
    bytes_add_text(out, "-");
    bytes_add_text(out, digits);
    bytes_add_text(out, "\"");
}

/* Drawn once for all lines that this process makes: that takes longer than to look at one. */
static uint32_t basis;

HRESULT line_check_data(struct span data)
{
    struct json_check check;
    enum json_verdict verdict;

    if (data.size < 2 || data.size > LINE_DATA_MAX) return E_INVALIDARG;
    if (data.text[0] != '{' || data.text[data.size - 1] != '}' || memchr(data.text, '\n', data.size)) return E_INVALIDARG;
    check.names = NULL;                 /* the rest is long, and begins as it is */
    check.room = check.used = 0;
    check.basis = __atomic_load_n(&basis, __ATOMIC_RELAXED);
    check.around = 1;                   /* the line's own object */
    verdict = json_check(&check, data.text, data.size);
    __atomic_store_n(&basis, check.basis, __ATOMIC_RELAXED);
    free(check.names);
    return verdict == JSON_GOOD ? S_OK : verdict == JSON_BAD ? E_INVALIDARG : E_OUTOFMEMORY;
}

/* Whether what was made is read as a line, but for its hash, which is not there yet: a reader must never meet one of ours that is none. */
static HRESULT check_made(const char *text, size_t size)
{
    struct scan scan = {text, text + size, false};
    struct line line = {0};

    return size > LINE_MAX_SIZE - END_SIZE || !read_form(&scan, &line) ? E_INVALIDARG : S_OK;
}

static void add_end(struct bytes *out, const char *hash)
{
    bytes_add_text(out, HASH_MEMBER);
    bytes_add_text(out, hash);
    bytes_add_text(out, "\"}\n");
}

HRESULT line_make_checked(struct bytes *out, const struct line_place *place, const char *type, const char *subject, int64_t time,
                          struct span data, char *hash)
{
    size_t start = out->size;
    char when[UTC_TEXT_MAX];
    HRESULT hr = E_INVALIDARG;

    if (place->sequence == UINT64_MAX || data.size > LINE_DATA_MAX || strlen(place->source) > LINE_SOURCE_MAX || strlen(type) > LINE_TYPE_MAX) return hr;
    if (!utc_text(time, true, when)) return hr;
    add_id(out, place);
    add_member(out, "source", place->source);
    add_member(out, "type", type);
    if (subject) add_member(out, "subject", subject);
    add_member(out, "time", when);
    add_number(out, "sequence", place->sequence);
    add_member(out, "previoushash", place->previous);
    add_number(out, "flushed", place->flushed);
    bytes_add_text(out, ",\"datacontenttype\":\"application/json\",\"data\":");
    bytes_add(out, data.text, data.size);
    hr = out->failed ? E_OUTOFMEMORY : check_made(out->data + start, out->size - start);
    if (SUCCEEDED(hr)) hr = hash_hex(out->data + start, out->size - start, hash);
    if (SUCCEEDED(hr)) add_end(out, hash);
    if (out->failed) hr = E_OUTOFMEMORY;
    if (FAILED(hr)) bytes_take_back(out, start);
    return hr;
}

enum line_fault line_read(const char *text, size_t size, struct line *line)
{
    struct line read = {0};
    struct scan scan = {text, text + size, false};
    char hash[LINE_HASH_SIZE + 1];
    const char *end;

    if (!size || text[size - 1] != '\n') return LINE_NO_END;
    if (size > LINE_MAX_SIZE || size < END_SIZE || memchr(text, '\n', size - 1)) return LINE_FORM;
    end = text + size - END_SIZE;
    scan.end = end;
    if (!read_form(&scan, &read)) return LINE_FORM;
    read.text = (struct span){text, size};
    read.data = (struct span){scan.at - 1, end - scan.at + 1};
    scan.at = end;
    scan.end = text + size;
    expect(&scan, HASH_MEMBER);
    read.hash = hash_digits(&scan);
    expect(&scan, "}\n");
    if (scan.bad || read.data.text[read.data.size - 1] != '}') return LINE_FORM;
    if (FAILED(hash_hex(text, end - text, hash))) return LINE_UNJUDGED;
    if (memcmp(hash, read.hash.text, LINE_HASH_SIZE)) return LINE_HASH;
    *line = read;
    return LINE_OK;
}

size_t line_last_start(struct span text)
{
    for (size_t at = text.size; at-- > 1;) {
        size_t left = text.size - at, size = left < sizeof LINE_START - 1 ? left : sizeof LINE_START - 1;

        if (text.text[at] == '{' && !memcmp(text.text + at, LINE_START, size)) return at;
    }
    return 0;
}

bool line_is_sealed(struct span text)
{
    struct scan scan = {text.text + text.size, text.text + text.size, false};
    char hash[LINE_HASH_SIZE + 1];
    struct span digits;

    if (text.size < END_SIZE || text.size > LINE_MAX_SIZE) return false;
    scan.at -= END_SIZE;
    expect(&scan, HASH_MEMBER);
    digits = hash_digits(&scan);
    expect(&scan, "}\n");
    return !scan.bad && SUCCEEDED(hash_hex(text.text, text.size - END_SIZE, hash)) && !memcmp(hash, digits.text, LINE_HASH_SIZE);
}

const char line_no_hash[LINE_HASH_SIZE + 1] = "0000000000000000000000000000000000000000000000000000000000000000";

void chain_head_set(struct chain_head *head, const struct line *line)
{
    head->sequence = line->sequence;
    memcpy(head->hash, line->hash.text, LINE_HASH_SIZE);
    head->hash[LINE_HASH_SIZE] = 0;
}

struct span source_ca(struct span source)
{
    const char *name = source.text + source.size;

    while (name > source.text && name[-1] != '/') name--;
    return (struct span){name, (size_t)(source.text + source.size - name)};
}
