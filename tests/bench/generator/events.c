#include "events.h"

#include "base/json.h"
#include "base/utc.h"
#include "base/digits.h"
#include "parts.h"
#include "request.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define TYPE(name)      "certwitness." name
#define DENIED_BY_CA    -2146875392     /* 0x80094800, CERTSRV_E_UNSUPPORTED_CERT_TYPE */
#define DENIED_BY_ADMIN -2146877420     /* 0x80094014, CERTSRV_E_ADMIN_DENIED_REQUEST */

enum { CRL_KEPT = 64 << 10, CRL_DAYS = 8, DELTA_DAYS = 2 };

/* A certificate that is revoked at the moment. */
struct revoked {
    struct revocation entry;
    int64_t until;                      /* the certificate's notAfter, in seconds */
    bool in_base;                       /* in the last base CRL */
    bool removed;                       /* the revocation was taken back since */
};

struct writing {
    struct world *world;
    const struct authority *authority;
    struct journal_out journal;
    struct written *written;
    struct bytes data, request, certificate;
    uint32_t next_id;
    struct revoked *revoked;
    size_t revoked_count;
    uint64_t crl_number, base_number;
    char base_hash[LINE_HASH_SIZE + 1]; /* of the last base CRL of this run; empty: none */
};

/* ---- requests ---- */

static void put_date(struct json *json, const char *name, int64_t micros)
{
    char text[UTC_TEXT_MAX];

    utc_text(micros / SECOND * SECOND, false, text);
    json_text(json, name, text);
}

static int request_type(enum form form)
{
    switch (form) {
    case FORM_PKCS7_RENEWAL: case FORM_PKCS7_BEHALF: return 0x40300;
    case FORM_CMC: case FORM_CMC_RENEWAL: case FORM_CMC_BEHALF: return 0x40400;
    default: return 0x40100;
    }
}

static int request_flags(enum form form)
{
    return form_is_renewal(form) ? 2 | 4 : form_is_behalf(form) ? 0x10 | 4 : 4;
}

static int disposition(enum happening happening)
{
    switch (happening) {
    case HAPPENING_PENDING: return 9;
    case HAPPENING_DENIED: return 31;
    case HAPPENING_REVOKED: return 21;
    case HAPPENING_IMPORTED: return 12;
    default: return 20;
    }
}

static const char *message(enum happening happening, const struct item *item)
{
    switch (happening) {
    case HAPPENING_PENDING: return "Taken Under Submission";
    case HAPPENING_DENIED: return item->ending == ENDING_DENIED_THEN_ISSUED ? "Denied by CORP\\olga" : "Denied by Policy Module";
    case HAPPENING_REVOKED: return "Revoked by CORP\\olga";
    case HAPPENING_UNREVOKED: return "Unrevoked by CORP\\olga";
    default: return "Issued";
    }
}

static void put_request(struct writing *writing, struct json *json, const struct moment *moment, const struct issue *issue)
{
    const struct item *item = &writing->world->items[moment->item];
    char subject[200];

    json_object(json, "request");
    json_number(json, "RequestID", item->id);
    json_number(json, "Disposition", disposition(moment->happening));
    json_number(json, "RequestType", request_type(issue->form));
    json_number(json, "RequestFlags", request_flags(issue->form));
    json_number(json, "StatusCode", moment->happening != HAPPENING_DENIED ? 0
                : item->ending == ENDING_DENIED_THEN_ISSUED ? DENIED_BY_ADMIN : DENIED_BY_CA);
    json_text(json, "DispositionMessage", message(moment->happening, item));
    put_date(json, "SubmittedWhen", item_submitted(writing->world, moment->item));
    if (moment->happening != HAPPENING_PENDING) put_date(json, "ResolvedWhen", item->time < moment->time ? item->time : moment->time);
    if (moment->happening == HAPPENING_REVOKED) {
        put_date(json, "RevokedWhen", moment->time);
        put_date(json, "RevokedEffectiveWhen", moment->time);
        json_number(json, "RevokedReason", item->reason < 0 ? 6 : item->reason);
    } else if (moment->happening == HAPPENING_UNREVOKED) json_number(json, "RevokedReason", -1);
    json_text(json, "RequesterName", issue->requester);
    json_text(json, "CallerName", issue->caller);
    parts_subject_text(issue->request_cn, issue->ou, subject, sizeof subject);
    if (*subject && issue->form != FORM_UNREADABLE) json_text(json, "Request.DistinguishedName", subject);
    if (*issue->attributes) json_text(json, "RequestAttributes", issue->attributes);
    if (issue->form != FORM_ABSENT) json_base64(json, "RawRequest", writing->request.data, writing->request.size);
    json_end(json);
}

static void put_certificate(struct writing *writing, struct json *json, const struct moment *moment, const struct issue *issue)
{
    bool is_there = moment->happening != HAPPENING_PENDING && moment->happening != HAPPENING_DENIED;
    const char *upn = strstr(issue->names, "upn:");
    unsigned char serial[SERIAL_SIZE];
    char subject[200];

    json_object(json, "certificate");
    if (is_there) {
        authority_serial(writing->authority, issue->number, serial);
        json_hex(json, "SerialNumber", serial, sizeof serial);
        parts_subject_text(issue->cn, issue->ou, subject, sizeof subject);
        json_text(json, "DistinguishedName", subject);
        put_date(json, "NotBefore", issue->not_before * SECOND);
        put_date(json, "NotAfter", issue->not_after * SECOND);
        json_text(json, "CertificateTemplate", template_id(issue->template));
        json_hex(json, "CertificateHash", writing->world->items[moment->item].sha1, 20);
        if (upn) json_string(json, "UPN", upn + 4, strcspn(upn + 4, "\n"));
        json_base64(json, "RawCertificate", writing->certificate.data, writing->certificate.size);
    }
    json_end(json);
}

/* Of a request whose bytes are left out, size and hash. */
static void put_missing(struct writing *writing, struct json *json, const struct issue *issue)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];

    json_array(json, "missing");
    if (issue->form == FORM_ABSENT) {
        SHA256((const unsigned char *)writing->request.data, writing->request.size, hash);
        json_object(json, NULL);
        json_text(json, "name", "RawRequest");
        json_number(json, "size", (int64_t)writing->request.size);
        json_hex(json, "sha256", hash, sizeof hash);
        json_text(json, "why", "lowSpace");
        json_end(json);
    }
    json_end(json);
}

static void make_bytes(struct writing *writing, const struct moment *moment, struct issue *issue, struct issue *other)
{
    struct item *item = &writing->world->items[moment->item];
    bool certified = moment->happening != HAPPENING_PENDING && moment->happening != HAPPENING_DENIED;
    struct key key;

    world_describe(writing->world, moment->item, issue);
    if (item->other != ITEM_NONE) {
        world_describe(writing->world, item->other, other);
        issue->other = other;
    }
    key_make(&key, issue->key_kind, issue->key_number);
    writing->request.size = writing->certificate.size = 0;
    request_put(writing->authority, issue, &key, &writing->request);
    if (!certified) return;
    authority_issue(writing->authority, issue, &key, &writing->certificate);
    SHA1((const unsigned char *)writing->certificate.data, writing->certificate.size, item->sha1);
}

static uint64_t write_request(struct writing *writing, const struct moment *moment, const char *type, int event)
{
    struct item *item = &writing->world->items[moment->item];
    struct json json = {.out = &writing->data};
    struct issue issue, other;

    make_bytes(writing, moment, &issue, &other);
    if (!item->id) item->id = writing->next_id++;
    writing->data.size = 0;
    json_object(&json, NULL);
    json_number(&json, "event", event);
    json_number(&json, "context", 65536 + item->id);
    put_request(writing, &json, moment, &issue);
    put_certificate(writing, &json, moment, &issue);
    put_missing(writing, &json, &issue);
    json_end(&json);
    return journal_out_add(&writing->journal, type, item->id, moment->time, &writing->data);
}

/* ---- revocations and CRLs ---- */

static struct revoked *revoked_find(struct writing *writing, const unsigned char serial[SERIAL_SIZE])
{
    for (size_t i = writing->revoked_count; i--;)
        if (!memcmp(writing->revoked[i].entry.serial, serial, SERIAL_SIZE)) return &writing->revoked[i];
    return NULL;
}

static void note_revoked(struct writing *writing, const unsigned char serial[SERIAL_SIZE], int64_t when, int reason, int64_t until)
{
    if (!(writing->revoked_count & (writing->revoked_count - 1)))
        writing->revoked = realloc(writing->revoked, (writing->revoked_count * 2 + 1) * sizeof *writing->revoked);
    if (!writing->revoked) fputs("generate: out of memory\n", stderr), exit(2);
    writing->revoked[writing->revoked_count] = (struct revoked){.entry = {.when = when / SECOND, .reason = reason}, .until = until};
    memcpy(writing->revoked[writing->revoked_count++].entry.serial, serial, SERIAL_SIZE);
}

static void note_change(struct writing *writing, const struct moment *moment)
{
    const struct item *item = &writing->world->items[moment->item];
    unsigned char serial[SERIAL_SIZE];
    struct revoked *found;
    struct issue issue;

    authority_serial(writing->authority, moment->item, serial);
    if (moment->happening == HAPPENING_REVOKED) {
        world_describe(writing->world, moment->item, &issue);
        note_revoked(writing, serial, moment->time, item->reason < 0 ? 6 : item->reason, issue.not_after);
    } else if ((found = revoked_find(writing, serial))) found->removed = true;
}

/* The entries of a base CRL, or of the delta CRL after the last one. */
static size_t choose_entries(struct writing *writing, bool delta, int64_t now, struct revocation *entries)
{
    size_t count = 0, kept = 0;

    for (size_t i = 0; i < writing->revoked_count; i++) {
        struct revoked *each = &writing->revoked[i];

        if (delta) {
            if (each->removed ? !each->in_base : each->in_base) continue;
            entries[count] = each->entry;
            if (each->removed) entries[count].reason = 8;
            count++;
        } else if (!each->removed && each->until > now) {
            each->in_base = true;
            entries[count++] = each->entry;
            writing->revoked[kept++] = *each;
        }
    }
    if (!delta) writing->revoked_count = kept;
    return count;
}

static void sha256_text(const struct bytes *bytes, char out[LINE_HASH_SIZE + 1])
{
    unsigned char hash[SHA256_DIGEST_LENGTH];

    SHA256((const unsigned char *)bytes->data, bytes->size, hash);
    digits_hex(hash, sizeof hash, out);
    out[LINE_HASH_SIZE] = 0;
}

/* The CRL's hash is the result. */
static void put_crl(struct writing *writing, struct json *json, const char *name, bool delta, int64_t now, char hash[LINE_HASH_SIZE + 1])
{
    struct revocation *entries = malloc((writing->revoked_count + 1) * sizeof *entries);
    struct crl crl = {.number = writing->crl_number, .base = delta ? writing->base_number : 0, .this_update = now / SECOND, .entries = entries};
    struct bytes der = {0};

    if (!entries) fputs("generate: out of memory\n", stderr), exit(2);
    crl.count = choose_entries(writing, delta, now / SECOND, entries);
    crl.next_update = crl.this_update + (delta ? DELTA_DAYS : CRL_DAYS) * 86400;
    authority_put_crl(writing->authority, &crl, &der);
    sha256_text(&der, hash);
    json_object(json, name);
    json_number(json, "size", (int64_t)der.size);
    json_text(json, "sha256", hash);
    if (der.size <= CRL_KEPT) json_base64(json, "base64", der.data, der.size);
    json_end(json);
    if (delta) writing->written->delta_until = crl.next_update;
    else writing->written->crl_until = crl.next_update;
    bytes_free(&der);
    free(entries);
}

static void put_base(struct writing *writing, struct json *json, bool is_new, int64_t now)
{
    if (is_new) {
        writing->base_number = writing->crl_number;
        put_crl(writing, json, "RawCRL", false, now, writing->base_hash);
        return;
    }
    json_object(json, "RawCRL");
    json_text(json, "unchanged", writing->base_hash);
    json_end(json);
}

static void write_crl(struct writing *writing, const struct moment *moment)
{
    struct json json = {.out = &writing->data};
    bool is_new = moment->happening == HAPPENING_BASE_CRL || !*writing->base_hash;
    char hash[LINE_HASH_SIZE + 1];
    uint64_t sequence;

    writing->crl_number++;
    writing->data.size = 0;
    json_object(&json, NULL);
    json_number(&json, "event", 32);
    json_number(&json, "context", 0);
    json_object(&json, "ca");
    json_number(&json, "CertCount", 1);
    json_number(&json, "fDeltaCRLsDisabled", 0);
    json_array(&json, "keys");
    json_object(&json, NULL);
    json_number(&json, "index", 0);
    json_number(&json, "CertState", 3);
    json_number(&json, "CRLIndex", 0);
    json_number(&json, "CRLState", 3);
    json_text(&json, "CRLSuffix", "");
    put_base(writing, &json, is_new, moment->time);
    put_crl(writing, &json, "RawDeltaCRL", true, moment->time, hash);
    json_end(&json);
    json_end(&json);
    json_end(&json);
    json_array(&json, "missing");
    json_end(&json);
    json_end(&json);
    sequence = journal_out_add(&writing->journal, TYPE("crl.issued"), 0, moment->time, &writing->data);
    if (is_new) writing->written->crl = sequence;
    writing->written->delta = sequence;
}

/* Two thirds of the way: a delta CRL gets a serial number that was never issued. */
static void plant_serial(struct writing *writing, const struct moment *moment)
{
    const struct world *world = writing->world;
    uint64_t *planted = writing->written->planted;
    bool late = moment->time > world->from + (world->until - world->from) / 3 * 2;
    unsigned char serial[SERIAL_SIZE];

    if (moment->happening != HAPPENING_DELTA_CRL) return;
    if (late && !planted[PLANTED_UNKNOWN_SERIAL]) {
        authority_serial(writing->authority, UINT64_MAX - 1, serial);
        note_revoked(writing, serial, moment->time - DAY / 2, 1, moment->time / SECOND + 100 * 86400);
        planted[PLANTED_UNKNOWN_SERIAL] = writing->journal.place.sequence;
    } else if (!planted[PLANTED_KNOWN_SERIAL])
        for (size_t i = 0; i < writing->revoked_count; i++)
            if (!writing->revoked[i].in_base && !writing->revoked[i].removed) planted[PLANTED_KNOWN_SERIAL] = writing->journal.place.sequence;
}

/* ---- runs ---- */

static void put_module(struct writing *writing, struct json *json, bool cleanly, int mask)
{
    json_object(json, "module");
    json_text(json, "run", writing->journal.run);
    json_bool(json, "endedCleanly", cleanly);
    json_text(json, "version", "0.1.0");
    json_text(json, "fileVersion", "0.1.0");
    json_number(json, "eventMask", mask);
    json_text(json, "dates", "assumed UTC");
    json_number(json, "utcOffsetMinutes", 0);
    json_text(json, "host", "C:\\Windows\\System32\\certsrv.exe");
    json_number(json, "processId", 2000 + writing->journal.run_count);
    json_end(json);
}

static void put_ca(struct writing *writing, struct json *json)
{
    const struct bytes *certificate = &writing->authority->certificate;
    char hash[LINE_HASH_SIZE + 1];

    sha256_text(certificate, hash);
    json_object(json, "ca");
    json_text(json, "SanitizedCAName", "Corp Issuing CA 1");
    json_text(json, "SanitizedShortName", "Corp Issuing CA 1");
    json_text(json, "MachineDNSName", "ca01.corp.example");
    json_text(json, "ModuleRegistryLocation",
              "SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\Corp Issuing CA 1\\ExitModules\\CertWitness.Exit");
    json_number(json, "CAType", 1);
    json_number(json, "CertCount", 1);
    json_array(json, "certificates");
    json_object(json, NULL);
    json_number(json, "index", 0);
    json_object(json, "RawCACertificate");
    json_number(json, "size", (int64_t)certificate->size);
    json_text(json, "sha256", hash);
    json_base64(json, "base64", certificate->data, certificate->size);
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

static void put_settings(struct json *json, int mask)
{
    json_object(json, "settings");
    json_text(json, "JournalDirectory", "C:\\ProgramData\\CertWitness\\Corp Issuing CA 1");
    json_number(json, "EventMask", mask);
    json_array(json, "Properties");
    json_end(json);
    json_number(json, "SegmentMiB", 64);
    json_number(json, "QueueMiB", 64);
    json_number(json, "MaxWaitMs", 5000);
    json_number(json, "MinFreeMiB", 1024);
    json_number(json, "RetainDays", 0);
    json_end(json);
}

static uint64_t write_start(struct writing *writing, int64_t time, bool cleanly, int mask)
{
    struct json json = {.out = &writing->data};

    writing->data.size = 0;
    *writing->base_hash = 0;
    json_object(&json, NULL);
    put_module(writing, &json, cleanly, mask);
    put_ca(writing, &json);
    put_settings(&json, mask);
    json_end(&json);
    return journal_out_add(&writing->journal, TYPE("module.started"), 0, time, &writing->data);
}

static void write_stop(struct writing *writing, int64_t time)
{
    struct json json = {.out = &writing->data};

    writing->data.size = 0;
    bytes_add_text(&writing->data, "{\"event\":64,\"context\":0,\"missing\":[]}");
    journal_out_add(&writing->journal, TYPE("ca.stopping"), 0, time, &writing->data);
    writing->data.size = 0;
    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", writing->journal.run);
    json_end(&json);
    json_end(&json);
    journal_out_add(&writing->journal, TYPE("module.stopped"), 0, time, &writing->data);
}

static void write_restart(struct writing *writing, const struct moment *moment)
{
    uint64_t *planted = writing->written->planted, sequence;
    bool cleanly = moment->happening != HAPPENING_START_UNCLEAN;
    int mask = moment->happening == HAPPENING_START_NARROW ? 1 : 1023;

    if (cleanly) write_stop(writing, moment->time);
    journal_out_run(&writing->journal);
    sequence = write_start(writing, moment->time, cleanly, mask);
    if (!cleanly) planted[PLANTED_UNCLEAN] = sequence;
    else if (mask == 1) planted[PLANTED_MASK] = sequence;
    else if (moment->happening == HAPPENING_START && !planted[PLANTED_RESTART]) planted[PLANTED_RESTART] = sequence;
    if (moment->happening == HAPPENING_START_RESTORED) writing->next_id = 1;
}

static void write_gap(struct writing *writing, const struct moment *moment)
{
    struct json json = {.out = &writing->data};
    char first[UTC_TEXT_MAX], last[UTC_TEXT_MAX];

    utc_text(moment->time - 60 * SECOND, true, first);
    utc_text(moment->time - SECOND, true, last);
    writing->data.size = 0;
    json_object(&json, NULL);
    json_number(&json, "events", 3);
    json_text(&json, "first", first);
    json_text(&json, "last", last);
    json_array(&json, "requestIDs");
    for (unsigned i = 0; i < 3; i++) json_number(&json, NULL, writing->next_id++);
    json_end(&json);
    json_object(&json, "why");
    json_number(&json, "queueFull", 3);
    json_end(&json);
    json_end(&json);
    writing->written->planted[PLANTED_GAP] = journal_out_add(&writing->journal, TYPE("journal.gap"), 0, moment->time, &writing->data);
}

/* ---- all of them ---- */

static void write_moment(struct writing *writing, const struct moment *moment)
{
    struct item *item = moment->item == ITEM_NONE ? NULL : &writing->world->items[moment->item];
    uint64_t sequence;

    switch (moment->happening) {
    case HAPPENING_START: case HAPPENING_START_UNCLEAN: case HAPPENING_START_NARROW: case HAPPENING_START_RESTORED:
        write_restart(writing, moment);
        break;
    case HAPPENING_GAP: write_gap(writing, moment); break;
    case HAPPENING_PENDING: write_request(writing, moment, TYPE("certificate.pending"), 2); break;
    case HAPPENING_DENIED:
        sequence = write_request(writing, moment, TYPE("certificate.denied"), 4);
        if (item->ending == ENDING_DENIED) item->sequence = sequence;
        break;
    case HAPPENING_ISSUED: item->sequence = write_request(writing, moment, TYPE("certificate.issued"), 1); break;
    case HAPPENING_IMPORTED: item->sequence = write_request(writing, moment, TYPE("certificate.imported"), 512); break;
    case HAPPENING_RETRIEVED: write_request(writing, moment, TYPE("certificate.retrieved"), 16); break;
    case HAPPENING_REVOKED:
        note_change(writing, moment);
        write_request(writing, moment, TYPE("certificate.revoked"), 8);
        break;
    case HAPPENING_UNREVOKED:
        note_change(writing, moment);
        write_request(writing, moment, TYPE("certificate.unrevoked"), 8);
        break;
    case HAPPENING_BASE_CRL: case HAPPENING_DELTA_CRL:
        plant_serial(writing, moment);
        write_crl(writing, moment);
        break;
    case HAPPENING_END: write_stop(writing, moment->time); break;
    }
}

void events_write(struct world *world, const struct authority *authority, const char *folder, struct written *written)
{
    struct writing writing = {.world = world, .authority = authority, .written = written, .next_id = 1};

    *written = (struct written){0};
    journal_out_begin(&writing.journal, folder, world->seed);
    write_start(&writing, world->from, true, 1023);
    for (size_t i = 0; i < world->moment_count; i++) write_moment(&writing, &world->moments[i]);
    written->lines = writing.journal.place.sequence - 1;
    written->segments = writing.journal.segments;
    journal_out_end(&writing.journal);
    bytes_free(&writing.data);
    bytes_free(&writing.request);
    bytes_free(&writing.certificate);
    free(writing.revoked);
}
