#include "links.h"

#include <stdlib.h>
#include <string.h>

#define NAME_KEY     8
#define READS_MOST   100000             /* of name keys, within one group of equal names */

enum join_kind { JOIN_ISSUED, JOIN_NAMED, JOIN_REVOKED, JOIN_RELEASED };

/* By serial number, then in the order of the journal. */
struct join {
    uint8_t serial[FACT_KEY], order[8];
    uint8_t kind, hash[ISSUANCE_HASH], issuer[8]; /* of a JOIN_NAMED: of the one that it names */
    uint8_t account[16];                /* keys of requester and template */
    bool is_vouched;                    /* of a JOIN_NAMED */
    uint64_t ordinal, sequence, place;
    int64_t not_after, request, when, reason;
};

enum note_kind { NOTE_TWICE, NOTE_REVOKED, NOTE_LINK, NOTE_RENEWS, NOTE_RENEWED, NOTE_ROUTINE };

/* By ordinal, then by kind. */
struct note {
    uint8_t ordinal[8], kind, ground;
    uint64_t target;                    /* of a link: the ordinal of the renewed one */
    uint64_t sequence;                  /* of the revocation, of the renewal */
    int64_t request, when;              /* of a revocation: its reason and time */
    uint64_t place;                     /* of the renewal */
};

/* Of every certificate; by ordinal in the spool, by `same` in the sorter. */
struct brief {
    uint8_t same[FACT_KEY], ordinal[8];
    uint8_t machine[8];                 /* of the client; zeros: not known */
    bool has_same, is_machine, is_renewed, is_revoked;
    bool names_old;                     /* its request does: it renews no other as the same */
    int64_t not_before, not_after, time, request;
    uint64_t sequence;
};

/* Of a certificate of a machine account: those that renew another come first. By `same` and not by
 * the account alone: one that enrols for devices has a line of certificates for each. */
struct machine {
    uint8_t same[FACT_KEY], renews_none, ordinal[8];
};

/* Of a certificate that is kept, for each of its names: by template and name, then by ordinal. */
struct named {
    uint8_t template[8], name[NAME_KEY], ordinal[8], requester[8];
    bool may_be_renewed, may_renew;     /* the first: under the first of its names alone */
    uint32_t names;
    int64_t not_after, request;
    uint64_t sequence, place;
};

#define JOIN_KEY  offsetof(struct join, kind)
#define NOTE_KEY  offsetof(struct note, ground)
#define BRIEF_KEY offsetof(struct brief, has_same)
#define MACHINE_KEY sizeof(struct machine)
#define NAMED_KEY offsetof(struct named, requester)

static void links_fail(struct links *links, HRESULT hr)
{
    if (FAILED(hr) && SUCCEEDED(links->hr)) links->hr = hr;
}

void links_begin(struct links *links, size_t memory, links_keys *read_keys, void *context)
{
    *links = (struct links){.memory = memory, .read_keys = read_keys, .context = context};
    sorter_begin(&links->serials, sizeof(struct join), JOIN_KEY, memory);
    spool_begin(&links->briefs, memory);
}

void links_free(struct links *links)
{
    sorter_free(&links->serials);
    sorter_free(&links->notes);
    sorter_free(&links->next);
    sorter_free(&links->equals);
    sorter_free(&links->machines);
    sorter_free(&links->names);
    spool_free(&links->briefs);
    bytes_free(&links->scratch);
    bytes_free(&links->other);
}

bool fate_is_renewed(const struct fate *fate)
{
    return fate->ground == GROUND_CERTAIN || fate->ground == GROUND_SAME;
}

/* --- while the journal is read --- */

static bool is_key(const uint8_t *key, size_t size)
{
    static const uint8_t none[ISSUANCE_HASH];

    return memcmp(key, none, size) != 0;
}

/* "Unknown" is equal to anything. */
static bool may_be_equal(const uint8_t *one, const uint8_t *other, size_t size)
{
    return !is_key(one, size) || !is_key(other, size) || !memcmp(one, other, size);
}

static int64_t request_of(const struct issuance *issuance)
{
    return issuance->has_request_id ? issuance->request_id : FACT_NO_TIME;
}

static void put_account(const struct issuance *issuance, uint8_t out[16])
{
    memcpy(out, issuance->requester_key, 8);
    memcpy(out + 8, issuance->template_key, 8);
}

/* Of the certificate itself, or of the one that its request names. */
static void add_join(struct links *links, const struct issuance *issuance, enum join_kind kind,
                     const struct renewed *of, uint64_t place)
{
    struct join join = {.kind = (uint8_t)kind, .ordinal = links->count,
                        .sequence = issuance->sequence, .not_after = issuance->not_after,
                        .request = request_of(issuance), .is_vouched = of->is_vouched,
                        .place = place};

    if (!is_key(of->serial, FACT_KEY)) return;
    memcpy(join.serial, of->serial, FACT_KEY);
    memcpy(join.hash, of->hash, sizeof join.hash);
    memcpy(join.issuer, of->issuer, 8);
    put_account(issuance, join.account);
    sorter_put(join.order, issuance->sequence);
    sorter_add(&links->serials, &join);
}

void links_issued(struct links *links, const struct issuance *issuance, uint64_t place)
{
    struct renewed own = {0};
    struct brief brief = {
        .has_same = issuance->has_same, .is_machine = issuance->is_machine,
        .names_old = issuance->names_old,
        .not_before = issuance->not_before, .not_after = issuance->not_after,
        .time = issuance->time, .sequence = issuance->sequence, .request = request_of(issuance)};

    memcpy(brief.same, issuance->same, FACT_KEY);
    memcpy(brief.machine, issuance->machine_key, sizeof brief.machine);
    sorter_put(brief.ordinal, links->count);
    spool_add(&links->briefs, &brief, sizeof brief);
    memcpy(own.serial, issuance->serial_key, FACT_KEY);
    memcpy(own.issuer, issuance->issuer_key, 8);
    memcpy(own.hash, issuance->hash, sizeof own.hash);
    add_join(links, issuance, JOIN_ISSUED, &own, place);
    if (issuance->names_old) add_join(links, issuance, JOIN_NAMED, &issuance->renewed, place);
    links->count++;
    links_fail(links, links->briefs.hr);
    links_fail(links, links->serials.hr);
}

void links_revoked(struct links *links, struct event *event, struct issuance_reader *reader,
                   bool is_revoked)
{
    struct issuance issuance;
    struct join join = {.kind = is_revoked ? JOIN_REVOKED : JOIN_RELEASED, .reason = -1};

    if (!issuance_read(reader, event, &issuance)) links_fail(links, E_OUTOFMEMORY);
    memcpy(join.serial, issuance.serial_key, FACT_KEY);
    memcpy(join.hash, issuance.hash, sizeof join.hash);
    if (!is_key(join.serial, FACT_KEY)) {
        links->unknown_revoked++;
        return;
    }
    sorter_put(join.order, issuance.sequence);
    join.sequence = issuance.sequence;
    join.when = issuance_date(event, "request/RevokedWhen");
    if (join.when == FACT_NO_TIME) join.when = issuance.time;
    event_number(event, "request/RevokedReason", &join.reason);
    sorter_add(&links->serials, &join);
    links_fail(links, links->serials.hr);
}

/* --- by serial number: twice, revoked, named --- */

struct alike {
    struct join issued, revoked;
    bool is_revoked;
};

static void add_note(struct links *links, struct sorter *to, uint64_t ordinal, struct note note)
{
    sorter_put(note.ordinal, ordinal);
    sorter_add(to, &note);
    links_fail(links, to->hr);
}

static bool is_hash_of(const struct join *join, const struct join *earlier)
{
    return is_key(join->hash, sizeof join->hash) &&
           !memcmp(join->hash, earlier->hash, sizeof join->hash);
}

static void take_issued(struct links *links, struct sorter *notes, const struct join *join,
                        struct alike *alike, unsigned *count)
{
    for (unsigned i = 0; i < *count; i++)
        if (is_hash_of(join, &alike[i].issued)) {
            add_note(links, notes, join->ordinal, (struct note){.kind = NOTE_TWICE});
            return;
        }
    if (*count == LINKS_ALIKE) links->not_compared++;
    else alike[(*count)++] = (struct alike){.issued = *join};
}

/* Whether more than the request says so. */
static bool is_certain(const struct join *named, const struct join *old)
{
    return named->is_vouched ||
           (is_hash_of(named, old) && is_key(old->account, 8) &&
            !memcmp(named->account, old->account, sizeof old->account));
}

/* Not where one of the ends is not known. */
static bool ends_later(int64_t end, int64_t old_end)
{
    return old_end != FACT_NO_TIME && end > old_end;
}

static void take_named(struct links *links, struct sorter *notes, const struct join *join,
                       const struct alike *alike, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct join *old = &alike[i].issued;

        if (old->ordinal >= join->ordinal || !ends_later(join->not_after, old->not_after)) continue;
        if (!may_be_equal(old->issuer, join->issuer, sizeof join->issuer)) continue;
        add_note(links, notes, join->ordinal,
                 (struct note){.kind = NOTE_LINK, .target = old->ordinal,
                               .ground = is_certain(join, old) ? GROUND_CERTAIN : GROUND_SAID,
                               .sequence = join->sequence, .request = join->request,
                               .place = join->place});
    }
}

static void take_revoked(struct links *links, const struct join *join, struct alike *alike,
                         unsigned count)
{
    struct alike *found = NULL;

    for (unsigned i = 0; i < count; i++)
        if (may_be_equal(alike[i].issued.hash, join->hash, sizeof join->hash)) found = &alike[i];
    if (found) found->is_revoked = join->kind == JOIN_REVOKED, found->revoked = *join;
    else links->unknown_revoked += join->kind == JOIN_REVOKED;
}

static void end_alike(struct links *links, struct sorter *notes, const struct alike *alike,
                      unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (alike[i].is_revoked)
            add_note(links, notes, alike[i].issued.ordinal,
                     (struct note){.kind = NOTE_REVOKED, .sequence = alike[i].revoked.sequence,
                                   .request = alike[i].revoked.reason,
                                   .when = alike[i].revoked.when});
}

static void join_serials(struct links *links, struct sorter *notes)
{
    struct alike *alike = calloc(LINKS_ALIKE, sizeof *alike);
    uint8_t serial[FACT_KEY] = {0};
    const struct join *join;
    unsigned count = 0;

    if (!alike) links_fail(links, E_OUTOFMEMORY);
    sorter_sort(&links->serials);
    while (alike && (join = sorter_next(&links->serials))) {
        if (memcmp(serial, join->serial, FACT_KEY)) {
            end_alike(links, notes, alike, count);
            memcpy(serial, join->serial, FACT_KEY);
            count = 0;
        }
        if (join->kind == JOIN_ISSUED) take_issued(links, notes, join, alike, &count);
        else if (join->kind == JOIN_NAMED) take_named(links, notes, join, alike, count);
        else take_revoked(links, join, alike, count);
    }
    if (alike) end_alike(links, notes, alike, count);
    free(alike);
    links_fail(links, links->serials.hr);
    sorter_free(&links->serials);
}

/* --- by ordinal: links of certificates that are not revoked --- */

static void join_links(struct links *links, struct sorter *in, struct sorter *out)
{
    const struct note *note;
    uint64_t at = UINT64_MAX;
    bool is_out = false;                /* revoked or twice: it renews none */

    sorter_sort(in);
    while ((note = sorter_next(in))) {
        uint64_t ordinal = sorter_get(note->ordinal);

        if (ordinal != at) is_out = false;
        at = ordinal;
        if (note->kind != NOTE_LINK) {
            is_out = true;
            sorter_add(out, note);
            continue;
        }
        if (note->ground == GROUND_CERTAIN)
            add_note(links, out, ordinal, (struct note){.kind = NOTE_RENEWS});
        if (is_out) continue;
        add_note(links, out, note->target,
                 (struct note){.kind = NOTE_RENEWED, .ground = note->ground,
                               .sequence = note->sequence, .request = note->request,
                               .place = note->place});
    }
    links_fail(links, in->hr);
    links_fail(links, out->hr);
    sorter_free(in);
}

/* --- by the values that have to be the same --- */

void links_take(struct links *links, uint64_t ordinal, struct fate *fate)
{
    const struct note *note = links->note;

    *fate = (struct fate){.revoked_when = FACT_NO_TIME, .by_request = FACT_NO_TIME};
    for (; note && sorter_get(note->ordinal) <= ordinal; note = sorter_next(&links->notes)) {
        if (sorter_get(note->ordinal) < ordinal) continue;
        if (links->next.record) sorter_add(&links->next, note);
        switch (note->kind) {
        case NOTE_TWICE:    fate->is_twice = true; break;
        case NOTE_RENEWS:   fate->renews = true; break;
        case NOTE_ROUTINE:  fate->is_routine = true; break;
        case NOTE_REVOKED:
            fate->is_revoked = true;
            fate->revoked_sequence = note->sequence;
            fate->revoked_when = note->when;
            fate->revoked_reason = note->request;
            break;
        case NOTE_RENEWED:
            if (fate->ground && fate->ground <= note->ground) break;
            fate->ground = (enum ground)note->ground;
            fate->by_sequence = note->sequence;
            fate->by_request = note->request;
            fate->by_place = note->place;
            break;
        default: break;
        }
    }
    links->note = note;
}

/* Read the notes, in the order of ordinals, and note more for the round that follows. */
static void next_round(struct links *links, bool is_last)
{
    sorter_free(&links->notes);
    links->notes = links->next;
    links->next = (struct sorter){0};
    if (!is_last) sorter_begin(&links->next, sizeof(struct note), NOTE_KEY, links->memory);
    sorter_sort(&links->notes);
    links->note = sorter_next(&links->notes);
    links_fail(links, links->notes.hr);
}

/* Those that may renew or be renewed, with their facts. A revoked one may be renewed. */
static void take_briefs(struct links *links)
{
    struct brief brief;
    struct fate fate;

    for (uint64_t i = 0; i < links->count && SUCCEEDED(links->hr); i++) {
        if (!spool_read(&links->briefs, i * sizeof brief, &brief, sizeof brief)) break;
        links_take(links, i, &fate);
        if (!brief.has_same || fate.is_twice) continue;
        brief.is_revoked = fate.is_revoked;
        brief.is_renewed = fate_is_renewed(&fate);
        sorter_add(&links->equals, &brief);
    }
    links_fail(links, links->briefs.hr);
    links_fail(links, links->equals.hr);
    links_fail(links, links->notes.hr);
}

/* Whether a certificate came in the last third of another's life, or later, and ends later. */
static bool comes_in_time(int64_t time, int64_t not_after, int64_t old_begin, int64_t old_end)
{
    if (time == FACT_NO_TIME || old_begin == FACT_NO_TIME) return false;
    if (!ends_later(not_after, old_end) || old_begin > old_end) return false;
    return time >= old_begin + (old_end - old_begin) / 3 * 2;
}

/* Certificates of one group that wait for one to renew them. */
struct open_ones {
    struct brief list[LINKS_OPEN];
    unsigned count;
};

static void remove_open(struct open_ones *open, unsigned at)
{
    open->list[at] = open->list[--open->count];
}

/* Whether one is taken before another: not revoked, ends earlier, came earlier. */
static bool is_taken_before(const struct brief *one, const struct brief *other)
{
    if (one->is_revoked != other->is_revoked) return other->is_revoked;
    if (one->not_after != other->not_after) return one->not_after < other->not_after;
    return one->sequence < other->sequence;
}

/* Of those that it may renew, of its own machine or of other ones, the first; -1: there is none. */
static int find_open(const struct open_ones *open, const struct brief *brief, bool of_others)
{
    int found = -1;

    for (unsigned i = 0; i < open->count; i++) {
        const struct brief *old = &open->list[i];

        if (may_be_equal(old->machine, brief->machine, sizeof old->machine) == of_others) continue;
        if (!comes_in_time(brief->time, brief->not_after, old->not_before, old->not_after))
            continue;
        if (found < 0 || is_taken_before(old, &open->list[found])) found = (int)i;
    }
    return found;
}

static void add_open(struct links *links, struct open_ones *open, const struct brief *brief)
{
    unsigned first = 0;

    if (open->count == LINKS_OPEN) {
        for (unsigned i = 1; i < open->count; i++)
            if (open->list[i].not_after < open->list[first].not_after) first = i;
        remove_open(open, first);
        links->not_compared++;
    }
    open->list[open->count++] = *brief;
}

static void note_renewed(struct links *links, const struct brief *old, const struct brief *new,
                         enum ground ground)
{
    add_note(links, &links->next, sorter_get(old->ordinal),
             (struct note){.kind = NOTE_RENEWED, .ground = (uint8_t)ground,
                           .sequence = new->sequence, .request = new->request});
}

/* With one of another machine, the old one waits on: its own may come yet. */
static void take_equal(struct links *links, struct open_ones *open, const struct brief *brief)
{
    bool may_renew = !brief->names_old && !brief->is_revoked;
    int old = may_renew ? find_open(open, brief, false) : -1, other = -1;

    if (old >= 0) {
        note_renewed(links, &open->list[old], brief, GROUND_SAME);
        add_note(links, &links->next, sorter_get(brief->ordinal),
                 (struct note){.kind = NOTE_RENEWS});
        remove_open(open, (unsigned)old);
    } else if (may_renew) other = find_open(open, brief, true);
    if (other >= 0) note_renewed(links, &open->list[other], brief, GROUND_PROBABLE);
    if (!brief->is_renewed) add_open(links, open, brief);
}

static void join_equals(struct links *links)
{
    struct open_ones *open = calloc(1, sizeof *open);
    uint8_t same[FACT_KEY] = {0};
    const struct brief *brief;

    if (!open) links_fail(links, E_OUTOFMEMORY);
    sorter_sort(&links->equals);
    while (open && (brief = sorter_next(&links->equals))) {
        if (memcmp(same, brief->same, FACT_KEY)) open->count = 0;
        memcpy(same, brief->same, FACT_KEY);
        take_equal(links, open, brief);
    }
    free(open);
    links_fail(links, links->equals.hr);
    sorter_free(&links->equals);
}

/* --- of machine accounts, by the same values --- */

static void take_machines(struct links *links)
{
    struct brief brief;
    struct fate fate;

    for (uint64_t i = 0; i < links->count && SUCCEEDED(links->hr); i++) {
        struct machine machine = {0};

        if (!spool_read(&links->briefs, i * sizeof brief, &brief, sizeof brief)) break;
        links_take(links, i, &fate);
        if (!brief.is_machine || !brief.has_same || fate.is_twice) continue;
        memcpy(machine.same, brief.same, FACT_KEY);
        memcpy(machine.ordinal, brief.ordinal, sizeof machine.ordinal);
        machine.renews_none = !fate.renews || fate.is_revoked;
        sorter_add(&links->machines, &machine);
    }
    links_fail(links, links->briefs.hr);
    links_fail(links, links->machines.hr);
    links_fail(links, links->notes.hr);
    spool_free(&links->briefs);
}

static void note_routine(struct links *links, const struct machine *machine)
{
    add_note(links, &links->next, sorter_get(machine->ordinal),
             (struct note){.kind = NOTE_ROUTINE});
}

static void join_machines(struct links *links)
{
    const struct machine *machine;
    struct machine first = {0};
    uint64_t renewals = 0;

    sorter_sort(&links->machines);
    while ((machine = sorter_next(&links->machines))) {
        if (memcmp(first.same, machine->same, FACT_KEY)) {
            first = *machine;
            renewals = 0;
        }
        renewals += !machine->renews_none;
        if (renewals < 2) continue;
        if (renewals == 2 && !machine->renews_none) note_routine(links, &first);
        note_routine(links, machine);
    }
    links_fail(links, links->machines.hr);
    sorter_free(&links->machines);
}

HRESULT links_join(struct links *links)
{
    struct sorter first;

    sorter_begin(&first, sizeof(struct note), NOTE_KEY, links->memory);
    sorter_begin(&links->next, sizeof(struct note), NOTE_KEY, links->memory);
    join_serials(links, &first);
    join_links(links, &first, &links->next);
    next_round(links, false);
    sorter_begin(&links->equals, sizeof(struct brief), BRIEF_KEY, links->memory);
    take_briefs(links);
    join_equals(links);
    next_round(links, false);
    sorter_begin(&links->machines, sizeof(struct machine), MACHINE_KEY, links->memory);
    take_machines(links);
    join_machines(links);
    next_round(links, false);
    sorter_begin(&links->names, sizeof(struct named), NAMED_KEY, links->memory);
    return links->hr;
}

/* --- by template and name --- */

void links_probable(struct links *links, uint64_t ordinal, const struct issuance *issuance,
                    const struct fate *fate, uint64_t place)
{
    struct span keys = issuance->texts[FACT_NAME_KEYS];
    struct named named = {
        .may_renew = !fate->is_revoked, .names = (uint32_t)(keys.size / NAME_KEY),
        .not_after = issuance->not_after, .request = request_of(issuance),
        .sequence = issuance->sequence, .place = place};

    if (fate->is_twice || !is_key(issuance->template_key, 8)) return;
    memcpy(named.template, issuance->template_key, 8);
    memcpy(named.requester, issuance->requester_key, 8);
    sorter_put(named.ordinal, ordinal);
    for (size_t at = 0; at + NAME_KEY <= keys.size; at += NAME_KEY) {
        memcpy(named.name, keys.text + at, NAME_KEY);
        named.may_be_renewed = !at && !fate_is_renewed(fate);
        if (named.may_be_renewed || named.may_renew) sorter_add(&links->names, &named);
    }
    links_fail(links, links->names.hr);
}

struct open_names {
    struct named list[LINKS_OPEN];
    unsigned count, reads;
};

/* Whether `new` has all names of `old`. With one name it has: the group is made by it. */
static bool has_all_names(struct links *links, struct open_names *open, const struct named *old,
                          const struct named *new)
{
    if (old->names > new->names) return false;
    if (old->names == 1) return true;
    if (open->reads++ >= READS_MOST) {
        links->not_compared += open->reads == READS_MOST + 1;
        return false;
    }
    links->scratch.size = links->other.size = 0;
    if (!links->read_keys(links->context, old->place, &links->scratch) ||
        !links->read_keys(links->context, new->place, &links->other)) {
        links_fail(links, E_FAIL);
        return false;
    }
    return names_within((struct span){links->scratch.data, links->scratch.size},
                        (struct span){links->other.data, links->other.size});
}

static void take_name(struct links *links, struct open_names *open, const struct named *named)
{
    for (unsigned i = 0; named->may_renew && i < open->count;) {
        const struct named *old = &open->list[i];

        if (!memcmp(old->requester, named->requester, 8) ||
            !ends_later(named->not_after, old->not_after) ||
            !has_all_names(links, open, old, named)) {
            i++;
            continue;
        }
        add_note(links, &links->next, sorter_get(old->ordinal),
                 (struct note){.kind = NOTE_RENEWED, .ground = GROUND_PROBABLE,
                               .sequence = named->sequence, .request = named->request});
        open->list[i] = open->list[--open->count];
    }
    if (!named->may_be_renewed) return;
    if (open->count < LINKS_OPEN) open->list[open->count++] = *named;
    else links->not_compared++;
}

HRESULT links_join_probable(struct links *links)
{
    struct open_names *open = calloc(1, sizeof *open);
    struct named last = {0};
    const struct named *named;

    if (!open) links_fail(links, E_OUTOFMEMORY);
    sorter_sort(&links->names);
    while (open && (named = sorter_next(&links->names))) {
        if (memcmp(&last, named, offsetof(struct named, ordinal))) open->count = open->reads = 0;
        last = *named;
        take_name(links, open, named);
    }
    free(open);
    links_fail(links, links->names.hr);
    sorter_free(&links->names);
    next_round(links, true);
    return links->hr;
}
