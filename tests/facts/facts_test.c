/* What a journal tells of its certificates: by a rule of few lines that compares each with each, and with so little memory that all goes through
 * temporary files. Certificates are made byte by byte. */
#include "lib/test.h"
#include "facts/facts.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT 1500
#define DAY   86400

static uint64_t state = 88172645463325252u;

static unsigned any(unsigned below)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (unsigned)(state % below);
}

/* --- DER --- */

static void put(struct bytes *out, unsigned tag, const struct bytes *in)
{
    unsigned char head[4] = {(unsigned char)tag, 0x82, (unsigned char)(in->size >> 8), (unsigned char)in->size};

    if (in->size < 128) bytes_add(out, (unsigned char[2]){(unsigned char)tag, (unsigned char)in->size}, 2);
    else if (in->size < 256) bytes_add(out, (unsigned char[3]){(unsigned char)tag, 0x81, (unsigned char)in->size}, 3);
    else bytes_add(out, head, 4);
    bytes_add(out, in->data, in->size);
}

static void put_of(struct bytes *out, unsigned tag, const void *data, size_t size)
{
    struct bytes in = {.data = (char *)(size_t)data, .size = size};

    put(out, tag, &in);
}

static void put_name(struct bytes *out, const char *text)
{
    struct bytes part = {0}, set = {0}, name = {0};

    bytes_add(&part, "\x06\x03\x55\x04\x03", 5);
    put_of(&part, DER_UTF8_STRING, text, strlen(text));
    put(&set, DER_SEQUENCE, &part);
    put(&name, DER_SET, &set);
    put(out, DER_SEQUENCE, &name);
    bytes_free(&part), bytes_free(&set), bytes_free(&name);
}

static void put_time(struct bytes *out, int64_t seconds)
{
    time_t time = (time_t)seconds;
    char text[32];

    strftime(text, sizeof text, "%y%m%d%H%M%SZ", gmtime(&time));
    put_of(out, DER_UTC_TIME, text, 13);
}

/* --- what is told, and what is to come of it --- */

struct told {
    unsigned serial, requester, template, first_name, names;
    int64_t begin, end;
    int renews;                         /* the one that its request names, or -1 */
    bool revoked;
    enum ground ground;
    int by;
};

static struct told told[COUNT];

static void certificate_of(const struct told *each, struct bytes *out)
{
    static const unsigned char algorithm[] = {0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 11, 5, 0};
    static const unsigned char key[] = {0x30, 16, 0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 3, 1, 0};
    unsigned char serial[] = {0x6d, (unsigned char)(each->serial >> 16), (unsigned char)(each->serial >> 8), (unsigned char)each->serial};
    struct bytes info = {0}, list = {0}, names = {0}, value = {0}, extension = {0}, all = {0}, whole = {0};
    char name[32];

    bytes_add(&info, "\xa0\x03\x02\x01\x02", 5);
    put_of(&info, DER_INTEGER, serial, sizeof serial);
    bytes_add(&info, algorithm, sizeof algorithm);
    put_name(&info, "ca");
    put_time(&all, each->begin), put_time(&all, each->end);
    put(&info, DER_SEQUENCE, &all);
    put_name(&info, "subject");
    bytes_add(&info, key, sizeof key);
    for (unsigned i = 0; i < each->names; i++) {
        snprintf(name, sizeof name, i % 2 ? "Host%u.example" : "host%u.Example", each->first_name + i);
        put_of(&names, 0x82, name, strlen(name));
    }
    put(&value, DER_SEQUENCE, &names);
    bytes_add(&extension, "\x06\x03\x55\x1d\x11", 5);
    put(&extension, DER_OCTET_STRING, &value);
    all.size = 0;
    put(&all, DER_SEQUENCE, &extension);
    put(&list, DER_SEQUENCE, &all);
    put(&info, 0xa3, &list);
    put(&whole, DER_SEQUENCE, &info);
    bytes_add(&whole, algorithm, sizeof algorithm);
    bytes_add(&whole, "\x03\x01\x00", 3);
    put(out, DER_SEQUENCE, &whole);
    bytes_free(&info), bytes_free(&list), bytes_free(&names), bytes_free(&value), bytes_free(&extension), bytes_free(&all), bytes_free(&whole);
}

/* A request that names the certificate that it renews. */
static void request_of(const struct told *each, struct bytes *out)
{
    static const unsigned char algorithm[] = {0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 11, 5, 0};
    static const unsigned char key[] = {0x30, 16, 0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 3, 1, 0};
    struct bytes info = {0}, old = {0}, attribute = {0}, list = {0}, whole = {0};

    bytes_add(&info, "\x02\x01\x00\x30\x00", 5);
    bytes_add(&info, key, sizeof key);
    if (each->renews >= 0) {
        certificate_of(&told[each->renews], &old);
        bytes_add(&attribute, "\x06\x09\x2b\x06\x01\x04\x01\x82\x37\x0d\x01", 11);
        put(&attribute, DER_SET, &old);
        put(&list, DER_SEQUENCE, &attribute);
    }
    put(&info, 0xa0, &list);
    put(&whole, DER_SEQUENCE, &info);
    bytes_add(&whole, algorithm, sizeof algorithm);
    bytes_add(&whole, "\x03\x01\x00", 3);
    put(out, DER_SEQUENCE, &whole);
    bytes_free(&info), bytes_free(&old), bytes_free(&attribute), bytes_free(&list), bytes_free(&whole);
}

static void base64_member(struct bytes *out, const struct bytes *der)
{
    struct json json = {.out = out};

    json_base64(&json, NULL, der->data, der->size);
}

static void add_event(struct facts *facts, const char *type, unsigned number, int64_t seconds, const struct bytes *data)
{
    static struct event event;
    char subject[32], time[32];
    time_t moment = (time_t)seconds;
    struct line line = {.type = {type, strlen(type)}, .sequence = number + 1, .data = {data->data, data->size}};

    snprintf(subject, sizeof subject, "request/%u", number);
    strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S.000Z", gmtime(&moment));
    line.subject = (struct span){subject, strlen(subject)};
    line.time = (struct span){time, strlen(time)};
    event_set(&event, &line);
    facts_add(facts, &event, true);
    event_set(&event, &(struct line){0});
    event_free(&event);
    event = (struct event){0};
}

static void add_issued(struct facts *facts, unsigned i)
{
    struct bytes data = {0}, der = {0}, request = {0};

    certificate_of(&told[i], &der);
    request_of(&told[i], &request);
    bytes_printf(&data, "{\"request\":{\"RequestID\":%u,\"RequesterName\":\"CORP\\\\r%u$\",\"RawRequest\":", i, told[i].requester);
    base64_member(&data, &request);
    bytes_printf(&data, "},\"certificate\":{\"CertificateTemplate\":\"T%u\",\"RawCertificate\":", told[i].template);
    base64_member(&data, &der);
    bytes_add_text(&data, "}}");
    add_event(facts, "certwitness.certificate.issued", i, told[i].begin, &data);
    bytes_free(&data), bytes_free(&der), bytes_free(&request);
}

static void add_revoked(struct facts *facts, unsigned i, unsigned number)
{
    struct bytes data = {0};

    bytes_printf(&data, "{\"request\":{\"RevokedReason\":1},\"certificate\":{\"SerialNumber\":\"6d%06x\"}}", told[i].serial);
    add_event(facts, "certwitness.certificate.revoked", number, told[COUNT - 1].begin, &data);
    bytes_free(&data);
}

static void make_told(void)
{
    int64_t now = 1767225600;

    for (unsigned i = 0; i < COUNT; i++) {
        now += any(12) * 3600;
        told[i] = (struct told){.serial = i + 1, .requester = any(12), .template = any(4) ? any(3) : 3 + i, .first_name = any(5), .names = 1 + any(3),
                                .begin = now, .end = now + (int64_t)(20 + any(3) * 40) * DAY, .renews = -1, .by = -1};
        if (i > 20 && !any(6)) told[i].renews = (int)(i - 1 - any(20));
        if (told[i].renews >= 0 && any(2))
            told[i].requester = told[told[i].renews].requester, told[i].template = told[told[i].renews].template;
        told[i].revoked = !any(10);
    }
}

/* --- the rule, each with each --- */

static bool has_names(const struct told *one, const struct told *of)
{
    return one->first_name <= of->first_name && one->first_name + one->names >= of->first_name + of->names;
}

static bool in_time(const struct told *old, const struct told *new)
{
    return new->end > old->end && new->begin >= old->begin + (old->end - old->begin) / 3 * 2;
}

static bool is_same(const struct told *one, const struct told *other)
{
    return one->requester == other->requester && one->template == other->template && one->first_name == other->first_name &&
           one->names == other->names;
}

static void renew(struct told *old, unsigned by, enum ground ground)
{
    if (old->ground) return;
    old->ground = ground;
    old->by = (int)by;
}

static void apply_rule(void)
{
    for (unsigned d = 0; d < COUNT; d++) {
        struct told *old = told[d].renews < 0 ? NULL : &told[told[d].renews];

        if (!old || told[d].end <= old->end || told[d].requester != old->requester || told[d].template != old->template) continue;
        if (!told[d].revoked) renew(old, d, GROUND_CERTAIN);
    }
    for (unsigned d = 0; d < COUNT; d++) {
        struct told *found = NULL;

        for (unsigned c = 0; c < d && told[d].renews < 0 && !told[d].revoked; c++)
            if (!told[c].ground && is_same(&told[c], &told[d]) && in_time(&told[c], &told[d]) &&
                (!found || (told[c].revoked != found->revoked ? found->revoked : told[c].end < found->end)))
                found = &told[c];
        if (found) renew(found, d, GROUND_SAME);
    }
    for (unsigned c = 0; c < COUNT; c++)
        for (unsigned d = c + 1; d < COUNT && !told[c].ground; d++)
            if (!told[d].revoked && told[c].template == told[d].template && told[c].requester != told[d].requester &&
                told[d].end > told[c].end && has_names(&told[d], &told[c]))
                renew(&told[c], d, GROUND_PROBABLE);
    for (unsigned d = 0; d < COUNT; d++)
        if (told[d].renews >= 0 && !told[d].revoked && told[d].end > told[told[d].renews].end)
            renew(&told[told[d].renews], d, GROUND_SAID);
}

static unsigned grounds[5];

static void compare_all(size_t memory)
{
    struct facts *facts = facts_open(FACT_NO_TIME, memory);
    struct fact fact;
    unsigned i = 0, number = COUNT;

    if (!check(facts != NULL)) return;
    memset(grounds, 0, sizeof grounds);
    for (unsigned n = 0; n < COUNT; n++) add_issued(facts, n);
    for (unsigned n = 0; n < COUNT; n++) if (told[n].revoked) add_revoked(facts, n, number++);
    check_hr(facts_join(facts), S_OK);
    for (; facts_next(facts, &fact); i++) {
        bool good = check_int(fact.issuance.request_id, i) && check(fact.fate.is_revoked == told[i].revoked) &&
                    check_int(fact.fate.ground, told[i].ground) &&
                    check(!told[i].ground || fact.fate.by_request == told[i].by) && check(fact.issuance.not_after == told[i].end);

        if (!good) break;
        grounds[fact.fate.ground]++;
    }
    check_int(i, COUNT);
    check_hr(facts->hr, S_OK);
    check(!facts->links.not_compared && !facts->links.unknown_revoked);
    check(memory > 1 << 24 || facts->rows.file);
    facts_close(facts);
}

TEST(what_is_found_is_what_a_rule_finds_that_compares_each_with_each)
{
    make_told();
    apply_rule();
    compare_all(FACTS_MEMORY);
    for (int i = 0; i < 5; i++) check(grounds[i] > 20);
}

TEST(the_same_is_found_where_all_of_it_goes_through_temporary_files)
{
    compare_all(512 << 10);
    for (int i = 0; i < 5; i++) check(grounds[i] > 20);
}

TEST(a_certificate_that_is_told_of_twice_comes_once)
{
    struct facts *facts = facts_open(FACT_NO_TIME, FACTS_MEMORY);
    struct fact fact;
    unsigned count = 0;

    for (unsigned i = 0; i < 3; i++) add_issued(facts, 7);
    check_hr(facts_join(facts), S_OK);
    while (facts_next(facts, &fact)) count++;
    check_int(count, 1);
    facts_close(facts);
}

TEST(revocations_of_what_the_journal_never_told_of_are_counted)
{
    struct facts *facts = facts_open(FACT_NO_TIME, FACTS_MEMORY);

    add_revoked(facts, 3, 1);
    add_issued(facts, 3);
    add_revoked(facts, 4, 2);
    check_hr(facts_join(facts), S_OK);
    check_int(facts->links.unknown_revoked, 2);
    facts_close(facts);
}

TEST(what_ends_before_the_least_end_is_not_given_but_counts)
{
    struct facts *facts;
    struct fact fact;
    unsigned count = 0;

    told[0] = (struct told){.serial = 1, .names = 1, .begin = 1767225600, .end = 1767225600 + 30 * DAY, .renews = -1};
    told[1] = (struct told){.serial = 2, .names = 1, .begin = 1767225600 + 25 * DAY, .end = 1767225600 + 55 * DAY, .renews = -1};
    told[2] = (struct told){.serial = 3, .names = 1, .begin = 1767225600 + 50 * DAY, .end = 1767225600 + 80 * DAY, .renews = -1};
    facts = facts_open(told[2].end, FACTS_MEMORY);
    for (unsigned i = 0; i < 3; i++) add_issued(facts, i);
    check_hr(facts_join(facts), S_OK);
    while (facts_next(facts, &fact)) {
        count++;
        check_int(fact.issuance.request_id, 2);
        check(fact.fate.is_routine);            /* of a machine account: two of its certificates renew another */
        check(fact.issuance.is_machine && fact.fate.renews);
    }
    check_int(count, 1);
    facts_close(facts);
}

#ifndef _WIN32
TEST(a_temporary_file_that_cannot_be_had_is_a_failure_and_nothing_is_given)
{
    struct facts *facts;
    struct fact fact;

    setenv("TMPDIR", "/nowhere/at/all", 1);
    facts = facts_open(FACT_NO_TIME, 512 << 10);
    for (unsigned i = 0; i < COUNT; i++) add_issued(facts, i);
    check(FAILED(facts_join(facts)));
    check(!facts_next(facts, &fact));
    facts_close(facts);
    unsetenv("TMPDIR");
}
#endif
