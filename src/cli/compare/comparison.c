#include "comparison.h"

#include "base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY       (24u << 20)        /* bytes for each sorter */
#define WINDOWS_MOST 65536
#define ALIKE        64                 /* certificates of one RequestID that are told apart */

enum { PENDING = 9, FOREIGN = 12, ISSUED = 20, REVOKED = 21, FAULTY = 30, DENIED = 31 };
enum side { JOURNAL_SIDE, DATABASE_SIDE };

/* By RequestID or by serial number, then by side and sequence. */
struct side_record {
    uint8_t key[FACT_KEY], side, sequence[8];
    uint8_t serial[FACT_KEY], hash[8], requester[8], templates[3][8];
    bool has_serial, is_told, template_is_oid, has_template, is_oem, is_matched;
    int64_t id, disposition, reason, time, not_after;
};

#define SIDE_KEY offsetof(struct side_record, serial)

/* Between two RequestIDs of the journal events may be missing. */
struct window {
    int64_t low, high;                  /* high INT64_MAX: none came yet */
    int64_t time;
    enum deviation_kind kind;
};

static void comparison_fail(struct comparison *comparison, HRESULT hr)
{
    if (FAILED(hr) && SUCCEEDED(comparison->hr)) comparison->hr = hr;
}

int64_t deviation_id(const struct deviation *deviation)
{
    return (int64_t)(sorter_get(deviation->id) ^ 1ull << 63);
}

bool deviation_is_difference(enum deviation_kind kind)
{
    return kind != DEVIATION_BEFORE && kind != DEVIATION_AFTER && kind != DEVIATION_NEITHER;
}

void comparison_begin(struct comparison *comparison, int64_t now)
{
    *comparison = (struct comparison){.now = now, .first_id = -1, .most_id = -1};
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

static void open_window(struct comparison *comparison, struct event *event,
                        enum deviation_kind kind)
{
    struct window *windows;
    int64_t micros;

    if (comparison->most_id < 0) return;
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
        (struct window){comparison->most_id, INT64_MAX,
                        timestamp_of_line(event->line.time, &micros) ? micros / 1000000
                                                                     : FACT_NO_TIME, kind};
}

static void see_id(struct comparison *comparison, int64_t id)
{
    if (comparison->first_id < 0 || id < comparison->first_id) comparison->first_id = id;
    if (id <= comparison->most_id) return;
    for (; comparison->open_windows < comparison->window_count; comparison->open_windows++)
        comparison->windows[comparison->open_windows].high = id;
    comparison->most_id = id;
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

static void comparison_key(struct span text, uint8_t out[8])
{
    uint8_t key[FACT_KEY];

    memset(out, 0, 8);
    if (text.size && fact_key_text(text.text, text.size, key)) memcpy(out, key, 8);
}

static bool comparison_is_oid(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.text[i] != '.' && (text.text[i] < '0' || text.text[i] > '9')) return false;
    return text.size;
}

static void key_by_id(struct side_record *record)
{
    memset(record->key, 0, sizeof record->key);
    sorter_put(record->key, (uint64_t)record->id ^ 1ull << 63);
}

void comparison_event(struct comparison *comparison, struct event *event)
{
    struct side_record record = {.side = JOURNAL_SIDE, .reason = -1};
    struct issuance issuance;
    struct span template;

    if (event_type_is(event, "journal.gap")) open_window(comparison, event, DEVIATION_GAP);
    if (event_type_is(event, "module.started")) open_window(comparison, event, DEVIATION_OFF);
    if ((record.disposition = disposition_of(event)) < 0 || FAILED(comparison->hr)) return;
    if (!issuance_read(&comparison->reader, event, &issuance))
        comparison_fail(comparison, E_OUTOFMEMORY);
    if (!issuance.has_request_id) return;
    see_id(comparison, issuance.request_id);
    template = issuance.texts[FACT_TEMPLATE];
    record.id = issuance.request_id;
    record.has_serial = issuance.texts[FACT_SERIAL].size != 0;
    record.is_told = issuance_is(event);
    memcpy(record.serial, issuance.serial_key, FACT_KEY);
    memcpy(record.hash, issuance.hash_key, 8);
    memcpy(record.requester, issuance.requester_key, 8);
    memcpy(record.templates[0], issuance.template_key, 8);
    comparison_key(issuance.texts[FACT_ASKED_TEMPLATE], record.templates[1]);
    record.has_template = template.size != 0;
    record.template_is_oid = comparison_is_oid(template);
    if (record.disposition == REVOKED) event_number(event, "request/RevokedReason", &record.reason);
    record.time = issuance.time;
    record.not_after = issuance.not_after;
    sorter_put(record.sequence, issuance.sequence);
    key_by_id(&record);
    sorter_add(&comparison->requests, &record);
    comparison_fail(comparison, comparison->requests.hr);
}

/* --- the database --- */

/* The last 16 digits, as issuance.c keys a hash. */
static void put_hash(struct span text, uint8_t out[8])
{
    char digits[80];
    size_t count = 0;

    for (size_t i = 0; i < text.size && count < sizeof digits; i++) {
        char c = text.text[i];

        if (c >= 'A' && c <= 'F') c = (char)(c + 32);
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) digits[count++] = c;
    }
    if (count >= 16) comparison_key((struct span){digits + count - 16, 16}, out);
}

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

static bool is_ascii(struct span text)
{
    for (size_t i = 0; i < text.size; i++) if (text.text[i] & 0x80) return false;
    return true;
}

void comparison_row(struct comparison *comparison, const struct database_row *row)
{
    struct side_record record = {.side = DATABASE_SIDE, .id = row->id, .reason = row->reason,
                                 .disposition = row->disposition, .time = FACT_NO_TIME,
                                 .not_after = FACT_NO_TIME};
    const struct span *cells = row->cells;

    if (row->disposition >= 15 && row->disposition <= 17) {
        comparison->ca_rows++;          /* the CA's own certificates */
        return;
    }
    record.has_serial = renewed_serial_key(cells[DUMP_SERIAL].text, cells[DUMP_SERIAL].size,
                                           record.serial);
    put_hash(cells[DUMP_HASH], record.hash);
    record.is_oem = row->is_oem && !is_ascii(cells[DUMP_REQUESTER]);
    comparison_key(cells[DUMP_REQUESTER], record.requester);
    put_templates(&record, cells[DUMP_TEMPLATE]);
    key_by_id(&record);
    sorter_add(&comparison->requests, &record);
    comparison_fail(comparison, comparison->requests.hr);
}

/* --- differences --- */

static bool is_told(const uint8_t key[8])
{
    static const uint8_t none[8];

    return memcmp(key, none, 8) != 0;
}

static bool is_equal_disposition(int64_t ours, int64_t theirs)
{
    if (ours == DENIED) return theirs == DENIED || theirs == FAULTY;
    if (ours == ISSUED) return theirs == ISSUED || theirs == FOREIGN;
    return ours == theirs;
}

static bool has_template(const struct side_record *record, const uint8_t key[8])
{
    for (int i = 0; i < 3; i++)
        if (is_told(key) && !memcmp(record->templates[i], key, 8)) return true;
    return false;
}

/* A name and an OID are only compared where one of the sides has both. */
static unsigned template_differs(struct comparison *comparison, const struct side_record *ours,
                                 const struct side_record *theirs)
{
    if (!ours->has_template || !theirs->has_template) return 0;
    if (has_template(theirs, ours->templates[0]) || has_template(theirs, ours->templates[1]))
        return 0;
    if (ours->template_is_oid == theirs->template_is_oid) return DIFFERS_TEMPLATE;
    comparison->not_compared++;
    return 0;
}

static unsigned differences(struct comparison *comparison, const struct side_record *ours,
                            const struct side_record *theirs)
{
    unsigned differs = template_differs(comparison, ours, theirs);

    if (is_told(ours->hash) && is_told(theirs->hash) && memcmp(ours->hash, theirs->hash, 8))
        differs |= DIFFERS_HASH;
    if (!is_equal_disposition(ours->disposition, theirs->disposition))
        differs |= DIFFERS_DISPOSITION;
    else if (ours->disposition == REVOKED && ours->reason != theirs->reason)
        differs |= DIFFERS_REASON;
    if (theirs->is_oem) comparison->not_compared++;
    else if (is_told(ours->requester) && is_told(theirs->requester) &&
             memcmp(ours->requester, theirs->requester, 8))
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

/* In the database alone: the last window that begins before the RequestID may explain it. */
static void deviate_database(struct comparison *comparison, const struct side_record *theirs)
{
    struct deviation deviation = {.time = FACT_NO_TIME, .ours = -1, .theirs = theirs->disposition};
    enum deviation_kind kind = DEVIATION_UNEXPLAINED;
    unsigned low = 0, high = comparison->window_count;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (comparison->windows[middle].low < theirs->id) low = middle + 1;
        else high = middle;
    }
    if (comparison->first_id < 0 || theirs->id < comparison->first_id) kind = DEVIATION_BEFORE;
    else if (theirs->id > comparison->most_id) kind = DEVIATION_AFTER;
    for (unsigned i = low; kind == DEVIATION_UNEXPLAINED && i-- > 0;) {
        const struct window *window = &comparison->windows[i];

        if (window->low != comparison->windows[low - 1].low || theirs->id >= window->high) break;
        kind = window->kind;
        deviation.time = window->time;
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
    struct side_record list[ALIKE];     /* certificates; of a request without one, its state */
    unsigned count;
    struct side_record state;
    bool has_state;
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

/* A later event of the same certificate: its fate. */
static void group_add(struct comparison *comparison, struct request_group *group,
                      const struct side_record *record)
{
    struct side_record *found = record->has_serial ? find_serial(group, record) : NULL;

    if (!record->has_serial) {
        group->state = *record;
        group->has_state = true;
    } else if (found) {
        found->disposition = record->disposition;
        found->reason = record->reason;
    } else if (group->count == ALIKE) to_serials(comparison, record);
    else group->list[group->count++] = *record;
}

static void group_match(struct comparison *comparison, struct request_group *group,
                        const struct side_record *theirs)
{
    struct side_record *found = theirs->has_serial ? find_serial(group, theirs) : NULL;

    if (found) {
        found->is_matched = true;
        compare_both(comparison, found, theirs, 0);
    } else if (theirs->has_serial) {
        to_serials(comparison, theirs);
        group->state.is_matched = true; /* the request has its row; the certificate is missed */
    } else if (group->count) {
        struct side_record *last = &group->list[group->count - 1];

        last->is_matched = true;
        compare_both(comparison, last, theirs, DIFFERS_SERIAL);
    } else if (group->has_state) {
        group->state.is_matched = true;
        compare_both(comparison, &group->state, theirs, 0);
    } else deviate_database(comparison, theirs);
}

static void group_end(struct comparison *comparison, struct request_group *group)
{
    for (unsigned i = 0; i < group->count; i++)
        if (!group->list[i].is_matched) to_serials(comparison, &group->list[i]);
    if (!group->count && group->has_state && !group->state.is_matched)
        deviate_journal(comparison, &group->state);
    group->count = 0;
    group->has_state = false;
}

static void note_neither(struct comparison *comparison, int64_t before, int64_t id)
{
    if (before < 0 || id <= before + 1) return;
    deviate(comparison, DEVIATION_NEITHER, before + 1,
            (struct deviation){.last = id - 1, .time = FACT_NO_TIME, .ours = -1, .theirs = -1});
}

static void join_requests(struct comparison *comparison)
{
    struct request_group *group = calloc(1, sizeof *group);
    const struct side_record *record;
    int64_t before = -1;

    if (!group) comparison_fail(comparison, E_OUTOFMEMORY);
    sorter_sort(&comparison->requests);
    while (group && (record = sorter_next(&comparison->requests))) {
        if (record->id != before) {
            group_end(comparison, group);
            note_neither(comparison, before, record->id);
            before = record->id;
        }
        if (record->side == JOURNAL_SIDE) group_add(comparison, group, record);
        else group_match(comparison, group, record);
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
    comparison->matched++;
    deviate(comparison, DEVIATION_MOVED, ours->id,
            (struct deviation){.differs = (uint8_t)differences(comparison, ours, theirs),
                               .other = theirs->id, .time = ours->time,
                               .ours = ours->disposition, .theirs = theirs->disposition});
}

/* Of several lines with one serial number, the first stands for the certificate. */
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

HRESULT comparison_end(struct comparison *comparison)
{
    const struct deviation *first;

    join_requests(comparison);
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
