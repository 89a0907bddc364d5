#include "cli/commands.h"

#include "cli/x509/bundle.h"
#include "cli/x509/cert_file.h"
#include "cli/x509/cert_show.h"
#include "cli/terminal/console.h"
#include "der/cms.h"
#include "base/error_text.h"
#include "events/event_items.h"
#include "cli/show/event_show.h"
#include "cli/filter_options.h"
#include "cli/journal_events.h"
#include "cli/journal_path.h"
#include "base/file_read.h"
#include "cli/export/digest_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (64u << 20)            /* bytes: the largest CRLs in the world are a tenth of it */

struct showing {
    struct cert_show_options options;
    const char *name;                   /* of the file or journal, for errors */
    enum outcome outcome;
    unsigned shown;
    bool everything;                    /* of an event: CRLs and the CA's own certificates, too */
    bool certificates_only;
    struct digest_set seen, left_out; /* what has been shown of a journal, and of what it was told
                                         that the journal has no bytes */
    const struct event *event;
    struct template_names names;        /* owned; of the events that were shown */
};

static void cert_note_worse(struct showing *showing, enum outcome outcome)
{
    if (outcome > showing->outcome) showing->outcome = outcome;
}

/* Why the bytes are refused, or some of what is in them. */
static void tell_refusal(const struct showing *showing, const char *origin, struct span der,
                         const struct der_fault *fault)
{
    const char *kind = cms_kind(der.text, der.size);
    char sentence[256];

    der_fault_text(fault, sentence, sizeof sentence);
    if (kind && fault->error == DER_E_ALGORITHM && strcmp(kind, "signed data"))
        snprintf(sentence, sizeof sentence,
                 "it is CMS (PKCS #7, CMC), %s: only signed data is taken apart", kind);
    console_note("%s%s%s: %s", showing->name, origin ? ", " : "", origin ? origin : "", sentence);
}

/* Show these bytes; false: they or what is in them is refused, and standard error has been told. */
static bool cert_show_der(struct showing *showing, enum cert_kind kind, const char *origin,
                          struct span der)
{
    struct outline_names names = event_show_names(&showing->names);
    struct cert_show_options options = showing->options;
    struct bytes out = {0};
    struct der_fault fault = {0};
    bool shown;

    options.kind = kind;
    options.origin = origin;
    options.names = &names;
    if ((shown = cert_show(der.text, der.size, &options, &out, &fault) && !out.failed)) {
        if (showing->shown++ && !options.as_json) console_print("\n");
        console_write(out.data, out.size);
    }
    if (out.failed)
        console_note("%s%s%s: there is not enough memory", showing->name, origin ? ", " : "",
                     origin ? origin : "");
    else if (fault.error) tell_refusal(showing, origin, der, &fault);
    bytes_free(&out);
    return shown && !fault.error;
}

static void show_list(struct showing *showing, struct der_bytes list, enum cert_kind kind,
                      const char *label, const char *origin, bool alone)
{
    struct der_fault fault;
    struct der_value value;
    struct der cursor;
    char name[160];

    cms_others_begin(&cursor, &fault, list);
    for (unsigned number = 1; cms_others_next(&cursor, &value); number++) {
        snprintf(name, sizeof name, "%s%s%s %u", origin ? origin : "", origin ? ", " : "", label,
                 number);
        if (!cert_show_der(showing, kind, alone ? origin : name,
                           (struct span){(const char *)value.whole.data, value.whole.size}))
            cert_note_worse(showing, OUTCOME_WRONG);
    }
}

/* What is odd in the bundle itself follows its parts. */
static void show_bundle_itself(struct showing *showing, const struct bundle *bundle,
                               const char *origin)
{
    struct bytes out = {0};
    bool odd = bundle_show(bundle, origin, showing->options.as_json, &out);

    if (odd && !out.failed) {
        if (showing->shown++ && !showing->options.as_json) console_print("\n");
        console_write(out.data, out.size);
    }
    if (out.failed)
        console_note("%s%s%s: there is not enough memory", showing->name, origin ? ", " : "",
                     origin ? origin : "");
    bytes_free(&out);
}

static void show_bundle(struct showing *showing, const struct bundle *bundle, const char *origin)
{
    size_t count = bundle->certificates + bundle->crls;

    if (!count) {
        console_note("%s%s%s: it is CMS (PKCS #7, CMC) with nothing in it", showing->name,
                     origin ? ", " : "", origin ? origin : "");
        cert_note_worse(showing, OUTCOME_WRONG);
    }
    show_list(showing, bundle->cms.certificates, CERT_CERTIFICATE, "certificate", origin,
              count == 1);
    show_list(showing, bundle->cms.crls, CERT_CRL, "CRL", origin, count == 1);
    show_bundle_itself(showing, bundle, origin);
}

/* "block 2, CERTIFICATE"; nothing where the file has only one. */
static const char *piece_name(const struct cert_piece *piece, bool alone, char *out,
                              size_t capacity)
{
    if (alone) return NULL;
    snprintf(out, capacity, "block %u, %.*s", piece->number, (int)piece->label.size,
             piece->label.text);
    return out;
}

/* A bundle as what is in it. */
static void show_readable(struct showing *showing, const char *origin, struct span der)
{
    struct bundle bundle;

    if (bundle_read(&bundle, der.text, der.size)) {
        show_bundle(showing, &bundle, origin);
        bundle_free(&bundle);
    } else if (!cert_show_der(showing, CERT_ANY, origin, der)) {
        cert_note_worse(showing, OUTCOME_WRONG);
    }
}

static void show_piece(struct showing *showing, const struct cert_piece *piece, bool alone)
{
    char name[128];
    const char *origin = piece_name(piece, alone, name, sizeof name);

    if (!piece->refusal) {
        show_readable(showing, origin, piece->der);
        return;
    }
    cert_note_worse(showing, OUTCOME_WRONG);
    console_note("%s%s%s: %s, at byte %llu", showing->name, origin ? ", " : "",
                 origin ? origin : "", piece->refusal, (unsigned long long)piece->offset);
}

static void cert_show_file(struct showing *showing, const char *path)
{
    char reason[ERROR_TEXT_MAX];
    struct cert_piece piece, next;
    struct bytes data = {0};
    struct cert_file file;
    HRESULT hr = file_read(path, FILE_MAX, &data);

    showing->name = strcmp(path, "-") ? path : "standard input";
    if (hr == E_INVALIDARG)
        console_note("%s: longer than %u MiB, so it is not a certificate, request or CRL",
                     showing->name, FILE_MAX >> 20);
    else if (FAILED(hr))
        console_note("%s: cannot be read: %s", showing->name, error_text(hr, reason));
    if (FAILED(hr)) cert_note_worse(showing, OUTCOME_CANNOT);
    else {
        bool more;

        cert_file_begin(&file, &data);
        for (more = cert_file_next(&file, &piece); more; piece = next) {
            more = cert_file_next(&file, &next);
            show_piece(showing, &piece, piece.number == 1 && !more);
        }
    }
    bytes_free(&data);
}

/* "event 42, request 7: RawCertificate", "event 9: CRL of key 0". */
static void item_name(const struct showing *showing, const struct event_item *item, char *out,
                      size_t capacity)
{
    static const char *const names[] = {"RawCertificate", "RawRequest", "CA certificate",
                                        "CRL of key", "delta CRL of key"};
    int64_t id = 0;
    int size =
        snprintf(out, capacity, "event %llu", (unsigned long long)showing->event->line.sequence);

    if (event_request_id(showing->event, &id))
        size += snprintf(out + size, capacity - (size_t)size, ", request %lld", (long long)id);
    size += snprintf(out + size, capacity - (size_t)size, ": %s", names[item->kind]);
    if (item->index >= 0)
        size += snprintf(out + size, capacity - (size_t)size, " %lld", (long long)item->index);
    if (showing->event->unverified) snprintf(out + size, capacity - (size_t)size, " (unverified)");
}

static const char *hexadecimal(const uint8_t sha256[32], char out[65])
{
    for (int i = 0; i < 32; i++) snprintf(out + 2 * i, 3, "%02x", sha256[i]);
    return out;
}

/* What the event names without having its bytes. */
static void tell_left_out(struct showing *showing, const struct event_item *item, const char *name)
{
    bool is_property = item->kind == ITEM_CERTIFICATE || item->kind == ITEM_REQUEST;
    char hash[65];
    const char *since = item->spared ? item->spared : "it was too long";

    if (item->has_sha256 && is_property && !digest_set_add(&showing->left_out, item->sha256))
        return;
    if (item->unchanged)
        console_note("%s, %s: the same as in an earlier event", showing->name, name);
    else if (!is_property)
        console_note("%s, %s: too long for the journal, which has its size and SHA-256 only",
                     showing->name, name);
    else if (!item->has_sha256)
        console_note("%s, %s: not recorded, since %s. The CA's database has its bytes",
                     showing->name, name, since);
    else
        console_note("%s, %s: not recorded, since %s. The CA's database has its bytes, and they "
                     "are the same if their SHA-256 is %s",
                     showing->name, name, since, hexadecimal(item->sha256, hash));
    showing->shown++;
}

static bool show_item(void *context, struct event_item *item)
{
    static const enum cert_kind kinds[] = {CERT_CERTIFICATE, CERT_REQUEST, CERT_CERTIFICATE,
                                           CERT_CRL, CERT_CRL};
    struct showing *showing = context;
    bool is_property = item->kind == ITEM_CERTIFICATE || item->kind == ITEM_REQUEST;
    char name[128];

    if (!is_property && !showing->everything) return true;
    if (item->kind != ITEM_CERTIFICATE && showing->certificates_only) return true;
    item_name(showing, item, name, sizeof name);
    if (item->der.size) {
        if (!digest_set_add(&showing->seen, item->sha256)) return true;
        if (!cert_show_der(showing, kinds[item->kind], name, item->der)) {
            cert_note_worse(showing, OUTCOME_WRONG);
            if (!item->readable) return true;                   /* the refusal has been told */
        }
    } else if (!*item->problem) {
        tell_left_out(showing, item, name);
    }
    if (*item->problem) {
        console_note("%s, %s: %s", showing->name, name, item->problem);
        cert_note_worse(showing, OUTCOME_WRONG);
    }
    return true;
}

/* The filter tells which; a sequence of 0: it alone does. */
static void show_events(struct showing *showing, const struct options *options,
                        const struct filter *filter, uint64_t sequence)
{
    struct bytes room = {0};
    struct events events;
    struct event *event;
    bool found = false;

    if (journal_events_open(&events, options, sequence, sequence ? NULL : filter)) {
        showing->name = events.path.data;
        while (!(sequence && found) && (event = events_next(&events))) {
            if (sequence && event->line.sequence > sequence && !events.notes.faults &&
                !events.notes.breaks)
                break;
            if (sequence && event->line.sequence != sequence) continue;
            found = true;
            showing->event = event;
            template_names_learn(&showing->names, event);
            event_items(event, &room, show_item, showing);
        }
        if (console_interrupted())
            console_note("%s: interrupted; not all of it was looked at", events.path.data);
        else if (!found && sequence)
            console_note("%s: there is no event %llu in the journal", events.path.data,
                         (unsigned long long)sequence);
        else if (!found) filter_options_note_none(options, events.path.data, events.looked_at);
        else if (!showing->shown && showing->outcome == OUTCOME_FINE)
            console_note("%s: the events hold no certificate, request or CRL", events.path.data);
        if (!showing->shown) cert_note_worse(showing, OUTCOME_CANNOT);
    }
    cert_note_worse(showing, events_close(&events));
    bytes_free(&room);
    digest_set_free(&showing->seen);
    digest_set_free(&showing->left_out);
    template_names_free(&showing->names);
}

static enum outcome run_events(struct showing *showing, const struct options *options)
{
    unsigned long long sequence = 0;
    static struct filter filter;        /* a quarter of a MiB: not for the stack */

    if (options->operand_count > 1) {
        console_note("\"%s\" is one too many: an event is taken from one journal",
                     operand_at(options, 1));
        return OUTCOME_CANNOT;
    }
    if (!option_number(options, "sequence", 1, UINT64_MAX, &sequence)) return OUTCOME_CANNOT;
    if (sequence && (option_given(options, "request") || option_given(options, "serial"))) {
        console_note("--sequence names one event; it goes with neither --request nor --serial");
        return OUTCOME_CANNOT;
    }
    showing->everything = sequence;
    showing->certificates_only = option_given(options, "serial");
    if (!filter_options_read(&filter, options)) return OUTCOME_CANNOT;
    show_events(showing, options, &filter, sequence);
    return showing->outcome;
}

static enum outcome cert_run(const struct options *options)
{
    struct showing showing = {.options = {.as_json = option_given(options, "json"),
                                          .full = option_given(options, "full")}};
    unsigned long long entries = 100;

    if (!option_number(options, "entries", 0, 100000000, &entries)) return OUTCOME_CANNOT;
    showing.options.entries_max =
        showing.options.as_json && !option_given(options, "entries") ? SIZE_MAX : (size_t)entries;
    if (option_given(options, "request") || option_given(options, "sequence") ||
        option_given(options, "serial"))
        return run_events(&showing, options);
    if (!options->operand_count) {
        console_note("nothing to show was named: name a file, or an event by --request, --serial "
                     "or --sequence. See certwitness cert --help");
        return OUTCOME_CANNOT;
    }
    for (unsigned i = 0; i < options->operand_count; i++)
        cert_show_file(&showing, operand_at(options, i));
    return showing.outcome;
}

static const struct option_row options[] = {
    {"request", "N", "what the journal has of this RequestID, or of a range: 40-50"},
    {"serial", "HEX", "the certificate of this serial number in the journal"},
    {"sequence", "N", "all that the journal's event N carries, CRLs included"},
    JOURNAL_OPTION,
    {"full", NULL, "keys, signatures and other long values in full"},
    {"entries", "N", "show at most N entries of a CRL (100; with --json all)"},
    {"json", NULL, "a JSON object to a line, one for each, with every value in full"},
    {0},
};

const struct command command_cert = {
    .name = "cert",
    .operands = "[FILE... | JOURNAL]",
    .operands_least = 0,
    .operands_most = OPTIONS_MAX,
    .options = options,
    .run = cert_run,
    .summary = "decode certificates, requests and CRLs",
    .more = "FILE is a certificate, a request or a CRL: DER, PEM with any label and any\n"
            "number of blocks, or base64 alone; \"-\" is standard input. Requests may come in\n"
            "CMS (PKCS #7, CMC) or from KEYGEN, certificates and CRLs in a .p7b. What is odd\n"
            "in form is shown all the same, with a remark. With --request, --serial or\n"
            "--sequence it is taken from the journal: JOURNAL is its folder, by default that\n"
            "of this machine's CA. What is in several events is shown once.\n\n"
            "  certwitness cert alice.cer\n"
            "  certwitness cert --request 42\n"
            "  certwitness cert --serial 6d000000029e --json | jq .subject\n"
            "  certutil -encode base.crl out.txt & certwitness cert --entries 5 out.txt\n\n"
            "Signatures are shown, not verified. Exit code 1: something was refused, or is\n"
            "not as the event says.\n",
};
