#include "oid_name.h"

#include <stddef.h>
#include <string.h>

struct oid_known { const char *dotted, *name; };

/* RFC 5280, 4.2.1.12 */
static const struct oid_known rfc_purposes[] = {
    {"2.5.29.37.0", "anyExtendedKeyUsage"},
    {"1.3.6.1.5.5.7.3.1", "serverAuth"},
    {"1.3.6.1.5.5.7.3.2", "clientAuth"},
    {"1.3.6.1.5.5.7.3.3", "codeSigning"},
    {"1.3.6.1.5.5.7.3.4", "emailProtection"},
    {"1.3.6.1.5.5.7.3.8", "timeStamping"},
    {"1.3.6.1.5.5.7.3.9", "OCSPSigning"},
};

/* and application policies */
static const struct oid_known purposes[] = {
    {"2.5.29.37.0", "Any Purpose"},
    {"1.3.6.1.5.5.7.3.1", "Server Authentication"},
    {"1.3.6.1.5.5.7.3.2", "Client Authentication"},
    {"1.3.6.1.5.5.7.3.3", "Code Signing"},
    {"1.3.6.1.5.5.7.3.4", "Secure Email"},
    {"1.3.6.1.5.5.7.3.5", "IP security end system"},
    {"1.3.6.1.5.5.7.3.6", "IP security tunnel termination"},
    {"1.3.6.1.5.5.7.3.7", "IP security user"},
    {"1.3.6.1.5.5.7.3.8", "Time Stamping"},
    {"1.3.6.1.5.5.7.3.9", "OCSP Signing"},
    {"1.3.6.1.5.5.7.3.17", "IP security IKE"},
    {"1.3.6.1.5.5.8.2.2", "IP security IKE intermediate"},
    {"1.3.6.1.5.2.3.4", "Kerberos Client Authentication"},
    {"1.3.6.1.5.2.3.5", "KDC Authentication"},
    {"1.3.6.1.4.1.311.20.2.1", "Certificate Request Agent"},
    {"1.3.6.1.4.1.311.20.2.2", "Smart Card Logon"},
    {"1.3.6.1.4.1.311.21.5", "Private Key Archival"},
    {"1.3.6.1.4.1.311.21.6", "Key Recovery Agent"},
    {"1.3.6.1.4.1.311.21.19", "Directory Service Email Replication"},
    {"1.3.6.1.4.1.311.21.30", "Endorsement Key, key attested"},
    {"1.3.6.1.4.1.311.21.31", "Endorsement Key, certificate attested"},
    {"1.3.6.1.4.1.311.21.32", "Endorsement Key, user attested"},
    {"1.3.6.1.4.1.311.10.3.1", "Microsoft Trust List Signing"},
    {"1.3.6.1.4.1.311.10.3.2", "Microsoft Time Stamping"},
    {"1.3.6.1.4.1.311.10.3.3", "Microsoft Server Gated Crypto"},
    {"1.3.6.1.4.1.311.10.3.4", "Encrypting File System"},
    {"1.3.6.1.4.1.311.10.3.4.1", "File Recovery"},
    {"1.3.6.1.4.1.311.10.3.5", "Windows Hardware Driver Verification"},
    {"1.3.6.1.4.1.311.10.3.6", "Windows System Component Verification"},
    {"1.3.6.1.4.1.311.10.3.9", "Root List Signer"},
    {"1.3.6.1.4.1.311.10.3.10", "Qualified Subordination"},
    {"1.3.6.1.4.1.311.10.3.11", "Key Recovery"},
    {"1.3.6.1.4.1.311.10.3.12", "Document Signing"},
    {"1.3.6.1.4.1.311.10.3.13", "Lifetime Signing"},
    {"1.3.6.1.4.1.311.10.12.1", "Any Application Policy"},
    {"1.3.6.1.4.1.311.54.1.2", "Remote Desktop Authentication"},
    {"1.3.6.1.4.1.311.67.1.1", "BitLocker Drive Encryption"},
    {"1.3.6.1.4.1.311.67.1.2", "BitLocker Data Recovery Agent"},
    {"2.16.840.1.113730.4.1", "Netscape Server Gated Crypto"},
    {"2.5.29.32.0", "Any Policy"},
    {"1.3.6.1.4.1.311.81.1.1", "DirectAccess OTP Registration Authority"},
    {"2.23.140.1.1", "Extended Validation"},
    {"2.23.140.1.2.1", "Domain Validated"},
    {"2.23.140.1.2.2", "Organization Validated"},
    {"2.23.140.1.2.3", "Individual Validated"},
};

static const struct oid_known others[] = {
    /* algorithms */
    {"1.2.840.113549.1.1.1", "RSA"},
    {"1.2.840.113549.1.1.10", "RSASSA-PSS"},
    {"1.2.840.10045.2.1", "ECC"},
    {"1.2.840.10040.4.1", "DSA"},
    {"1.3.101.110", "X25519"},
    {"1.3.101.111", "X448"},
    {"1.3.101.112", "Ed25519"},
    {"1.3.101.113", "Ed448"},
    {"1.2.840.10046.2.1", "DH"},
    {"1.2.840.113549.1.3.1", "DH (PKCS #3)"},
    {"2.16.840.1.101.3.4.3.17", "ML-DSA-44"},
    {"2.16.840.1.101.3.4.3.18", "ML-DSA-65"},
    {"2.16.840.1.101.3.4.3.19", "ML-DSA-87"},
    {"2.16.840.1.101.3.4.4.1", "ML-KEM-512"},
    {"2.16.840.1.101.3.4.4.2", "ML-KEM-768"},
    {"2.16.840.1.101.3.4.4.3", "ML-KEM-1024"},
    {"1.2.840.113549.1.1.2", "md2RSA"},
    {"1.2.840.113549.1.1.4", "md5RSA"},
    {"1.2.840.113549.1.1.5", "sha1RSA"},
    {"1.2.840.113549.1.1.11", "sha256RSA"},
    {"1.2.840.113549.1.1.12", "sha384RSA"},
    {"1.2.840.113549.1.1.13", "sha512RSA"},
    {"1.2.840.113549.1.1.14", "sha224RSA"},
    {"1.2.840.10045.4.1", "sha1ECDSA"},
    {"1.2.840.10045.4.3.1", "sha224ECDSA"},
    {"1.2.840.10045.4.3.2", "sha256ECDSA"},
    {"1.2.840.10045.4.3.3", "sha384ECDSA"},
    {"1.2.840.10045.4.3.4", "sha512ECDSA"},
    {"1.2.840.10040.4.3", "sha1DSA"},
    {"2.16.840.1.101.3.4.3.1", "sha224DSA"},
    {"2.16.840.1.101.3.4.3.2", "sha256DSA"},
    {"1.3.14.3.2.26", "sha1"},
    {"2.16.840.1.101.3.4.2.1", "sha256"},
    {"2.16.840.1.101.3.4.2.2", "sha384"},
    {"2.16.840.1.101.3.4.2.3", "sha512"},
    {"2.16.840.1.101.3.4.2.4", "sha224"},
    {"1.3.14.3.2.29", "sha1RSA (OIW)"},
    {"1.2.840.113549.3.7", "3des"},
    {"1.2.840.113549.3.2", "rc2"},
    {"1.2.840.113549.3.4", "rc4"},
    {"1.3.14.3.2.7", "des"},
    {"2.16.840.1.101.3.4.1.2", "aes128"},
    {"2.16.840.1.101.3.4.1.22", "aes192"},
    {"2.16.840.1.101.3.4.1.42", "aes256"},
    {"2.16.840.1.101.3.4.1.5", "aes128 wrap"},
    {"2.16.840.1.101.3.4.1.25", "aes192 wrap"},
    {"2.16.840.1.101.3.4.1.45", "aes256 wrap"},
    /* curves */
    {"1.2.840.10045.3.1.7", "P-256"},
    {"1.3.132.0.34", "P-384"},
    {"1.3.132.0.35", "P-521"},
    {"1.3.132.0.33", "P-224"},
    {"1.2.840.10045.3.1.1", "P-192"},
    {"1.3.132.0.10", "secp256k1"},
    {"1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"},
    {"1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"},
    {"1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"},
    {"1.3.36.3.3.2.8.1.1.1", "brainpoolP160r1"},
    {"1.3.36.3.3.2.8.1.1.2", "brainpoolP160t1"},
    {"1.3.36.3.3.2.8.1.1.3", "brainpoolP192r1"},
    {"1.3.36.3.3.2.8.1.1.4", "brainpoolP192t1"},
    {"1.3.36.3.3.2.8.1.1.5", "brainpoolP224r1"},
    {"1.3.36.3.3.2.8.1.1.6", "brainpoolP224t1"},
    {"1.3.36.3.3.2.8.1.1.8", "brainpoolP256t1"},
    {"1.3.36.3.3.2.8.1.1.9", "brainpoolP320r1"},
    {"1.3.36.3.3.2.8.1.1.10", "brainpoolP320t1"},
    {"1.3.36.3.3.2.8.1.1.12", "brainpoolP384t1"},
    {"1.3.36.3.3.2.8.1.1.14", "brainpoolP512t1"},
    {"1.2.156.10197.1.301", "SM2"},
    {"1.2.250.1.223.101.256.1", "FRP256v1"},
    /* access methods, policy qualifiers, hold instructions */
    {"1.3.6.1.5.5.7.48.1", "OCSP"},
    {"1.3.6.1.5.5.7.48.2", "CA Issuers"},
    {"1.3.6.1.5.5.7.48.3", "Time Stamping"},
    {"1.3.6.1.5.5.7.48.5", "CA Repository"},
    {"1.3.6.1.5.5.7.2.1", "CPS"},
    {"1.3.6.1.5.5.7.2.2", "User Notice"},
    {"1.2.840.10040.2.1", "None"},
    {"1.2.840.10040.2.2", "Call Issuer"},
    {"1.2.840.10040.2.3", "Reject"},
    /* contents of CMS, and what signs nothing */
    {"1.2.840.113549.1.7.1", "data"},
    {"1.2.840.113549.1.7.2", "signed data"},
    {"1.2.840.113549.1.7.3", "enveloped data"},
    {"1.3.6.1.5.5.7.12.2", "CMC request"},
    {"1.3.6.1.5.5.7.12.3", "CMC response"},
    {"1.3.6.1.5.5.7.6.2", "no signature"},
    {"1.3.6.1.4.1.311.10.1", "certificate trust list"},
    {"1.2.840.113549.1.7.5", "digested data"},
    {"1.2.840.113549.1.7.6", "encrypted data"},
    {"1.2.840.113549.1.9.16.1.4", "timestamp"},
    {"1.2.840.113549.1.9.16.1.1", "signed receipt"},
    {"1.2.840.113549.1.9.16.1.2", "authenticated data"},
    {"1.2.840.113549.1.9.16.1.9", "compressed data"},
    {"1.2.840.113549.1.9.16.1.16", "firmware package"},
    {"1.2.840.113549.1.9.16.1.23", "authenticated enveloped data"},
    {"1.2.840.113549.1.9.16.1.24", "route origin authorization"},
    {"1.2.840.113549.1.9.16.1.26", "RPKI manifest"},
    {"1.3.6.1.4.1.311.2.1.4", "Authenticode signature"},
    {"2.23.136.1.1.1", "passport security object"},
    /* other names */
    {"1.3.6.1.4.1.311.20.2.3", "User Principal Name"},
    {"1.3.6.1.4.1.311.25.2.1", "SID"},
    {"1.3.6.1.4.1.311.25.1", "Object GUID"},
    {"1.3.6.1.5.2.2", "Kerberos Principal"},
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *name_in(const struct oid_known *list, size_t count, const char *dotted)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i].dotted, dotted)) return list[i].name;
    return NULL;
}

const char *oid_name(const char *dotted)
{
    const char *name = name_in(purposes, COUNT(purposes), dotted);

    return name ? name : name_in(others, COUNT(others), dotted);
}

const char *oid_rfc_purpose(const char *dotted)
{
    return name_in(rfc_purposes, COUNT(rfc_purposes), dotted);
}

const char *oid_purpose_at(size_t index)
{
    if (index < COUNT(purposes)) return purposes[index].name;
    index -= COUNT(purposes);
    return index < COUNT(rfc_purposes) ? rfc_purposes[index].name : NULL;
}
