#include "property_catalog.h"

#include <wchar.h>

#define L PROPTYPE_LONG
#define D PROPTYPE_DATE
#define B PROPTYPE_BINARY
#define S PROPTYPE_STRING
#define NAME_MAX 64                             /* more than the longest name below */

enum scope {
    REQUEST,
    CERTIFICATE,
    NAME,
    CA,
    SETTABLE
}; /* NAME: of a subject, requested and issued */

static const struct { const WCHAR *name; LONG type; enum scope scope;
} names[] = {
    /* the request's half of a row */
    {L"RequestID", L, REQUEST},
    {L"RawRequest", B, REQUEST},
    {L"RawArchivedKey", B, REQUEST},
    {L"ArchivedKey", B, REQUEST},
    {L"KeyRecoveryHashes", S, REQUEST},
    {L"RawOldCertificate", B, REQUEST},
    {L"RequestAttributes", S, REQUEST},
    {L"RequestType", L, REQUEST},
    {L"RequestFlags", L, REQUEST},
    {L"StatusCode", L, REQUEST},
    {L"Disposition", L, REQUEST},
    {L"DispositionMessage", S, REQUEST},
    {L"SubmittedWhen", D, REQUEST},
    {L"ResolvedWhen", D, REQUEST},
    {L"RevokedWhen", D, REQUEST},
    {L"RevokedEffectiveWhen", D, REQUEST},
    {L"RevokedReason", L, REQUEST},
    {L"RequesterName", S, REQUEST},
    {L"CallerName", S, REQUEST},
    {L"SignerPolicies", S, REQUEST},
    {L"SignerApplicationPolicies", S, REQUEST},
    {L"Officer", L, REQUEST},
    {L"PublishExpiredCertInCRL", L, REQUEST},
    {L"RequesterNameFromOldCertificate", S, REQUEST},
    {L"AttestationChallenge", B, REQUEST},
    {L"EndorsementKeyHash", S, REQUEST},
    {L"EndorsementCertificateHash", S, REQUEST},
    {L"RawPrecertificate", B, REQUEST},
    {L"CRLPartitionIndex", L, REQUEST},
    {L"LinterCertificate", B, REQUEST},

    /* its certificate's half */
    {L"RawCertificate", B, CERTIFICATE},
    {L"CertificateHash", S, CERTIFICATE},
    {L"CertificateTemplate", S, CERTIFICATE},
    {L"EnrollmentFlags", L, CERTIFICATE},
    {L"GeneralFlags", L, CERTIFICATE},
    {L"PrivateKeyFlags", L, CERTIFICATE},
    {L"SerialNumber", S, CERTIFICATE},
    {L"IssuerNameId", L, CERTIFICATE},
    {L"NotBefore", D, CERTIFICATE},
    {L"NotAfter", D, CERTIFICATE},
    {L"SubjectKeyIdentifier", S, CERTIFICATE},
    {L"RawPublicKey", B, CERTIFICATE},
    {L"PublicKeyLength", L, CERTIFICATE},
    {L"PublicKeyAlgorithm", S, CERTIFICATE},
    {L"RawPublicKeyAlgorithmParameters", B, CERTIFICATE},
    {L"UPN", S, CERTIFICATE},
    {L"CertificateType", S, CERTIFICATE},
    {L"RawSMIMECapabilities", B, CERTIFICATE},
    {L"NameType", L, CERTIFICATE},

    /* of the request, but asked for as the CA's own are (contract C.6) */
    {L"RequesterCAAccess", L, CERTIFICATE},
    {L"UserDN", S, CERTIFICATE},
    {L"KeyArchived", L, CERTIFICATE},

    /* names: X and Subject.X as issued, Request.X as requested */
    {L"DistinguishedName", S, NAME},
    {L"RawName", B, NAME},
    {L"Country", S, NAME},
    {L"Organization", S, NAME},
    {L"OrgUnit", S, NAME},
    {L"CommonName", S, NAME},
    {L"Locality", S, NAME},
    {L"State", S, NAME},
    {L"Title", S, NAME},
    {L"GivenName", S, NAME},
    {L"Initials", S, NAME},
    {L"SurName", S, NAME},
    {L"DomainComponent", S, NAME},
    {L"EMail", S, NAME},
    {L"StreetAddress", S, NAME},
    {L"UnstructuredName", S, NAME},
    {L"UnstructuredAddress", S, NAME},
    {L"DeviceSerialNumber", S, NAME},

    /* the CA itself */
    {L"CAType", L, CA},
    {L"SanitizedCAName", S, CA},
    {L"SanitizedShortName", S, CA},
    {L"MachineDNSName", S, CA},
    {L"ModuleRegistryLocation", S, CA},
    {L"fUseDS", L, CA},
    {L"fDeltaCRLsDisabled", L, CA},
    {L"fServerUpgraded", L, CA},
    {L"ConfigDN", S, CA},
    {L"DomainDN", S, CA},
    {L"LogLevel", L, CA},
    {L"SessionCount", L, CA},
    {L"TemplateChangeSequenceNumber", L, CA},
    {L"VolatileMode", L, CA},
    {L"LocalizedTimePeriodUnits", S, CA},
    {L"CertCount", L, CA},
    {L"RawCACertificate", B, CA},
    {L"CertState", L, CA},
    {L"CertSuffix", S, CA},
    {L"RawCRL", B, CA},
    {L"RawDeltaCRL", B, CA},
    {L"CRLIndex", L, CA},
    {L"CRLState", L, CA},
    {L"CRLSuffix", S, CA},
    {L"SEAuditFilter", L, CA},

    /* for policy modules to set */
    {L"EventLogTerse", S, SETTABLE},
    {L"EventLogError", S, SETTABLE},
    {L"EventLogWarning", S, SETTABLE},
    {L"EventLogVerbose", S, SETTABLE},
    {L"EventLogExhaustive", S, SETTABLE},
    {L"DCName", S, SETTABLE},
    {L"CrossForest", S, SETTABLE},
    {L"RequesterSAMName", S, SETTABLE},
    {L"RequesterUPN", S, SETTABLE},
    {L"RequesterDN", S, SETTABLE},
    {L"SEAuditId", S, SETTABLE},
};

bool property_catalog_same(const WCHAR *a, const WCHAR *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

/* `name` behind `prefix`, or NULL. */
static const WCHAR *property_catalog_behind(const WCHAR *name, const WCHAR *prefix)
{
    int size = (int)wcslen(prefix);

    if (wcslen(name) < (size_t)size ||
        CompareStringOrdinal(name, size, prefix, size, TRUE) != CSTR_EQUAL)
        return NULL;
    return name + size;
}

/* Without ".0" at the end. False: too long to be known. */
static bool without_index(const WCHAR *name, WCHAR out[NAME_MAX])
{
    size_t size = wcslen(name), digits = 0;

    while (digits < size && name[size - 1 - digits] >= '0' && name[size - 1 - digits] <= '9')
        digits++;
    if (digits && digits < size && name[size - 1 - digits] == '.') size -= digits + 1;
    if (size >= NAME_MAX) return false;
    wmemcpy(out, name, size);
    out[size] = 0;
    return true;
}

bool property_catalog_find(const WCHAR *name, struct catalog_property *out)
{
    const WCHAR *requested = property_catalog_behind(name, L"Request."),
                *subject = property_catalog_behind(name, L"Subject.");
    WCHAR bare[NAME_MAX];

    if (!without_index(requested ? requested : subject ? subject : name, bare)) return false;
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        enum scope scope = names[i].scope;

        if (!property_catalog_same(bare, names[i].name)) continue;
        out->of = scope == CA ? KNOWN_OF_CA : scope == SETTABLE ? KNOWN_SETTABLE : KNOWN_OF_REQUEST;
        out->table = scope == REQUEST || requested ? SERVER_REQUEST : SERVER_CERTIFICATE;
        out->type = names[i].type;
        return true;
    }
    return false;
}
