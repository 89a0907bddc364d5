#include "import_list.h"

#include "events/filter.h"

#include <string.h>

#define ISSUER_MAX 16384                /* bytes of a name that is remembered */
#define SERIAL_MAX 20                   /* octets, RFC 5280: what is longer no CA has given */

/* Neither what lies beside the list nor what stands in the current folder is run; %~dp0 is the
 * folder of the list, and ends in a backslash. */
#define CERTUTIL  "\"%SystemRoot%\\System32\\certutil.exe\" "
#define OR_COUNT                                                                                   \
    "\r\nif not %errorlevel%==0 set /a failed+=1\r\n" /* certutil's codes are negative, too */

/* cmd.exe wants CRLF; the file is ASCII. */
static void add_lines(struct import_list *list, const char *const *lines)
{
    for (; *lines; lines++) {
        bytes_add_text(list->out, *lines);
        bytes_add_text(list->out, "\r\n");
    }
}

void import_list_begin(struct import_list *list, struct bytes *out)
{
    static const char *const head[] = {
        "@echo off",
        "rem Brings back certificates that the CA's own database lost. Made by \"certwitness "
        "export\"",
        "rem from the CA's journal. It has not been tried on a CA: read it, and try it on a copy "
        "first.",
        "rem",
        "rem Run it on the CA, as one of its administrators, after the newest backup was restored.",
        "rem A certificate that the database still has is refused by certutil, which does no harm.",
        "rem",
        "rem What comes back is the certificate alone, under a new RequestID: no request, no "
        "attributes,",
        "rem no archived key, and the requester is whoever imports. What was revoked is revoked "
        "again,",
        "rem in the order in which it happened, but as of today. Publish CRLs afterwards: certutil "
        "-crl",
        "rem Certificates of other CAs are not in this list; certutil -importcert -f takes them, "
        "where",
        "rem KRAF_ENABLEFOREIGN is set in ca\\KRAFlags.",
        "rem Exit code 1: at least one of the commands failed.",
        "setlocal EnableExtensions DisableDelayedExpansion",
        "set failed=0",
        "set errorlevel=",
        NULL,
    };

    *list = (struct import_list){.out = out};
    add_lines(list, head);
}

static bool knows(const struct import_list *list, struct der_bytes name)
{
    for (unsigned i = 0; i < list->issuer_count; i++)
        if (der_same(name, (struct der_bytes){(const unsigned char *)list->issuers[i].data,
                                              list->issuers[i].size}))
            return true;
    return false;
}

static void learn(struct import_list *list, struct der_bytes name)
{
    if (!name.size || name.size > ISSUER_MAX || list->issuer_count == IMPORT_LIST_ISSUERS ||
        knows(list, name))
        return;
    bytes_add(&list->issuers[list->issuer_count], name.data, name.size);
    if (!list->issuers[list->issuer_count].failed) list->issuer_count++;
    else bytes_free(&list->issuers[list->issuer_count]);
}

/* The time of the event, if it is made of what times are made of. */
static void import_list_add_time(struct bytes *out, struct span time)
{
    for (size_t i = 0; i < time.size; i++)
        if (!time.text[i] || !strchr("0123456789-T:.Z", time.text[i])) return;
    bytes_add(out, time.text, time.size < 32 ? time.size : 32);
}

/* Ends the remark on an event, which begins a line of its own. */
static void add_when(struct bytes *out, const struct event *event)
{
    import_list_add_time(out, event->line.time);
    if (event->unverified)
        bytes_add_text(out, ", unverified: its line is verified by its own hash only");
    bytes_add_text(out, "\r\n");
}

static void add_import(struct import_list *list, struct event *event, const char *file)
{
    int64_t id = 0;

    bytes_printf(list->out, "rem request %lld, event %llu, ",
                 event_request_id(event, &id) ? (long long)id : 0,
                 (unsigned long long)event->line.sequence);
    add_when(list->out, event);
    bytes_add_text(list->out, CERTUTIL "-importcert \"%~dp0");
    for (; *file; file++) bytes_add(list->out, *file == '/' ? "\\" : file, 1);
    bytes_add_text(list->out, "\"" OR_COUNT);
    list->count++;
    list->commands++;
}

/* Without the zero that keeps a number from being negative. */
static struct der_bytes magnitude(struct der_bytes serial)
{
    if (serial.size > 1 && !serial.data[0]) serial.data++, serial.size--;
    return serial;
}

bool import_list_takes(struct der_bytes serial)
{
    struct der_bytes rest = magnitude(serial);

    return serial.size && !(serial.data[0] & 0x80) && rest.data[0] && rest.size <= SERIAL_MAX;
}

static void import_list_remember(struct import_list *list, struct event *event)
{
    struct certificate_key key;

    if (certificates_key(&list->known, event, &key) && !certificates_find(&list->known, &key))
        certificates_add(&list->known, &key);
}

/* Of RFC 5280's reasons; 7 is none. What the journal has no sensible reason for is revoked without
 * one. */
static int reason_of(struct event *event)
{
    int64_t reason = 0;

    event_number(event, "request/RevokedReason", &reason);
    return reason >= 0 && reason <= 10 && reason != 7 ? (int)reason : 0;
}

/* The serial number in digits that fill bytes, of the certificate where it is there. */
static void import_list_add_serial(struct bytes *out, struct event *event)
{
    static const char hex[] = "0123456789abcdef";
    const struct x509 *certificate = event_x509(event);
    char digits[FILTER_SERIAL_MAX + 1];
    struct bytes text = {0};

    if (certificate) for (size_t i = 0; i < certificate->serial.size; i++)
            bytes_add(&text,
                      (char[2]){hex[certificate->serial.data[i] >> 4],
                                hex[certificate->serial.data[i] & 15]},
                      2);
    else event_serial(event, &text);
    if (!text.failed && filter_serial(text.data, text.size, digits) &&
        strlen(digits) <= 2 * SERIAL_MAX) {
        if (strlen(digits) % 2) bytes_add_text(out, "0");
        bytes_add_text(out, digits);
    }
    bytes_free(&text);
}

static void add_revocation(struct import_list *list, struct event *event, bool taken_back)
{
    struct bytes serial = {0};

    import_list_add_serial(&serial, event);
    if (serial.size && !serial.failed) {
        bytes_printf(list->out, "rem %s, event %llu, ",
                     taken_back ? "revocation taken back" : "revoked",
                     (unsigned long long)event->line.sequence);
        add_when(list->out, event);
        bytes_add_text(list->out, CERTUTIL "-revoke ");
        bytes_add(list->out, serial.data, serial.size);
        bytes_printf(list->out, " %d", taken_back ? -1 : reason_of(event));
        bytes_add_text(list->out, OR_COUNT);
        list->commands++;
    }
    bytes_free(&serial);
}

static void add_left_out(struct import_list *list, struct event *event)
{
    bytes_printf(list->out, "rem left out, event %llu, ", (unsigned long long)event->line.sequence);
    import_list_add_time(list->out, event->line.time);
    bytes_add_text(list->out, ": " IMPORT_LIST_LEFT_OUT "\r\n");
}

void import_list_add(struct import_list *list, struct event *event, const struct event_item *item,
                     const char *file, bool wanted)
{
    bool issued = event_type_is(event, "certificate.issued"),
         revoked = event_type_is(event, "certificate.revoked");
    bool taken_back = event_type_is(event, "certificate.unrevoked");
    bool other = event_type_is(event, "certificate.retrieved") ||
                 event_type_is(event, "certificate.imported");

    if (!item->readable || *item->problem) return;
    if (item->kind == ITEM_CA_CERTIFICATE) learn(list, item->certificate.subject);
    if (item->kind != ITEM_CERTIFICATE || !(issued || revoked || taken_back || other)) return;
    if (issued && !event->unverified) learn(list, item->certificate.issuer);
    if (!wanted) return;
    if (!knows(list, item->certificate.issuer)) {
        list->foreign += digest_set_add(&list->listed, item->sha256);
        return;
    }
    if (!import_list_takes(item->certificate.serial)) {
        add_left_out(list, event);
        return;
    }
    if (digest_set_add(&list->listed, item->sha256)) {
        add_import(list, event, file);
        import_list_remember(list, event);
    }
    if (revoked || taken_back) add_revocation(list, event, taken_back);
}

void import_list_event(struct import_list *list, struct event *event, bool wanted)
{
    bool revoked = event_type_is(event, "certificate.revoked"),
         taken_back = event_type_is(event, "certificate.unrevoked");
    struct certificate_key key;

    if (!wanted || !(revoked || taken_back) || event_der(event, EVENT_CERTIFICATE).size) return;
    if (certificates_key(&list->known, event, &key) && certificates_find(&list->known, &key))
        add_revocation(list, event, taken_back);
}

void import_list_end(struct import_list *list)
{
    bytes_printf(list->out,
                 "echo %%failed%% of these %llu commands failed; certutil has said why.\r\nif not "
                 "%%failed%%==0 exit /b 1\r\nexit /b 0\r\n",
                 (unsigned long long)list->commands);
    for (unsigned i = 0; i < list->issuer_count; i++) bytes_free(&list->issuers[i]);
    list->issuer_count = 0;
    digest_set_free(&list->listed);
    certificates_free(&list->known);
}
