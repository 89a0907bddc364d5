#include "comparison.h"

#include "base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY       (24u << 20)        /* bytes for each sorter */
#define WINDOWS_MOST 65536
#define ALIKE        64                 /* certificates of one RequestID that are told apart, and
                                         * requests without one */

enum { PENDING = 9, FOREIGN = 12, ISSUED = 20, REVOKED = 21, FAULTY = 30, DENIED = 31 };
/* GAP_SIDE: a gap names the RequestID; CA_SIDE: it is a row of the CA itself; UNREAD_SIDE: of the
 * row only the RequestID can be read. */
enum side { GAP_SIDE, JOURNAL_SIDE, DATABASE_SIDE, CA_SIDE, UNREAD_SIDE };

/* By RequestID or by serial number, then by side and sequence. */
struct side_record {
    uint8_t key[FACT_KEY], side, sequence[8];
    uint8_t serial[FACT_KEY], hash[ISSUANCE_HASH];
    uint8_t mask[FACT_KEY];             /* of the requester, with what is not ASCII as one "?";
                                         * zeros: all of it is ASCII; of a row: it lost nothing */
    uint8_t requester[FACT_KEY];        /* zeros: not told, as in the hash */
    uint8_t templates[3][FACT_KEY];     /* of a row: of all, of the OID, of the name; of a line:
                                         * the one that the CA told, or if it told none the one
                                         * that was asked for */
    bool has_serial, is_told, is_oem, is_matched, is_in_gap;
    bool has_template, template_is_oid; /* of a line: of the one that the CA told */
    bool is_certified;                  /* the request has a certificate by a later line */
    bool has_lines;                     /* of a row: the journal has lines of its RequestID */
    int64_t id, disposition, reason, time, not_after;
    int64_t submitted;                  /* FACT_NO_TIME: not told */
    uint64_t starts;                    /* of the module, up to this line */
};

#define SIDE_KEY offsetof(struct side_record, serial)

/* Between two RequestIDs of the journal events may be missing. */
struct window {
    int64_t low, high;                  /* high INT64_MAX: none came yet */
    int64_t time;
    unsigned restore;                   /* 1 and more: `low` is how far back that one went */
    int64_t begins; /* numbers began again with this one here; 0: they did not */
    enum deviation_kind kind;
    unsigned reach;                     /* of this one and those that begin before it, the one
                                         * that ends last */
};

static void comparison_fail(struct comparison *comparison, HRESULT hr)
{
    if (FAILED(hr) && SUCCEEDED(comparison->hr)) comparison->hr = hr;
}

int64_t deviation_id(const struct deviation *deviation)
{
    return (int64_t)(sorter_get(deviation->id) ^ 1ull << 63);
}

bool comparison_is_difference(const struct comparison *comparison, enum deviation_kind kind)
{
    if (kind == DEVIATION_AFTER) return !comparison->is_copy;
    return kind != DEVIATION_BEFORE && kind != DEVIATION_UNREAD && kind != DEVIATION_CA &&
           kind != DEVIATION_NEITHER;
}

void comparison_begin(struct comparison *comparison, int64_t now, bool is_copy)
{
    *comparison = (struct comparison){.now = now, .is_copy = is_copy, .first_id = -1, .most_id = -1,
                                       .last_id = -1, .older_id = -1, .began = FACT_NO_TIME,
                                       .started = FACT_NO_TIME, .restored = FACT_NO_TIME,
                                       .submitted = INT64_MIN, .oldest_kept = UINT64_MAX,
                                       .gap_id = -1};
    sorter_begin(&comparison->requests, sizeof(struct side_record), SIDE_KEY, MEMORY);
    sorter_begin(&comparison->serials, sizeof(struct side_record), SIDE_KEY, MEMORY);
    sorter_begin(&comparison->deviations, sizeof(struct deviation),
                 offsetof(struct deviation, differs), MEMORY);
}

void comparison_free(struct comparison *comparison)
{
    issuance_reader_free(&comparison->reader);
    sorter_free(&comparison->requests);
    sorter_free(&comparison->serials);
    sorter_free(&comparison->deviations);
    free(comparison->windows);
    comparison->windows = NULL;
}

/* --- the journal --- */

static int64_t time_of(const struct event *event)
{
    int64_t micros;

    return timestamp_of_line(event->line.time, &micros) ? micros / 1000000 : FACT_NO_TIME;
}

static void open_window(struct comparison *comparison, struct event *event,
                        enum deviation_kind kind)
{
    struct window *windows;

    if (comparison->last_id < 0) return;
    if (comparison->window_count == WINDOWS_MOST) {
        comparison_fail(comparison, E_OUTOFMEMORY);
        return;
    }
    windows = realloc(comparison->windows, (comparison->window_count + 1) * sizeof *windows);
    if (!windows) {
        comparison_fail(comparison, E_OUTOFMEMORY);
        return;
    }
    comparison->windows = windows;
    windows[comparison->window_count++] =
        (struct window){.low = comparison->last_id, .high = INT64_MAX, .time = time_of(event),
                        .kind = kind};
}

static void key_by_id(struct side_record *record)
{
    memset(record->key, 0, sizeof record->key);
    sorter_put(record->key, (uint64_t)record->id ^ 1ull << 63);
}

/* The RequestIDs that a gap names. */
static void take_gap(struct comparison *comparison, struct event *event)
{
    const struct json_doc *doc = event_doc(event);
    json_at list = json_find(doc, JSON_ROOT, "requestIDs"), each = JSON_NONE;
    struct side_record record = {.side = GAP_SIDE, .time = time_of(event)};

    open_window(comparison, event, DEVIATION_GAP);
    if (json_kind(doc, list) != JSON_ARRAY) return;
    while ((each = json_next(doc, list, each)) != JSON_NONE) {
        if (!json_doc_number(doc, each, &record.id)) continue;
        key_by_id(&record);
        sorter_add(&comparison->requests, &record);
    }
    comparison_fail(comparison, comparison->requests.hr);
}

static void take_start(struct comparison *comparison, struct event *event)
{
    comparison->starts++;
    comparison->started_windows = comparison->window_count;
    open_window(comparison, event, DEVIATION_OFF);
    comparison->started = time_of(event);
    comparison->started_sequence = event->line.sequence;
}

/* Numbers began again with `id`. Of more than RESTORES_MOST it is not told how far they went. */
static unsigned note_restore(struct comparison *comparison, int64_t id)
{
    struct restore *restore = &comparison->restores[comparison->restore_count];

    if (comparison->restore_count == RESTORES_MOST) return 0;
    *restore = (struct restore){.sequence = comparison->started_sequence,
                                .time = comparison->started, .first = id};
    return ++comparison->restore_count;
}

/*
 * Windows since the last of the old numbers hold none of the new ones, but for those since the
 * start: they hold what is lost before the first new number. How far back the database went is not
 * known, but that the rows that it kept are older. It may have gone back to before the journal.
 */
static void close_old_windows(struct comparison *comparison, int64_t id)
{
    unsigned restore = note_restore(comparison, id);

    if (comparison->started_windows < comparison->window_count)
        comparison->windows[comparison->started_windows].begins = id;
    for (; comparison->open_windows < comparison->window_count; comparison->open_windows++) {
        struct window *window = &comparison->windows[comparison->open_windows];

        window->high = -1;
        if (comparison->open_windows < comparison->started_windows) continue;
        window->low = comparison->first_id - 1;
        window->restore = restore;
        window->high = id;
    }
}

/*
 * A request that was submitted after the module started and after each request before, and has no
 * higher RequestID than the journal had by then: the CA's database was restored, or made anew, and
 * numbers begin again from there.
 */
static void see_restored(struct comparison *comparison, int64_t submitted, int64_t id)
{
    if (comparison->started == FACT_NO_TIME || submitted < comparison->started) return;
    if (id <= comparison->last_id) {
        if (submitted <= comparison->submitted) return; /* the clock was set back since */
        close_old_windows(comparison, id);
        comparison->restored = comparison->started;
        comparison->last_id = -1;
    }
    comparison->started = FACT_NO_TIME;
}

/* Requests from before say nothing of new numbers. */
static bool is_of_these_numbers(const struct comparison *comparison, int64_t submitted)
{
    return comparison->restored == FACT_NO_TIME ||
           (submitted != FACT_NO_TIME && submitted >= comparison->restored);
}

/*
 * Whether the request is older than the journal: its number says nothing of where those of the
 * journal begin, nor of where those end that were given while events may be missing. A line from a
 * time before the journal's first was written by a clock that was set back, and its date proves
 * nothing. Without a date, a revocation may be of an older request; any other line is taken for
 * that of a new one, which explains fewer rows.
 */
static bool is_older(const struct comparison *comparison, const struct event *event,
                     int64_t submitted)
{
    if (submitted == FACT_NO_TIME)
        return event_type_is(event, "certificate.revoked") ||
               event_type_is(event, "certificate.unrevoked");
    return submitted < comparison->began && time_of(event) >= comparison->began;
}

static void see_id(struct comparison *comparison, struct event *event, int64_t id)
{
    int64_t submitted = issuance_date(event, "request/SubmittedWhen");
    bool is_old = is_older(comparison, event, submitted);

    if (!is_old && (comparison->first_id < 0 || id < comparison->first_id))
        comparison->first_id = id;
    if (is_old && submitted != FACT_NO_TIME && id > comparison->older_id)
        comparison->older_id = id;
    if (id > comparison->most_id) comparison->most_id = id;
    if (submitted != FACT_NO_TIME) {
        see_restored(comparison, submitted, id);
        if (submitted > comparison->submitted) comparison->submitted = submitted;
    }
    if (!is_of_these_numbers(comparison, submitted) || id <= comparison->last_id) return;
    for (; !is_old && comparison->open_windows < comparison->window_count;
         comparison->open_windows++)
        comparison->windows[comparison->open_windows].high = id;
    comparison->last_id = id;
}

static int64_t disposition_of(const struct event *event)
{
    static const struct { const char *type; int64_t disposition; } known[] = {
        {"certificate.issued", ISSUED},     {"certificate.imported", ISSUED},
        {"certificate.unrevoked", ISSUED},  {"certificate.revoked", REVOKED},
        {"certificate.pending", PENDING},   {"certificate.denied", DENIED}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (event_type_is(event, known[i].type)) return known[i].disposition;
    return -1;
}

static void comparison_key(struct span text, uint8_t out[FACT_KEY])
{
    memset(out, 0, FACT_KEY);
    if (text.size) fact_key_text(text.text, text.size, out);
}

static bool is_ascii(struct span text)
{
    for (size_t i = 0; i < text.size; i++) if (text.text[i] & 0x80) return false;
    return true;
}

/* Of a name in which each run of characters that are not ASCII, or that stand for such, is one
 * question mark. */
static void put_mask(struct comparison *comparison, struct span name, uint8_t out[FACT_KEY])
{
    struct bytes masked = {0};

    for (size_t i = 0; i < name.size; i++) {
        bool is_plain = !(name.text[i] & 0x80) && name.text[i] != '?';

        if (is_plain || !masked.size || masked.data[masked.size - 1] != '?')
            bytes_add(&masked, is_plain ? &name.text[i] : "?", 1);
    }
    if (masked.failed) comparison_fail(comparison, E_OUTOFMEMORY);
    comparison_key((struct span){masked.data, masked.failed ? 0 : masked.size}, out);
    bytes_free(&masked);
}

static bool comparison_is_oid(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.text[i] != '.' && (text.text[i] < '0' || text.text[i] > '9')) return false;
    return text.size;
}

void comparison_event(struct comparison *comparison, struct event *event)
{
    struct side_record record = {.side = JOURNAL_SIDE, .reason = -1,
                                 .starts = comparison->starts};
    struct issuance issuance;
    struct span template;

    if (comparison->began == FACT_NO_TIME) comparison->began = time_of(event);
    if (event_type_is(event, "journal.gap")) take_gap(comparison, event);
    if (event_type_is(event, "module.started")) take_start(comparison, event);
    if ((record.disposition = disposition_of(event)) < 0 || FAILED(comparison->hr)) return;
    if (!issuance_read(&comparison->reader, event, &issuance))
        comparison_fail(comparison, E_OUTOFMEMORY);
    if (!issuance.has_request_id) return;
    see_id(comparison, event, issuance.request_id);
    template = issuance.texts[FACT_TEMPLATE];
    record.id = issuance.request_id;
    record.has_serial = issuance.texts[FACT_SERIAL].size != 0;
    record.is_told = issuance_is(event);
    memcpy(record.serial, issuance.serial_key, FACT_KEY);
    memcpy(record.hash, issuance.hash, sizeof record.hash);
    comparison_key(issuance.texts[FACT_REQUESTER], record.requester);
    if (!is_ascii(issuance.texts[FACT_REQUESTER]))
        put_mask(comparison, issuance.texts[FACT_REQUESTER], record.mask);
    comparison_key(template.size ? template : issuance.texts[FACT_ASKED_TEMPLATE],
                   record.templates[0]);
    record.has_template = template.size != 0;
    record.template_is_oid = comparison_is_oid(template);
    if (record.disposition == REVOKED) event_number(event, "request/RevokedReason", &record.reason);
    record.time = issuance.time;
    record.submitted = issuance_date(event, "request/SubmittedWhen");
    record.not_after = issuance.not_after;
    sorter_put(record.sequence, issuance.sequence);
    key_by_id(&record);
    sorter_add(&comparison->requests, &record);
    comparison_fail(comparison, comparison->requests.hr);
}

/* --- the database --- */

/* "OID Name", or either. */
static void put_templates(struct side_record *record, struct span text)
{
    const char *blank = text.size ? memchr(text.text, ' ', text.size) : NULL;
    size_t first = blank ? (size_t)(blank - text.text) : text.size;

    record->has_template = text.size != 0;
    comparison_key(text, record->templates[0]);
    comparison_key((struct span){text.text, first}, record->templates[1]);
    if (blank)
        comparison_key((struct span){blank + 1, text.size - first - 1}, record->templates[2]);
    record->template_is_oid = comparison_is_oid((struct span){text.text, first});
}

/* A program between certutil and the file had no character for one of the name: a name of Windows
 * holds neither a question mark nor U+FFFD. */
static bool is_lossy(struct span name)
{
    static const char replaced[] = "\xef\xbf\xbd";

    for (size_t i = 0; i < name.size; i++)
        if (name.text[i] == '?' ||
            (name.size - i >= 3 && !memcmp(name.text + i, replaced, 3))) return true;
    return false;
}

void comparison_row(struct comparison *comparison, const struct database_row *row)
{
    struct side_record record = {.side = DATABASE_SIDE, .id = row->id, .reason = row->reason,
                                 .disposition = row->disposition, .time = FACT_NO_TIME,
                                 .not_after = FACT_NO_TIME};
    const struct span *cells = row->cells;

    if (row->disposition >= 15 && row->disposition <= 17) {
        comparison->ca_rows++;          /* the CA's own certificates */
        record.side = CA_SIDE;
    }
    if (row->is_unread) record.side = UNREAD_SIDE;
    record.has_serial = renewed_serial_key(cells[DUMP_SERIAL].text, cells[DUMP_SERIAL].size,
                                           record.serial);
    issuance_hash(cells[DUMP_HASH], record.hash);
    record.is_oem = row->is_oem && !is_ascii(cells[DUMP_REQUESTER]);
    if (is_lossy(cells[DUMP_REQUESTER]))
        put_mask(comparison, cells[DUMP_REQUESTER], record.mask);
    comparison_key(cells[DUMP_REQUESTER], record.requester);
    put_templates(&record, cells[DUMP_TEMPLATE]);
    key_by_id(&record);
    sorter_add(&comparison->requests, &record);
    comparison_fail(comparison, comparison->requests.hr);
}

/* --- differences --- */

static bool is_told(const uint8_t *key, size_t size)
{
    static const uint8_t none[ISSUANCE_HASH];

    return memcmp(key, none, size) != 0;
}

static bool is_equal_disposition(int64_t ours, int64_t theirs)
{
    if (ours == DENIED) return theirs == DENIED || theirs == FAULTY;
    if (ours == ISSUED) return theirs == ISSUED || theirs == FOREIGN;
    return ours == theirs;
}

static bool has_template(const struct side_record *record, const uint8_t key[FACT_KEY])
{
    for (int i = 0; i < 3; i++)
        if (is_told(key, FACT_KEY) && !memcmp(record->templates[i], key, FACT_KEY)) return true;
    return false;
}

/*
 * A value that the journal has and the row lacks was taken out of the row: the CA gave the journal
 * what was there. One that the journal lacks, because the CA did not give it, is not compared.
 */
static bool value_differs(struct comparison *comparison, const uint8_t *ours,
                          const uint8_t *theirs, size_t size)
{
    if (is_told(ours, size)) return memcmp(ours, theirs, size) != 0;
    comparison->not_compared += is_told(theirs, size);
    return false;
}

/*
 * A name and an OID are only compared where the row has both. What the enrollee asked for says
 * nothing of a template that the CA told: it may be what the row was changed to.
 */
static unsigned template_differs(struct comparison *comparison, const struct side_record *ours,
                                 const struct side_record *theirs)
{
    if (!theirs->has_template) return ours->has_template ? DIFFERS_TEMPLATE : 0;
    if (has_template(theirs, ours->templates[0])) return 0;
    if (ours->has_template && ours->template_is_oid == theirs->template_is_oid)
        return DIFFERS_TEMPLATE;
    comparison->not_compared++;
    return 0;
}

/* Where the row's requester has question marks, ours has characters that are not ASCII. */
static bool is_lossy_copy(const struct side_record *ours, const struct side_record *theirs)
{
    return is_told(theirs->mask, FACT_KEY) && !memcmp(ours->mask, theirs->mask, FACT_KEY);
}

static unsigned differences(struct comparison *comparison, const struct side_record *ours,
                            const struct side_record *theirs)
{
    unsigned differs = template_differs(comparison, ours, theirs);

    if (value_differs(comparison, ours->hash, theirs->hash, ISSUANCE_HASH))
        differs |= DIFFERS_HASH;
    if (!is_equal_disposition(ours->disposition, theirs->disposition))
        differs |= DIFFERS_DISPOSITION;
    else if (ours->disposition == REVOKED && ours->reason != theirs->reason) {
        if (ours->reason < 0) comparison->not_compared++;
        else differs |= DIFFERS_REASON;
    }
    if (theirs->is_oem || is_lossy_copy(ours, theirs)) comparison->not_compared++;
    else if (value_differs(comparison, ours->requester, theirs->requester, FACT_KEY))
        differs |= DIFFERS_REQUESTER;
    return differs;
}

static void deviate(struct comparison *comparison, enum deviation_kind kind, int64_t id,
                    struct deviation deviation)
{
    deviation.kind = (uint8_t)kind;
    sorter_put(deviation.id, (uint64_t)id ^ 1ull << 63);
    if (deviation.last < id) deviation.last = id;
    comparison->counts[kind] += (uint64_t)(deviation.last - id) + 1;
    sorter_add(&comparison->deviations, &deviation);
    comparison_fail(comparison, comparison->deviations.hr);
}

/* The window that holds the RequestID, and of several that which ends last; NULL: none. */
static const struct window *find_window(const struct comparison *comparison, int64_t id)
{
    unsigned low = 0, high = comparison->window_count;
    const struct window *found;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (comparison->windows[middle].low < id) low = middle + 1;
        else high = middle;
    }
    if (!low) return NULL;
    found = &comparison->windows[comparison->windows[low - 1].reach];
    return id < found->high ? found : NULL;
}

int64_t comparison_last_id(const struct comparison *comparison)
{
    return comparison->restored != FACT_NO_TIME ? comparison->last_id : comparison->most_id;
}

/*
 * A higher number is older than the journal by its date. One above the journal's first proves
 * nothing: dates and numbers do not go together there.
 */
static bool is_proved_older(const struct comparison *comparison, int64_t id)
{
    return id < comparison->older_id && comparison->older_id <= comparison->first_id;
}

/*
 * Below the journal's first number, and the journal has no line of the request. Where numbers began
 * again it may be one of the new ones, unless the database kept a higher one. Where events may be
 * missing it may be one that was lost, unless it is older for certain.
 */
static bool is_before(const struct comparison *comparison, const struct side_record *theirs,
                      const struct window *window)
{
    if (comparison->first_id < 0) return true;
    if (theirs->id >= comparison->first_id || theirs->has_lines) return false;
    for (unsigned i = 0; i < comparison->restore_count; i++)
        if (theirs->id > comparison->restores[i].kept) return false;
    return !window || is_proved_older(comparison, theirs->id);
}

/*
 * In the database alone: a gap or a window may explain it. A window that is open at the journal's
 * end holds the rows above its last number: they may be newer than the journal, but what is on
 * record is told first.
 */
static void deviate_database(struct comparison *comparison, const struct side_record *theirs)
{
    struct deviation deviation = {.time = theirs->time, .ours = -1, .theirs = theirs->disposition};
    const struct window *window = find_window(comparison, theirs->id);
    enum deviation_kind kind = DEVIATION_UNEXPLAINED;
    bool is_above = theirs->id > comparison_last_id(comparison),
         is_open = window && window->high == INT64_MAX;

    if (theirs->is_in_gap) kind = DEVIATION_GAP;
    else if (is_before(comparison, theirs, window)) kind = DEVIATION_BEFORE;
    else if (is_above && !is_open) kind = DEVIATION_AFTER;
    else if (window) {
        kind = window->kind;
        deviation.time = window->time;
        comparison->open_ended += is_above;
        if (window->restore) comparison->restores[window->restore - 1].has_unsure = true;
    }
    deviate(comparison, kind, theirs->id, deviation);
}

static void deviate_journal(struct comparison *comparison, const struct side_record *ours)
{
    bool has_expired = ours->not_after != FACT_NO_TIME && ours->not_after < comparison->now;

    deviate(comparison,
            !ours->has_serial ? DEVIATION_NO_ROW
            : has_expired     ? DEVIATION_EXPIRED
                              : DEVIATION_DELETED,
            ours->id,
            (struct deviation){.time = ours->time, .ours = ours->disposition, .theirs = -1});
}

static void compare_both(struct comparison *comparison, const struct side_record *ours,
                         const struct side_record *theirs, unsigned more)
{
    unsigned differs = differences(comparison, ours, theirs) | more;

    comparison->matched++;
    if (differs)
        deviate(comparison, DEVIATION_DIFFERENT, ours->id,
                (struct deviation){.differs = (uint8_t)differs, .time = ours->time,
                                   .ours = ours->disposition, .theirs = theirs->disposition});
}

/* --- by RequestID --- */

struct request_group {
    struct side_record list[ALIKE];     /* certificates */
    struct side_record states[ALIKE];   /* of each request, the last line without a certificate */
    unsigned count, state_count;
};

static void to_serials(struct comparison *comparison, const struct side_record *record)
{
    struct side_record by_serial = *record;

    memcpy(by_serial.key, record->serial, FACT_KEY);
    sorter_add(&comparison->serials, &by_serial);
    comparison_fail(comparison, comparison->serials.hr);
}

static struct side_record *find_serial(struct request_group *group,
                                       const struct side_record *record)
{
    for (unsigned i = 0; i < group->count; i++)
        if (!memcmp(group->list[i].serial, record->serial, FACT_KEY)) return &group->list[i];
    return NULL;
}

static bool differs_if_told(const uint8_t one[FACT_KEY], const uint8_t other[FACT_KEY])
{
    return is_told(one, FACT_KEY) && is_told(other, FACT_KEY) && memcmp(one, other, FACT_KEY);
}

/*
 * Whether two lines with one RequestID may be of one request: it keeps its requester and the date
 * of its submission. Numbers begin again only while the CA's service is stopped, so two lines
 * without a start between are of one.
 */
static bool may_be_one_request(const struct side_record *earlier, const struct side_record *later)
{
    if (earlier->starts == later->starts) return true;
    if (differs_if_told(earlier->requester, later->requester)) return false;
    return earlier->submitted == later->submitted || earlier->submitted == FACT_NO_TIME ||
           later->submitted == FACT_NO_TIME;
}

static void state_missed(struct comparison *comparison, const struct side_record *state)
{
    if (!state->is_matched && !state->is_certified) deviate_journal(comparison, state);
}

/* A later line of the same request takes the place of the one before. */
static void group_add_state(struct comparison *comparison, struct request_group *group,
                            const struct side_record *record)
{
    for (unsigned i = group->state_count; i-- > 0;) {
        struct side_record *state = &group->states[i];

        if (state->is_certified || !may_be_one_request(state, record)) continue;
        *state = *record;
        return;
    }
    if (group->state_count == ALIKE) {  /* the row is hardly that of the first of so many */
        state_missed(comparison, &group->states[0]);
        memmove(group->states, group->states + 1, --group->state_count * sizeof *group->states);
    }
    group->states[group->state_count++] = *record;
}

/* Whether numbers began again there after the number of the earlier line was given, which was when
 * its request was submitted, and before the later line. */
static bool is_between(const struct restore *restore, const struct side_record *earlier,
                       const struct side_record *later)
{
    bool was_given = sorter_get(earlier->sequence) < restore->sequence ||
                     (earlier->submitted != FACT_NO_TIME && earlier->submitted < restore->time);

    return was_given && restore->sequence < sorter_get(later->sequence);
}

/* A number that was given to two certificates began again in between. */
static void see_given_twice(struct comparison *comparison, const struct side_record *earlier,
                            const struct side_record *later)
{
    uint64_t from = sorter_get(earlier->sequence), to = sorter_get(later->sequence);

    if (!later->is_told || comparison->restore_count == RESTORES_MOST) return;
    for (unsigned i = 0; i < comparison->restore_count; i++)
        if (is_between(&comparison->restores[i], earlier, later)) return;
    if (!comparison->hidden++) {
        comparison->hidden_low = later->id;
        comparison->hidden_oldest = from;
        comparison->hidden_until = to;
    }
    comparison->hidden_high = later->id;
    if (from < comparison->hidden_oldest) comparison->hidden_oldest = from;
    if (from > comparison->hidden_after) comparison->hidden_after = from;
    if (to < comparison->hidden_until) comparison->hidden_until = to;
}

/* The row is older than each later restore that had its number below the first new one. */
static void see_kept(struct comparison *comparison, const struct side_record *ours)
{
    if (ours->id >= comparison->first_id &&
        sorter_get(ours->sequence) < comparison->oldest_kept)
        comparison->oldest_kept = sorter_get(ours->sequence);
    for (unsigned i = 0; i < comparison->restore_count; i++) {
        struct restore *restore = &comparison->restores[i];

        if (restore->sequence > sorter_get(ours->sequence) && ours->id < restore->first &&
            ours->id > restore->kept)
            restore->kept = ours->id;
    }
}

static void group_certify(struct request_group *group, const struct side_record *record)
{
    for (unsigned i = 0; i < group->state_count; i++)
        if (may_be_one_request(&group->states[i], record)) group->states[i].is_certified = true;
}

/* A later event of the same certificate: its fate. */
static void group_add(struct comparison *comparison, struct request_group *group,
                      const struct side_record *record)
{
    struct side_record *found = record->has_serial ? find_serial(group, record) : NULL;

    if (!record->has_serial) group_add_state(comparison, group, record);
    else if (found) {
        found->disposition = record->disposition;
        found->reason = record->reason;
    } else {
        group_certify(group, record);
        if (group->count)
            see_given_twice(comparison, &group->list[group->count - 1], record);
        if (group->count == ALIKE) to_serials(comparison, record);
        else group->list[group->count++] = *record;
    }
}

/* A row that the group has not. */
static void group_miss(struct comparison *comparison, const struct request_group *group,
                       const struct side_record *theirs)
{
    struct side_record missed = *theirs;

    missed.has_lines = group->count || group->state_count;
    missed.is_in_gap = theirs->id == comparison->gap_id;
    if (missed.is_in_gap) missed.time = comparison->gap_time;
    to_serials(comparison, &missed);
}

/* How much of the row is as the line tells it. */
static unsigned state_fit(const struct side_record *state, const struct side_record *theirs)
{
    bool has_requester = theirs->is_oem || is_lossy_copy(state, theirs) ||
                         !differs_if_told(state->requester, theirs->requester);

    return 4 * is_equal_disposition(state->disposition, theirs->disposition) + 2 * has_requester +
           has_template(theirs, state->templates[0]);
}

/* The request whose row this is: of several that fit alike the last. NULL: there is none. */
static struct side_record *find_state(struct request_group *group,
                                      const struct side_record *theirs)
{
    struct side_record *found = NULL;

    for (unsigned i = group->state_count; i-- > 0;)
        if (!found || state_fit(&group->states[i], theirs) > state_fit(found, theirs))
            found = &group->states[i];
    return found;
}

/* The row has a certificate that the group has not: a request without one may have got it. */
static void match_certified(struct request_group *group, const struct side_record *theirs)
{
    for (unsigned i = group->state_count; i-- > 0;) {
        struct side_record *state = &group->states[i];

        if (state->is_certified) continue;
        if (!theirs->is_oem && !is_lossy_copy(state, theirs) &&
            differs_if_told(state->requester, theirs->requester))
            continue;
        state->is_matched = true;
        return;
    }
}

static void group_match(struct comparison *comparison, struct request_group *group,
                        const struct side_record *theirs)
{
    struct side_record *found =
        theirs->has_serial ? find_serial(group, theirs) : find_state(group, theirs);

    if (found && !theirs->has_serial && group->count &&
        !is_equal_disposition(found->disposition, theirs->disposition))
        found = NULL;
    if (found) {
        found->is_matched = true;
        if (theirs->has_serial) see_kept(comparison, found);
        compare_both(comparison, found, theirs, 0);
    } else if (theirs->has_serial) {
        group_miss(comparison, group, theirs);
        match_certified(group, theirs);
    } else if (group->count) {
        struct side_record *last = &group->list[group->count - 1];

        last->is_matched = true;
        compare_both(comparison, last, theirs, DIFFERS_SERIAL);
    } else group_miss(comparison, group, theirs);
}

/* The line of the request that has the row: of several that are not matched the last. */
static struct side_record *find_last(struct request_group *group)
{
    struct side_record *found = NULL;

    for (unsigned i = 0; i < group->count + group->state_count; i++) {
        struct side_record *each = i < group->count ? &group->list[i]
                                                    : &group->states[i - group->count];

        if (each->is_matched || each->is_certified) continue;
        if (!found || memcmp(each->sequence, found->sequence, 8) > 0) found = each;
    }
    return found;
}

/* The row is there, and nobody knows what is in it: its request is not missed. */
static void group_keep(struct comparison *comparison, struct request_group *group,
                       const struct side_record *theirs)
{
    struct side_record *found = find_last(group);

    if (found) found->is_matched = true;
    deviate(comparison, DEVIATION_UNREAD, theirs->id,
            (struct deviation){.time = found ? found->time : FACT_NO_TIME,
                               .ours = found ? found->disposition : -1, .theirs = -1});
}

static void group_end(struct comparison *comparison, struct request_group *group)
{
    for (unsigned i = 0; i < group->count; i++)
        if (!group->list[i].is_matched) to_serials(comparison, &group->list[i]);
    for (unsigned i = 0; i < group->state_count; i++)
        state_missed(comparison, &group->states[i]);
    group->count = group->state_count = 0;
}

static void note_neither(struct comparison *comparison, int64_t before, int64_t id)
{
    if (before < 0 || id <= before + 1) return;
    deviate(comparison, DEVIATION_NEITHER, before + 1,
            (struct deviation){.last = id - 1, .time = FACT_NO_TIME, .ours = -1, .theirs = -1});
}

/* Whoever can write to the database can say of any row that it is the CA's: it is listed. */
static void tell_ca_row(struct comparison *comparison, const struct side_record *theirs)
{
    deviate(comparison, DEVIATION_CA, theirs->id,
            (struct deviation){.time = FACT_NO_TIME, .ours = -1, .theirs = theirs->disposition});
}

static void join_requests(struct comparison *comparison)
{
    struct request_group *group = calloc(1, sizeof *group);
    const struct side_record *record;
    int64_t before = -1;

    if (!group) comparison_fail(comparison, E_OUTOFMEMORY);
    sorter_sort(&comparison->requests);
    while (group && (record = sorter_next(&comparison->requests))) {
        if (record->side == GAP_SIDE) {
            comparison->gap_id = record->id;
            comparison->gap_time = record->time;
            continue;
        }
        if (record->id != before) {
            group_end(comparison, group);
            note_neither(comparison, before, record->id);
            before = record->id;
        }
        if (record->side == JOURNAL_SIDE) group_add(comparison, group, record);
        else if (record->side == DATABASE_SIDE) group_match(comparison, group, record);
        else if (record->side == UNREAD_SIDE) group_keep(comparison, group, record);
        else if (record->side == CA_SIDE) tell_ca_row(comparison, record);
    }
    if (group) group_end(comparison, group);
    free(group);
    comparison_fail(comparison, comparison->requests.hr);
    sorter_free(&comparison->requests);
}

/* --- the rest, by serial number --- */

static void serial_match(struct comparison *comparison, struct side_record *ours, bool *has_ours,
                         const struct side_record *theirs)
{
    if (!*has_ours) {
        deviate_database(comparison, theirs);
        return;
    }
    *has_ours = false;
    if (ours->id == theirs->id) {       /* the group had no room for it */
        compare_both(comparison, ours, theirs, 0);
        return;
    }
    comparison->matched++;
    deviate(comparison, DEVIATION_MOVED, ours->id,
            (struct deviation){.differs = (uint8_t)differences(comparison, ours, theirs),
                               .other = theirs->id, .time = ours->time,
                               .ours = ours->disposition, .theirs = theirs->disposition});
}

/* Of several lines with one serial number, the first stands for the certificate. Rows without one
 * come first, and have no line. */
static void join_serials(struct comparison *comparison)
{
    struct side_record ours = {0};
    const struct side_record *record;
    bool has_ours = false;

    sorter_sort(&comparison->serials);
    while ((record = sorter_next(&comparison->serials))) {
        if (has_ours && memcmp(ours.serial, record->serial, FACT_KEY)) {
            deviate_journal(comparison, &ours);
            has_ours = false;
        }
        if (record->side == DATABASE_SIDE) serial_match(comparison, &ours, &has_ours, record);
        else if (!has_ours) ours = *record, has_ours = true;
        else ours.disposition = record->disposition, ours.reason = record->reason;
    }
    if (has_ours) deviate_journal(comparison, &ours);
    comparison_fail(comparison, comparison->serials.hr);
    sorter_free(&comparison->serials);
}

static int window_order(const void *a, const void *b)
{
    const struct window *one = a, *other = b;

    if (one->low != other->low) return one->low < other->low ? -1 : 1;
    return one->time < other->time ? -1 : one->time > other->time;
}

/* Windows of former numbers hold none from the first on that was given again since. */
static void clip_windows(struct comparison *comparison)
{
    int64_t first = INT64_MAX;

    for (unsigned i = comparison->window_count; i-- > 0;) {
        struct window *window = &comparison->windows[i];

        if (window->restore) window->low = comparison->restores[window->restore - 1].kept;
        if (window->high > first) window->high = first;
        if (window->begins && window->begins < first) first = window->begins;
    }
}

static void order_windows(struct comparison *comparison)
{
    struct window *windows = comparison->windows;

    clip_windows(comparison);
    if (windows) qsort(windows, comparison->window_count, sizeof *windows, window_order);
    for (unsigned i = 0; i < comparison->window_count; i++) {
        unsigned before = i ? windows[i - 1].reach : 0;

        windows[i].reach = windows[before].high > windows[i].high ? before : i;
    }
}

HRESULT comparison_end(struct comparison *comparison)
{
    const struct deviation *first;

    /* Of older requests alone all that is known is that lower numbers are older too. */
    if (comparison->first_id < 0) comparison->first_id = comparison->most_id;
    join_requests(comparison);
    order_windows(comparison);
    join_serials(comparison);
    sorter_sort(&comparison->deviations);
    first = sorter_next(&comparison->deviations);
    comparison->held = first ? *first : (struct deviation){.kind = DEVIATION_KINDS};
    comparison_fail(comparison, comparison->deviations.hr);
    return comparison->hr;
}

/* Where all that can be said is the RequestID, consecutive ones are one. */
static bool may_be_joined(const struct deviation *one, const struct deviation *other)
{
    return one->kind == other->kind && one->kind <= DEVIATION_UNEXPLAINED &&
           one->time == other->time && deviation_id(other) == one->last + 1;
}

bool comparison_next(struct comparison *comparison, struct deviation *deviation)
{
    const struct deviation *next;

    if (FAILED(comparison->hr) || comparison->held.kind == DEVIATION_KINDS) return false;
    *deviation = comparison->held;
    while ((next = sorter_next(&comparison->deviations)) && may_be_joined(deviation, next))
        deviation->last = next->last;
    comparison->held = next ? *next : (struct deviation){.kind = DEVIATION_KINDS};
    comparison_fail(comparison, comparison->deviations.hr);
    return SUCCEEDED(comparison->hr);
}
