#include "attacks.h"

#define DOMAIN_SID "S-1-5-21-1004336348-1177238915-682003330-"
#define MALLORY    .requester = "CORP\\mallory", .cn = "Mallory", .ou = "People", .sid = DOMAIN_SID "1666"
#define OWN_NAME   .names = "upn:mallory@corp.example"
#define POLICIES   "1.3.6.1.4.1.311.21.8.7638.1389."

static const char *const rules[] = {
    "san-attribute", "auth-name-foreign", "privileged-name", "sid-supplied", "sid-of-another", "name-of-another",
    "rmd-mismatch", "no-sid", "any-purpose", "agent-certificate", "on-behalf-of", "ca-certificate", "denied-then-issued",
    "app-policy", "issuance-policy", "server-name-supplied", "unreadable-request", "client-changed", "weak-key", "key-shared",
    "long-validity", "denied-burst", "imported", "unknown-serial", "record-trouble", "bait",
};

const char *rule_name(unsigned number)
{
    return rules[number - 1];
}

const struct special specials[] = {
    {"san-attribute", 1, "high", "the attribute san: put administrator@corp.example into the certificate", 300, "User", MALLORY,
     .names = "upn:administrator@corp.example", .attributes = "san:upn=administrator@corp.example"},
    {"san-attribute-attempt", 1, "low", "the attribute SAN: was sent, and the CA took nothing from it", 310, "User", MALLORY,
     OWN_NAME, .attributes = "SAN:dns=dc01.corp.example"},
    {"san-attribute-near", 1, NULL, "the attribute is xsan:, which no CA reads", 320, "User", MALLORY,
     OWN_NAME, .attributes = "xsan:upn=administrator@corp.example"},

    {"foreign-upn-supplied", 2, "high", "the request of CORP\\mallory asked for the UPN of alice", 330, "CorpSupplied", MALLORY,
     .names = "upn:alice@corp.example", .request_names = "upn:alice@corp.example"},
    {"foreign-upn-changed", 2, NULL, "its history", 200, "User", .requester = "CORP\\svc1", .cn = "svc1", .ou = "Service",
     .sid = DOMAIN_SID "1701", .names = "upn:svc1@corp.example"},
    {"foreign-upn-changed", 2, "medium", "the CA's word for CORP\\svc1 was svc1@corp.example before, and is backup@corp.example now", 340, "User",
     .requester = "CORP\\svc1", .cn = "svc1", .ou = "Service", .sid = DOMAIN_SID "1701", .names = "upn:backup@corp.example"},
    {"foreign-dns-vouched", 2, "low", "the CA's word for CORP\\PC77$ is a DNS name of another host", 350, "Machine", .requester = "CORP\\PC77$",
     .cn = "legacy77.corp.example", .ou = "Computers", .sid = DOMAIN_SID "1777", .names = "dns:legacy77.corp.example"},
    {"foreign-upn-near", 2, NULL, "its history", 210, "User", .requester = "CORP\\vlang", .cn = "Valerie Lang", .ou = "People",
     .sid = DOMAIN_SID "1702", .names = "upn:valerie.lang@corp.example"},
    {"foreign-upn-near", 2, NULL, "the CA's word for CORP\\vlang was valerie.lang@corp.example before", 360, "User",
     .requester = "CORP\\vlang", .cn = "Valerie Lang", .ou = "People", .sid = DOMAIN_SID "1702", .names = "upn:valerie.lang@corp.example"},

    {"privileged-sid", 3, "critical", "the SID in the certificate is that of the domain's administrator", 370, "CorpSupplied",
     .requester = "CORP\\mallory", .cn = "Mallory", .ou = "People", OWN_NAME, .request_names = "upn:mallory@corp.example", .sid = DOMAIN_SID "500"},
    {"privileged-sid-uri", 3, "critical", "the SID in an alternative name is that of the domain admins", 380, "CorpSupplied",
     .requester = "CORP\\mallory", .cn = "Mallory", .ou = "People",
     .names = "uri:tag:microsoft.com,2022-09-14:sid:" DOMAIN_SID "512", .request_names = "uri:tag:microsoft.com,2022-09-14:sid:" DOMAIN_SID "512"},
    {"privileged-sid-near", 3, NULL, "the RID is 1500", 390, "User", .requester = "CORP\\nora", .cn = "Nora", .ou = "People",
     .names = "upn:nora@corp.example", .sid = DOMAIN_SID "1500"},

    {"sid-supplied", 4, "high", "the request asked for the SID that is in the certificate", 400, "CorpSupplied", .requester = "CORP\\mallory",
     .cn = "Mallory", .ou = "People", OWN_NAME, .request_names = "upn:mallory@corp.example", .sid = DOMAIN_SID "1105", .request_sid = DOMAIN_SID "1105"},
    {"sid-supplied-near", 4, NULL, "the request asked for a SID, and the CA put its own there", 410, "CorpSupplied", MALLORY,
     OWN_NAME, .request_names = "upn:mallory@corp.example", .request_sid = DOMAIN_SID "1105"},

    {"sid-of-another", 5, NULL, "its history", 220, "User", .requester = "CORP\\bob", .cn = "Bob", .ou = "People", .names = "upn:bob@corp.example",
     .sid = DOMAIN_SID "1106"},
    {"sid-of-another", 5, "critical", "the CA's word for CORP\\mallory is the SID of CORP\\bob", 420, "User", .requester = "CORP\\mallory", .cn = "Mallory",
     .ou = "People", OWN_NAME, .sid = DOMAIN_SID "1106"},
    {"sid-of-another-near", 5, NULL, "its history", 225, "User", .requester = "CORP\\carl", .cn = "Carl", .ou = "People", .names = "upn:carl@corp.example",
     .sid = DOMAIN_SID "1107"},
    {"sid-of-another-near", 5, NULL, "the same account in other letters", 430, "User", .requester = "corp\\CARL", .cn = "Carl", .ou = "People",
     .names = "upn:carl@corp.example", .sid = DOMAIN_SID "1107"},

    {"name-of-another", 6, NULL, "its history", 230, "KerberosAuthentication", .requester = "CORP\\DC09$", .cn = "dc09.corp.example",
     .ou = "Domain Controllers", .names = "dns:dc09.corp.example", .sid = DOMAIN_SID "1009"},
    {"name-of-another", 6, "critical", "the CA's word for CORP\\EVIL$ is the name of the domain controller dc09", 440, "Machine",
     .requester = "CORP\\EVIL$", .cn = "dc09.corp.example", .ou = "Computers", .names = "dns:dc09.corp.example", .sid = DOMAIN_SID "1667"},
    {"name-of-another-near", 6, NULL, "its history", 235, "KerberosAuthentication", .requester = "CORP\\DC08$", .cn = "dc08.corp.example",
     .ou = "Domain Controllers", .names = "dns:dc08.corp.example", .sid = DOMAIN_SID "1008"},
    {"name-of-another-near", 6, NULL, "the same account, another template, other letters", 450, "Machine", .requester = "CORP\\DC08$",
     .cn = "DC08.corp.example", .ou = "Domain Controllers", .names = "dns:DC08.corp.example", .sid = DOMAIN_SID "1008"},

    {"rmd-of-a-dc", 7, "critical", "CORP\\PC9$ sent rmd:dc01, and the certificate has that name", 460, "Machine", .requester = "CORP\\PC9$",
     .cn = "dc01.corp.example", .ou = "Computers", .names = "dns:dc01.corp.example", .sid = DOMAIN_SID "1909",
     .attributes = "cdc:dc02.corp.example\nrmd:dc01.corp.example"},
    {"rmd-of-another", 7, "medium", "CORP\\PC9$ sent rmd:pc10, and the certificate has its own name", 470, "Machine", .requester = "CORP\\PC9$",
     .cn = "pc9.corp.example", .ou = "Computers", .names = "dns:pc9.corp.example", .sid = DOMAIN_SID "1909",
     .attributes = "cdc:dc02.corp.example\nrmd:pc10.corp.example"},
    {"rmd-near", 7, NULL, "rmd is its own name; cdc is that of a domain controller, as it always is", 480, "Machine", .requester = "CORP\\PC9$",
     .cn = "pc9.corp.example", .ou = "Computers", .names = "dns:pc9.corp.example", .sid = DOMAIN_SID "1909",
     .attributes = "cdc:dc01.corp.example\nrmd:pc9.corp.example"},

    {"no-sid", 8, "medium", "a certificate for authentication without a SID", 490, "User", .requester = "CORP\\noel", .cn = "Noel", .ou = "People",
     .names = "upn:noel@corp.example"},
    {"no-sid-near", 8, NULL, "no SID, and not for authentication", 495, "WebServer", .requester = "CORP\\webadm01", .cn = "nosid.corp.example",
     .names = "dns:nosid.corp.example", .request_names = "dns:nosid.corp.example"},

    {"any-purpose", 9, "high", "the EKU is any purpose", 500, "CorpOpen", MALLORY, OWN_NAME},
    {"no-purpose", 9, "high", "there is no EKU, and it is no CA's certificate", 505, "CorpOpen", MALLORY, OWN_NAME, .eku = ""},
    {"any-purpose-near", 9, NULL, "the same template with an EKU of one purpose", 510, "CorpOpen", MALLORY, OWN_NAME, .eku = EKU_CLIENT},

    {"agent-certificate", 10, "high", "CORP\\mallory is an enrollment agent now", 515, "EnrollmentAgent", MALLORY},
    {"agent-certificate-near", 10, NULL, "smart card logon, whose OID differs in its last number", 520, "CorpSmartcard", MALLORY, OWN_NAME},

    {"on-behalf-of-administrator", 11, "critical", "CORP\\desk2 enrolled for the domain's administrator", 525, "CorpSmartcard",
     .requester = "CORP\\administrator", .caller = "CORP\\desk2", .cn = "Administrator", .ou = "People", .names = "upn:administrator@corp.example",
     .sid = DOMAIN_SID "500", .form = FORM_PKCS7_BEHALF},
    {"on-behalf-of-near", 11, NULL, "its history", 240, "User", .requester = "CORP\\rita", .cn = "Rita", .ou = "People", .names = "upn:rita@corp.example",
     .sid = DOMAIN_SID "1711"},
    {"on-behalf-of-near", 11, NULL, "a renewal, signed with a certificate too", 700, "User", .requester = "CORP\\rita", .cn = "Rita", .ou = "People",
     .names = "upn:rita@corp.example", .sid = DOMAIN_SID "1711", .form = FORM_PKCS7_RENEWAL, .renews = true},

    {"ca-certificate", 12, "critical", "basicConstraints makes it a CA", 530, "SubCA", .requester = "CORP\\mallory", .cn = "Mallory CA",
     .basic_constraints = true, .is_ca = true},
    {"ca-certificate-near", 12, NULL, "basicConstraints is there and says that it is no CA", 535, "WebServer", .requester = "CORP\\webadm01",
     .cn = "plain.corp.example", .names = "dns:plain.corp.example", .request_names = "dns:plain.corp.example", .basic_constraints = true},

    {"denied-then-issued", 13, "high", "the request had been denied", 540, "CorpApprovedServer", .requester = "CORP\\mallory", .cn = "vpn.corp.example",
     .names = "dns:vpn.corp.example", .request_names = "dns:vpn.corp.example", .ending = ENDING_DENIED_THEN_ISSUED},
    {"denied-then-issued-near", 13, NULL, "the request had been pending", 545, "CorpApprovedServer", .requester = "CORP\\webadm01",
     .cn = "mail.corp.example", .names = "dns:mail.corp.example", .request_names = "dns:mail.corp.example", .ending = ENDING_PENDING_THEN_ISSUED},

    {"app-policy", 14, "critical", "the application policies allow client authentication, the EKU does not", 560, "WebServer",
     .requester = "CORP\\mallory", .cn = "shop.corp.example", .names = "dns:shop.corp.example", .request_names = "dns:shop.corp.example",
     .application_policies = EKU_CLIENT, .request_application_policies = EKU_CLIENT},
    {"app-policy-asked", 14, "medium", "a template of schema version 1, and the request asked for application policies", 565, "WebServer",
     .requester = "CORP\\mallory", .cn = "shop2.corp.example", .names = "dns:shop2.corp.example", .request_names = "dns:shop2.corp.example",
     .request_application_policies = EKU_AGENT},
    {"app-policy-near", 14, NULL, "the application policies are what the EKU is", 570, "WebServer", .requester = "CORP\\webadm01",
     .cn = "shop3.corp.example", .names = "dns:shop3.corp.example", .request_names = "dns:shop3.corp.example", .application_policies = EKU_SERVER},

    {"issuance-policy", 15, "medium", "no certificate of this template had this policy", 575, "CorpApprovedServer", .requester = "CORP\\webadm01",
     .cn = "policy.corp.example", .names = "dns:policy.corp.example", .request_names = "dns:policy.corp.example", .policies = POLICIES "401"},
    {"issuance-policy-near", 15, NULL, "the policy that this template has", 580, "CorpApprovedServer", .requester = "CORP\\webadm01",
     .cn = "policy2.corp.example", .names = "dns:policy2.corp.example", .request_names = "dns:policy2.corp.example", .policies = POLICIES "400"},

    {"server-name-supplied", 16, "medium", "CORP\\trudy had no certificate of this template before", 585, "WebServer", .requester = "CORP\\trudy",
     .cn = "intranet.corp.example", .names = "dns:intranet.corp.example", .request_names = "dns:intranet.corp.example"},
    {"server-name-supplied-near", 16, NULL, "its history", 250, "WebServer", .requester = "CORP\\webmaster", .cn = "portal.corp.example",
     .names = "dns:portal.corp.example", .request_names = "dns:portal.corp.example"},
    {"server-name-supplied-near", 16, NULL, "CORP\\webmaster had certificates of this template before", 590, "WebServer", .requester = "CORP\\webmaster",
     .cn = "portal2.corp.example", .names = "dns:portal2.corp.example", .request_names = "dns:portal2.corp.example"},

    {"unreadable-request", 17, "medium", "issued, and RawRequest is no request", 595, "User", MALLORY, OWN_NAME, .form = FORM_UNREADABLE},
    {"odd-request", 17, "medium", "an attribute extensionRequest for each extension, as one attack tool writes it", 600, "CorpSupplied", MALLORY,
     OWN_NAME, .request_names = "upn:mallory@corp.example", .form = FORM_SEVERAL},
    {"unreadable-request-near", 17, NULL, "the same extensions in one attribute", 605, "CorpSupplied", MALLORY, OWN_NAME,
     .request_names = "upn:mallory@corp.example"},

    {"client-changed", 18, NULL, "its history", 260, "Machine", .requester = "CORP\\PC18$", .cn = "pc18.corp.example", .ou = "Computers",
     .names = "dns:pc18.corp.example", .sid = DOMAIN_SID "1918"},
    {"client-changed", 18, "medium", "the machine's requests told of their client before", 610, "Machine", .requester = "CORP\\PC18$",
     .cn = "pc18.corp.example", .ou = "Computers", .names = "dns:pc18.corp.example", .sid = DOMAIN_SID "1918", .without_client = true},
    {"client-changed-near", 18, NULL, "its history", 265, "Machine", .requester = "CORP\\LINUX19$", .cn = "linux19.corp.example", .ou = "Computers",
     .names = "dns:linux19.corp.example", .sid = DOMAIN_SID "1919", .without_client = true},
    {"client-changed-near", 18, NULL, "the machine's requests never told of their client", 615, "Machine", .requester = "CORP\\LINUX19$",
     .cn = "linux19.corp.example", .ou = "Computers", .names = "dns:linux19.corp.example", .sid = DOMAIN_SID "1919", .without_client = true},

    {"weak-key-short", 19, "medium", "RSA of 1024 bits", 620, "User", MALLORY, OWN_NAME, .key = KEY_RSA_1024},
    {"weak-key-exponent", 19, "medium", "RSA with the exponent 3", 622, "User", MALLORY, OWN_NAME, .key = KEY_RSA_EXPONENT_3},
    {"weak-key-close", 19, "medium", "RSA of two neighbouring primes", 624, "User", MALLORY, OWN_NAME, .key = KEY_RSA_CLOSE},
    {"weak-hash", 19, "medium", "the request is signed with SHA-1", 626, "User", MALLORY, OWN_NAME, .key = KEY_RSA_TRUE, .sha1 = true},
    {"weak-key-near", 19, NULL, "RSA of 2048 bits, 65537, SHA-256", 628, "User", MALLORY, OWN_NAME, .key = KEY_RSA_TRUE},

    {"key-shared", 20, NULL, "its history", 630, "User", .requester = "CORP\\quinn", .cn = "Quinn", .ou = "People", .names = "upn:quinn@corp.example",
     .sid = DOMAIN_SID "1720", .key = KEY_RSA_TRUE},
    {"key-shared", 20, "high", "the key of a certificate of CORP\\quinn", 635, "User", MALLORY, OWN_NAME, .key = KEY_RSA_TRUE, .shared_key = true},
    {"key-shared-near", 20, NULL, "its history", 632, "User", .requester = "CORP\\ruth", .cn = "Ruth", .ou = "People", .names = "upn:ruth@corp.example",
     .sid = DOMAIN_SID "1721"},
    {"key-shared-near", 20, NULL, "the same requester, the same key", 640, "User", .requester = "CORP\\ruth", .cn = "Ruth", .ou = "People",
     .names = "upn:ruth@corp.example", .sid = DOMAIN_SID "1721", .shared_key = true},

    {"long-validity", 21, "medium", "ten years of a template that gives one", 645, "User", MALLORY, OWN_NAME, .days = 3650},
    {"backdated", 21, "medium", "notBefore lies 400 days before the request", 650, "User", MALLORY, OWN_NAME, .days = 765, .before_days = 400},
    {"long-validity-near", 21, NULL, "the template's lifetime to the second", 655, "User", MALLORY, OWN_NAME, .days = 365},

    {"denied-burst", 22, NULL, "part of it", 660, "WebServer", .requester = "CORP\\mallory", .cn = "x.corp.example", .request_names = "dns:x.corp.example",
     .ending = ENDING_DENIED, .repeat = 10},
    {"denied-burst", 22, NULL, "part of it", 660, "SubCA", .requester = "CORP\\mallory", .cn = "x", .ending = ENDING_DENIED, .repeat = 10},
    {"denied-burst", 22, NULL, "part of it", 660, "CorpSupplied", .requester = "CORP\\mallory", .cn = "x", .request_names = "upn:alice@corp.example",
     .ending = ENDING_DENIED, .repeat = 10},
    {"denied-burst", 22, "medium", "40 denied within ten minutes, of four templates", 660, "EnrollmentAgent", .requester = "CORP\\mallory", .cn = "x",
     .ending = ENDING_DENIED, .repeat = 10},
    {"denied-burst-near", 22, NULL, "three of one template", 670, "WebServer", .requester = "CORP\\webadm02", .cn = "y.corp.example",
     .request_names = "dns:y.corp.example", .ending = ENDING_DENIED, .repeat = 3},

    {"imported", 23, "high", "no event before was CORP\\eve's", 675, "User", .requester = "CORP\\eve", .cn = "Imported", .ou = "People",
     .ending = ENDING_IMPORTED, .form = FORM_ABSENT},
    {"imported-near", 23, NULL, "its history", 270, "User", .requester = "CORP\\olga", .cn = "Olga", .ou = "People", .names = "upn:olga@corp.example",
     .sid = DOMAIN_SID "1723"},
    {"imported-near", 23, NULL, "CORP\\olga was seen before", 680, "User", .requester = "CORP\\olga", .cn = "Imported", .ou = "People",
     .ending = ENDING_IMPORTED, .form = FORM_ABSENT},

    {"bait", 26, "critical", "a request for the template that nobody should know, denied", 685, "VPN-Legacy", MALLORY, OWN_NAME, .ending = ENDING_DENIED},
    {"bait-near", 26, NULL, "another template, whose name begins in the same way", 690, "VPN-Legacy2", MALLORY, OWN_NAME},
};
const unsigned special_count = sizeof specials / sizeof *specials;

const struct planted_words planted_words[PLANTED_COUNT] = {
    {"unknown-serial", 24, "critical", "a CRL has a serial number that was never issued"},
    {"unknown-serial-near", 24, NULL, "a CRL has a serial number that was issued and revoked"},
    {"unclean-end", 25, "high", "the run before did not end cleanly"},
    {"gap", 25, "high", "events were lost"},
    {"mask-narrowed", 25, "high", "the event mask was narrowed to 1"},
    {"record-trouble-near", 25, NULL, "a run that ended cleanly, and the next"},
};
