/* Making certificates by a template. */
#include "issuing.h"

#include "extension_write.h"
#include "stubca/base/text.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

enum { EXTRAS_OF_ROW = 30, EXTRAS_MAX = EXTRAS_OF_ROW + 4 };

/* Extensions that the authority is told to put in. The values are the list's. */
struct extras {
    struct extra_extension list[EXTRAS_MAX];
    struct der_writer writers[EXTRAS_MAX];
    size_t count;
    HRESULT result;
};

/* Room for one more, to be written by the caller and then added. */
static struct der_writer *extra_writer(struct extras *extras)
{
    return &extras->writers[extras->count];
}

static void extra_add(struct extras *extras, const char *oid, bool critical)
{
    struct der_writer *writer = extra_writer(extras);

    if (FAILED(writer->result)) extras->result = writer->result;
    extras->list[extras->count++] =
        (struct extra_extension){oid, critical, {writer->data, writer->size}};
}

static void extras_free(struct extras *extras)
{
    for (size_t i = 0; i < extras->count; i++) free(extras->writers[i].data);
}

static bool has(const struct extras *extras, const char *oid)
{
    for (size_t i = 0; i < extras->count; i++) {
        if (!strcmp(extras->list[i].oid, oid)) return true;
    }
    return false;
}

static void issuing_add_template(struct extras *extras, const struct template *template)
{
    const char *oid = template->schema > 1 ? OID_TEMPLATE : OID_TEMPLATE_NAME;

    if (has(extras, oid)) return;
    write_template(extra_writer(extras), template);
    extra_add(extras, oid, false);
}

static void add_application_policies(struct extras *extras, const struct template *template)
{
    if (template->schema < 2 || !template->extended_key_usage ||
        has(extras, OID_APPLICATION_POLICIES))
        return;
    write_application_policies(extra_writer(extras), template->extended_key_usage);
    extra_add(extras, OID_APPLICATION_POLICIES, false);
}

/* Certificates get the security extension unless their template says no
 * (CT_FLAG_NO_SECURITY_EXTENSION). */
static void issuing_add_sid(struct extras *extras, const struct template *template,
                            const struct row *row)
{
    const LONG no_security_extension = 0x80000;

    if (!row->requester.sid || template->enrollment_flags & no_security_extension ||
        has(extras, OID_SID))
        return;
    write_sid(extra_writer(extras), row->requester.sid);
    extra_add(extras, OID_SID, false);
}

static void add_names_of_requester(struct extras *extras, const struct template *template,
                                   const struct row *row)
{
    const struct requester *requester = &row->requester;
    const char *mail = template->mail ? requester->mail : NULL;

    if (template->alternative_names != NAMES_OF_REQUESTER ||
        (!requester->upn && !requester->dns_name && !mail) || has(extras, OID_SUBJECT_ALT_NAME))
        return;
    write_alternative_names(extra_writer(extras), requester->upn, requester->dns_name, mail);
    extra_add(extras, OID_SUBJECT_ALT_NAME, false);
}

/* What stands in the row and is not disabled: a manager has set it, the policy lets it through, or
 * made it of an attribute. It takes the place of what the template has. The key identifier is the
 * authority's affair. */
static void add_of_row(struct extras *extras, const struct row *row)
{
    for (size_t i = 0; i < row->extension_count && extras->count < EXTRAS_OF_ROW; i++) {
        const struct extension_cell *extension = &row->extensions[i];

        bool requested = (extension->flags & EXTENSION_ORIGIN_MASK) != EXTENSION_ORIGIN_ADMIN;

        if (extension->flags & EXTENSION_DISABLE_FLAG ||
            (requested && !strcmp(extension->oid, "2.5.29.14")))
            continue;
        der_put_raw(extra_writer(extras), (struct der_bytes){extension->data, extension->size});
        extra_add(extras, extension->oid, extension->flags & EXTENSION_CRITICAL_FLAG);
    }
}

static void collect_extras(struct extras *extras, const struct template *template,
                           const struct row *row)
{
    add_of_row(extras, row);
    issuing_add_template(extras, template);
    add_application_policies(extras, template);
    issuing_add_sid(extras, template, row);
    add_names_of_requester(extras, template, row);
}

/* Those that a manager has disabled in the row stay out. */
static bool copies_names(const struct template *template, const struct row *row)
{
    const struct extension_cell *names = row_extension(row, OID_SUBJECT_ALT_NAME);

    return template->alternative_names == NAMES_OF_REQUEST &&
           !(names && names->flags & EXTENSION_DISABLE_FLAG);
}

HRESULT certificate_make(const struct ca *ca, const struct row *row,
                         const struct template *template, const struct request *request,
                         struct certificate **certificate, struct reason *reason)
{
    unsigned index = ca->certificate_count - 1, key = ca->certificates[index].key;
    int64_t now = ca_now(), end = authority_certificate(ca->authority)->not_after;
    char *crl_url = ca_url(ca->crl_url, index, key, false),
         *issuer_url = ca_url(ca->issuer_url, index, key, false);
    struct extras extras = {.count = 0};
    struct issue issue = {
        .not_before = now - CLOCK_SKEW,
        .not_after = now - CLOCK_SKEW + template->days * DAY,
        .key_usage = template->key_usage,
        .extended_key_usage = (const char *const *)template->extended_key_usage,
        .crl_url = crl_url,
        .issuer_url = issuer_url,
        .extra = extras.list,
        .without_alternative_name = !copies_names(template, row),
    };
    HRESULT hr;

    if (issue.not_after > end) issue.not_after = end;   /* nothing outlives its issuer */
    collect_extras(&extras, template, row);
    issue.extra_count = extras.count;
    if (FAILED(hr = extras.result))
        text_reason(reason, hr, "an extension of the template cannot be written");
    else hr = authority_issue(ca->authority, request, &issue, certificate, reason);
    extras_free(&extras);
    free(crl_url);
    free(issuer_url);
    return hr;
}
