/*
 * Microsoft's own extensions and request attributes, those that are written in a way of their own.
 *
 * Others are read elsewhere: application policies (1.3.6.1.4.1.311.21.10 to .12) in policy.h, the
 * locations that a CRL was published at (.21.14) in location.h, the hash of the CA's previous
 * certificate (.21.2, an OCTET STRING) and the time of the next CRL (.21.4) in identifier.h, the
 * account's SID (.25.2, GeneralNames) in general_name.h.
 *
 * Each call reads one value, which is all of `value`; the fault counts from its start. Outputs are
 * zero where it is refused. Attributes are given as the contents of their SET, one value or
 * several: the first is read by a call, pairs by a walk.
 */
#ifndef DER_MICROSOFT_H
#define DER_MICROSOFT_H

#include "der.h"

/* The name of a version 1 template, 1.3.6.1.4.1.311.20.2: text, a BMPString as a rule. */
bool template_name_read(struct der_bytes value, struct der_value *name, struct der_fault *fault,
                        struct der_remarks *remarks);

/* A template of version 2 and later, 1.3.6.1.4.1.311.21.7. Contents of INTEGERs; nothing where they
 * are left out. */
struct template_info {
    struct der_bytes oid, major, minor;
};
bool template_info_read(struct der_bytes value, struct template_info *template,
                        struct der_fault *fault, struct der_remarks *remarks);

/* How often the CA's certificate and key were renewed, 1.3.6.1.4.1.311.21.1:
 * DER_E_INTEGER_TOO_LARGE beyond 32 bits. */
bool ca_version_read(struct der_bytes value, unsigned *certificate, unsigned *key,
                     struct der_fault *fault, struct der_remarks *remarks);

/* What made a request, 1.3.6.1.4.1.311.21.20. */
struct client_info {
    struct der_bytes
        client; /* contents of an INTEGER: CLIENT_... below, or one that is not known */
    struct der_value machine, user, process; /* text, UTF8String as a rule; tag 0 where left out */
};
/* Values of RequestClientInfoClientId (certenroll.h, as learn.microsoft.com documents it): those of
 * 2003 came first. */
enum {
    CLIENT_XENROLL_2003 = 1,
    CLIENT_AUTOENROLL_2003 = 2,
    CLIENT_REQUEST_WIZARD_2003 = 3,
    CLIENT_CERTREQ_2003 = 4,
    CLIENT_DEFAULT_REQUEST = 5,
    CLIENT_AUTOENROLL = 6,
    CLIENT_REQUEST_WIZARD = 7,
    CLIENT_ENROLL_ON_BEHALF_OF = 8,
    CLIENT_CERTREQ = 9,
};
bool client_info_read(struct der_bytes values, struct client_info *info, struct der_fault *fault,
                      struct der_remarks *remarks);

/* The provider that holds the key, 1.3.6.1.4.1.311.13.2.2. */
struct key_provider {
    struct der_bytes key_spec; /* contents of an INTEGER: 1 exchange, 2 signature, 0 a CNG key */
    struct der_value name;                      /* text, a BMPString as a rule */
    struct der_bytes signature;                 /* bits, empty as a rule */
};
bool key_provider_read(struct der_bytes values, struct key_provider *provider,
                       struct der_fault *fault, struct der_remarks *remarks);

/* The version of Windows, 1.3.6.1.4.1.311.13.2.3: text such as "10.0.20348.2". */
bool os_version_read(struct der_bytes values, struct der_value *version, struct der_fault *fault,
                     struct der_remarks *remarks);

/*
 * What was given along with the request, 1.3.6.1.4.1.311.13.2.1: pairs of texts, BMPString as a
 * rule. `secret` is true for the names whose values are passwords (Challenge, ExpectedChallenge, in
 * any case and with any '-', '_' or blank in between), and, with remarks, where the name is no
 * text; their value is then left nothing.
 */
struct name_value_pair {
    struct der_value name, value;
    bool secret;
};
void name_value_pairs_begin(struct der *cursor, struct der_fault *fault,
                            struct der_remarks *remarks, struct der_bytes values);
bool name_value_pairs_next(struct der *cursor, struct name_value_pair *pair);

#endif
