#include "answers.h"

#include "base/digits.h"
#include "base/json.h"
#include "base/utc.h"
#include "parts.h"
#include "renewals.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SID_URI "tag:microsoft.com,2022-09-14:sid:"

static const char *const grounds[] = {NULL, "certain", "same", "probable"};

struct answering {
    const struct world *world;
    const struct authority *authority;
    const struct written *written;
    FILE *file;
    struct bytes line;
    uint32_t *issued;                   /* items, in the order of their lines */
    size_t issued_count;
    uint64_t *machines;                 /* renewals_line of what renews something, sorted; requesters that end in $ */
    size_t machine_count;
};

static void fail(const char *message)
{
    fprintf(stderr, "generate: %s\n", message);
    exit(2);
}

static void begin(struct answering *answering, struct json *json, const char *kind)
{
    answering->line.size = 0;
    *json = (struct json){.out = &answering->line};
    json_object(json, NULL);
    json_text(json, "kind", kind);
}

static void end(struct answering *answering, struct json *json)
{
    json_end(json);
    bytes_add_text(&answering->line, "\n");
    if (answering->line.failed || fwrite(answering->line.data, 1, answering->line.size, answering->file) != answering->line.size)
        fail("the answers cannot be written");
}

static void put_null(struct json *json, const char *name)
{
    json_key(json, name);
    bytes_add_text(json->out, "null");
}

static void put_text_or_null(struct json *json, const char *name, const char *text)
{
    if (text) json_text(json, name, text);
    else put_null(json, name);
}

static void put_time_of(struct json *json, const char *name, int64_t micros)
{
    char text[UTC_TEXT_MAX];

    utc_text(micros / SECOND * SECOND, false, text);
    json_text(json, name, text);
}

static void put_oid_list(struct json *json, const char *name, const char *oids)
{
    if (!oids) return put_null(json, name);
    json_array(json, name);
    while (*oids) {
        size_t size = strcspn(oids, " ");

        json_string(json, NULL, oids, size);
        oids += size + (oids[size] == ' ');
    }
    json_end(json);
}

/* ---- an issuance ---- */

/* In a line `san:` of RequestAttributes: pairs with & between them. */
static bool attribute_has(const char *attributes, const char *type, const char *value)
{
    char pair[300];
    const char *line = attributes, *found;

    snprintf(pair, sizeof pair, "%s=%s", type, value);
    while (line && *line) {
        size_t size = strcspn(line, "\n");

        if (!strncasecmp(line, "san:", 4) && (found = strstr(line, pair)) && found + strlen(pair) <= line + size) {
            char after = found[strlen(pair)];

            if ((found[-1] == ':' || found[-1] == '&') && (after == '&' || after == '\n' || !after)) return true;
        }
        line += size + (line[size] == '\n');
    }
    return false;
}

static bool request_has(const struct issue *issue, const char *type, const char *value)
{
    const char *names = issue->request_names;
    char other_type[8], other[256];

    while (parts_next(&names, other_type, sizeof other_type, other, sizeof other))
        if (!strcmp(type, other_type) && !strcmp(value, other)) return true;
    return attribute_has(issue->attributes, type, value);
}

static const char *provenance(const struct issue *issue, bool in_request)
{
    if (issue->form == FORM_UNREADABLE || issue->form == FORM_ABSENT) return "unknown";
    return in_request ? "enrollee" : "ca";
}

/* The CN, in the subject that was asked for or as the account for which an agent requests. */
static bool request_has_subject(const struct issue *issue)
{
    const char *account = strchr(issue->requester, '\\');

    return !strcmp(issue->cn, issue->request_cn) || (form_is_behalf(issue->form) && account && !strcasecmp(issue->cn, account + 1));
}

static void put_names(struct json *json, const struct issue *issue)
{
    const char *names = issue->names;
    char type[8], value[256];

    json_array(json, "names");
    while (parts_next(&names, type, sizeof type, value, sizeof value)) {
        json_object(json, NULL);
        json_text(json, "type", type);
        json_text(json, "value", value);
        json_text(json, "from", provenance(issue, request_has(issue, type, value)));
        json_end(json);
    }
    json_end(json);
}

static void put_sid(struct json *json, const struct issue *issue)
{
    const char *uri = strstr(issue->names, "uri:" SID_URI);
    char value[80] = "";
    bool in_request;

    if (*issue->sid) snprintf(value, sizeof value, "%s", issue->sid);
    else if (uri) snprintf(value, sizeof value, "%.*s", (int)strcspn(uri + 4, "\n") - (int)strlen(SID_URI), uri + 4 + strlen(SID_URI));
    if (!*value) return put_null(json, "sid");
    in_request = *issue->sid ? !strcmp(issue->sid, issue->request_sid) : strstr(issue->request_names, value) != NULL;
    json_object(json, "sid");
    json_text(json, "value", value);
    json_text(json, "from", provenance(issue, in_request));
    json_end(json);
}

static const char *form_name(enum form form)
{
    switch (form) {
    case FORM_PKCS7_RENEWAL: case FORM_PKCS7_BEHALF: return "pkcs7";
    case FORM_CMC: case FORM_CMC_RENEWAL: case FORM_CMC_BEHALF: return "cmc";
    case FORM_UNREADABLE: return "unreadable";
    case FORM_ABSENT: return "absent";
    default: return "pkcs10";
    }
}

static bool is_readable(const struct issue *issue)
{
    return issue->form != FORM_UNREADABLE && issue->form != FORM_ABSENT;
}

static void put_client(struct json *json, const struct issue *issue)
{
    if (!issue->client || !is_readable(issue)) return put_null(json, "client");
    json_object(json, "client");
    json_number(json, "id", issue->client);
    json_text(json, "machine", issue->machine);
    json_text(json, "user", issue->user);
    json_text(json, "process", issue->process);
    json_end(json);
}

static void put_links(struct answering *answering, struct json *json, const struct item *item)
{
    const struct item *items = answering->world->items;

    if (item->renews == ITEM_NONE) put_null(json, "renews");
    else {
        json_object(json, "renews");
        json_number(json, "sequence", (int64_t)items[item->renews].sequence);
        json_text(json, "ground", grounds[item->renews_ground]);
        json_end(json);
    }
    if (item->renewed_by == ITEM_NONE) return put_null(json, "renewedBy");
    json_object(json, "renewedBy");
    json_number(json, "sequence", (int64_t)items[item->renewed_by].sequence);
    json_number(json, "request", items[item->renewed_by].id);
    json_text(json, "ground", grounds[item->renewed_ground]);
    json_end(json);
}

static void put_key(struct json *json, const struct issue *issue)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    struct key key;

    key_make(&key, issue->key_kind, issue->key_number);
    SHA256(key.spki, key.spki_size, hash);
    json_text(json, "key", key_words(&key));
    json_hex(json, "keyHash", hash, sizeof hash);
}

static void put_template(struct json *json, const struct template *template)
{
    json_object(json, "template");
    json_text(json, "id", template_id(template));
    json_text(json, "name", template->name);
    json_end(json);
}

static void put_revoked(struct json *json, const struct item *item)
{
    if (!item->revoked) return put_null(json, "revoked");
    json_object(json, "revoked");
    put_time_of(json, "time", item->revoked);
    json_number(json, "reason", item->reason);
    json_end(json);
}

static void write_issuance(struct answering *answering, uint32_t number)
{
    const struct item *item = &answering->world->items[number];
    unsigned char serial[SERIAL_SIZE];
    char subject[200];
    struct issue issue;
    struct json json;

    world_describe(answering->world, number, &issue);
    authority_serial(answering->authority, number, serial);
    parts_subject_text(issue.cn, issue.ou, subject, sizeof subject);
    begin(answering, &json, "issuance");
    json_number(&json, "sequence", (int64_t)item->sequence);
    json_number(&json, "request", item->id);
    put_time_of(&json, "time", item->time);
    json_text(&json, "case", issue.case_name);
    json_text(&json, "requester", issue.requester);
    json_text(&json, "caller", issue.caller);
    json_bool(&json, "onBehalfOf", form_is_behalf(issue.form));
    put_template(&json, issue.template);
    json_hex(&json, "serial", serial, sizeof serial);
    json_hex(&json, "sha1", item->sha1, sizeof item->sha1);
    json_text(&json, "subject", subject);
    put_text_or_null(&json, "subjectFrom", !*subject ? NULL : provenance(&issue, request_has_subject(&issue)));
    put_names(&json, &issue);
    put_sid(&json, &issue);
    put_key(&json, &issue);
    put_text_or_null(&json, "requestSignature", !is_readable(&issue) ? NULL : issue.sha1 ? "sha1" : "sha256");
    put_oid_list(&json, "eku", issue.eku);
    put_oid_list(&json, "applicationPolicies", issue.application_policies);
    put_oid_list(&json, "policies", issue.policies);
    json_bool(&json, "isCA", issue.is_ca);
    put_time_of(&json, "notBefore", issue.not_before * SECOND);
    put_time_of(&json, "notAfter", issue.not_after * SECOND);
    json_text(&json, "form", form_name(issue.form));
    put_client(&json, &issue);
    put_links(answering, &json, item);
    put_revoked(&json, item);
    end(answering, &json);
}

/* ---- what ends ---- */

struct row {
    int64_t not_after;                  /* seconds */
    uint64_t sequence;
    uint32_t item;
};

static int row_order(const void *a, const void *b)
{
    const struct row *one = a, *other = b;

    if (one->not_after != other->not_after) return one->not_after < other->not_after ? -1 : 1;
    return one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
}

static bool has_oid(const char *oids, const char *oid)
{
    size_t size = strlen(oid);

    for (const char *at = oids; at && (at = strstr(at, oid)); at += size)
        if ((at == oids || at[-1] == ' ') && (at[size] == ' ' || !at[size])) return true;
    return false;
}

/* Of a request without an event certificate.issued. */
static void write_request(struct answering *answering, uint32_t number)
{
    const struct item *item = &answering->world->items[number];
    bool is_imported = item->ending == ENDING_IMPORTED;
    unsigned char serial[SERIAL_SIZE];
    struct issue issue;
    struct json json;

    world_describe(answering->world, number, &issue);
    begin(answering, &json, "request");
    json_number(&json, "sequence", (int64_t)item->sequence);
    json_number(&json, "request", item->id);
    put_time_of(&json, "time", item->time);
    json_number(&json, "disposition", is_imported ? 12 : 31);
    json_text(&json, "requester", issue.requester);
    json_object(&json, "template");
    json_text(&json, "id", template_id(issue.template));
    json_text(&json, "name", issue.template->name);
    json_end(&json);
    if (is_imported) {
        authority_serial(answering->authority, number, serial);
        json_hex(&json, "serial", serial, sizeof serial);
        json_hex(&json, "sha1", item->sha1, sizeof item->sha1);
        put_time_of(&json, "notAfter", issue.not_after * SECOND);
    }
    end(answering, &json);
}

static int hash_order(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return one < other ? -1 : one > other;
}

static bool is_machine(const struct issue *issue)
{
    size_t size = strlen(issue->requester);

    return size && issue->requester[size - 1] == '$';
}

static bool is_autoenrolled(const struct answering *answering, const struct issue *issue)
{
    uint64_t wanted = renewals_line(issue);
    size_t low = 0, high = answering->machine_count;

    if (is_readable(issue) && (issue->client == 2 || issue->client == CLIENT_AUTOENROLL)) return true;
    if (!is_machine(issue)) return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (answering->machines[middle] < wanted) low = middle + 1;
        else high = middle;
    }
    return low + 1 < answering->machine_count && answering->machines[low] == wanted && answering->machines[low + 1] == wanted;
}

static const char *bucket(int64_t left)
{
    static const struct {
        int days;
        const char *name;
    } buckets[] = {{7, "7"}, {14, "14"}, {30, "30"}, {60, "60"}, {90, "90"}};

    if (left <= 0) return "expired";
    for (unsigned i = 0; i < sizeof buckets / sizeof *buckets; i++)
        if (left <= buckets[i].days * 86400LL) return buckets[i].name;
    return "later";
}

static void put_row(struct answering *answering, struct json *json, const struct row *row, int64_t at, int within)
{
    const struct item *item = &answering->world->items[row->item];
    bool service, automatic, is_short, is_near;
    struct issue issue;

    world_describe(answering->world, row->item, &issue);
    service = has_oid(issue.eku, EKU_AGENT) || has_oid(issue.eku, EKU_RECOVERY) || has_oid(issue.eku, EKU_OCSP);
    automatic = is_autoenrolled(answering, &issue);
    is_short = issue.not_after - issue.not_before < (within < 90 ? within : 90) * 2 * 86400LL;
    is_near = row->not_after - at <= 7 * 86400LL && issue.not_after - issue.not_before >= 30 * 86400LL;
    json_object(json, NULL);
    json_number(json, "sequence", (int64_t)row->sequence);
    put_time_of(json, "notAfter", row->not_after * SECOND);
    json_text(json, "bucket", bucket(row->not_after - at));
    json_bool(json, "service", service);
    put_text_or_null(json, "renewed", grounds[item->renewed_ground]);
    json_bool(json, "autoenrolled", automatic);
    json_bool(json, "shortLived", is_short);
    json_text(json, "row", item->renewed_ground == GROUND_CERTAIN || item->renewed_ground == GROUND_SAME ? "renewed"
              : service ? "service" : automatic && !is_near ? "autoenrolled" : is_short && !is_near ? "shortLived"
              : item->renewed_ground == GROUND_PROBABLE ? "probable" : "due");
    json_end(json);
}

static size_t find_rows(struct answering *answering, int64_t at, int within, struct row *rows)
{
    size_t count = 0;

    for (size_t i = 0; i < answering->issued_count; i++) {
        uint32_t number = answering->issued[i];
        const struct item *item = &answering->world->items[number];
        struct issue issue;

        if (item->revoked) continue;
        world_describe(answering->world, number, &issue);
        if (issue.not_after > at - 7 * 86400 && issue.not_after <= at + within * 86400LL)
            rows[count++] = (struct row){issue.not_after, item->sequence, number};
    }
    qsort(rows, count, sizeof *rows, row_order);
    return count;
}

static void write_expiry(struct answering *answering, int64_t at, int within)
{
    struct row *rows = malloc((answering->issued_count + 1) * sizeof *rows);
    struct json json;
    size_t count;

    if (!rows) fail("out of memory");
    count = find_rows(answering, at, within, rows);
    begin(answering, &json, "expiry");
    put_time_of(&json, "at", at * SECOND);
    json_number(&json, "within", within);
    json_array(&json, "rows");
    for (size_t i = 0; i < count; i++) put_row(answering, &json, &rows[i], at, within);
    json_end(&json);
    end(answering, &json);
    free(rows);
}

/* ---- attacks ---- */

static void write_attack_words(struct answering *answering, struct json *json, const char *name, unsigned rule, const char *severity)
{
    begin(answering, json, "attack");
    json_text(json, "name", name);
    json_text(json, "rule", rule_name(rule));
    json_number(json, "number", rule);
    json_bool(json, "near", severity == NULL);
    put_text_or_null(json, "severity", severity);
}

/* All items of the special's name; what is found is about the last one. */
static void write_special(struct answering *answering, unsigned number)
{
    const struct special *special = &specials[number];
    const struct item *items = answering->world->items, *last = NULL;
    struct json json;

    if (number + 1 < special_count && !strcmp(special->name, special[1].name)) return;
    write_attack_words(answering, &json, special->name, special->number, special->severity);
    json_array(&json, "sequences");
    for (size_t i = 0; i < answering->world->item_count; i++) {
        const struct special *other = item_special(&items[i]);

        if (!other || strcmp(other->name, special->name)) continue;
        json_number(&json, NULL, (int64_t)items[i].sequence);
        last = &items[i];
    }
    json_end(&json);
    if (special->repeat || !last) put_null(&json, "sequence");
    else json_number(&json, "sequence", (int64_t)last->sequence);
    if (special->repeat || !last) put_null(&json, "request");
    else json_number(&json, "request", last->id);
    json_text(&json, "evidence", special->evidence);
    end(answering, &json);
}

static void write_planted(struct answering *answering, enum planted planted)
{
    const struct planted_words *words = &planted_words[planted];
    int64_t sequence = (int64_t)answering->written->planted[planted];
    struct json json;

    write_attack_words(answering, &json, words->name, words->number, words->severity);
    json_array(&json, "sequences");
    json_number(&json, NULL, sequence);
    json_end(&json);
    json_number(&json, "sequence", sequence);
    put_null(&json, "request");
    json_text(&json, "evidence", words->evidence);
    end(answering, &json);
}

/* ---- all of it ---- */

static void write_journal(struct answering *answering)
{
    const struct world *world = answering->world;
    const struct written *written = answering->written;
    const struct bytes *certificate = &answering->authority->certificate;
    unsigned char hash[SHA256_DIGEST_LENGTH];
    struct json json;

    SHA256((const unsigned char *)certificate->data, certificate->size, hash);
    begin(answering, &json, "journal");
    json_number(&json, "seed", (int64_t)world->seed);
    json_number(&json, "certificates", (int64_t)world->issued_count);
    json_number(&json, "days", world->days);
    put_time_of(&json, "from", world->from);
    put_time_of(&json, "until", world->until);
    json_number(&json, "lines", (int64_t)written->lines);
    json_number(&json, "segments", (int64_t)written->segments);
    json_object(&json, "ca");
    put_time_of(&json, "notAfter", answering->authority->not_after * SECOND);
    json_hex(&json, "sha256", hash, sizeof hash);
    json_end(&json);
    json_object(&json, "crl");
    json_number(&json, "sequence", (int64_t)written->crl);
    put_time_of(&json, "nextUpdate", written->crl_until * SECOND);
    json_end(&json);
    json_object(&json, "delta");
    json_number(&json, "sequence", (int64_t)written->delta);
    put_time_of(&json, "nextUpdate", written->delta_until * SECOND);
    json_end(&json);
    end(answering, &json);
}

static const struct item *ordered_items;

static int issued_order(const void *a, const void *b)
{
    uint64_t one = ordered_items[*(const uint32_t *)a].sequence, other = ordered_items[*(const uint32_t *)b].sequence;

    return one < other ? -1 : one > other;
}

static void collect(struct answering *answering)
{
    const struct world *world = answering->world;

    answering->issued = malloc((world->item_count + 1) * sizeof *answering->issued);
    answering->machines = malloc((world->item_count + 1) * sizeof *answering->machines);
    if (!answering->issued || !answering->machines) fail("out of memory");
    for (uint32_t i = 0; i < world->item_count; i++) {
        struct issue issue;

        if (!item_is_issued(&world->items[i]) || !world->items[i].sequence) continue;
        answering->issued[answering->issued_count++] = i;
        if (world->items[i].renews == ITEM_NONE) continue;
        world_describe(world, i, &issue);
        if (is_machine(&issue)) answering->machines[answering->machine_count++] = renewals_line(&issue);
    }
    ordered_items = world->items;
    qsort(answering->issued, answering->issued_count, sizeof *answering->issued, issued_order);
    qsort(answering->machines, answering->machine_count, sizeof *answering->machines, hash_order);
}

void answers_write(const struct world *world, const struct authority *authority, const struct written *written, const char *path)
{
    static const struct {
        int days, within;
    } expiries[] = {{0, 90}, {0, 30}, {20, 90}, {60, 90}};
    struct answering answering = {.world = world, .authority = authority, .written = written, .file = fopen(path, "w")};

    if (!answering.file) fail("the file of answers cannot be made");
    collect(&answering);
    write_journal(&answering);
    for (size_t i = 0; i < answering.issued_count; i++) write_issuance(&answering, answering.issued[i]);
    for (uint32_t i = 0; i < world->item_count; i++)
        if (!item_is_issued(&world->items[i]) && world->items[i].sequence) write_request(&answering, i);
    for (unsigned i = 0; i < sizeof expiries / sizeof *expiries; i++)
        write_expiry(&answering, world->until / SECOND + expiries[i].days * 86400LL, expiries[i].within);
    for (unsigned i = 0; i < special_count; i++) write_special(&answering, i);
    for (int i = 0; i < PLANTED_COUNT; i++) write_planted(&answering, (enum planted)i);
    if (fclose(answering.file)) fail("the answers cannot be written");
    bytes_free(&answering.line);
    free(answering.issued);
    free(answering.machines);
}
