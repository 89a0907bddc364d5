/* What the CA does with a request until it is resolved. */
#include "requests.h"

#include "certificate.h"
#include "extension_write.h"
#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "issuing.h"
#include "keygen_name.h"
#include "properties.h"
#include "request_attributes.h"
#include "san_attribute.h"
#include "signers.h"
#include "stubca/base/text.h"

#include <certsrv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OID_SUBJECT_KEY_IDENTIFIER "2.5.29.14"
#define OID_KEY_USAGE "2.5.29.15"
#define OID_BASIC_CONSTRAINTS "2.5.29.19"
#define OID_AUTHORITY_KEY_IDENTIFIER "2.5.29.35"
#define OID_EXTENDED_KEY_USAGE "2.5.29.37"

enum { ATTRIBUTES_WHOLE = 0x7FFFFFFF, ATTRIBUTES_CUT = 16384 };   /* the latter two in characters */
enum { UNISSUED_TOLD, UNISSUED_DENIED, UNISSUED_BARE };           /* of CHOICE_UNISSUED */
enum {
    DAYS_OF_NO_TEMPLATE = 365
}; /* how long a certificate would be good where no template says it */

/* The columns that both halves have, and the key's, which are the certificate's alone. */

static void put_names(struct row *row, enum half half, const struct subject *subject)
{
    row_set_text(row, half, "DistinguishedName", subject->distinguished_name);
    row_set_bytes(row, half, "RawName", subject->raw_name.data, subject->raw_name.size);
    for (int i = 0; i < COLUMN_COUNT; i++)
        row_set_text(row, half, name_column_names[i], subject->name[i]);
}

/* Hashes have a blank between two bytes in the database, or have none (I-27). */
static void put_hash(const struct ca *ca, struct row *row, const char *name, const char *hex)
{
    char *spaced = hex_spaced(hex);

    row_set_text(row, HALF_CERTIFICATE, name, ca->choices.chosen[CHOICE_HASHES] ? hex : spaced);
    free(spaced);
}

static void put_key(const struct ca *ca, struct row *row, const struct subject *subject)
{
    put_hash(ca, row, "SubjectKeyIdentifier", subject->key_identifier);
    row_set_bytes(row, HALF_CERTIFICATE, "RawPublicKey", subject->key.data, subject->key.size);
    if (subject->key_length)
        row_set_long(row, HALF_CERTIFICATE, "PublicKeyLength", (LONG)subject->key_length);
    row_set_text(row, HALF_CERTIFICATE, "PublicKeyAlgorithm", subject->key_algorithm);
    row_set_bytes(row, HALF_CERTIFICATE, "RawPublicKeyAlgorithmParameters",
                  subject->key_parameters.data, subject->key_parameters.size);
}

static void put_requested_extensions(struct row *row, const struct subject *subject)
{
    for (size_t i = 0; i < subject->extension_count; i++) {
        const struct subject_extension *extension = &subject->extensions[i];

        row_set_extension(row, extension->oid,
                          (extension->of_cmc ? EXTENSION_ORIGIN_CMC : EXTENSION_ORIGIN_REQUEST)
                              | (extension->critical ? EXTENSION_CRITICAL_FLAG : 0),
                          extension->value.data, extension->value.size);
    }
}

static size_t attributes_limit(const struct ca *ca)
{
    return ca->choices.chosen[CHOICE_REQUEST_ATTRIBUTES] ? ATTRIBUTES_CUT : ATTRIBUTES_WHOLE;
}

/* A private key that came along, encrypted as the caller has it. Its hash stands for that of a
 * recovery agent. */
static void put_archived_key(struct row *row, const struct submission *submission)
{
    row_set_bytes(row, HALF_REQUEST, "RawArchivedKey", submission->archived_key,
                  submission->archived_key_size);
    row_set_long(row, HALF_REQUEST, "KeyArchived", submission->archived_key_size > 0);
}

static void put_requester(struct row *row, const struct requester *requester)
{
    row->requester.sid = heap_text(requester->sid);
    row->requester.upn = heap_text(requester->upn);
    row->requester.dns_name = heap_text(requester->dns_name);
    row->requester.mail = heap_text(requester->mail);
}

/* Those in the request first: the call's own take their place. */
static void put_attributes(const struct ca *ca, struct row *row, const struct request *request,
                           const struct submission *submission)
{
    char *inside = request_attributes(request);

    row_add_attributes(row, inside);
    row_add_attributes(row, submission->attributes);
    row_join_attributes(row, attributes_limit(ca));
    free(inside);
}

/* KEYGEN's requests have no name but the attributes'; it is the certificate's, and no column of the
 * request's half. */
static void name_keygen(const struct row *row, struct request *request)
{
    struct der_writer name = {0};

    if (request->form != FORM_KEYGEN) return;
    keygen_name_write(row, &name);
    if (SUCCEEDED(name.result)) request_name(request, (struct der_bytes){name.data, name.size});
    free(name.data);
}

/* What every row has, whatever its request is. */
static void put_arrival(const struct ca *ca, struct row *row, struct der_bytes raw, LONG form,
                        const struct submission *submission)
{
    row_set_bytes(row, HALF_REQUEST, "RawRequest", raw.data, raw.size);
    row_set_long(row, HALF_REQUEST, "RequestType",
                 form | (ca->choices.chosen[CHOICE_REQUEST_TYPE] ? 0 : CR_IN_FULLRESPONSE));
    row_set_long(row, HALF_REQUEST, "RequestFlags", 0);
    row_set_long(row, HALF_REQUEST, "StatusCode", S_OK);
    row_set_long(row, HALF_REQUEST, "Disposition", DB_DISP_ACTIVE);
    row_set_date(row, HALF_REQUEST, "SubmittedWhen", ca_now());
    row_set_text(row, HALF_REQUEST, "RequesterName", submission->requester);
    row_set_text(row, HALF_REQUEST, "CallerName", submission->caller);
    row_set_long(row, HALF_REQUEST, "RequesterCAAccess", 1);
    row_set_text(row, HALF_REQUEST, "UserDN", submission->user_dn);
    put_archived_key(row, submission);
    put_requester(row, &submission->requester_facts);
}

static void put_request(const struct ca *ca, struct row *row, struct request *request,
                        const struct submission *submission)
{
    static const LONG forms[] = {
        [FORM_PKCS10] = CR_IN_PKCS10,
        [FORM_KEYGEN] = CR_IN_KEYGEN,
        [FORM_PKCS7] = CR_IN_PKCS7,
        [FORM_CMC] = CR_IN_CMC,
    };

    put_arrival(ca, row, request->raw, forms[request->form], submission);
    put_attributes(ca, row, request, submission);
    name_keygen(row, request);
    if (request->form != FORM_KEYGEN) put_names(row, HALF_REQUEST, &request->subject);
    put_key(ca, row, &request->subject);
    put_requested_extensions(row, &request->subject);
}

/* `issuer` is IssuerNameId: the indexes of the CA's certificate and, in the high half, of its key.
 */
static void put_certificate(const struct ca *ca, struct row *row,
                            const struct certificate *certificate, unsigned issuer)
{
    row_set_bytes(row, HALF_CERTIFICATE, "RawCertificate", certificate->raw.data,
                  certificate->raw.size);
    put_hash(ca, row, "CertificateHash", certificate->hash);
    row_set_text(row, HALF_CERTIFICATE, "SerialNumber", certificate->serial);
    row_set_date(row, HALF_CERTIFICATE, "NotBefore", certificate->not_before);
    row_set_date(row, HALF_CERTIFICATE, "NotAfter", certificate->not_after);
    row_set_long(row, HALF_CERTIFICATE, "IssuerNameId", (LONG)issuer);
    row_set_long(row, HALF_CERTIFICATE, "PublishExpiredCertInCRL", 0);
    row_set_text(row, HALF_CERTIFICATE, "UPN", certificate->subject.upn);
    put_names(row, HALF_CERTIFICATE, &certificate->subject);
    put_key(ca, row, &certificate->subject);
}

static void put_resolution(struct row *row, LONG disposition, HRESULT status, const char *message)
{
    row_set_long(row, HALF_REQUEST, "Disposition", disposition);
    row_set_long(row, HALF_REQUEST, "StatusCode", status);
    row_set_text(row, HALF_REQUEST, "DispositionMessage", message);
    if (disposition != DB_DISP_PENDING) row_set_date(row, HALF_REQUEST, "ResolvedWhen", ca_now());
}

/* What stands in the certificate's half before there is a certificate: the parts of the name, and
 * the dates that it would have, for `days` from now on. Of denied requests that was seen; of
 * pending ones it is inferred (I-28). */
static void put_unissued(const struct ca *ca, struct row *row, int days)
{
    int64_t end = authority_certificate(ca->authority)->not_after;

    for (int i = 0; i < COLUMN_COUNT; i++) {
        char *text = row_text(row, HALF_REQUEST, name_column_names[i]);

        row_set_text(row, HALF_CERTIFICATE, name_column_names[i], text);
        free(text);
    }
    row_set_date(row, HALF_CERTIFICATE, "NotBefore", ca_now() - CLOCK_SKEW);
    row_set_date(row, HALF_CERTIFICATE, "NotAfter", min(ca_now() - CLOCK_SKEW + days * DAY, end));
}

/* `detail` is what the policy says of it, which stands in DispositionMessage behind the code
 * (I-29). */
static void deny(const struct ca *ca, struct row *row, struct verdict *verdict, HRESULT status,
                 const char *detail, const char *reason)
{
    char *message =
        ca->choices.chosen[CHOICE_DENIED_MESSAGE]
            ? heap_text("Denied by Policy Module")
            : text_format("Denied by Policy Module  0x%08lx, %s", (unsigned long)status, detail);

    put_resolution(row, DB_DISP_DENIED, status, message);
    if (ca->choices.chosen[CHOICE_UNISSUED] != UNISSUED_BARE)
        put_unissued(ca, row, DAYS_OF_NO_TEMPLATE);
    verdict_say(verdict, OUTCOME_DENIED, status, "%s", reason);
    free(message);
}

static void requests_hold(const struct ca *ca, struct row *row, const struct template *template,
                          struct verdict *verdict)
{
    put_resolution(row, DB_DISP_PENDING, S_OK, "Taken Under Submission");
    if (ca->choices.chosen[CHOICE_UNISSUED] == UNISSUED_TOLD) put_unissued(ca, row, template->days);
    verdict->outcome = OUTCOME_PENDING;
}

static void requests_fail(struct row *row, struct verdict *verdict, HRESULT status,
                          const char *message)
{
    put_resolution(row, DB_DISP_ERROR, status, message);
    verdict->outcome = OUTCOME_FAILED;  /* the reason stands there already */
    verdict->status = status;
}

/* The policy: which template, and what of the request is let through. */

/* What the request itself names, where the call's attributes name nothing. The caller frees. */
static char *template_in_request(const struct row *row)
{
    const struct extension_cell *extension = row_extension(row, OID_TEMPLATE_NAME);
    struct der_fault fault;
    struct der outer, inner;
    struct der_value value;
    struct der_bytes oid;
    char text[DER_OID_TEXT] = "";

    if (extension) {
        der_begin(&outer, &fault, extension->data, extension->size);
        return der_any(&outer, "template name", &value) ? text_of(&value) : NULL;
    }
    if ((extension = row_extension(row, OID_TEMPLATE))) {
        der_begin(&outer, &fault, extension->data, extension->size);
        if (der_enter(&outer, "template", DER_SEQUENCE, &inner) &&
            der_oid(&inner, "template", &oid)) {
            der_oid_text(oid, text, sizeof text);
        }
    }
    return *text ? heap_text(text) : NULL;
}

static const struct template *choose_template(const struct ca *ca, struct row *row,
                                              struct verdict *verdict)
{
    const struct attribute_cell *attribute = row_attribute(row, L"CertificateTemplate");
    char *name = attribute ? text_utf8(attribute->value) : template_in_request(row);
    const struct template *template = name ? templates_find(ca->templates, name) : NULL;
    bool known = template && !template->withdrawn;
    char *reason = name ? text_format("template \"%s\" is %s", name,
                                      template ? "not issued any more" : "unknown")
                        : heap_text("the request names no template");
    char *detail = name ? text_format("The request was for a certificate template that is not "
                                      "supported by the Active Directory "
                                      "Certificate Services policy: %s.",
                                      name)
                        : heap_text("The request does not contain a certificate template extension "
                                    "or the CertificateTemplate "
                                    "request attribute.");

    if (!known)
        deny(ca, row, verdict, name ? CERTSRV_E_UNSUPPORTED_CERT_TYPE : CERTSRV_E_NO_CERT_TYPE,
             detail, reason);
    free(name);
    free(reason);
    free(detail);
    return known ? template : NULL;
}

static void requests_put_template(struct row *row, const struct template *template)
{
    row_set_text(row, HALF_CERTIFICATE, "CertificateTemplate",
                 template->schema > 1 ? template->oid : template->name);
    row_set_long(row, HALF_CERTIFICATE, "EnrollmentFlags", template->enrollment_flags);
    row_set_long(row, HALF_CERTIFICATE, "GeneralFlags", template->general_flags);
    row_set_long(row, HALF_CERTIFICATE, "PrivateKeyFlags", template->private_key_flags);
}

static bool takes(const struct template *template, const char *oid)
{
    for (char **taken = template->takes; taken && *taken; taken++) {
        if (!strcmp(*taken, oid)) return true;
    }
    return false;
}

static bool is_requested(const struct extension_cell *extension)
{
    LONG origin = extension->flags & EXTENSION_ORIGIN_MASK;

    return origin == EXTENSION_ORIGIN_REQUEST || origin == EXTENSION_ORIGIN_CMC;
}

/* The names of the attribute `san`, where the policy has it so, take the place of those in the
 * request, whatever the template says. False, denied: they cannot be written. */
static bool put_san_attribute(const struct ca *ca, struct row *row, struct verdict *verdict)
{
    const struct attribute_cell *attribute = row_attribute(row, L"san");
    char *text =
        attribute && ca->choices.chosen[CHOICE_SAN_ATTRIBUTE] ? text_utf8(attribute->value) : NULL;
    struct der_writer names = {0};
    struct reason reason = {""};
    HRESULT hr = S_OK;

    if (text && SUCCEEDED(hr = san_attribute_write(text, &names, &reason)))
        row_set_extension(row, OID_SUBJECT_ALT_NAME, EXTENSION_ORIGIN_POLICY, names.data,
                          names.size);
    if (FAILED(hr))
        deny(ca, row, verdict, hr, "The attribute san cannot be written as alternative names.",
             reason.text);
    free(names.data);
    free(text);
    return SUCCEEDED(hr);
}

/* Of what was asked for, the key identifier goes into the certificate, and the alternative names
 * and other extensions, if the template has it so; the rest stays on record, disabled. What a
 * manager has set is let through. */
static void disable_requested_extensions(struct row *row, const struct template *template)
{
    for (size_t i = 0; i < row->extension_count; i++) {
        struct extension_cell *extension = &row->extensions[i];
        bool names = !strcmp(extension->oid, OID_SUBJECT_ALT_NAME) &&
                     template->alternative_names == NAMES_OF_REQUEST;
        bool key = !strcmp(extension->oid, OID_SUBJECT_KEY_IDENTIFIER);

        if (!names && !key && !takes(template, extension->oid) && is_requested(extension)) {
            extension->flags |= EXTENSION_DISABLE_FLAG;
        }
    }
}

/* Issuing. */

static LONG origin_of(const char *oid)
{
    static const char *const policy[] = {
        OID_KEY_USAGE,        OID_EXTENDED_KEY_USAGE,       OID_TEMPLATE_NAME,
        OID_TEMPLATE,         OID_APPLICATION_POLICIES,     OID_SID,
        OID_SUBJECT_ALT_NAME, OID_AUTHORITY_KEY_IDENTIFIER,
    };

    for (size_t i = 0; i < ARRAYSIZE(policy); i++) {
        if (!strcmp(oid, policy[i])) return EXTENSION_ORIGIN_POLICY;
    }
    return EXTENSION_ORIGIN_SERVER;
}

/* What stands in the row and is not disabled got into the certificate from there, and keeps its
 * origin. */
static LONG origin_in(const struct row *row, const char *oid)
{
    const struct extension_cell *extension = row_extension(row, oid);

    return extension && !(extension->flags & EXTENSION_DISABLE_FLAG)
               ? extension->flags & EXTENSION_ORIGIN_MASK
               : origin_of(oid);
}

static void put_certificate_extensions(struct row *row, const struct subject *subject, LONG origin)
{
    for (size_t i = 0; i < subject->extension_count; i++) {
        const struct subject_extension *extension = &subject->extensions[i];

        row_set_extension(row, extension->oid,
                          (origin ? origin : origin_in(row, extension->oid))
                              | (extension->critical ? EXTENSION_CRITICAL_FLAG : 0),
                          extension->value.data, extension->value.size);
    }
}

/* What the policy says of every certificate that is no CA's: on record, and kept out of it. What
 * the request asked for stays as it was asked for. */
static void put_basic_constraints(struct row *row)
{
    static const unsigned char none[] = {DER_SEQUENCE, 0};

    if (row_extension(row, OID_BASIC_CONSTRAINTS)) return;
    row_set_extension(row, OID_BASIC_CONSTRAINTS,
                      EXTENSION_ORIGIN_POLICY | EXTENSION_CRITICAL_FLAG | EXTENSION_DISABLE_FLAG,
                      none, sizeof none);
}

/* What the policy has to say of a certificate that it issues all the same; NULL: nothing. The
 * caller frees. */
static char *warning_of(const struct row *row, const struct template *template)
{
    const struct value *dn = row_value(row, HALF_REQUEST, property_find("UserDN"));
    char *name, *text;

    if (!template->mail || row->requester.mail) return NULL;
    name = row_text(row, HALF_REQUEST, dn ? "UserDN" : "RequesterName");
    text = text_format("The Enrollee (%s) has no E-Mail name registered in the Active Directory.  "
                       "The E-Mail name will not be "
                       "included in the certificate.\r\n",
                       name);
    free(name);
    return text;
}

/* Issued, with a warning or without; returns StatusCode. That this has nothing of the warning is
 * inferred (I-30). */
static HRESULT put_issued(const struct ca *ca, struct row *row, const struct template *template)
{
    char *warning = warning_of(row, template);
    HRESULT status =
        warning && ca->choices.chosen[CHOICE_WARNING_STATUS] ? CERTSRV_E_PROPERTY_EMPTY : S_OK;
    char *message = warning ? text_format("Issued  0x%08lx, %s",
                                          (unsigned long)CERTSRV_E_PROPERTY_EMPTY, warning)
                            : heap_text("Issued");

    put_resolution(row, DB_DISP_ISSUED, status, message);
    free(warning);
    free(message);
    return status;
}

static unsigned issuer_of(const struct ca *ca, unsigned index)
{
    return ca->certificates[index].key << 16 | index;
}

static void issue(const struct ca *ca, struct row *row, const struct template *template,
                  const struct request *request, struct verdict *verdict)
{
    struct certificate *certificate = NULL;
    HRESULT hr = certificate_make(ca, row, template, request, &certificate, &verdict->reason);

    if (FAILED(hr)) {
        requests_fail(row, verdict, hr, "Error Constructing or Publishing Certificate");
        return;
    }
    row_set_long(row, HALF_REQUEST, "RequestFlags",
                 row_long(row, HALF_REQUEST, "RequestFlags", 0) | CR_FLG_SUBJECTUNMODIFIED);
    put_certificate(ca, row, certificate, issuer_of(ca, ca->certificate_count - 1));
    put_certificate_extensions(row, &certificate->subject, 0);
    put_basic_constraints(row);
    verdict->status = put_issued(ca, row, template);
    verdict->outcome = OUTCOME_ISSUED;
    certificate_free(certificate);
}

static LONG requests_event_of(enum outcome outcome)
{
    if (outcome == OUTCOME_ISSUED) return EXITEVENT_CERTISSUED;
    return outcome == OUTCOME_PENDING ? EXITEVENT_CERTPENDING : EXITEVENT_CERTDENIED;
}

/* Is a request that failed, and was not denied, an event (I-6)? */
static void tell_resolution(const struct ca *ca, const struct verdict *verdict)
{
    if (verdict->outcome == OUTCOME_FAILED && ca->choices.chosen[CHOICE_FAILED_EVENT]) return;
    ca_tell(ca, requests_event_of(verdict->outcome), verdict->request_id);
}

/* A CA that does not keep what it issues has forgotten it once the modules have been told (I-25).
 */
static void forget_volatile(const struct ca *ca, LONG id)
{
    if (!ca->choices.chosen[CHOICE_ROWS]) return;
    rows_write_lock(ca->rows);
    rows_delete(ca->rows, id);
    rows_write_unlock(ca->rows);
}

/* The certificate's file. A row does not change once it is issued, but for its revocation. */
static void requests_write_certificate(const struct ca *ca, LONG id, const char *name,
                                       struct verdict *verdict)
{
    const struct value *raw;
    struct reason reason;
    char *path = text_format("%s/%s.cer", ca->folder, name);
    void *der = NULL;
    size_t size = 0;
    HRESULT hr;

    rows_read_lock(ca->rows);
    if ((raw = row_value(rows_find(ca->rows, id), HALF_CERTIFICATE,
                         property_find("RawCertificate")))) {
        der = heap_copy(raw->data, raw->size);
        size = raw->size;
    }
    rows_read_unlock(ca->rows);
    if (FAILED(hr = file_write_pem(path, "CERTIFICATE", der, size, &reason))) {
        verdict_say(verdict, OUTCOME_ERROR, hr, "%s", reason.text);
    }
    free(der);
    free(path);
}

/* What the signers of a request make of it. */
static void put_signers(struct row *row, const struct signers *signers)
{
    LONG flags = row_long(row, HALF_REQUEST, "RequestFlags", 0);

    if (signers->old_certificate.size) flags |= CR_FLG_RENEWAL;
    if (signers->on_behalf_of) flags |= CR_FLG_ENROLLONBEHALFOF;
    if (signers->archived_key_is_named) flags |= CR_FLG_VALIDENCRYPTEDKEYHASH;
    row_set_long(row, HALF_REQUEST, "RequestFlags", flags);
    row_set_bytes(row, HALF_REQUEST, "RawOldCertificate", signers->old_certificate.data,
                  signers->old_certificate.size);
    row_set_text(row, HALF_REQUEST, "SignerPolicies", signers->policies);
    row_set_text(row, HALF_REQUEST, "SignerApplicationPolicies", signers->purposes);
    if (signers->archived_key.size) {
        row_set_bytes(row, HALF_REQUEST, "RawArchivedKey", signers->archived_key.data,
                      signers->archived_key.size);
        row_set_long(row, HALF_REQUEST, "KeyArchived", 1);
    }
    if (signers->on_behalf_of)
        row_set_text(row, HALF_REQUEST, "RequesterName", signers->on_behalf_of);
}

/* The attribute ExpectedChallenge, as documented: so that the failure can be understood. */
static void put_expected_challenge(const struct ca *ca, struct row *row, const char *challenge)
{
    char *line = text_format("ExpectedChallenge:%s", challenge);

    for (char *c = line; *c; c++) {
        if (*c == '\n' || *c == '\r') *c = ' ';                /* a line ends nowhere else */
    }
    row_add_attributes(row, line);
    row_join_attributes(row, attributes_limit(ca));
    free(line);
}

/* A challenge in KEYGEN's request has to be the one of the attribute Challenge, in the same case
 * (MS-WCCE 3.2.1.4.2.1.4.1.4; I-36). Else the request has failed. */
static bool challenge_is_answered(const struct ca *ca, struct row *row,
                                  const struct request *request, struct verdict *verdict)
{
    const HRESULT wrong = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    const struct attribute_cell *attribute = row_attribute(row, L"Challenge");
    char *given;
    bool same;

    if (request->form != FORM_KEYGEN || !request->challenge ||
        ca->choices.chosen[CHOICE_CHALLENGE])
        return true;
    given = attribute ? text_utf8(attribute->value) : NULL;
    same = given && !strcmp(given, request->challenge);
    free(given);
    if (same) return true;
    put_expected_challenge(ca, row, request->challenge);
    text_reason(&verdict->reason, wrong,
                "the KEYGEN request has a challenge, and the attribute Challenge %s",
                attribute ? "is another" : "is missing");
    requests_fail(row, verdict, wrong, "Error Verifying Request Signature or Signing Certificate");
    return false;
}

/* Signed as it must be, by whom it must be? Else it has failed, or is denied. */
static bool is_signed(const struct ca *ca, struct row *row, const struct request *request,
                      struct verdict *verdict)
{
    struct signers signers = {.by_agent = false};
    HRESULT hr = request_verify(request, &verdict->reason);
    bool allowed;

    if (SUCCEEDED(hr)) hr = signers_check(ca, request, &signers, &verdict->reason);
    allowed = SUCCEEDED(hr) && (!signers.on_behalf_of || signers.by_agent);
    if (FAILED(hr)) {
        requests_fail(row, verdict, hr, "Error Verifying Request Signature or Signing Certificate");
    } else if (!allowed) {
        deny(
            ca, row, verdict, CERTSRV_E_SIGNATURE_REJECTED,
            "One or more signatures did not include the required application or issuance policies.",
            "it is on behalf of another requester, and no enrollment agent has signed the "
            "layer that names this requester");
    } else {
        put_signers(row, &signers);
    }
    signers_free(&signers);
    return allowed;
}

/* The policy: NULL where it denies the request. */
static const struct template *apply_policy(const struct ca *ca, struct row *row,
                                           const struct request *request, struct verdict *verdict)
{
    const struct template *template;

    if (!is_signed(ca, row, request, verdict) ||
        !challenge_is_answered(ca, row, request, verdict) ||
        !(template = choose_template(ca, row, verdict)))
        return NULL;
    requests_put_template(row, template);
    if (!put_san_attribute(ca, row, verdict)) return NULL;
    disable_requested_extensions(row, template);
    return template;
}

/* With the row's lock held: decide on a request that has just come in. */
static void requests_decide(const struct ca *ca, struct row *row, const struct request *request,
                            struct verdict *verdict)
{
    const struct template *template = apply_policy(ca, row, request, verdict);

    if (!template) return;
    if (template->approval) requests_hold(ca, row, template, verdict);
    else issue(ca, row, template, request, verdict);
}

/* What cannot be read as a request is refused, or gets a row and has failed (I-34). */
static void requests_refuse(const struct ca *ca, const struct submission *submission,
                            const char *data, size_t size, HRESULT hr, const struct reason *why,
                            struct verdict *verdict)
{
    struct der_bytes raw = {(const unsigned char *)data, size};
    unsigned char *bytes = NULL;
    struct reason none;
    struct row *row;
    char *message;

    verdict_say(verdict, OUTCOME_REFUSED, hr, "%s is no request: %s", submission->path, why->text);
    if (!ca->choices.chosen[CHOICE_UNREADABLE]) return;
    if (SUCCEEDED(request_bytes(data, size, &bytes, &raw.size, &none))) raw.data = bytes;
    else raw.size = size;
    message = text_format("Error Parsing Request  0x%08lx, %s", (unsigned long)hr, why->text);
    rows_write_lock(ca->rows);
    row = rows_add(ca->rows);
    put_arrival(ca, row, raw, cms_kind(raw.data, raw.size) ? CR_IN_PKCS7 : CR_IN_PKCS10,
                submission);
    row_add_attributes(row, submission->attributes);
    row_join_attributes(row, attributes_limit(ca));
    put_resolution(row, DB_DISP_ERROR, hr, message);
    verdict->outcome = OUTCOME_FAILED;
    verdict->request_id = row->id;
    rows_write_unlock(ca->rows);
    tell_resolution(ca, verdict);
    free(message);
    free(bytes);
}

static struct request *requests_take(const struct ca *ca, const struct submission *submission,
                                     struct verdict *verdict)
{
    char *certificate = text_format("%s/%s.cer", ca->folder, submission->name);
    struct request *request = NULL;
    struct reason reason = {""};
    char *data;
    size_t size;
    HRESULT hr;

    file_remove(certificate);
    free(certificate);
    if (FAILED(hr = file_read(submission->path, 2 * REQUEST_MAX, &data, &size, &reason))) {
        verdict_say(verdict, OUTCOME_ERROR, hr, "%s", reason.text);
    } else if (FAILED(hr = request_read(data, size, ca->choices.chosen[CHOICE_DER], &request,
                                        &reason))) {
        requests_refuse(ca, submission, data, size, hr, &reason, verdict);
    }
    free(data);
    return request;
}

void request_submit(struct ca *ca, const struct submission *submission, struct verdict *verdict)
{
    struct request *request;
    struct row *row;

    memset(verdict, 0, sizeof *verdict);
    if (!(request = requests_take(ca, submission, verdict))) return;
    rows_write_lock(ca->rows);
    row = rows_add(ca->rows);
    verdict->request_id = row->id;
    put_request(ca, row, request, submission);
    requests_decide(ca, row, request, verdict);
    rows_write_unlock(ca->rows);
    request_free(request);
    tell_resolution(ca, verdict);
    if (verdict->outcome == OUTCOME_ISSUED) {
        requests_write_certificate(ca, verdict->request_id, submission->name, verdict);
        forget_volatile(ca, verdict->request_id);
    }
}

/* With the lock held: the row, if it is in a state that the operation is for. */
static struct row *row_in_state(const struct ca *ca, LONG id, const LONG *states, size_t count,
                                const char *operation, struct verdict *verdict)
{
    struct row *row = rows_find(ca->rows, id);
    LONG disposition = row ? row_long(row, HALF_REQUEST, "Disposition", 0) : 0;

    memset(verdict, 0, sizeof *verdict);
    verdict->request_id = id;
    for (size_t i = 0; row && i < count; i++) {
        if (states[i] == disposition) return row;
    }
    if (row) {
        verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_BAD_REQUESTSTATUS,
                    "a request of disposition %ld cannot be %s", disposition, operation);
    } else {
        verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_NO_REQUEST, "there is no such request");
    }
    return NULL;
}

static struct request *requests_request_of(const struct ca *ca, const struct row *row,
                                           struct verdict *verdict)
{
    const struct value *raw = row_value(row, HALF_REQUEST, property_find("RawRequest"));
    struct request *request = NULL;
    HRESULT hr = raw ? request_read(raw->data, raw->size, ca->choices.chosen[CHOICE_DER], &request,
                                    &verdict->reason)
                     : CERTSRV_E_PROPERTY_EMPTY;

    if (request) name_keygen(row, request);
    if (FAILED(hr)) verdict_say(verdict, OUTCOME_REFUSED, hr, "the row holds no request");
    return request;
}

/* Who had it looked at again stands behind what came of it. */
static void add_resubmitter(struct row *row, const char *officer)
{
    char *before = row_text(row, HALF_REQUEST, "DispositionMessage");
    char *message = text_format("%s  Resubmitted by %s", before, officer);

    row_set_text(row, HALF_REQUEST, "DispositionMessage", message);
    free(before);
    free(message);
}

static void resubmit(const struct ca *ca, struct row *row, const char *officer,
                     struct verdict *verdict)
{
    struct request *request = requests_request_of(ca, row, verdict);
    const struct template *template;

    if (!request) return;
    if ((template = apply_policy(ca, row, request, verdict))) {
        if (++row->approvals < template->approval) requests_hold(ca, row, template, verdict);
        else issue(ca, row, template, request, verdict);
    }
    add_resubmitter(row, officer);
    request_free(request);
}

void request_approve(struct ca *ca, LONG id, const char *name, const char *officer,
                     struct verdict *verdict)
{
    static const LONG states[] = {DB_DISP_PENDING, DB_DISP_DENIED, DB_DISP_ERROR};
    struct row *row;

    rows_write_lock(ca->rows);
    if ((row = row_in_state(ca, id, states, ARRAYSIZE(states), "approved", verdict))) {
        resubmit(ca, row, officer, verdict);
    }
    rows_write_unlock(ca->rows);
    if (verdict->outcome == OUTCOME_REFUSED) return;
    tell_resolution(ca, verdict);
    if (verdict->outcome == OUTCOME_ISSUED) requests_write_certificate(ca, id, name, verdict);
}

void request_deny(struct ca *ca, LONG id, const char *officer, struct verdict *verdict)
{
    static const LONG states[] = {DB_DISP_PENDING};
    char *message = text_format("Denied by %s", officer);
    struct row *row;

    rows_write_lock(ca->rows);
    if ((row = row_in_state(ca, id, states, ARRAYSIZE(states), "denied", verdict))) {
        put_resolution(row, DB_DISP_DENIED, CERTSRV_E_ADMIN_DENIED_REQUEST, message);
        if (ca->choices.chosen[CHOICE_UNISSUED] == UNISSUED_DENIED)
            put_unissued(ca, row, DAYS_OF_NO_TEMPLATE);
        verdict_say(verdict, OUTCOME_DENIED, CERTSRV_E_ADMIN_DENIED_REQUEST, "%s", message);
    }
    rows_write_unlock(ca->rows);
    free(message);
    if (verdict->outcome == OUTCOME_DENIED) ca_tell(ca, EXITEVENT_CERTDENIED, id);
}

void request_retrieve(struct ca *ca, LONG id, struct verdict *verdict)
{
    static const struct { LONG disposition; enum outcome outcome;
    } states[] = {
        {DB_DISP_ISSUED, OUTCOME_ISSUED},   {DB_DISP_PENDING, OUTCOME_PENDING},
        {DB_DISP_DENIED, OUTCOME_DENIED},   {DB_DISP_ERROR, OUTCOME_FAILED},
        {DB_DISP_REVOKED, OUTCOME_REVOKED},
    };
    const struct row *row;

    memset(verdict, 0, sizeof *verdict);
    verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_NO_REQUEST, "there is no such request");
    verdict->request_id = id;
    rows_read_lock(ca->rows);
    row = rows_find(ca->rows, id);
    for (size_t i = 0; row && i < ARRAYSIZE(states); i++) {
        if (row_long(row, HALF_REQUEST, "Disposition", 0) != states[i].disposition) continue;
        verdict_say(verdict, states[i].outcome, row_long(row, HALF_REQUEST, "StatusCode", S_OK),
                    "%s", "");
    }
    rows_read_unlock(ca->rows);
    if (verdict->outcome == OUTCOME_ISSUED && !ca->choices.chosen[CHOICE_RETRIEVE_EVENT]) {
        ca_tell(ca, EXITEVENT_CERTRETRIEVEPENDING, id);
    }
}

/* What a manager does to a row. None of it is an event. */

void request_set_attributes(struct ca *ca, LONG id, const char *lines, struct verdict *verdict)
{
    static const LONG states[] = {DB_DISP_PENDING};
    struct row *row;

    rows_write_lock(ca->rows);
    if ((row = row_in_state(ca, id, states, ARRAYSIZE(states), "changed", verdict))) {
        row_add_attributes(row, lines);
        row_join_attributes(row, attributes_limit(ca));
        verdict->outcome = OUTCOME_CHANGED;
    }
    rows_write_unlock(ca->rows);
}

void request_set_extension(struct ca *ca, LONG id, const char *oid, LONG flags, const void *der,
                           size_t size, struct verdict *verdict)
{
    static const LONG states[] = {DB_DISP_PENDING};
    struct row *row;

    rows_write_lock(ca->rows);
    if ((row = row_in_state(ca, id, states, ARRAYSIZE(states), "changed", verdict))) {
        row_set_extension(row, oid, EXTENSION_ORIGIN_ADMIN | flags, der, size);
        verdict->outcome = OUTCOME_CHANGED;
    }
    rows_write_unlock(ca->rows);
}

void request_delete(struct ca *ca, LONG id, struct verdict *verdict)
{
    rows_write_lock(ca->rows);
    memset(verdict, 0, sizeof *verdict);
    verdict->request_id = id;
    if (rows_find(ca->rows, id)) verdict->outcome = OUTCOME_DELETED;
    else verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_NO_REQUEST, "there is no such request");
    rows_delete(ca->rows, id);
    rows_write_unlock(ca->rows);
}

void request_recover_key(struct ca *ca, LONG id, struct verdict *verdict)
{
    const struct row *row;

    memset(verdict, 0, sizeof *verdict);
    verdict->request_id = id;
    rows_read_lock(ca->rows);
    row = rows_find(ca->rows, id);
    if (row && row_value(row, HALF_REQUEST, property_find("RawArchivedKey")))
        verdict->outcome = OUTCOME_RECOVERED;
    else verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_PROPERTY_EMPTY, "no key was archived");
    rows_read_unlock(ca->rows);
}

/* Importing. */

/* By which certificate of ours? The key identifier is looked for wherever in the extension it may
 * stand. -1: none. */
static int our_index(const struct ca *ca, const struct certificate *certificate)
{
    const struct subject_extension *issuer =
        subject_extension(&certificate->subject, OID_AUTHORITY_KEY_IDENTIFIER);
    char *hex = issuer ? hex_of(issuer->value) : NULL;
    int found = -1;

    for (unsigned i = 0; hex && i < ca->certificate_count; i++) {
        const struct subject *own = &authority_certificate(ca->certificates[i].authority)->subject;

        if (der_same(certificate->raw_issuer, own->raw_name) && strstr(hex, own->key_identifier))
            found = (int)i;
    }
    free(hex);
    return found;
}

static bool requests_is_there(const struct ca *ca, const struct certificate *certificate)
{
    char *spaced = hex_spaced(certificate->hash);
    bool found = false;

    for (LONG id = 1; id <= rows_last(ca->rows) && !found; id++) {
        const struct row *row = rows_find(ca->rows, id);
        char *hash = row ? row_text(row, HALF_CERTIFICATE, "CertificateHash") : NULL;

        found = hash && (!strcmp(hash, certificate->hash) || !strcmp(hash, spaced));
        free(hash);
    }
    free(spaced);
    return found;
}

static void import(struct ca *ca, const struct certificate *certificate, const char *officer,
                   struct verdict *verdict)
{
    int ours = our_index(ca, certificate);
    struct row *row;

    if (requests_is_there(ca, certificate)) {
        verdict_say(verdict, OUTCOME_REFUSED, CRYPT_E_EXISTS,
                    "the certificate is in the database already");
        return;
    }
    row = rows_add(ca->rows);
    row_set_long(row, HALF_REQUEST, "RequestType", 0);
    row_set_long(row, HALF_REQUEST, "RequestFlags", 0);
    row_set_date(row, HALF_REQUEST, "SubmittedWhen", ca_now());
    row_set_text(row, HALF_REQUEST, "RequesterName", officer);
    row_set_text(row, HALF_REQUEST, "CallerName", officer);
    put_names(row, HALF_REQUEST, &certificate->subject);
    put_certificate(ca, row, certificate, ours < 0 ? 0 : issuer_of(ca, (unsigned)ours));
    put_certificate_extensions(row, &certificate->subject, EXTENSION_ORIGIN_IMPORTEDCERT);
    put_resolution(row, ours >= 0 ? DB_DISP_ISSUED : DB_DISP_FOREIGN, S_OK, "certificate issued");
    verdict->outcome = OUTCOME_IMPORTED;
    verdict->request_id = row->id;
}

void request_import(struct ca *ca, const char *path, const char *officer, struct verdict *verdict)
{
    struct certificate *certificate = NULL;
    struct reason reason = {""};
    char *data;
    size_t size;
    HRESULT hr;

    memset(verdict, 0, sizeof *verdict);
    if (FAILED(hr = file_read(path, 4 * CERTIFICATE_MAX, &data, &size, &reason))) {
        verdict_say(verdict, OUTCOME_ERROR, hr, "%s", reason.text);
        return;
    }
    if (FAILED(hr = certificate_read(data, size, &certificate, &reason))) {
        verdict_say(verdict, OUTCOME_REFUSED, hr, "%s is no certificate: %s", path, reason.text);
    } else {
        rows_write_lock(ca->rows);
        import(ca, certificate, officer, verdict);
        rows_write_unlock(ca->rows);
    }
    free(data);
    certificate_free(certificate);
    if (verdict->outcome == OUTCOME_IMPORTED)
        ca_tell(ca, EXITEVENT_CERTIMPORTED, verdict->request_id);
}
