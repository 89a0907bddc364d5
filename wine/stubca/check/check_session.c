/* The world of a rule: a CA, its rows, and the module's object on it. */
#include "check_rules.h"

#include "stubca/host/property_answers.h"
#include "check_server.h"
#include "stubca/host/contexts.h"
#include "stubca/ca/requests.h"
#include "stubca/ca/revocation.h"
#include "stubca/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTER "EXAMPLE\\examinee"
#define OFFICER "EXAMPLE\\examiner"

/* PKCS#10, P-256, CN=Examinee, O=Example, with a subjectAltName; its key is thrown away. */
static const char request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIIBIzCBywIBADAlMRAwDgYDVQQKDAdFeGFtcGxlMREwDwYDVQQDDAhFeGFtaW5l\n"
    "ZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAnRmlse++rqIHfdriinOaJOyTi8\n"
    "9Hw3UDbkfswerplRpH6RanS06Z1XDSrI3FmjIUwfoCFinZm/IKY5iIiBH3ygRDBC\n"
    "BgkqhkiG9w0BCQ4xNTAzMDEGA1UdEQQqMCiCEGV4YW1pbmVlLmV4YW1wbGWBFGV4\n"
    "YW1pbmVlQGV4YW1wbGUub3JnMAoGCCqGSM49BAMCA0cAMEQCIHesEIGT2rMKzpOU\n"
    "wTYyoPQhbw6cMNiv8G6d1FiGkMJVAiAC23BCDuK7MAB12XfHzIG7wcLf83gjUJii\n"
    "uq/K9WDEkQ==\n"
    "-----END CERTIFICATE REQUEST-----\n";

static const struct { LONG event; const char *name; int row; } events[EVENT_BITS] = {
    {EXITEVENT_CERTISSUED, "CERTISSUED", ROW_ISSUED},
    {EXITEVENT_CERTPENDING, "CERTPENDING", ROW_PENDING},
    {EXITEVENT_CERTDENIED, "CERTDENIED", ROW_DENIED},
    {EXITEVENT_CERTREVOKED, "CERTREVOKED", ROW_REVOKED},
    {EXITEVENT_CERTRETRIEVEPENDING, "CERTRETRIEVEPENDING", ROW_ISSUED},
    {EXITEVENT_CRLISSUED, "CRLISSUED", -1},
    {EXITEVENT_SHUTDOWN, "SHUTDOWN", -1},
    {EXITEVENT_STARTUP, "STARTUP", -1},
    {EXITEVENT_CERTIMPORTED, "CERTIMPORTED", ROW_ISSUED},
};

LONG event_of_bit(int bit)
{
    return events[bit].event;
}

const char *event_name(LONG event)
{
    for (int i = 0; i < EVENT_BITS; i++) {
        if (events[i].event == event) return events[i].name;
    }
    return "an unknown event";
}

/* The CA. */

static void check_session_cannot(const char *what, const char *why)
{
    fprintf(stderr, "stubca: the CA to examine the module on could not be made: %s: %s\n", what,
            why);
    TerminateProcess(GetCurrentProcess(), 2);
}

static LONG submit(struct ca *ca, const char *path, const char *name, const char *template,
                   enum outcome expected)
{
    char *attributes = text_format("CertificateTemplate:%s\nccm:examinee.example\n", template);
    struct submission submission = {.name = name,
                                    .path = path,
                                    .attributes = attributes,
                                    .requester = REQUESTER,
                                    .caller = REQUESTER};
    struct verdict verdict;

    request_submit(ca, &submission, &verdict);
    if (verdict.outcome != expected) check_session_cannot(name, verdict.reason.text);
    free(attributes);
    return verdict.request_id;
}

static char *write_request(const char *folder)
{
    char *path = text_format("%s/request.csr", folder);
    WCHAR *wide = text_wide(path);
    FILE *file = _wfopen(wide, L"wb");

    if (!file || fwrite(request, 1, sizeof request - 1, file) != sizeof request - 1)
        check_session_cannot(path, "not written");
    if (file) fclose(file);
    free(wide);
    return path;
}

static void check_session_fill(struct examined *it)
{
    char *path = write_request(it->folder);
    struct verdict verdict;

    templates_add(it->ca->templates,
                  &(struct template){.name = _strdup("User"), .days = 365, .key_usage = 0});
    templates_add(it->ca->templates, &(struct template){.name = _strdup("Slow"),
                                                        .days = 365,
                                                        .approval = true,
                                                        .enrollment_flags = 2});
    it->rows[ROW_ISSUED] = submit(it->ca, path, "issued", "User", OUTCOME_ISSUED);
    it->rows[ROW_PENDING] = submit(it->ca, path, "pending", "Slow", OUTCOME_PENDING);
    it->rows[ROW_DENIED] = submit(it->ca, path, "denied", "NoSuchTemplate", OUTCOME_DENIED);
    it->rows[ROW_REVOKED] = submit(it->ca, path, "revoked", "User", OUTCOME_ISSUED);
    certificate_revoke(it->ca, it->rows[ROW_REVOKED], 1, 0, OFFICER, &verdict);
    if (verdict.outcome != OUTCOME_REVOKED) check_session_cannot("revocation", verdict.reason.text);
    crl_publish(it->ca, true, true, &verdict);
    if (verdict.outcome != OUTCOME_PUBLISHED) check_session_cannot("CRL", verdict.reason.text);
    free(path);
}

struct ca *check_ca(struct examined *it)
{
    struct ca_settings settings = {.name = "Check CA",
                                   .dns_name = "ca01.example",
                                   .folder = it->folder,
                                   .days = 3650,
                                   .delta_crls = true};
    struct reason reason = {""};

    if (it->ca) return it->ca;
    check_works();
    if (FAILED(ca_open(&settings, &it->ca, &reason)))
        check_session_cannot("key and certificate", reason.text);
    check_session_fill(it);
    property_answers_serve(it->ca, NULL, NULL);
    check_server_serve(text_wide(it->key));
    check_goes_on();
    return it->ca;
}

/* Findings. */

static void say_why(struct examined *it, const char *format, va_list arguments)
{
    vsnprintf(it->why, sizeof it->why, format, arguments);
}

enum finding broken(struct examined *it, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_why(it, format, arguments);
    va_end(arguments);
    return BROKEN;
}

enum finding broken_tidily(struct examined *it, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_why(it, format, arguments);
    va_end(arguments);
    it->tidy = true;
    return BROKEN;
}

enum finding not_examined(struct examined *it, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_why(it, format, arguments);
    va_end(arguments);
    return NOT_EXAMINED;
}

bool call_went_well(struct examined *it, const char *method, struct outcome_of_call *outcome)
{
    bool well = SUCCEEDED(outcome->hr);
    char *words =
        well ? NULL
             : text_of_code(outcome->fault.code ? (HRESULT)outcome->fault.code : outcome->hr);

    if (outcome->fault.code) {
        broken(it, "%s threw 0x%08lx at %p: %s", method, outcome->fault.code,
               outcome->fault.address, words);
    } else if (!well) {
        broken(it, "%s returned 0x%08lx: %s %s", method, (unsigned long)outcome->hr, words,
               outcome->detail ? outcome->detail : "");
    }
    free(words);
    outcome_free(outcome);
    return well;
}

/* Sessions. */

bool session_create(struct examined *it, struct exit_object *object)
{
    struct outcome_of_call outcome;

    check_ca(it);
    check_goes_on();
    exit_object_create(&it->clsid, object, &outcome);
    return call_went_well(it, "CoCreateInstance", &outcome);
}

bool session_begin(struct examined *it, struct session *session)
{
    struct outcome_of_call outcome;

    *session = (struct session){.it = it};
    if (!session_create(it, &session->object)) return false;
    check_goes_on();
    exit_object_initialize(&session->object, it->ca->sanitized, &session->mask, &outcome);
    return call_went_well(it, "Initialize", &outcome);
}

bool session_end(struct session *session)
{
    struct outcome_of_call outcome;
    bool well = true;

    check_goes_on();
    if (session->mask & EXITEVENT_SHUTDOWN) {
        exit_object_notify(&session->object, EXITEVENT_SHUTDOWN, 0, &outcome);
        well = call_went_well(session->it, "Notify of SHUTDOWN", &outcome);
    }
    check_goes_on();
    exit_object_release(&session->object, &outcome);
    return call_went_well(session->it, "Release", &outcome) && well;
}

void session_notify(struct session *session, LONG event, struct outcome_of_call *outcome)
{
    LONG context = 0;

    for (int i = 0; i < EVENT_BITS; i++) {
        if (events[i].event == event && events[i].row >= 0)
            context = context_open(session->it->rows[events[i].row]);
    }
    check_goes_on();
    check_server_notifying(context);
    exit_object_notify(&session->object, event, context, outcome);
    check_server_notifying(0);
    context_close(context);
}

bool session_round(struct session *session, bool only_faults)
{
    struct outcome_of_call outcome;
    bool well = true;

    for (int i = 0; i < EVENT_BITS && well; i++) {
        char method[64];

        if (!(session->mask & events[i].event) || events[i].event == EXITEVENT_SHUTDOWN) continue;
        snprintf(method, sizeof method, "Notify of %s", events[i].name);
        session_notify(session, events[i].event, &outcome);
        if (only_faults && !outcome.fault.code) outcome_free(&outcome);
        else well = call_went_well(session->it, method, &outcome);
    }
    return well;
}
