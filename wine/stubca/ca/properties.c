/* Every property that an exit module may ask for. */
#include "properties.h"

#include <certsrv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define L PROPTYPE_LONG
#define D PROPTYPE_DATE
#define B PROPTYPE_BINARY
#define S PROPTYPE_STRING
#define NAME (IN_REQUEST | IN_CERTIFICATE | IS_NAME)
#define CA_INDEXED (IN_CA | IS_INDEXED)
#define SETTABLE (IN_CA | IS_SETTABLE)

const struct property properties[] = {
    /* the request's half */
    {"RequestID", L, IN_REQUEST | IN_CERTIFICATE, {0}},
    {"RawRequest", B, IN_REQUEST, {0}},
    {"RawArchivedKey", B, IN_REQUEST, {0}},
    {"ArchivedKey", B, IN_REQUEST, {0}},
    {"KeyRecoveryHashes", S, IN_REQUEST, {0}},
    {"RawOldCertificate", B, IN_REQUEST, {0}},
    {"RequestAttributes", S, IN_REQUEST, {0}},
    {"RequestType", L, IN_REQUEST, {0}},
    {"RequestFlags", L, IN_REQUEST, {0}},
    {"StatusCode", L, IN_REQUEST, {0}},
    {"Disposition", L, IN_REQUEST, {0}},
    {"DispositionMessage", S, IN_REQUEST, {0}},
    {"SubmittedWhen", D, IN_REQUEST, {0}},
    {"ResolvedWhen", D, IN_REQUEST, {0}},
    {"RevokedWhen", D, IN_REQUEST, {0}},
    {"RevokedEffectiveWhen", D, IN_REQUEST, {0}},
    {"RevokedReason", L, IN_REQUEST, {0}},
    {"RequesterName", S, IN_REQUEST, {0}},
    {"CallerName", S, IN_REQUEST, {0}},
    {"SignerPolicies", S, IN_REQUEST, {0}},
    {"SignerApplicationPolicies", S, IN_REQUEST, {0}},
    {"Officer", L, IN_REQUEST, {0}},
    {"RequesterNameFromOldCertificate", S, IN_REQUEST, {0}},
    {"AttestationChallenge", B, IN_REQUEST, {0}},
    {"EndorsementKeyHash", S, IN_REQUEST, {0}},
    {"EndorsementCertificateHash", S, IN_REQUEST, {0}},
    {"RawPrecertificate", B, IN_REQUEST, {0}},
    {"CRLPartitionIndex", L, IN_REQUEST, {0}},
    {"LinterCertificate", B, IN_REQUEST, {0}},
    {"RequesterCAAccess", L, IN_REQUEST | BOTH_WAYS, {0}},
    {"UserDN", S, IN_REQUEST | BOTH_WAYS, {0}},
    {"KeyArchived", L, IN_REQUEST | BOTH_WAYS, {0}},

    /* names: as requested, and as issued */
    {"DistinguishedName", S, NAME, {0}},
    {"RawName", B, NAME, {0}},
    {"Country", S, NAME, {"C", "2.5.4.6"}},
    {"Organization", S, NAME, {"Org", "O", "2.5.4.10"}},
    {"OrgUnit", S, NAME, {"OrganizationUnit", "OrganizationalUnit", "OU", "2.5.4.11"}},
    {"CommonName", S, NAME, {"CN", "2.5.4.3"}},
    {"Locality", S, NAME, {"L", "2.5.4.7"}},
    {"State", S, NAME, {"ST", "S", "2.5.4.8"}},
    {"Title", S, NAME, {"T", "2.5.4.12"}},
    {"GivenName", S, NAME, {"G", "2.5.4.42"}},
    {"Initials", S, NAME, {"I", "2.5.4.43"}},
    {"SurName", S, NAME, {"SN", "2.5.4.4"}},
    {"DomainComponent", S, NAME, {"DC", "0.9.2342.19200300.100.1.25"}},
    {"EMail", S, NAME, {"E", "1.2.840.113549.1.9.1"}},
    {"StreetAddress", S, NAME, {"Street", "2.5.4.9"}},
    {"UnstructuredName", S, NAME, {"1.2.840.113549.1.9.2"}},
    {"UnstructuredAddress", S, NAME, {"1.2.840.113549.1.9.8"}},
    {"DeviceSerialNumber", S, NAME, {"2.5.4.5"}},

    /* the certificate's half */
    {"RawCertificate", B, IN_CERTIFICATE, {0}},
    {"CertificateHash", S, IN_CERTIFICATE, {0}},
    {"CertificateTemplate", S, IN_CERTIFICATE, {0}},
    {"EnrollmentFlags", L, IN_CERTIFICATE, {0}},
    {"GeneralFlags", L, IN_CERTIFICATE, {0}},
    {"PrivateKeyFlags", L, IN_CERTIFICATE, {0}},
    {"SerialNumber", S, IN_CERTIFICATE, {0}},
    {"IssuerNameId", L, IN_CERTIFICATE, {0}},
    {"NotBefore", D, IN_CERTIFICATE, {0}},
    {"NotAfter", D, IN_CERTIFICATE, {0}},
    {"SubjectKeyIdentifier", S, IN_CERTIFICATE, {0}},
    {"RawPublicKey", B, IN_CERTIFICATE, {0}},
    {"PublicKeyLength", L, IN_CERTIFICATE, {0}},
    {"PublicKeyAlgorithm", S, IN_CERTIFICATE, {0}},
    {"RawPublicKeyAlgorithmParameters", B, IN_CERTIFICATE, {0}},
    {"PublishExpiredCertInCRL", L, IN_CERTIFICATE | BOTH_WAYS, {0}},
    {"UPN", S, IN_CERTIFICATE, {0}},
    {"CertificateType", S, IN_CERTIFICATE, {0}},
    {"RawSMIMECapabilities", B, IN_CERTIFICATE, {0}},
    {"NameType", L, IN_CERTIFICATE, {0}},

    /* the CA */
    {"CAType", L, IN_CA, {0}},
    {"SanitizedCAName", S, IN_CA, {0}},
    {"SanitizedShortName", S, IN_CA, {0}},
    {"MachineDNSName", S, IN_CA, {0}},
    {"ModuleRegistryLocation", S, IN_CA, {0}},
    {"fUseDS", L, IN_CA, {0}},
    {"fDeltaCRLsDisabled", L, IN_CA, {0}},
    {"fServerUpgraded", L, IN_CA, {0}},
    {"ConfigDN", S, IN_CA, {0}},
    {"DomainDN", S, IN_CA, {0}},
    {"LogLevel", L, IN_CA, {0}},
    {"SessionCount", L, IN_CA, {0}},
    {"TemplateChangeSequenceNumber", L, IN_CA, {0}},
    {"VolatileMode", L, IN_CA, {0}},
    {"LocalizedTimePeriodUnits", S, CA_INDEXED, {0}},
    {"CertCount", L, IN_CA, {0}},
    {"RawCACertificate", B, CA_INDEXED | BOTH_WAYS, {0}},
    {"CertState", L, CA_INDEXED, {0}},
    {"CertSuffix", S, CA_INDEXED, {0}},
    {"RawCRL", B, CA_INDEXED, {0}},
    {"RawDeltaCRL", B, CA_INDEXED, {0}},
    {"CRLIndex", L, CA_INDEXED, {0}},
    {"CRLState", L, CA_INDEXED, {0}},
    {"CRLSuffix", S, CA_INDEXED, {0}},
    {"SEAuditFilter", L, IN_CA, {0}},

    /* what a policy module may set: of no type that a getter would know */
    {"EventLogTerse", 0, SETTABLE, {0}},
    {"EventLogError", 0, SETTABLE, {0}},
    {"EventLogWarning", 0, SETTABLE, {0}},
    {"EventLogVerbose", 0, SETTABLE, {0}},
    {"EventLogExhaustive", 0, SETTABLE, {0}},
    {"DCName", 0, SETTABLE, {0}},
    {"CrossForest", 0, SETTABLE, {0}},
    {"RequesterSAMName", 0, SETTABLE, {0}},
    {"RequesterUPN", 0, SETTABLE, {0}},
    {"RequesterDN", 0, SETTABLE, {0}},
    {"SEAuditId", 0, SETTABLE | IS_INDEXED, {0}},
};

enum {
    COUNT = ARRAYSIZE(properties),
    ALIASES = ARRAYSIZE(properties[0].aliases),
    LONGEST_NAME = 127
};

const int property_count = COUNT;

/* All names and aliases in alphabetical order: modules ask some hundred questions an event. */
struct spelling {
    const char *text;
    int property;
    bool alias;
};

static struct spelling spellings[COUNT * (1 + ALIASES)];
static size_t spelling_count;

static int properties_compare(const void *a, const void *b)
{
    return _stricmp(((const struct spelling *)a)->text, ((const struct spelling *)b)->text);
}

__attribute__((constructor)) static void sort_spellings(void)
{
    for (int i = 0; i < COUNT; i++) {
        spellings[spelling_count++] = (struct spelling){properties[i].name, i, false};
        for (int n = 0; n < ALIASES && properties[i].aliases[n]; n++) {
            spellings[spelling_count++] = (struct spelling){properties[i].aliases[n], i, true};
        }
    }
    qsort(spellings, spelling_count, sizeof *spellings, properties_compare);
}

static const struct spelling *spelling_find(const char *name)
{
    struct spelling key = {name, 0, false};

    return bsearch(&key, spellings, spelling_count, sizeof *spellings, properties_compare);
}

int property_find(const char *name)
{
    const struct spelling *spelling = spelling_find(name);

    return spelling ? spelling->property : -1;
}

/* Names are ASCII; what is not, or is too long, is none. */
static bool ascii(const WCHAR *name, char text[LONGEST_NAME + 1])
{
    size_t i;

    for (i = 0; name[i]; i++) {
        if (i == LONGEST_NAME || name[i] > 0x7E) return false;
        text[i] = (char)name[i];
    }
    text[i] = '\0';
    return true;
}

static bool cut_prefix(const char **name, const char *prefix)
{
    size_t size = strlen(prefix);

    if (_strnicmp(*name, prefix, size)) return false;
    *name += size;
    return true;
}

/* Take `.#` off the end; the number is decimal and small enough that it cannot wrap. */
static bool properties_cut_index(char *name, unsigned *index)
{
    char *dot = strrchr(name, '.');

    if (!dot || !dot[1] || strlen(dot + 1) > 9 || strspn(dot + 1, "0123456789") != strlen(dot + 1))
        return false;
    *index = (unsigned)strtoul(dot + 1, NULL, 10);
    *dot = '\0';
    return true;
}

static unsigned properties_place_of(const struct property *property, unsigned getter,
                                    bool of_request)
{
    if (property->place & IS_SETTABLE) return 0;
    if (property->place & BOTH_WAYS) return property->place & (IN_REQUEST | IN_CERTIFICATE | IN_CA);
    if (of_request) return getter & property->place & IN_REQUEST;
    if (getter == IN_CERTIFICATE && property->place & IN_CA) return IN_CA;
    return getter & property->place;
}

bool question_read(const WCHAR *name, unsigned getter, struct question *question)
{
    char text[LONGEST_NAME + 1];
    const char *rest = text;
    const struct spelling *spelling;
    const struct property *property;
    bool of_subject, of_request;

    memset(question, 0, sizeof *question);
    if (!ascii(name, text)) return false;
    of_subject = cut_prefix(&rest, "Subject.");
    of_request = !of_subject && cut_prefix(&rest, "Request.");
    spelling =
        spelling_find(rest); /* before the index: 2.5.4.3 is a name, not the third of something */
    if (!spelling && (question->indexed = properties_cut_index(text, &question->index)))
        spelling = spelling_find(rest);
    if (!spelling) return false;
    property = &properties[spelling->property];
    if (question->indexed && !(property->place & IS_INDEXED)) return false;
    if (of_subject && (!(property->place & IS_NAME) || spelling->alias)) return false;
    if (of_request && !(property->place & IN_REQUEST)) return false;
    question->property = spelling->property;
    question->place = properties_place_of(property, getter, of_request);
    question->plain_name =
        getter == IN_REQUEST && property->place & IS_NAME && !of_subject && !of_request;
    return true;
}
