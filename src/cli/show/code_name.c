#include "code_name.h"

#include <stddef.h>

struct code {
    uint32_t code;
    const char *name;
};

/* What a CA puts into a request's StatusCode, from winerror.h. */
static const struct code statuses[] = {
    {0x80004003, "E_POINTER"},
    {0x80004005, "E_FAIL"},
    {0x80070002, "ERROR_FILE_NOT_FOUND"},
    {0x80070005, "E_ACCESSDENIED"},
    {0x8007000d, "ERROR_INVALID_DATA"},
    {0x8007000e, "E_OUTOFMEMORY"},
    {0x80070057, "E_INVALIDARG"},
    {0x80070547, "ERROR_CANT_ACCESS_DOMAIN_INFO"},
    {0x8007054b, "ERROR_NO_SUCH_DOMAIN"},
    {0x800705b4, "ERROR_TIMEOUT"},
    {0x800706ba, "RPC_S_SERVER_UNAVAILABLE"},
    {0x8007203a, "ERROR_DS_SERVER_DOWN"},
    {0x80090003, "NTE_BAD_KEY"},
    {0x80090006, "NTE_BAD_SIGNATURE"},
    {0x80090008, "NTE_BAD_ALGID"},
    {0x80090020, "NTE_FAIL"},
    {0x80092004, "CRYPT_E_NOT_FOUND"},
    {0x80092010, "CRYPT_E_REVOKED"},
    {0x80092012, "CRYPT_E_NO_REVOCATION_CHECK"},
    {0x80092013, "CRYPT_E_REVOCATION_OFFLINE"},
    {0x80093102, "CRYPT_E_ASN1_EOD"},
    {0x80093103, "CRYPT_E_ASN1_CORRUPT"},
    {0x8009310b, "CRYPT_E_ASN1_BADTAG"},
    {0x80094001, "CERTSRV_E_BAD_REQUESTSUBJECT"},
    {0x80094002, "CERTSRV_E_NO_REQUEST"},
    {0x80094003, "CERTSRV_E_BAD_REQUESTSTATUS"},
    {0x80094004, "CERTSRV_E_PROPERTY_EMPTY"},
    {0x80094005, "CERTSRV_E_INVALID_CA_CERTIFICATE"},
    {0x80094006, "CERTSRV_E_SERVER_SUSPENDED"},
    {0x80094007, "CERTSRV_E_ENCODING_LENGTH"},
    {0x80094008, "CERTSRV_E_ROLECONFLICT"},
    {0x80094009, "CERTSRV_E_RESTRICTEDOFFICER"},
    {0x8009400a, "CERTSRV_E_KEY_ARCHIVAL_NOT_CONFIGURED"},
    {0x8009400b, "CERTSRV_E_NO_VALID_KRA"},
    {0x8009400c, "CERTSRV_E_BAD_REQUEST_KEY_ARCHIVAL"},
    {0x8009400d, "CERTSRV_E_NO_CAADMIN_DEFINED"},
    {0x8009400e, "CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE"},
    {0x8009400f, "CERTSRV_E_NO_DB_SESSIONS"},
    {0x80094010, "CERTSRV_E_ALIGNMENT_FAULT"},
    {0x80094011, "CERTSRV_E_ENROLL_DENIED"},
    {0x80094012, "CERTSRV_E_TEMPLATE_DENIED"},
    {0x80094013, "CERTSRV_E_DOWNLEVEL_DC_SSL_OR_UPGRADE"},
    {0x80094014, "CERTSRV_E_ADMIN_DENIED_REQUEST"},
    {0x80094015, "CERTSRV_E_NO_POLICY_SERVER"},
    {0x80094016, "CERTSRV_E_WEAK_SIGNATURE_OR_KEY"},
    {0x80094017, "CERTSRV_E_KEY_ATTESTATION_NOT_SUPPORTED"},
    {0x80094018, "CERTSRV_E_ENCRYPTION_CERT_REQUIRED"},
    {0x80094800, "CERTSRV_E_UNSUPPORTED_CERT_TYPE"},
    {0x80094801, "CERTSRV_E_NO_CERT_TYPE"},
    {0x80094802, "CERTSRV_E_TEMPLATE_CONFLICT"},
    {0x80094803, "CERTSRV_E_SUBJECT_ALT_NAME_REQUIRED"},
    {0x80094804, "CERTSRV_E_ARCHIVED_KEY_REQUIRED"},
    {0x80094805, "CERTSRV_E_SMIME_REQUIRED"},
    {0x80094806, "CERTSRV_E_BAD_RENEWAL_SUBJECT"},
    {0x80094807, "CERTSRV_E_BAD_TEMPLATE_VERSION"},
    {0x80094808, "CERTSRV_E_TEMPLATE_POLICY_REQUIRED"},
    {0x80094809, "CERTSRV_E_SIGNATURE_POLICY_REQUIRED"},
    {0x8009480a, "CERTSRV_E_SIGNATURE_COUNT"},
    {0x8009480b, "CERTSRV_E_SIGNATURE_REJECTED"},
    {0x8009480c, "CERTSRV_E_ISSUANCE_POLICY_REQUIRED"},
    {0x8009480d, "CERTSRV_E_SUBJECT_UPN_REQUIRED"},
    {0x8009480e, "CERTSRV_E_SUBJECT_DIRECTORY_GUID_REQUIRED"},
    {0x8009480f, "CERTSRV_E_SUBJECT_DNS_REQUIRED"},
    {0x80094810, "CERTSRV_E_ARCHIVED_KEY_UNEXPECTED"},
    {0x80094811, "CERTSRV_E_KEY_LENGTH"},
    {0x80094812, "CERTSRV_E_SUBJECT_EMAIL_REQUIRED"},
    {0x80094813, "CERTSRV_E_UNKNOWN_CERT_TYPE"},
    {0x80094814, "CERTSRV_E_CERT_TYPE_OVERLAP"},
    {0x80096004, "TRUST_E_CERT_SIGNATURE"},
    {0x800b0101, "CERT_E_EXPIRED"},
    {0x800b0102, "CERT_E_VALIDITYPERIODNESTING"},
    {0x800b0109, "CERT_E_UNTRUSTEDROOT"},
    {0x800b010a, "CERT_E_CHAINING"},
    {0x800b010c, "CERT_E_REVOKED"},
    {0x800b010e, "CERT_E_REVOCATION_FAILURE"},
    {0x800b0110, "CERT_E_WRONG_USAGE"},
    {0x800b0113, "CERT_E_INVALID_POLICY"},
    {0x800b0114, "CERT_E_INVALID_NAME"},
};

static const struct code dispositions[] = {
    {8, "active"},
    {9, "pending"},
    {12, "foreign certificate"},
    {15, "CA certificate"},
    {16, "CA certificate chain"},
    {17, "KRA certificate"},
    {20, "issued"},
    {21, "revoked"},
    {30, "failed"},
    {31, "denied"},
};

static const struct code reasons[] = {
    {0, "unspecified"},
    {1, "key compromise"},
    {2, "CA compromise"},
    {3, "affiliation changed"},
    {4, "superseded"},
    {5, "cessation of operation"},
    {6, "certificate hold"},
    {8, "removed from CRL"},
    {9, "privilege withdrawn"},
    {10, "AA compromise"},
    {0xffffffff, "revocation taken back"},
};

static const struct code formats[] = {{0x100, "PKCS #10"},
                                      {0x200, "keygen"},
                                      {0x300, "PKCS #7"},
                                      {0x400, "CMC"},
                                      {0x600, "challenge response"}};

static const struct code flags[] = {
    {1, "FORCETELETEX"},
    {2, "RENEWAL"},
    {4, "FORCEUTF8"},
    {8, "CAXCHGCERT"},
    {0x10, "ENROLLONBEHALFOF"},
    {0x20, "SUBJECTUNMODIFIED"},
    {0x40, "VALIDENCRYPTEDKEYHASH"},
    {0x80, "CACROSSCERT"},
    {0x100, "ENFORCEUTF8"},
    {0x200, "DEFINEDCACERT"},
    {0x400, "CHALLENGEPENDING"},
    {0x800, "CHALLENGESATISFIED"},
    {0x1000, "TRUSTONUSE"},
    {0x2000, "TRUSTEKCERT"},
    {0x4000, "TRUSTEKKEY"},
    {0x80000000, "PUBLISHERROR"},
};

#define COUNT(table) (sizeof table / sizeof *table)

static const char *code_name_find(const struct code *table, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) if (table[i].code == code) return table[i].name;
    return NULL;
}

const char *disposition_name(int64_t disposition)
{
    return code_name_find(dispositions, COUNT(dispositions), (uint32_t)disposition);
}

const char *revocation_reason_name(int64_t reason)
{
    return code_name_find(reasons, COUNT(reasons), (uint32_t)reason);
}

const char *request_type_name(int64_t type)
{
    return code_name_find(formats, COUNT(formats), (uint32_t)type & 0xff00);
}

const char *status_name(int64_t status)
{
    return code_name_find(statuses, COUNT(statuses), (uint32_t)status);
}

void request_flags_names(int64_t value, struct bytes *out)
{
    size_t before = out->size;

    for (size_t i = 0; i < COUNT(flags); i++) {
        if (!((uint32_t)value & flags[i].code)) continue;
        if (out->size > before) bytes_add_text(out, ", ");
        bytes_add_text(out, flags[i].name);
    }
}

void request_flags_words(int64_t flags, struct bytes *out)
{
    struct bytes names = {0};

    request_flags_names(flags, &names);
    bytes_printf(out, "0x%x", (unsigned)flags);
    if (names.size) {
        bytes_add_text(out, " (");
        bytes_add(out, names.data, names.size);
        bytes_add_text(out, ")");
    }
    out->failed |= names.failed;
    bytes_free(&names);
}
