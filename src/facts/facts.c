#include "facts.h"

#include <stdlib.h>
#include <string.h>

/* A certificate that is kept: this, and behind it the texts, one after the other. */
struct row {
    uint64_t ordinal;
    uint32_t sizes[FACT_TEXTS];
    bool is_wanted;
    char numbers[offsetof(struct issuance, texts)];
};

static void facts_fail(struct facts *facts, HRESULT hr)
{
    if (FAILED(hr) && SUCCEEDED(facts->hr)) facts->hr = hr;
}

static bool read_row(struct facts *facts, uint64_t place, struct row *row)
{
    bool found = spool_read(&facts->rows, place, row, sizeof *row);

    if (!found) facts_fail(facts, facts->rows.hr);
    return found;
}

/* For links.h. */
static bool read_name_keys(void *context, uint64_t place, struct bytes *keys)
{
    struct facts *facts = context;
    uint64_t at = place + sizeof(struct row);
    struct row row;
    char *to;

    if (!read_row(facts, place, &row)) return false;
    for (int i = 0; i < FACT_NAME_KEYS; i++) at += row.sizes[i];
    if (!row.sizes[FACT_NAME_KEYS]) return true;
    if (!(to = bytes_reserve(keys, row.sizes[FACT_NAME_KEYS]))) return false;
    if (!spool_read(&facts->rows, at, to, row.sizes[FACT_NAME_KEYS])) return false;
    keys->size += row.sizes[FACT_NAME_KEYS];
    return true;
}

struct facts *facts_open(int64_t least_end, size_t memory)
{
    struct facts *facts = calloc(1, sizeof *facts);

    if (!facts) return NULL;
    facts->least_end = least_end;
    links_begin(&facts->links, memory / 8, read_name_keys, facts);
    spool_begin(&facts->rows, memory / 4);
    return facts;
}

void facts_close(struct facts *facts)
{
    if (!facts) return;
    links_free(&facts->links);
    spool_free(&facts->rows);
    issuance_reader_free(&facts->reader);
    services_free(&facts->services);
    template_names_free(&facts->names);
    bytes_free(&facts->row);
    free(facts);
}

static void facts_keep_time(char out[32], struct span time)
{
    size_t size = time.size < 31 ? time.size : 31;

    memcpy(out, time.text, size);
    out[size] = 0;
}

static void keep(struct facts *facts, const struct issuance *issuance, bool is_wanted)
{
    struct bytes *out = &facts->row;
    struct row row = {.ordinal = facts->links.count, .is_wanted = is_wanted};

    bytes_reset(out, 64 << 10);
    memcpy(row.numbers, issuance, sizeof row.numbers);
    for (int i = 0; i < FACT_TEXTS; i++) row.sizes[i] = (uint32_t)issuance->texts[i].size;
    bytes_add(out, &row, sizeof row);
    for (int i = 0; i < FACT_TEXTS; i++)
        bytes_add(out, issuance->texts[i].text, issuance->texts[i].size);
    if (out->failed) facts_fail(facts, E_OUTOFMEMORY);
    else spool_add(&facts->rows, out->data, out->size);
    facts_fail(facts, facts->rows.hr);
    facts->kept++;
}

static void add_issuance(struct facts *facts, struct event *event, bool is_wanted)
{
    struct issuance issuance;
    uint64_t place = facts->rows.size;

    if (!issuance_read(&facts->reader, event, &issuance)) {
        facts_fail(facts, E_OUTOFMEMORY);
        return;
    }
    template_names_learn(&facts->names, event);
    if (issuance.not_after == FACT_NO_TIME || issuance.not_after >= facts->least_end)
        keep(facts, &issuance, is_wanted);
    links_issued(&facts->links, &issuance, place);
    facts->issuances++;
}

static void add_gap(struct facts *facts, struct event *event)
{
    int64_t lost;

    facts->gaps++;
    if (!event_number(event, "events", &lost) || lost < 0) return;
    facts->lost = facts->lost > UINT64_MAX - (uint64_t)lost ? UINT64_MAX
                                                            : facts->lost + (uint64_t)lost;
}

static void add_start(struct facts *facts, struct event *event)
{
    enum { ISSUED = 1, REVOKED = 8, CRL = 0x20, IMPORTED = 0x200,
           NEEDED = ISSUED | REVOKED | CRL | IMPORTED };
    int64_t mask;

    facts->narrowed += event_number(event, "module/eventMask", &mask) && (mask & NEEDED) != NEEDED;
}

void facts_add(struct facts *facts, struct event *event, bool is_wanted)
{
    if (FAILED(facts->hr)) return;
    if (!facts->events++) facts_keep_time(facts->first_time, event->line.time);
    facts_keep_time(facts->last_time, event->line.time);
    if (issuance_is(event)) add_issuance(facts, event, is_wanted);
    else if (event_type_is(event, "certificate.revoked"))
        links_revoked(&facts->links, event, &facts->reader, true);
    else if (event_type_is(event, "certificate.unrevoked"))
        links_revoked(&facts->links, event, &facts->reader, false);
    else {
        if (event_type_is(event, "journal.gap")) add_gap(facts, event);
        if (event_type_is(event, "module.started")) add_start(facts, event);
        services_add(&facts->services, event);
    }
    facts_fail(facts, facts->links.hr);
}

static bool has_row(struct facts *facts)
{
    return SUCCEEDED(facts->hr) && facts->at < facts->rows.size;
}

/* The row at `place` with its texts in memory. Returns its size; 0: a failure. */
static size_t take_row(struct facts *facts, uint64_t place, struct fact *fact)
{
    size_t size = 0, at = 0;
    struct row row;
    char *to;

    *fact = (struct fact){.place = place};
    if (!read_row(facts, place, &row)) return 0;
    for (int i = 0; i < FACT_TEXTS; i++) size += row.sizes[i];
    bytes_reset(&facts->row, 64 << 10);
    if (!(to = bytes_reserve(&facts->row, size + 1))) facts_fail(facts, E_OUTOFMEMORY);
    else if (!spool_read(&facts->rows, place + sizeof row, to, size))
        facts_fail(facts, facts->rows.hr);
    if (FAILED(facts->hr)) return 0;
    memcpy(&fact->issuance, row.numbers, sizeof row.numbers);
    for (int i = 0; i < FACT_TEXTS; at += row.sizes[i++])
        fact->issuance.texts[i] = (struct span){to + at, row.sizes[i]};
    fact->ordinal = row.ordinal;
    fact->is_wanted = row.is_wanted;
    return sizeof row + size;
}

static bool next_row(struct facts *facts, struct fact *fact)
{
    size_t size = has_row(facts) ? take_row(facts, facts->at, fact) : 0;

    if (!size) return false;
    facts->at += size;
    links_take(&facts->links, fact->ordinal, &fact->fate);
    facts_fail(facts, facts->links.notes.hr);
    return SUCCEEDED(facts->hr);
}

HRESULT facts_join(struct facts *facts)
{
    struct fact fact;

    if (SUCCEEDED(facts->hr)) facts_fail(facts, links_join(&facts->links));
    while (next_row(facts, &fact))
        links_probable(&facts->links, fact.ordinal, &fact.issuance, &fact.fate, fact.place);
    facts->at = 0;
    if (SUCCEEDED(facts->hr)) facts_fail(facts, links_join_probable(&facts->links));
    return facts->hr;
}

bool facts_next(struct facts *facts, struct fact *fact)
{
    while (next_row(facts, fact)) if (!fact->fate.is_twice) return true;
    return false;
}

bool facts_requester(struct facts *facts, uint64_t place, struct bytes *out)
{
    struct row row;
    size_t size;
    char *to;

    if (!read_row(facts, place, &row)) return false;
    size = row.sizes[FACT_REQUESTER];
    if (!(to = bytes_reserve(out, size))) return false;
    if (size && !spool_read(&facts->rows, place + sizeof row, to, size)) {
        facts_fail(facts, facts->rows.hr);
        return false;
    }
    out->size += size;
    return true;
}

bool facts_at(struct facts *facts, uint64_t place, struct fact *fact)
{
    return take_row(facts, place, fact) != 0;
}
