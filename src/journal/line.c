/*
 * The format of a journal, version 1.0
 *
 * A journal is a folder. Its segments are the files named <20 decimal digits>.jsonl; the digits
 * are the sequence of the segment's first line, from 1 to 2^64 - 2. All other files and folders
 * are not part of the chain: the writer holds `lock` open, `head` records how far the journal is
 * on disk, `unwritten` records runs that left no lines, and `torn/` holds bytes that were being
 * written when the power failed, and files that were not of this journal. `prune` is a request to
 * put on record that old segments are removed; the writer removes it once it has done so. The
 * program that makes the request holds `prune.lock` open.
 *
 * A segment is a sequence of lines. A line is one JSON object in UTF-8 without BOM, at most 1 MiB
 * long, ended by one LF, with no white space between its tokens, and with these members in this
 * order:
 *
 *   "specversion"      "1.0" (CloudEvents)
 *   "id"               run + "-" + sequence. The run is a GUID in lower case, new each time a
 *                      journal is opened for writing
 *   "source"           "/adcs/<DNS name of the machine>/<sanitized name of the CA>",
 *                      percent-escaped
 *   "type"             "certwitness." and the type of event
 *   "subject"          only for events of a request: "request/<RequestID>"
 *   "time"             when the CA reported the event: RFC 3339 in UTC,
 *                      "YYYY-MM-DDThh:mm:ss.mmmZ", with three decimals or more
 *   "sequence"         20 decimal digits: 1 for the first line ever, then one more for each line
 *   "previoushash"     the "hash" of the line before it; 64 zeros for line 1
 *   "flushed"          20 decimal digits: the highest sequence known to be on disk when this line
 *                      was made; below "sequence"
 *   "datacontenttype"  "application/json"
 *   "data"             the event, an object
 *   "hash"             64 lower-case hex digits: SHA-256 of the line's bytes from the first one up
 *                      to, but not including, the ,"hash": that ends it
 *
 * A line therefore ends in ,"hash":"<64 digits>"} and LF. No string of the envelope contains a
 * backslash. The chain continues from segment to segment in the order of their names.
 *
 * A line is intact if and only if it ends in LF, is at most 1 MiB long including the LF, begins
 * with these members up to the { of "data", ends in } and its hash, and the hash is correct. A
 * line is valid if it is intact, its sequence is one more than that of the line before, and its
 * previoushash is the hash of the line before. The first line of the oldest existing segment has
 * no line before it, because older segments may have been moved away: its sequence is the one in
 * the segment's name, and its previoushash is accepted without a check. A reader also requires a
 * valid line to be JSON (RFC 8259) that every parser reads the same way: no member name twice in
 * an object, no unpaired surrogate (RFC 7493), objects and arrays nested at most 64 deep. A writer
 * that continues the chain does not check this, since such a line is on disk.
 *
 * A segment is begun only when all lines before its first line are on disk. Therefore:
 *
 * - Where a segment has been read up to the line before the next segment's first line, the rest of
 *   the segment is passed over, whether it consists of lines or not. It was abandoned: either
 *   writing it failed and its events were written again into the next segment, or it is a torn
 *   tail, reported by journal.recovered, that could not be cut off because another program had the
 *   file open. There is one exception. If the rest contains an intact line, found as described
 *   below, whose sequence and whose "flushed" are both at least the sequence of the next segment's
 *   first line, then the abandoned lines had been on disk: two writers have continued from the same
 *   line, and this is damage.
 * - Where a segment ends before that, or contains something else than the next valid line, it is
 *   damaged (changed, or lines are missing), unless the damage is on record: the next segment's
 *   first line is of type certwitness.journal.broken, and its "data" begins with "file" (this
 *   segment's name), "offset" (of the first byte that is not part of a valid line) and "sequence"
 *   (of the line that was expected there). Then the rest of the damaged segment is passed over, and
 *   the chain continues with journal.broken. Its sequence is, as always, that of its segment's
 *   name. Its previoushash is the hash of the intact line with the highest sequence, at least the
 *   expected one, in the rest of the damaged segment; if there is none, that of the last valid
 *   line. To find intact lines after damage, take the bytes between two LFs (or between the
 *   beginning of the file and an LF); if these are not an intact line, take the part of them that
 *   begins with the last {"specversion":"1.0","id":" in them.
 * - The bytes after the last valid line of the last segment are damaged if they contain an intact
 *   line, found in that way, whose sequence and whose "flushed" are both at least the expected
 *   sequence: the expected line had been on disk. Otherwise they are a torn tail: they are being
 *   written, or were when the power failed, and were never reported as being on disk. Any byte of
 *   them may have any value.
 *
 * `head` is one record of 207 bytes, and nothing else. Its fields are separated by one blank:
 *
 *   certwitness-head   these 16 letters
 *   1                  the version of this format
 *   run                the GUID of the run that wrote it
 *   sequence           20 decimal digits: the last line that was on disk when it was written; from
 *                      1 to 2^63 - 1
 *   hash               64 lower-case hex digits: the "hash" of that line
 *   checksum           64 lower-case hex digits: SHA-256 of the record's bytes before this field,
 *                      followed by the CA's name: the part after the last "/" in the "source" of
 *                      the journal's lines. The head of another CA is therefore not accepted
 *
 * and one LF ends it. Anything else is not a head. The writer overwrites the record in place after
 * each flush that its callers were told of, and does not flush it: after a power cut it may be
 * older than the chain, torn, or missing. It is never newer: all lines up to its sequence were on
 * disk before it was written. A line with the sequence N is covered, and will stay as it is, if
 * the chain leads from it to the line that `head` names, with that hash, or to a later line whose
 * "flushed" is N or above. Where there is no head, or no line with that sequence and hash, only
 * "flushed" decides: `head` may be missing from a copy, or come from an older copy.
 *
 * If the head's sequence is above that of the last valid line of the last segment, either lines
 * that were on disk have been lost, or the journal was copied while it was being written, and
 * `head` after its segments. The bytes after the last valid line are then damaged, not torn.
 *
 * Opening for writing moves a torn tail to torn/<segment's digits>-<offset>-<n> and reports it in
 * journal.recovered ("file", "offset", "sequence", "bytes", "kept"). It leaves damage in place and
 * reports it in journal.broken, in a new segment. If the head's sequence is above every existing
 * line, journal.broken has the sequence after the head's, so that none is used twice, and "head"
 * in it holds what the head named ("run", "sequence", "hash"). If there is no segment at all, its
 * "file" is "head", its "sequence" that of the head, and its previoushash the head's hash.
 *
 * A file that has a segment's name but is not part of this chain is moved to torn/<its
 * digits>-foreign-<n>. If it was moved when the journal was opened, module.started of that run
 * names it in "movedAside" of its "module". If it was in the way of a segment that was begun
 * later, only the event log reports it.
 *
 * A run that cannot write its first lines, or that ends while some of its events are not on disk,
 * records this in the file `unwritten` if the folder permits it. The next run that can write
 * copies it to "unwritten" of "module" in its module.started, states there that the run before had
 * not "endedCleanly", and removes the file once that line is on disk. It is one record of 250
 * bytes, its fields separated by one blank, and one LF:
 *
 *   certwitness-unwritten   these 21 letters
 *   1                  the version of this format
 *   run                the GUID of the last such run
 *   began, ended       24 characters each, as "time" above: when the first such run first failed to
 *                      write, and the last known time of the last such run
 *   runs               20 digits, as the next two: the number of consecutive such runs; not 0
 *   uncounted          the number of these that were killed or are still running; their lost events
 *                      are not counted
 *   events             the number of events that the other runs lost
 *   hresult            "0x" and 8 lower-case hex digits: why the last one could not write
 *   checksum           as in `head`
 *
 * All lines of a run have the same source. If the last valid line before a run has another source,
 * "previousSource" in "module" of its module.started holds it. This is the case after the machine
 * was renamed, or after a cluster moved the CA to another machine; the chain continues. The first
 * line of a run is module.started, or a journal.recovered or journal.broken immediately before it.
 */
#include "line.h"

#include "base/digits.h"
#include "base/json.h"
#include "base/plain_run.h"
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
    bool bad, odd;                      /* odd: a string holds controls, or is not ASCII */
};

static bool literal(struct scan *scan, const char *text)
{
    size_t size = strlen(text);

    if (scan->bad || (size_t)(scan->end - scan->at) < size || memcmp(scan->at, text, size))
        return false;
    scan->at += size;
    return true;
}

static void line_expect(struct scan *scan, const char *text)
{
    if (!literal(scan, text)) scan->bad = true;
}

/* What stands before the next quote. The envelope's strings hold none that is escaped: source is
 * percent-escaped. */
static struct span quoted(struct scan *scan)
{
    struct span span = {scan->at, 0};
    const char *at = scan->at;

    if (scan->bad) return span;
    for (at += plain_run(at, (size_t)(scan->end - at)); at < scan->end && *at != '"' && *at != '\\';
         at += plain_run(at, (size_t)(scan->end - at))) {
        scan->odd = true;
        at++;
    }
    if (at == scan->end || *at != '"') { scan->bad = true; return span; }
    span.size = at - scan->at;
    scan->at = at + 1;
    return span;
}

static uint64_t line_number(struct span digits, struct scan *scan)
{
    uint64_t value = 0;

    if (!scan->bad && !digits_read(digits.text, NUMBER_DIGITS, &value)) scan->bad = true;
    return value;
}

/* In a model 0 stands for a decimal and f for a lower-case hex digit. */
#define RUN_MODEL       "ffffffff-ffff-ffff-ffff-ffffffffffff"
#define NUMBER_MODEL    "00000000000000000000"
#define HASH_MODEL      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

/* Sixteen characters beside those of a model. */
static bool is_block_like(const char *text, const char *model)
{
    plain_block c, m, decimal, hex;

    memcpy(&c, text, sizeof c);
    memcpy(&m, model, sizeof m);
    decimal = (c >= '0') & (c <= '9');
    hex = decimal | ((c >= 'a') & (c <= 'f'));
    return !plain_bits(~(((m == '0') & decimal) | ((m == 'f') & hex) | (c == m)));
}

/* The same of a whole text, of sixteen characters or more. */
static inline bool line_is_like(struct span text, const char *model)
{
    size_t size = strlen(model), at = 0;

    if (text.size != size) return false;
    for (; size - at >= 16; at += 16)
        if (!is_block_like(text.text + at, model + at)) return false;
    return size == at || is_block_like(text.text + size - 16, model + size - 16);
}

/* As quoted, of a text like the model, which is shorter than what ends a line. */
static inline struct span modelled(struct scan *scan, const char *model)
{
    struct span span = {scan->at, strlen(model)};

    if (!scan->bad && ((size_t)(scan->end - scan->at) <= span.size || scan->at[span.size] != '"' ||
                       !line_is_like(span, model)))
        scan->bad = true;
    if (!scan->bad) scan->at += span.size + 1;
    return span;
}

/* RFC 3339 in UTC, with three decimals or more. */
static bool line_is_time(struct span text)
{
    struct span head = {text.text, text.size < 23 ? text.size : 23};

    if (!line_is_like(head, "0000-00-00T00:00:00.000") || text.text[text.size - 1] != 'Z')
        return false;
    for (size_t i = 23; i + 1 < text.size; i++)
        if (text.text[i] < '0' || text.text[i] > '9') return false;
    return text.size > 23;
}

static bool read_form(struct scan *scan, struct line *line)
{
    struct span id, sequence;

    line_expect(scan, LINE_START);
    id = modelled(scan, RUN_MODEL "-" NUMBER_MODEL);
    line_expect(scan, ",\"source\":\"");
    line->source = quoted(scan);
    line_expect(scan, ",\"type\":\"");
    line->type = quoted(scan);
    if (literal(scan, ",\"subject\":\"")) line->subject = quoted(scan);
    line_expect(scan, ",\"time\":\"");
    line->time = quoted(scan);
    line_expect(scan, ",\"sequence\":\"");
    sequence = modelled(scan, NUMBER_MODEL);
    line_expect(scan, ",\"previoushash\":\"");
    line->previous = modelled(scan, HASH_MODEL);
    line_expect(scan, ",\"flushed\":\"");
    line->flushed = line_number(modelled(scan, NUMBER_MODEL), scan);
    line_expect(scan, ",\"datacontenttype\":\"application/json\",\"data\":{");
    line->sequence = line_number(sequence, scan);
    line->run = (struct span){id.text, sizeof RUN_MODEL - 1};
    if (scan->bad || !line_is_time(line->time)) return false;
    if (memcmp(line->run.text + sizeof RUN_MODEL, sequence.text, NUMBER_DIGITS)) return false;
    return line->flushed < line->sequence && line->sequence < UINT64_MAX;
}

static void add_member(struct bytes *out, const char *name, const char *text)
{
    struct json json = {.out = out, .comma = true};

    json_text(&json, name, text);
}

static void line_add_number(struct bytes *out, const char *name, uint64_t number)
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
static uint64_t basis;

HRESULT line_check_data(struct span data)
{
    struct json_check check;
    enum json_verdict verdict;

    if (data.size < 2 || data.size > LINE_DATA_MAX) return E_INVALIDARG;
    if (data.text[0] != '{' || data.text[data.size - 1] != '}' ||
        memchr(data.text, '\n', data.size))
        return E_INVALIDARG;
    check.names = NULL;                 /* the rest is long, and begins as it is */
    check.room = check.used = 0;
    check.basis = __atomic_load_n(&basis, __ATOMIC_RELAXED);
    check.around = 1;                   /* the line's own object */
    verdict = json_check(&check, data.text, data.size, NULL);
    __atomic_store_n(&basis, check.basis, __ATOMIC_RELAXED);
    free(check.names);
    return verdict == JSON_GOOD ? S_OK : verdict == JSON_BAD ? E_INVALIDARG : E_OUTOFMEMORY;
}

/* Whether what was made is read as a line, but for its hash, which is not there yet: a reader must
 * never meet one of ours that is none. */
static HRESULT check_made(const char *text, size_t size)
{
    struct scan scan = {.at = text, .end = text + size};
    struct line line = {0};

    return size > LINE_MAX_SIZE - END_SIZE || !read_form(&scan, &line) ? E_INVALIDARG : S_OK;
}

static void line_add_end(struct bytes *out, const char *hash)
{
    bytes_add_text(out, HASH_MEMBER);
    bytes_add_text(out, hash);
    bytes_add_text(out, "\"}\n");
}

HRESULT line_make_checked(struct bytes *out, const struct line_place *place, const char *type,
                          const char *subject, int64_t time, struct span data, char *hash)
{
    size_t start = out->size;
    char when[UTC_TEXT_MAX];
    HRESULT hr = E_INVALIDARG;

    if (place->sequence == UINT64_MAX || data.size > LINE_DATA_MAX ||
        strlen(place->source) > LINE_SOURCE_MAX || strlen(type) > LINE_TYPE_MAX)
        return hr;
    if (!utc_text(time, true, when)) return hr;
    add_id(out, place);
    add_member(out, "source", place->source);
    add_member(out, "type", type);
    if (subject) add_member(out, "subject", subject);
    add_member(out, "time", when);
    line_add_number(out, "sequence", place->sequence);
    add_member(out, "previoushash", place->previous);
    line_add_number(out, "flushed", place->flushed);
    bytes_add_text(out, ",\"datacontenttype\":\"application/json\",\"data\":");
    bytes_add(out, data.text, data.size);
    hr = out->failed ? E_OUTOFMEMORY : check_made(out->data + start, out->size - start);
    if (SUCCEEDED(hr)) hr = hash_hex(out->data + start, out->size - start, hash);
    if (SUCCEEDED(hr)) line_add_end(out, hash);
    if (out->failed) hr = E_OUTOFMEMORY;
    if (FAILED(hr)) bytes_take_back(out, start);
    return hr;
}

enum line_fault line_read(const char *text, size_t size, struct line *line)
{
    if (size && text[size - 1] == '\n' && memchr(text, '\n', size - 1)) return LINE_FORM;
    return line_read_piece(text, size, line);
}

enum line_fault line_read_piece(const char *text, size_t size, struct line *line)
{
    struct line read = {0};
    struct scan scan = {.at = text, .end = text + size};
    char hash[LINE_HASH_SIZE + 1];
    const char *end;

    if (!size || text[size - 1] != '\n') return LINE_NO_END;
    if (size > LINE_MAX_SIZE || size < END_SIZE) return LINE_FORM;
    end = text + size - END_SIZE;
    scan.end = end;
    if (!read_form(&scan, &read)) return LINE_FORM;
    read.text = (struct span){text, size};
    read.is_plain = !scan.odd;
    read.data = (struct span){scan.at - 1, end - scan.at + 1};
    scan.at = end;
    scan.end = text + size;
    line_expect(&scan, HASH_MEMBER);
    read.hash = modelled(&scan, HASH_MODEL);
    line_expect(&scan, "}\n");
    if (scan.bad || read.data.text[read.data.size - 1] != '}') return LINE_FORM;
    if (FAILED(hash_hex(text, end - text, hash))) return LINE_UNJUDGED;
    if (memcmp(hash, read.hash.text, LINE_HASH_SIZE)) return LINE_HASH;
    *line = read;
    return LINE_OK;
}

/* Where the data is among all values of its line. */
static uint32_t find_data(const struct line *line, const struct json_values *values)
{
    uint32_t start = (uint32_t)(line->data.text - line->text.text), at = 0;

    while (at < values->count && values->values[at].start != start) at++;
    return at;
}

enum json_verdict line_check_json(struct json_check *check, const struct line *line,
                                  struct json_values *values, struct json_doc *data)
{
    enum json_verdict verdict = JSON_BAD;

    if (line->is_plain) {
        check->around = 1;
        verdict = json_check(check, line->data.text, line->data.size, values);
        check->around = 0;
    }
    if (verdict != JSON_BAD) {
        json_doc_view(data, line->data, values, JSON_ROOT);
        return verdict;
    }
    verdict = json_check(check, line->text.text, line->text.size, values);
    json_doc_view(data, line->text, values, find_data(line, values));
    return verdict;
}

size_t line_last_start(struct span text)
{
    for (size_t at = text.size; at-- > 1;) {
        size_t left = text.size - at,
               size = left < sizeof LINE_START - 1 ? left : sizeof LINE_START - 1;

        if (text.text[at] == '{' && !memcmp(text.text + at, LINE_START, size)) return at;
    }
    return 0;
}

bool line_is_sealed(struct span text)
{
    struct scan scan = {.at = text.text + text.size, .end = text.text + text.size};
    char hash[LINE_HASH_SIZE + 1];
    struct span digits;

    if (text.size < END_SIZE || text.size > LINE_MAX_SIZE) return false;
    scan.at -= END_SIZE;
    line_expect(&scan, HASH_MEMBER);
    digits = modelled(&scan, HASH_MODEL);
    line_expect(&scan, "}\n");
    return !scan.bad && SUCCEEDED(hash_hex(text.text, text.size - END_SIZE, hash)) &&
           !memcmp(hash, digits.text, LINE_HASH_SIZE);
}

const char line_no_hash[LINE_HASH_SIZE + 1] =
    "0000000000000000000000000000000000000000000000000000000000000000";

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

size_t source_keep_ca(struct span source, char out[LINE_SOURCE_MAX + 1])
{
    struct span ca = source_ca(source);
    size_t size = ca.size <= LINE_SOURCE_MAX ? ca.size : 0;

    memcpy(out, ca.text, size);
    out[size] = 0;
    return size;
}
