#include "template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ISSUED_IN_PERSON "1.3.6.1.4.1.311.21.8.7638.1389.400"

const struct template templates[] = {
    {"User", NULL, EKU_CLIENT " 1.3.6.1.5.5.7.3.4 1.3.6.1.4.1.311.10.3.4", 365, KEY_RSA, NAMING_USER, .sid = true, .automatic = true, .weight = 30},
    {"Machine", NULL, EKU_CLIENT " " EKU_SERVER, 365, KEY_RSA, NAMING_MACHINE, .sid = true, .automatic = true, .weight = 22},
    {"WebServer", NULL, EKU_SERVER, 365, KEY_RSA, NAMING_SUPPLIED, .weight = 14},
    {"CorpApprovedServer", TEMPLATE_OID "1", EKU_SERVER, 365, KEY_EC, NAMING_SUPPLIED, .approval = true, .weight = 4, .policies = ISSUED_IN_PERSON},
    {"CorpSmartcard", TEMPLATE_OID "2", EKU_CLIENT " " EKU_SMARTCARD, 365, KEY_RSA, NAMING_USER, .sid = true, .agent = true, .weight = 8},
    {"CorpDevice", TEMPLATE_OID "3", EKU_CLIENT, 30, KEY_EC, NAMING_MACHINE, .sid = true, .automatic = true, .weight = 1},
    {"CorpWiFi", TEMPLATE_OID "4", EKU_CLIENT, 365, KEY_EC, NAMING_USER, .sid = true, .automatic = true, .weight = 19},
    {"CodeSigning", NULL, "1.3.6.1.5.5.7.3.3", 365, KEY_RSA, NAMING_NONE, .weight = 2},
    {"CorpTemporary", TEMPLATE_OID "10", EKU_SERVER, 60, KEY_EC, NAMING_SUPPLIED, .weight = 1},
    {"KerberosAuthentication", TEMPLATE_OID "5", EKU_CLIENT " " EKU_SERVER " " EKU_SMARTCARD " 1.3.6.1.5.2.3.5", 365, KEY_RSA, NAMING_MACHINE, .sid = true, .automatic = true},
    {"EnrollmentAgent", NULL, EKU_AGENT, 1095, KEY_EC, NAMING_NONE, .weight = 0},
    {"CEPEncryption", NULL, EKU_AGENT, 365, KEY_EC, NAMING_NONE, .weight = 0},
    {"KeyRecoveryAgent", NULL, EKU_RECOVERY, 365, KEY_EC, NAMING_NONE, .weight = 0},
    {"OCSPResponseSigning", TEMPLATE_OID "6", EKU_OCSP, 14, KEY_EC, NAMING_MACHINE, .automatic = true},
    {"CorpSupplied", TEMPLATE_OID "7", EKU_CLIENT, 365, KEY_EC, NAMING_SUPPLIED, .sid = true},
    {"CorpOpen", TEMPLATE_OID "8", EKU_ANY, 365, KEY_EC, NAMING_USER, .sid = true},
    {"SubCA", NULL, NULL, 1825, KEY_EC, NAMING_NONE, .weight = 0},
    {"VPN-Legacy", NULL, EKU_CLIENT, 365, KEY_EC, NAMING_USER, .weight = 0},
    {"VPN-Legacy2", TEMPLATE_OID "9", EKU_CLIENT, 365, KEY_EC, NAMING_USER, .sid = true},
};
const unsigned template_count = sizeof templates / sizeof *templates;

const struct template *template_find(const char *name)
{
    for (unsigned i = 0; i < template_count; i++)
        if (!strcmp(templates[i].name, name)) return &templates[i];
    fprintf(stderr, "generate: there is no template %s\n", name);
    exit(2);
}

const struct template *template_choose(uint64_t draw)
{
    unsigned total = 0, i;

    for (i = 0; i < template_count; i++) total += templates[i].weight;
    draw %= total;
    for (i = 0; draw >= templates[i].weight; i++) draw -= templates[i].weight;
    return &templates[i];
}

const char *template_id(const struct template *template)
{
    return template->oid ? template->oid : template->name;
}
