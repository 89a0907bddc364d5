/*
 * Every property of the contract: its type, its table, and each of its spellings.
 *
 * The lists below are the contract's own, kept apart from the stub CA's: R request, C certificate, A the CA itself;
 * L, D, B, S for LONG, DATE, BINARY and STRING, - for what a policy module may set and nobody can get; [.#] and .# take
 * an index.
 */
#include "stubca/host/property_answers.h"
#include "stubca/ca/ca.h"
#include "stubca/host/contexts.h"
#include "stubca/ca/properties.h"
#include "stubca/host/server_exit.h"
#include "lib/test.h"

#include <certsrv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char contract[] =
    "RL:RequestID RB:RawRequest RB:RawArchivedKey RB:ArchivedKey RS:KeyRecoveryHashes RB:RawOldCertificate "
    "RS:RequestAttributes RL:RequestType RL:RequestFlags RL:StatusCode RL:Disposition RS:DispositionMessage "
    "RD:SubmittedWhen RD:ResolvedWhen RD:RevokedWhen RD:RevokedEffectiveWhen RL:RevokedReason RS:RequesterName "
    "RS:CallerName RS:SignerPolicies RS:SignerApplicationPolicies RL:Officer RL:PublishExpiredCertInCRL "
    "RS:RequesterNameFromOldCertificate RB:AttestationChallenge RS:EndorsementKeyHash RS:EndorsementCertificateHash "
    "RB:RawPrecertificate RL:CRLPartitionIndex RB:LinterCertificate CS:DistinguishedName CB:RawName CS:Country "
    "CS:Organization CS:OrgUnit CS:CommonName CS:Locality CS:State CS:Title CS:GivenName CS:Initials CS:SurName "
    "CS:DomainComponent CS:EMail CS:StreetAddress CS:UnstructuredName CS:UnstructuredAddress CS:DeviceSerialNumber "
    "CL:RequestID CB:RawCertificate CS:CertificateHash CS:CertificateTemplate CL:EnrollmentFlags CL:GeneralFlags "
    "CL:PrivateKeyFlags CS:SerialNumber CL:IssuerNameId CD:NotBefore CD:NotAfter CS:SubjectKeyIdentifier "
    "CB:RawPublicKey CL:PublicKeyLength CS:PublicKeyAlgorithm CB:RawPublicKeyAlgorithmParameters "
    "CL:PublishExpiredCertInCRL CS:UPN CS:CertificateType CB:RawSMIMECapabilities CL:NameType RL:RequesterCAAccess "
    "RS:UserDN RL:KeyArchived AL:CAType AS:SanitizedCAName AS:SanitizedShortName AS:MachineDNSName "
    "AS:ModuleRegistryLocation AL:fUseDS AL:fDeltaCRLsDisabled AL:fServerUpgraded AS:ConfigDN AS:DomainDN AL:LogLevel "
    "AL:SessionCount AL:TemplateChangeSequenceNumber AL:VolatileMode AS:LocalizedTimePeriodUnits.# AL:CertCount "
    "AB:RawCACertificate[.#] AL:CertState[.#] AS:CertSuffix[.#] AB:RawCRL[.#] AB:RawDeltaCRL[.#] AL:CRLIndex[.#] "
    "AL:CRLState[.#] AS:CRLSuffix[.#] AL:SEAuditFilter A-:EventLogTerse A-:EventLogError A-:EventLogWarning "
    "A-:EventLogVerbose A-:EventLogExhaustive A-:DCName A-:CrossForest A-:RequesterSAMName A-:RequesterUPN "
    "A-:RequesterDN A-:SEAuditId.#";

/* In both halves of a row, and parts of names: these take `Subject.`; their aliases do not. */
static const char aliases[] =
    "C=Country 2.5.4.6=Country Org=Organization O=Organization 2.5.4.10=Organization OrganizationUnit=OrgUnit "
    "OrganizationalUnit=OrgUnit OU=OrgUnit 2.5.4.11=OrgUnit CN=CommonName 2.5.4.3=CommonName L=Locality "
    "2.5.4.7=Locality ST=State S=State 2.5.4.8=State T=Title 2.5.4.12=Title G=GivenName 2.5.4.42=GivenName I=Initials "
    "2.5.4.43=Initials SN=SurName 2.5.4.4=SurName DC=DomainComponent 0.9.2342.19200300.100.1.25=DomainComponent "
    "E=EMail 1.2.840.113549.1.9.1=EMail Street=StreetAddress 2.5.4.9=StreetAddress "
    "1.2.840.113549.1.9.2=UnstructuredName 1.2.840.113549.1.9.8=UnstructuredAddress 2.5.4.5=DeviceSerialNumber";

static const char types[] = "?LDBS";

static struct ca ca;

/* A row in which everything has a value. */
static struct row *begin(void)
{
    struct row *row;

    memset(&ca, 0, sizeof ca);
    ca.rows = rows_open();
    ca.interface_flags = 0x800;
    property_answers_serve(&ca, NULL, NULL);
    row = rows_add(ca.rows);
    for (int i = 0; i < property_count; i++) {
        for (int half = 0; half < 2; half++) {
            if (!(properties[i].place & (half == HALF_REQUEST ? IN_REQUEST : IN_CERTIFICATE))) continue;
            switch (properties[i].type) {
            case PROPTYPE_LONG:   row_set_long(row, half, properties[i].name, 7 + half); break;
            case PROPTYPE_DATE:   row_set_date(row, half, properties[i].name, 86400); break;
            case PROPTYPE_BINARY: row_set_bytes(row, half, properties[i].name, half ? "c" : "r", 1); break;
            case PROPTYPE_STRING: row_set_text(row, half, properties[i].name, half ? "of the certificate" : "of the request");
            }
        }
    }
    return row;
}

static void end(void)
{
    property_answers_serve(NULL, NULL, NULL);
    rows_close(ca.rows);
}

static ICertServerExit *server_of(LONG context)
{
    ICertServerExit *server = NULL;

    check_hr(server_exit_create(&IID_ICertServerExit, (void **)&server), S_OK);
    check_hr(ICertServerExit_SetContext(server, context), S_OK);
    return server;
}

/* `before` and `after` go around the name. `half` becomes which half answered: 'r', 'c' or 0. */
static HRESULT ask(ICertServerExit *server, char getter, const char *before, const char *name, const char *after, LONG type,
                   char *half)
{
    WCHAR wide[200];
    VARIANT value;
    BSTR text;
    HRESULT hr;

    swprintf(wide, 200, L"%hs%hs%hs", before, name, after);
    text = SysAllocString(wide);
    memset(&value, 0xCC, sizeof value);
    hr = getter == 'R' ? ICertServerExit_GetRequestProperty(server, text, type, &value)
                       : ICertServerExit_GetCertificateProperty(server, text, type, &value);
    *half = 0;
    if (hr == S_OK && V_VT(&value) == VT_BSTR) {
        *half = *(char *)V_BSTR(&value);
        if (type == PROPTYPE_STRING) *half = V_BSTR(&value)[7] == 'c' ? 'c' : 'r';
    }
    if (hr == S_OK && V_VT(&value) == VT_I4) *half = V_I4(&value) == 8 ? 'c' : 'r';
    if (FAILED(hr)) check_int(V_VT(&value), VT_EMPTY);
    VariantClear(&value);
    SysFreeString(text);
    return hr;
}

static void each(const char *list, void (*look)(ICertServerExit *server, char *word))
{
    struct row *row = begin();
    LONG context = context_open(row->id);
    ICertServerExit *server = server_of(context);
    char *copy = _strdup(list);

    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) look(server, word);
    free(copy);
    ICertServerExit_Release(server);
    context_close(context);
    end();
}

static void check_answer(HRESULT hr, HRESULT want, const char *what, const char *name, int line)
{
    char text[200];

    snprintf(text, sizeof text, "%s: %s", name, what);
    test_check_hr(hr, want, __FILE__, line, text);
}
#define ANSWER(hr, want, what) check_answer(hr, want, what, name, __LINE__)

static bool is_known_type(char letter, LONG *type)
{
    const char *found = strchr(types, letter);

    *type = found ? (LONG)(found - types) : PROPTYPE_STRING;
    return found;
}

/* Read through either getter, although they stand in one place. */
static bool reads_both_ways(const char *name)
{
    static const char *const both[] = {"RequestID", "RequesterCAAccess", "UserDN", "KeyArchived", "PublishExpiredCertInCRL"};

    for (size_t i = 0; i < ARRAYSIZE(both); i++) {
        if (!strcmp(both[i], name)) return true;
    }
    return false;
}

static bool is_name_part(const char *name)
{
    char text[60];

    snprintf(text, sizeof text, "=%s ", name);
    return strstr(aliases, text) || !strcmp(name, "DeviceSerialNumber") || !strcmp(name, "DistinguishedName")
           || !strcmp(name, "RawName");
}

static void swap_case(const char *name, char *swapped)
{
    strcpy(swapped, name);
    for (char *c = swapped; *c; c++) *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
}

static void look_at_row_property(ICertServerExit *server, char *word)
{
    const char *name = word + 3;
    char getter = word[0], other = getter == 'R' ? 'C' : 'R', swapped[100], half;
    LONG type;

    if (getter == 'A') return;
    check(is_known_type(word[1], &type));
    ANSWER(ask(server, getter, "", name, "", type, &half), S_OK, "through its getter");
    if (half && strcmp(name, "RequestID") && !reads_both_ways(name)) check_int(half, getter == 'R' ? 'r' : 'c');
    ANSWER(ask(server, getter, "", name, "", type | 0x300, &half), S_OK, "with flags above the type");
    swap_case(name, swapped);
    ANSWER(ask(server, getter, "", swapped, "", type, &half), S_OK, "in the other case");
    for (LONG wrong = 0; wrong < 6; wrong++) {
        if (wrong != type) ANSWER(ask(server, getter, "", name, "", wrong, &half), E_INVALIDARG, "as another type");
    }
    ANSWER(ask(server, getter, "", name, ".0", type, &half), E_INVALIDARG, "with an index");
    if (!is_name_part(name)) {
        ANSWER(ask(server, getter, "Subject.", name, "", type, &half), E_INVALIDARG, "with Subject.");
        ANSWER(ask(server, other, "", name, "", type, &half), reads_both_ways(name) ? S_OK : CERTSRV_E_PROPERTY_EMPTY,
               "through the other getter");
    }
    if (getter == 'R' && strcmp(name, "PublishExpiredCertInCRL")) {
        ANSWER(ask(server, 'R', "rEQUEST.", name, "", type, &half), S_OK, "with Request.");
    }
}

TEST(every_property_of_a_row_has_its_type_its_table_and_its_spellings)
{
    each(contract, look_at_row_property);
}

static void look_at_ca_property(ICertServerExit *server, char *word)
{
    char *name = word + 3, *mark = strpbrk(name, "[.");
    WCHAR wide[100];
    struct question question;
    bool indexed = mark, gettable;
    char half;
    LONG type;

    if (word[0] != 'A') return;
    if (mark) *mark = '\0';
    gettable = is_known_type(word[1], &type);
    swprintf(wide, 100, L"%hs", name);
    if (!check(question_read(wide, IN_CERTIFICATE, &question))) test_note("    %s", name);
    else check_int(properties[question.property].type, gettable ? type : 0);
    check_int(question.place, gettable ? IN_CA : 0);
    swprintf(wide, 100, L"%hs.3", name);
    if (question_read(wide, IN_CERTIFICATE, &question) != indexed) check_text(name, "indexed as the contract has it");
    if (indexed) check(question.indexed && question.index == 3);
    if (gettable && strcmp(name, "RawCACertificate")) {
        ANSWER(ask(server, 'R', "", name, "", type, &half), CERTSRV_E_PROPERTY_EMPTY, "through the request's getter");
    }
    if (!gettable) ANSWER(ask(server, 'C', "", name, "", type, &half), CERTSRV_E_PROPERTY_EMPTY, "for policy modules to set");
    ANSWER(ask(server, 'C', "Subject.", name, "", type, &half), E_INVALIDARG, "with Subject.");
}

TEST(every_property_of_the_ca_has_its_type_and_takes_an_index_where_the_contract_has_one)
{
    each(contract, look_at_ca_property);
}

static void look_at_alias(ICertServerExit *server, char *word)
{
    char *equals = strchr(word, '='), *name = word, half, swapped[100];
    const char *property = equals + 1;

    *equals = '\0';
    for (const char *getter = "RC"; *getter; getter++) {
        ANSWER(ask(server, *getter, "", name, "", PROPTYPE_STRING, &half), S_OK, "the alias");
        check_int(half, *getter == 'R' ? 'r' : 'c');
        swap_case(name, swapped);
        ANSWER(ask(server, *getter, "", swapped, "", PROPTYPE_STRING, &half), S_OK, "the alias in the other case");
        ANSWER(ask(server, *getter, "Subject.", name, "", PROPTYPE_STRING, &half), E_INVALIDARG, "the alias with Subject.");
        ANSWER(ask(server, *getter, "Subject.", property, "", PROPTYPE_STRING, &half), S_OK, "the name with Subject.");
        check_int(half, *getter == 'R' ? 'r' : 'c');
    }
    ANSWER(ask(server, 'R', "Request.", name, "", PROPTYPE_STRING, &half), S_OK, "the alias with Request.");
    check_int(half, 'r');
    ANSWER(ask(server, 'R', "Request.", property, "", PROPTYPE_STRING, &half), S_OK, "the name with Request.");
    ANSWER(ask(server, 'C', "Request.", property, "", PROPTYPE_STRING, &half), CERTSRV_E_PROPERTY_EMPTY,
           "Request. through the certificate's getter");
}

TEST(every_alias_of_a_name_is_that_name_and_takes_no_subject_prefix)
{
    each(aliases, look_at_alias);
}

TEST(there_is_no_property_besides_those_of_the_contract)
{
    int known = 0, more = 0;

    for (const char *c = contract; *c; c++) known += *c == ':';
    for (int i = 0; i < property_count; i++) {
        unsigned both = properties[i].place & (IN_REQUEST | IN_CERTIFICATE);

        more += properties[i].place & IS_NAME ? 0 : both == (IN_REQUEST | IN_CERTIFICATE);
    }
    check_int(property_count + more + 1, known);        /* PublishExpiredCertInCRL stands in both of the contract's tables */
}
