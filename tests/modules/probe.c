/*
 * An exit module that writes down everything it is told and everything it can ask: the judge of the stub CA.
 *
 * It knows nothing of CertWitness. Two classes, StubProbe.Exit and StubProbe2.Exit, so that one CA can load both. Lines
 * go to the file named by PROBE_FILE, else to probe.txt beside the DLL, columns parted by tabs, text as hex of its
 * UTF-16, bytes as hex. tests/acceptance/answers.py reads them, from whatever CA they are:
 *
 *   zone MODULE MINUTES                                local time of this machine, east of UTC
 *   name MODULE NAME                                   the CA's name as it was entered
 *   active MODULE LIST                                 the CA's list ExitModules\Active, as its bytes
 *   start MODULE  CONFIG  APARTMENT                    Initialize
 *   fails MODULE HRESULT                               Initialize ends with it, since its values say so
 *   throws MODULE EVENT                                Notify raises an exception, since its values say so
 *   event MODULE  EVENT  CONTEXT  THREAD  APARTMENT  N   Notify, N being told at once; what follows belongs to it
 *   property MODULE GETTER NAME  TYPE  HRESULT  VT  VALUE
 *   attribute MODULE NAME VALUE
 *   extension MODULE OID FLAGS VALUE
 *   class MODULE APARTMENT HRESULT NAME LOCATION       CCertServerExit from a thread of that kind
 *   rule MODULE NAME HRESULT...                        one of the contract's rules, as it was met
 *   released MODULE                                    after a rule "after SHUTDOWN": is a CA's property still there?
 *   cut MODULE                                         a bound was met: what follows in this call is left out
 *
 * Values in the module's own registry key make it fail in known ways; see `values`. It is written for CAs of which
 * little is known: no pointer that a CA gave is followed before it was looked at, every loop and the log have a bound.
 */
#include "factory.h"

#include <certsrv.h>
#include <oleauto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLASSES = 2,
    LISTED_MAX = 1000,          /* attributes or extensions of one request */
    SHOWN_MAX = 1 << 20,        /* bytes of one value */
    CALL_MAX = 16 << 20,        /* characters that one call notes */
    FILE_MAX = 64 << 20,        /* bytes of the log: nothing is added to a longer one */
    GARBAGE = 0xCC,
};

static const CLSID classes[CLASSES] = {
    {0x3b3d9f51, 0x60b0, 0x4d47, {0x9a, 0x2e, 0x51, 0x0c, 0x6d, 0x1b, 0x7a, 0x01}},
    {0x3b3d9f51, 0x60b0, 0x4d47, {0x9a, 0x2e, 0x51, 0x0c, 0x6d, 0x1b, 0x7a, 0x02}},
};
static const WCHAR *const progids[CLASSES] = {L"StubProbe.Exit", L"StubProbe2.Exit"};

static HMODULE instance;
static LONG objects, pinned;

/* DWORDs in the module's key. */
struct values {
    DWORD mask;                 /* Mask: the events to ask for; 0x3FF */
    DWORD initialize_fails;     /* InitializeFails: the HRESULT */
    DWORD notify_fails;         /* NotifyFails: the events that fail, with E_ACCESSDENIED and a text */
    DWORD notify_fails_mutely;  /* NotifyFailsMutely: the same, with no text */
    DWORD notify_leaves_text;   /* NotifyLeavesText: the events that succeed, and leave a text behind all the same */
    DWORD notify_hangs;         /* NotifyHangs: the events that never return */
    DWORD sleeps;               /* NotifySleeps: how many ms each Notify takes more than it needs */
    DWORD first_sleeps;         /* FirstNotifySleeps: the same, the first Notify alone */
    DWORD returns;              /* NotifyReturns: the HRESULT of those that do not fail */
    DWORD notify_throws;        /* NotifyThrows: the events that raise an access violation */
    DWORD gentle;               /* Gentle: passes no NULL and no VARIANT with garbage to the CA */
    DWORD stays;                /* StaysLoaded: the DLL never agrees to be unloaded */
    DWORD silent;               /* Silent: asks nothing, notes only the events */
    DWORD threads;              /* Threads: makes the class's objects on threads of every kind */
    DWORD rules;                /* Rules: tries the contract's rules on every certificate that is issued; one event at a time */
    WCHAR ask[2000];            /* Ask, a text: more properties to ask for, "RawCRL.1:B ...", of the certificate */
};

struct probe {
    ICertExit2 ICertExit2_iface;
    ISupportErrorInfo ISupportErrorInfo_iface;
    LONG ref;
    int class;
    struct values values;
    LONG dead_context;          /* of the event before */
    ICertServerExit *bound;     /* to it */
};

/* Lines gather in memory, each thread's for itself, and go to the file before the CA gets its thread back. */
static SRWLOCK file_lock = SRWLOCK_INIT;
static __thread char *lines;
static __thread size_t lines_size;
static LONG busy;

static bool lines_make_room(size_t size)
{
    char *longer = lines_size + size > CALL_MAX ? NULL : realloc(lines, lines_size + size);

    if (longer) lines = longer;
    return longer;
}

static void note(const char *format, ...)
{
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0 || !lines_make_room((size_t)size + 1)) return;
    va_start(arguments, format);
    lines_size += vsnprintf(lines + lines_size, size + 1, format, arguments);
    va_end(arguments);
}

/* PROBE_FILE, or probe.txt beside the DLL: a service has no environment of its own that is easily set. */
static FILE *log_open(void)
{
    const WCHAR *named = _wgetenv(L"PROBE_FILE");
    WCHAR path[MAX_PATH + 20];
    DWORD size;

    if (named) return _wfopen(named, L"ab");
    size = GetModuleFileNameW(instance, path, MAX_PATH);
    while (size && path[size - 1] != '\\') size--;
    wcscpy(path + size, L"probe.txt");
    return _wfopen(path, L"ab");
}

/* Somebody may be looking at the log: a virus scanner, a command that adds to it. */
static FILE *log_open_soon(void)
{
    FILE *file = log_open();

    for (int n = 0; !file && n < 20; n++) {
        Sleep(50);
        file = log_open();
    }
    return file;
}

static void write_lines(void)
{
    FILE *file;

    AcquireSRWLockExclusive(&file_lock);
    if (lines && (file = log_open_soon())) {
        fseek(file, 0, SEEK_END);
        if (ftell(file) < FILE_MAX) fwrite(lines, 1, lines_size, file);
        fclose(file);
    }
    free(lines);
    lines = NULL;
    lines_size = 0;
    ReleaseSRWLockExclusive(&file_lock);
}

/* NULL without memory, which printf shows as (null). What is longer than SHOWN_MAX is cut. */
static char *hex(const void *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    size_t count = size < SHOWN_MAX ? size : SHOWN_MAX;
    char *text = malloc(2 * count + 2);

    if (!text) return NULL;
    strcpy(text, size ? "" : "-");
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    if (count) text[2 * count] = '\0';
    return text;
}

static char *hex_bstr(BSTR text)
{
    return text ? hex(text, SysStringByteLen(text)) : strdup("NULL");
}

static const char *apartment(void)
{
    APTTYPE type;
    APTTYPEQUALIFIER qualifier;

    if (FAILED(CoGetApartmentType(&type, &qualifier))) return "none";
    if (type == APTTYPE_MTA) return qualifier == APTTYPEQUALIFIER_IMPLICIT_MTA ? "implicit" : "MTA";
    return "STA";
}

/* Asking. The VARIANT holds garbage before every question, as with callers that do not clear what they take from the
 * heap. */

static const char types[] = "?LDBS";
static bool gentle;             /* of the first module that says so, for all: see `values` */

#define UNSET ((VARTYPE)(GARBAGE << 8 | GARBAGE))
#define NEVER_SET ((BSTR)0xCCCC)

static void unset(VARIANT *value)
{
    memset(value, gentle ? 0 : GARBAGE, sizeof *value);
}

static HRESULT ask(ICertServerExit *server, char getter, const WCHAR *name, LONG type, VARIANT *out)
{
    BSTR bstr = SysAllocString(name);
    HRESULT hr;

    unset(out);
    if (!bstr) return E_OUTOFMEMORY;
    if (getter == 'R') hr = ICertServerExit_GetRequestProperty(server, bstr, type, out);
    else hr = ICertServerExit_GetCertificateProperty(server, bstr, type, out);
    SysFreeString(bstr);
    return hr;
}

/* Frees what a question gave. After a failure there is nothing to free, whatever the CA left there. A NULL of any type is
 * not handed on: what VariantClear does with one is documented for texts alone. */
static void clear(HRESULT hr, VARIANT *value)
{
    if (SUCCEEDED(hr) && V_VT(value) != UNSET && V_BYREF(value)) VariantClear(value);
}

static void free_text(HRESULT hr, BSTR text)
{
    if (hr == S_OK && text != NEVER_SET) SysFreeString(text);
}

static char *shown(HRESULT hr, const VARIANT *value)
{
    char text[64] = "-";

    if (FAILED(hr)) return strdup(text);
    if (V_VT(value) == VT_BSTR) return hex_bstr(V_BSTR(value));
    if (V_VT(value) == VT_I4) sprintf(text, "%ld", V_I4(value));
    if (V_VT(value) == VT_DATE) sprintf(text, "%.17g", V_DATE(value));
    return strdup(text);
}

static void ask_and_note(struct probe *probe, ICertServerExit *server, char getter, const WCHAR *name, LONG type)
{
    VARIANT value;
    HRESULT hr = ask(server, getter, name, type, &value);
    char *text = shown(hr, &value);

    note("property\t%d\t%c\t%ls\t%c\t%08lx\t%x\t%s\n", probe->class, getter, name, types[type], (unsigned long)hr,
         V_VT(&value), text);
    free(text);
    clear(hr, &value);
}

static void ask_list(struct probe *probe, ICertServerExit *server, char getter, const char *before, const char *list)
{
    char *copy = strdup(list);

    for (char *word = copy ? strtok(copy, " ") : NULL; word; word = strtok(NULL, " ")) {
        WCHAR name[100];
        char *colon = strchr(word, ':');
        const char *type = colon && colon[1] ? strchr(types, colon[1]) : NULL;

        if (!type) continue;
        *colon = '\0';
        swprintf(name, 100, L"%hs%hs", before, word);
        ask_and_note(probe, server, getter, name, type - types);
    }
    free(copy);
}

#define NAMES \
    "DistinguishedName:S RawName:B Country:S Organization:S OrgUnit:S CommonName:S Locality:S State:S Title:S " \
    "GivenName:S Initials:S SurName:S DomainComponent:S EMail:S StreetAddress:S UnstructuredName:S " \
    "UnstructuredAddress:S DeviceSerialNumber:S"
#define OF_REQUEST \
    "RequestID:L RawRequest:B RawArchivedKey:B ArchivedKey:B KeyRecoveryHashes:S RawOldCertificate:B " \
    "RequestAttributes:S RequestType:L RequestFlags:L StatusCode:L Disposition:L DispositionMessage:S " \
    "SubmittedWhen:D ResolvedWhen:D RevokedWhen:D RevokedEffectiveWhen:D RevokedReason:L RequesterName:S " \
    "CallerName:S SignerPolicies:S SignerApplicationPolicies:S Officer:L PublishExpiredCertInCRL:L " \
    "RequesterNameFromOldCertificate:S AttestationChallenge:B EndorsementKeyHash:S " \
    "EndorsementCertificateHash:S RawPrecertificate:B CRLPartitionIndex:L LinterCertificate:B"
#define OF_CERTIFICATE \
    "RequestID:L RawCertificate:B CertificateHash:S CertificateTemplate:S EnrollmentFlags:L GeneralFlags:L " \
    "PrivateKeyFlags:L SerialNumber:S IssuerNameId:L NotBefore:D NotAfter:D SubjectKeyIdentifier:S " \
    "RawPublicKey:B PublicKeyLength:L PublicKeyAlgorithm:S RawPublicKeyAlgorithmParameters:B " \
    "PublishExpiredCertInCRL:L UPN:S CertificateType:S RawSMIMECapabilities:B NameType:L RequesterCAAccess:L " \
    "UserDN:S KeyArchived:L"
#define OF_CA \
    "CAType:L SanitizedCAName:S SanitizedShortName:S MachineDNSName:S ModuleRegistryLocation:S fUseDS:L " \
    "fDeltaCRLsDisabled:L fServerUpgraded:L ConfigDN:S DomainDN:S LogLevel:L SessionCount:L " \
    "TemplateChangeSequenceNumber:L VolatileMode:L LocalizedTimePeriodUnits.0:S LocalizedTimePeriodUnits.6:S " \
    "LocalizedTimePeriodUnits.7:S CertCount:L RawCACertificate:B RawCACertificate.0:B RawCACertificate.1:B " \
    "CertState:L CertState.0:L CertSuffix:S CertSuffix.0:S RawCRL:B RawCRL.0:B RawCRL.1:B RawDeltaCRL:B " \
    "RawDeltaCRL.0:B CRLIndex:L CRLIndex.0:L CRLState:L CRLState.0:L CRLSuffix:S CRLSuffix.0:S " \
    "SEAuditFilter:L EventLogTerse:S EventLogError:S EventLogWarning:S EventLogVerbose:S EventLogExhaustive:S " \
    "DCName:S CrossForest:S RequesterSAMName:S RequesterUPN:S RequesterDN:S SEAuditId.0:S"
/* Other spellings of the same. */
#define ALIASES \
    "CN:S ou:S Org:S O:S l:S ST:S S:S C:S E:S DC:S 2.5.4.3:S 0.9.2342.19200300.100.1.25:S requestid:L " \
    "subject.commonname:S"

static void ask_everything(struct probe *probe, ICertServerExit *server)
{
    char more[2000];

    ask_list(probe, server, 'R', "", OF_REQUEST);
    ask_list(probe, server, 'R', "Request.", NAMES " " OF_REQUEST);
    ask_list(probe, server, 'R', "", NAMES " " ALIASES);
    ask_list(probe, server, 'C', "", OF_CERTIFICATE);
    ask_list(probe, server, 'C', "", NAMES " " ALIASES);
    ask_list(probe, server, 'C', "Subject.", NAMES);
    ask_list(probe, server, 'C', "", OF_CA);
    snprintf(more, sizeof more, "%ls", probe->values.ask);
    ask_list(probe, server, 'C', "", more);
}

/* Is it the last that is noted of a list? */
static bool is_enough(struct probe *probe, int count)
{
    if (count == LISTED_MAX) note("cut\t%d\n", probe->class);
    return count == LISTED_MAX;
}

static void note_attributes(struct probe *probe, ICertServerExit *server)
{
    BSTR name = NULL;

    if (ICertServerExit_EnumerateAttributesSetup(server, 0) != S_OK) return;
    for (int n = 0; ICertServerExit_EnumerateAttributes(server, &name) == S_OK && name; n++) {
        BSTR value = NULL;
        HRESULT hr = ICertServerExit_GetRequestAttribute(server, name, &value);
        char *name_hex = hex_bstr(name), *value_hex = hex_bstr(hr == S_OK ? value : NULL);

        note("attribute\t%d\t%s\t%s\n", probe->class, name_hex, value_hex);
        free(name_hex);
        free(value_hex);
        free_text(hr, value);
        SysFreeString(name);
        name = NULL;
        if (is_enough(probe, n)) break;
    }
    ICertServerExit_EnumerateAttributesClose(server);
}

static void note_extension(struct probe *probe, ICertServerExit *server, BSTR oid)
{
    VARIANT value;
    LONG flags = 0x55555555;
    HRESULT hr;
    char *text;

    unset(&value);
    hr = ICertServerExit_GetCertificateExtension(server, oid, PROPTYPE_BINARY, &value);
    ICertServerExit_GetCertificateExtensionFlags(server, &flags);
    text = shown(hr, &value);
    note("extension\t%d\t%ls\t%lx\t%s\n", probe->class, oid, (unsigned long)flags, text);
    free(text);
    clear(hr, &value);
}

static void note_extensions(struct probe *probe, ICertServerExit *server)
{
    BSTR oid = NULL;

    if (ICertServerExit_EnumerateExtensionsSetup(server, 0) != S_OK) return;
    for (int n = 0; ICertServerExit_EnumerateExtensions(server, &oid) == S_OK && oid; n++) {
        note_extension(probe, server, oid);
        SysFreeString(oid);
        oid = NULL;
        if (is_enough(probe, n)) break;
    }
    ICertServerExit_EnumerateExtensionsClose(server);
}

static HRESULT server_open(ICertServerExit **server)
{
    HRESULT hr = CoCreateInstance(&CLSID_CCertServerExit, NULL, CLSCTX_INPROC_SERVER, &IID_ICertServerExit, (void **)server);

    return SUCCEEDED(hr) && !*server ? E_POINTER : hr;
}

/* The class from threads of each kind. */

struct thread_call {
    struct probe *probe;
    const char *kind;
};

static void note_class(struct probe *probe, const char *kind)
{
    ICertServerExit *server = NULL;
    HRESULT hr = server_open(&server);
    HRESULT named = E_FAIL, located = E_FAIL;
    VARIANT name = {.vt = VT_EMPTY}, location = {.vt = VT_EMPTY};
    char *name_text, *location_text;

    if (SUCCEEDED(hr)) {
        named = ask(server, 'C', L"SanitizedCAName", PROPTYPE_STRING, &name);
        located = ask(server, 'C', L"ModuleRegistryLocation", PROPTYPE_STRING, &location);
        ICertServerExit_Release(server);
    }
    name_text = shown(named, &name);
    location_text = shown(located, &location);
    note("class\t%d\t%s\t%s\t%08lx\t%s\t%s\n", probe->class, kind, apartment(), (unsigned long)hr, name_text,
         location_text);
    free(name_text);
    free(location_text);
    clear(named, &name);
    clear(located, &location);
}

static DWORD WINAPI class_thread(void *argument)
{
    struct thread_call *call = argument;
    HRESULT hr = E_FAIL;

    if (*call->kind == 'S') hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (*call->kind == 'M') hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    note_class(call->probe, call->kind);
    if (SUCCEEDED(hr)) CoUninitialize();
    write_lines();
    return 0;
}

static void note_classes(struct probe *probe)
{
    static const char *const kinds[] = {"STA", "MTA", "none"};

    note_class(probe, "same");
    for (int i = 0; i < 3; i++) {
        struct thread_call call = {probe, kinds[i]};
        HANDLE thread = CreateThread(NULL, 0, class_thread, &call, 0, NULL);

        if (!thread) continue;
        WaitForSingleObject(thread, INFINITE);  /* `call` is on this stack */
        CloseHandle(thread);
    }
}

/* The rules, each with what came of it. */

static void rule(struct probe *probe, const char *name, HRESULT hr)
{
    note("rule\t%d\t%s\t%08lx\n", probe->class, name, (unsigned long)hr);
}

static void rule_property(struct probe *probe, const char *name, ICertServerExit *server, char getter,
                          const WCHAR *property, LONG type)
{
    VARIANT value;
    HRESULT hr = ask(server, getter, property, type, &value);

    note("rule\t%d\t%s\t%08lx\t%x\n", probe->class, name, (unsigned long)hr, V_VT(&value));
    clear(hr, &value);
}

static void rules_of_properties(struct probe *probe, ICertServerExit *server)
{
    rule_property(probe, "unknown name", server, 'R', L"NoSuchProperty", PROPTYPE_LONG);
    rule_property(probe, "unknown name in the certificate", server, 'C', L"NoSuchProperty", PROPTYPE_LONG);
    rule_property(probe, "name that is not ASCII", server, 'R', L"Reque\x015BtID", PROPTYPE_LONG);
    rule_property(probe, "empty name", server, 'R', L"", PROPTYPE_LONG);
    rule_property(probe, "wrong type", server, 'R', L"RequestID", PROPTYPE_STRING);
    rule_property(probe, "type 0", server, 'R', L"RequestID", 0);
    rule_property(probe, "type with flags above", server, 'R', L"RequestID", PROPTYPE_LONG | 0x10300);
    rule_property(probe, "no value", server, 'R', L"KeyRecoveryHashes", PROPTYPE_STRING);
    rule_property(probe, "wrong table", server, 'R', L"SerialNumber", PROPTYPE_STRING);
    rule_property(probe, "wrong table, the other way", server, 'C', L"RawRequest", PROPTYPE_BINARY);
    rule_property(probe, "CA property through the request", server, 'R', L"CAType", PROPTYPE_LONG);
    rule_property(probe, "CA certificate through the request", server, 'R', L"RawCACertificate", PROPTYPE_BINARY);
    rule_property(probe, "settable only", server, 'C', L"EventLogTerse", PROPTYPE_STRING);
    rule_property(probe, "index out of range", server, 'C', L"CertState.1", PROPTYPE_LONG);
    rule_property(probe, "index of what has none", server, 'C', L"CertCount.0", PROPTYPE_LONG);
    rule_property(probe, "index that is no number", server, 'C', L"CertState.x", PROPTYPE_LONG);
    rule_property(probe, "index too long for a number", server, 'C', L"CertState.99999999999999999999", PROPTYPE_LONG);
    rule_property(probe, "alias with Subject.", server, 'C', L"Subject.CN", PROPTYPE_STRING);
    rule_property(probe, "Subject. of what is no name", server, 'C', L"Subject.SerialNumber", PROPTYPE_STRING);
    rule_property(probe, "Request. of the certificate's", server, 'R', L"Request.SerialNumber", PROPTYPE_STRING);
    rule_property(probe, "column of the database's CRL table", server, 'C', L"CRLNumber", PROPTYPE_LONG);
}

static void rules_of_null(struct probe *probe, ICertServerExit *server)
{
    BSTR name = SysAllocString(L"RequestID");
    VARIANT value;

    unset(&value);
    rule(probe, "NULL name", ICertServerExit_GetRequestProperty(server, NULL, PROPTYPE_LONG, &value));
    rule(probe, "NULL name clears", V_VT(&value));
    rule(probe, "NULL out", ICertServerExit_GetRequestProperty(server, name, PROPTYPE_LONG, NULL));
    SysFreeString(name);
}

static void rules_of_enumerations(struct probe *probe, ICertServerExit *server, LONG context)
{
    BSTR name = NEVER_SET, mine = SysAllocString(L"c c-M"), none = SysAllocString(L"nothing");
    HRESULT hr;
    int count = 0;

    rule(probe, "next before setup", hr = ICertServerExit_EnumerateExtensions(server, &name));
    rule(probe, "next before setup gives NULL", name ? E_FAIL : S_OK);
    free_text(hr, name);
    rule(probe, "close while closed", ICertServerExit_EnumerateAttributesClose(server));
    rule(probe, "setup with flag 1", ICertServerExit_EnumerateExtensionsSetup(server, 1));
    rule(probe, "setup with flag 2", ICertServerExit_EnumerateExtensionsSetup(server, 2));
    rule(probe, "setup of the other kind", ICertServerExit_EnumerateAttributesSetup(server, 0));
    for (name = NEVER_SET; (hr = ICertServerExit_EnumerateExtensions(server, &name)) == S_OK && count++ < LISTED_MAX; name = NEVER_SET)
        free_text(hr, name);
    rule(probe, "end", hr);
    name = NEVER_SET;
    rule(probe, "end again", hr = ICertServerExit_EnumerateExtensions(server, &name));
    rule(probe, "end gives NULL", name ? E_FAIL : S_OK);
    free_text(hr, name);
    name = NEVER_SET;
    rule(probe, "other kind goes on", hr = ICertServerExit_EnumerateAttributes(server, &name));
    free_text(hr, name);
    name = NEVER_SET;
    ICertServerExit_SetContext(server, context);
    rule(probe, "SetContext closes", hr = ICertServerExit_EnumerateAttributes(server, &name));
    free_text(hr, name);
    if (!gentle) rule(probe, "NULL out of next", ICertServerExit_EnumerateAttributes(server, NULL));
    name = NEVER_SET;
    rule(probe, "attribute by another spelling", hr = ICertServerExit_GetRequestAttribute(server, mine, &name));
    free_text(hr, name);
    name = NEVER_SET;
    rule(probe, "no such attribute", hr = ICertServerExit_GetRequestAttribute(server, none, &name));
    rule(probe, "no such attribute gives NULL", name ? E_FAIL : S_OK);
    free_text(hr, name);
    SysFreeString(mine);
    SysFreeString(none);
}

static void rule_extension(struct probe *probe, const char *name, ICertServerExit *server, const WCHAR *oid, LONG type,
                           VARTYPE *kind)
{
    BSTR bstr = SysAllocString(oid);
    VARIANT value;
    HRESULT hr;

    unset(&value);
    hr = ICertServerExit_GetCertificateExtension(server, bstr, type, &value);
    rule(probe, name, hr);
    if (kind) *kind = V_VT(&value);
    clear(hr, &value);
    SysFreeString(bstr);
}

static void rules_of_extensions(struct probe *probe, ICertServerExit *server, LONG context)
{
    LONG flags = 0x55555555;
    VARTYPE kind;

    ICertServerExit_SetContext(server, context);
    rule(probe, "flags of no extension", ICertServerExit_GetCertificateExtensionFlags(server, &flags));
    rule_extension(probe, "no such extension", server, L"1.2.3.4", PROPTYPE_BINARY, &kind);
    rule(probe, "no such extension clears", kind);
    rule_extension(probe, "extension that is no number", server, L"2.5.29.15", PROPTYPE_LONG, NULL);
    rule_extension(probe, "extension of type 9", server, L"2.5.29.15", 9, NULL);
}

/* By name, as scripts do: arguments in reverse, the result through a VARIANT. */
static void rules_of_dispatch(struct probe *probe, ICertServerExit *server)
{
    OLECHAR *name = (OLECHAR *)L"GetRequestProperty";
    VARIANT arguments[2] = {{.vt = VT_I4}, {.vt = VT_BSTR}}, result = {.vt = VT_EMPTY};
    DISPPARAMS parameters = {arguments, NULL, 2, 0};
    IDispatch *dispatch = NULL;
    DISPID id = 0;

    rule(probe, "IDispatch", ICertServerExit_QueryInterface(server, &IID_IDispatch, (void **)&dispatch));
    if (!dispatch) return;
    rule(probe, "GetIDsOfNames", IDispatch_GetIDsOfNames(dispatch, &IID_NULL, &name, 1, 0, &id));
    rule(probe, "dispid", id);
    V_I4(&arguments[0]) = PROPTYPE_LONG;
    V_BSTR(&arguments[1]) = SysAllocString(L"RequestID");
    rule(probe, "Invoke",
         IDispatch_Invoke(dispatch, id, &IID_NULL, 0, DISPATCH_METHOD, &parameters, &result, NULL, NULL));
    rule(probe, "Invoke's type", V_VT(&result));
    SysFreeString(V_BSTR(&arguments[1]));
    IDispatch_Release(dispatch);
}

static void rules_of_identity(struct probe *probe, ICertServerExit *server)
{
    IUnknown *one = NULL, *two = NULL, *other = (IUnknown *)0xCCCC;
    IMarshal *marshal = NULL;

    ICertServerExit_QueryInterface(server, &IID_IUnknown, (void **)&one);
    rule(probe, "IMarshal", ICertServerExit_QueryInterface(server, &IID_IMarshal, (void **)&marshal));
    if (marshal) IMarshal_QueryInterface(marshal, &IID_IUnknown, (void **)&two);
    rule(probe, "identity", one && one == two ? S_OK : E_FAIL);
    rule(probe, "another interface", ICertServerExit_QueryInterface(server, &IID_ICertServerPolicy, (void **)&other));
    rule(probe, "another interface gives NULL", other ? E_FAIL : S_OK);
    rule(probe, "aggregation",
         CoCreateInstance(&CLSID_CCertServerExit, one, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&other));
    if (one) IUnknown_Release(one);
    if (two) IUnknown_Release(two);
    if (marshal) IMarshal_Release(marshal);
}

/* An object made here and used on a thread of another kind. */
static DWORD WINAPI borrowed_thread(void *argument)
{
    VARIANT value;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    hr = ask(argument, 'R', L"RequestID", PROPTYPE_LONG, &value);
    CoUninitialize();
    return (DWORD)hr;
}

static void rules_of_threads(struct probe *probe, ICertServerExit *server)
{
    HANDLE thread = CreateThread(NULL, 0, borrowed_thread, server, 0, NULL);
    DWORD hr = (DWORD)E_FAIL;

    if (!thread) return;
    WaitForSingleObject(thread, 20000);
    GetExitCodeThread(thread, &hr);
    rule(probe, "on another thread", (HRESULT)hr);
    CloseHandle(thread);
}

static void rules(struct probe *probe, ICertServerExit *server, LONG context)
{
    rule(probe, "context that never was", ICertServerExit_SetContext(server, context + 1));
    rule(probe, "negative context", ICertServerExit_SetContext(server, -1));
    rules_of_properties(probe, server);
    if (!gentle) rules_of_null(probe, server);
    rules_of_enumerations(probe, server, context);
    rules_of_extensions(probe, server, context);
    rules_of_dispatch(probe, server);
    rules_of_identity(probe, server);
    rules_of_threads(probe, server);
    rule(probe, "context 0", ICertServerExit_SetContext(server, 0));
    rule_property(probe, "request property at context 0", server, 'R', L"RequestID", PROPTYPE_LONG);
    rule_property(probe, "CA property at context 0", server, 'C', L"CAType", PROPTYPE_LONG);
    rule_property(probe, "index out of range at context 0", server, 'C', L"CertState.1000", PROPTYPE_LONG);
    ICertServerExit_SetContext(server, context);
}

/* What the event before left behind must be of no use now. */
static void note_dead_context(struct probe *probe, LONG context)
{
    ICertServerExit *server = NULL;

    if (probe->bound) {
        rule_property(probe, "object bound to a dead context", probe->bound, 'R', L"RequestID", PROPTYPE_LONG);
        if (context) {
            rule(probe, "binding it again", ICertServerExit_SetContext(probe->bound, context));
            rule_property(probe, "object bound again", probe->bound, 'R', L"RequestID", PROPTYPE_LONG);
        }
        ICertServerExit_Release(probe->bound);
        probe->bound = NULL;
    }
    if (probe->dead_context && SUCCEEDED(server_open(&server))) {
        rule(probe, "dead context", ICertServerExit_SetContext(server, probe->dead_context));
        ICertServerExit_Release(server);
    }
    probe->dead_context = 0;
}

/* The last that the CA hears of the module. */
static void note_end(struct probe *probe)
{
    ICertServerExit *server = NULL;

    if (!probe->values.rules || FAILED(server_open(&server))) return;
    rule_property(probe, "after SHUTDOWN", server, 'C', L"CAType", PROPTYPE_LONG);
    ICertServerExit_Release(server);
}

/* ICertExit2. */

static struct probe *impl_from_ICertExit2(ICertExit2 *iface)
{
    return CONTAINING_RECORD(iface, struct probe, ICertExit2_iface);
}

static HRESULT WINAPI exit_QueryInterface(ICertExit2 *iface, REFIID iid, void **out)
{
    struct probe *probe = impl_from_ICertExit2(iface);

    if (!out) return E_POINTER;
    *out = NULL;
    if (IsEqualIID(iid, &IID_ISupportErrorInfo)) *out = &probe->ISupportErrorInfo_iface;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_ICertExit) || IsEqualIID(iid, &IID_ICertExit2))
        *out = iface;
    if (!*out) return E_NOINTERFACE;
    InterlockedIncrement(&probe->ref);
    return S_OK;
}

static ULONG WINAPI exit_AddRef(ICertExit2 *iface)
{
    return InterlockedIncrement(&impl_from_ICertExit2(iface)->ref);
}

static ULONG WINAPI exit_Release(ICertExit2 *iface)
{
    struct probe *probe = impl_from_ICertExit2(iface);
    ULONG ref = InterlockedDecrement(&probe->ref);

    if (ref) return ref;
    note_end(probe);
    note("released\t%d\n", probe->class);
    write_lines();
    if (probe->bound) ICertServerExit_Release(probe->bound);
    if (probe->values.stays) InterlockedIncrement(&pinned);
    free(probe);
    InterlockedDecrement(&objects);
    return 0;
}

static HRESULT WINAPI exit_GetTypeInfoCount(ICertExit2 *iface, UINT *count)
{
    (void)iface;
    if (!count) return E_POINTER;
    *count = 0;
    return S_OK;
}

static HRESULT WINAPI exit_GetTypeInfo(ICertExit2 *iface, UINT index, LCID locale, ITypeInfo **info)
{
    (void)iface, (void)index, (void)locale, (void)info;
    return E_NOTIMPL;
}

static HRESULT WINAPI exit_GetIDsOfNames(ICertExit2 *iface, REFIID iid, OLECHAR **names, UINT count, LCID locale,
                                         DISPID *ids)
{
    (void)iface, (void)iid, (void)names, (void)count, (void)locale, (void)ids;
    return E_NOTIMPL;
}

static HRESULT WINAPI exit_Invoke(ICertExit2 *iface, DISPID id, REFIID iid, LCID locale, WORD flags,
                                  DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    (void)iface, (void)id, (void)iid, (void)locale, (void)flags, (void)arguments, (void)result, (void)exception,
        (void)wrong;
    return E_NOTIMPL;
}

static HRESULT fails(HRESULT hr, const WCHAR *text)
{
    ICreateErrorInfo *maker = NULL;
    IErrorInfo *info = NULL;

    if (FAILED(CreateErrorInfo(&maker))) return hr;
    ICreateErrorInfo_SetDescription(maker, (WCHAR *)text);
    if (SUCCEEDED(ICreateErrorInfo_QueryInterface(maker, &IID_IErrorInfo, (void **)&info))) {
        SetErrorInfo(0, info);
        IErrorInfo_Release(info);
    }
    ICreateErrorInfo_Release(maker);
    return hr;
}

static void read_value(const WCHAR *key, const WCHAR *name, DWORD *value)
{
    DWORD size = sizeof *value;

    RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_DWORD, NULL, value, &size);
}

static const WCHAR configuration[] = L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration";

static bool ends_with(const WCHAR *text, const WCHAR *end)
{
    size_t size = wcslen(text), end_size = wcslen(end);

    return size >= end_size && !_wcsicmp(text + size - end_size, end);
}

/* The module's own key: as the CA says, else where it has to be. A CA may refuse to say, or name another's (I-8). */
static bool find_key(struct probe *probe, ICertServerExit *server, WCHAR *key, size_t count)
{
    VARIANT told;
    HRESULT hr = ask(server, 'C', L"ModuleRegistryLocation", PROPTYPE_STRING, &told);
    const WCHAR *progid = progids[probe->class];
    WCHAR ca[300];
    DWORD size = sizeof ca;
    bool found = hr == S_OK && V_VT(&told) == VT_BSTR && V_BSTR(&told) && wcslen(V_BSTR(&told)) < count &&
                 ends_with(V_BSTR(&told), progid);

    if (found) wcscpy(key, V_BSTR(&told));
    clear(hr, &told);
    if (found) return true;
    if (RegGetValueW(HKEY_LOCAL_MACHINE, configuration, L"Active", RRF_RT_REG_SZ, NULL, ca, &size)) return false;
    return swprintf(key, count, L"%ls\\%ls\\ExitModules\\%ls", configuration, ca, progid) > 0;
}

static void note_value(struct probe *probe, const char *word, const WCHAR *key, const WCHAR *name)
{
    BYTE value[4000];
    DWORD size = sizeof value;
    char *text;

    if (RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ | RRF_RT_REG_MULTI_SZ, NULL, value, &size)) return;
    text = hex(value, size - sizeof(WCHAR));
    if (text) note("%s\t%d\t%s\n", word, probe->class, text);
    free(text);
}

/* The CA's list stands in the key above the module's own, its name in the key above that. */
static void note_active(struct probe *probe, WCHAR *key)
{
    WCHAR *end = wcsrchr(key, '\\'), *above;

    if (!end) return;
    *end = '\0';
    note_value(probe, "active", key, L"Active");
    if ((above = wcsrchr(key, '\\'))) {
        *above = '\0';
        note_value(probe, "name", key, L"CommonName");
        *above = '\\';
    }
    *end = '\\';
}

static void note_zone(struct probe *probe)
{
    TIME_ZONE_INFORMATION zone;
    DWORD kind = GetTimeZoneInformation(&zone);
    LONG bias = zone.Bias + (kind == TIME_ZONE_ID_DAYLIGHT ? zone.DaylightBias : 0);

    if (kind != TIME_ZONE_ID_INVALID) note("zone\t%d\t%ld\n", probe->class, -bias);
}

static void read_values(struct probe *probe, const WCHAR *key)
{
    struct values *values = &probe->values;
    const struct {
        const WCHAR *name;
        DWORD *value;
    } numbers[] = {
        {L"Mask", &values->mask},
        {L"InitializeFails", &values->initialize_fails},
        {L"NotifyFails", &values->notify_fails},
        {L"NotifyFailsMutely", &values->notify_fails_mutely},
        {L"NotifyLeavesText", &values->notify_leaves_text},
        {L"NotifyHangs", &values->notify_hangs},
        {L"NotifyThrows", &values->notify_throws},
        {L"NotifySleeps", &values->sleeps},
        {L"FirstNotifySleeps", &values->first_sleeps},
        {L"NotifyReturns", &values->returns},
        {L"StaysLoaded", &values->stays},
        {L"Silent", &values->silent},
        {L"Threads", &values->threads},
        {L"Rules", &values->rules},
        {L"Gentle", &values->gentle},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) read_value(key, numbers[i].name, numbers[i].value);
    RegGetValueW(HKEY_LOCAL_MACHINE, key, L"Ask", RRF_RT_REG_SZ, NULL, values->ask, &(DWORD){sizeof values->ask});
    if (values->gentle) gentle = true;
}

/* All that a module can ask before its first event. Without SetContext: a new object is the CA's. */
static void note_ca(struct probe *probe, ICertServerExit *server)
{
    ask_list(probe, server, 'C', "", OF_CA " RequesterCAAccess:L");
    note_zone(probe);
}

static HRESULT WINAPI exit_Initialize(ICertExit2 *iface, const BSTR config, LONG *mask)
{
    struct probe *probe = impl_from_ICertExit2(iface);
    ICertServerExit *server = NULL;
    HRESULT hr = server_open(&server);
    char *name = hex_bstr(config);
    WCHAR key[1000];

    note("start\t%d\t%s\t%s\t%08lx\n", probe->class, name, apartment(), (unsigned long)hr);
    free(name);
    if (mask) *mask = 0;
    probe->values.mask = 0x3FF;
    if (SUCCEEDED(hr) && !mask) {
        ICertServerExit_Release(server);
        hr = E_POINTER;
    }
    if (FAILED(hr)) {
        write_lines();
        return hr;
    }
    if (find_key(probe, server, key, sizeof key / sizeof *key)) {
        read_values(probe, key);
        if (!probe->values.silent) note_active(probe, key);
    }
    if (!probe->values.silent) note_ca(probe, server);
    if (probe->values.threads) note_classes(probe);
    ICertServerExit_Release(server);
    if (probe->values.initialize_fails)
        note("fails\t%d\t%08lx\n", probe->class, (unsigned long)probe->values.initialize_fails);
    write_lines();
    if (probe->values.initialize_fails) {
        return fails((HRESULT)probe->values.initialize_fails, L"The probe was told not to begin.");
    }
    *mask = (LONG)probe->values.mask;
    return S_OK;
}

static void note_everything(struct probe *probe, LONG event, LONG context)
{
    ICertServerExit *server = NULL;

    if (probe->values.rules) note_dead_context(probe, context);
    if (FAILED(server_open(&server))) return;
    rule(probe, "SetContext", ICertServerExit_SetContext(server, context));
    ask_everything(probe, server);
    note_attributes(probe, server);
    note_extensions(probe, server);
    if (probe->values.rules && event == EXITEVENT_CERTISSUED) rules(probe, server, context);
    if (context && probe->values.rules) {
        probe->dead_context = context;
        probe->bound = server;
    } else {
        ICertServerExit_Release(server);
    }
}

static HRESULT WINAPI exit_Notify(ICertExit2 *iface, LONG event, LONG context)
{
    struct probe *probe = impl_from_ICertExit2(iface);

    note("event\t%d\t%lx\t%ld\t%lx\t%s\t%ld\n", probe->class, (unsigned long)event, context, GetCurrentThreadId(),
         apartment(), InterlockedIncrement(&busy));
    if (!probe->values.silent) note_everything(probe, event, context);
    if (probe->values.notify_throws & (DWORD)event) note("throws\t%d\t%lx\n", probe->class, (unsigned long)event);
    write_lines();
    Sleep(probe->values.sleeps + (DWORD)InterlockedExchange((LONG *)&probe->values.first_sleeps, 0));
    InterlockedDecrement(&busy);
    if (probe->values.notify_throws & (DWORD)event) RaiseException(EXCEPTION_ACCESS_VIOLATION, 0, 0, NULL);
    if (probe->values.notify_hangs & (DWORD)event) Sleep(INFINITE);
    if (probe->values.notify_fails_mutely & (DWORD)event) return E_ACCESSDENIED;
    if (probe->values.notify_leaves_text & (DWORD)event) return fails(S_OK, L"Left behind.");
    if (probe->values.notify_fails & (DWORD)event) {
        return fails(E_ACCESSDENIED, L"The probe\nwas t\x00F6ld \x1b[31mto fail.");
    }
    return (HRESULT)probe->values.returns;
}

static HRESULT WINAPI exit_GetDescription(ICertExit2 *iface, BSTR *description)
{
    if (!description) return E_POINTER;
    *description = SysAllocString(impl_from_ICertExit2(iface)->class ? L"Second probe" : L"Probe");
    return S_OK;
}

static HRESULT WINAPI exit_GetManageModule(ICertExit2 *iface, ICertManageModule **manage)
{
    (void)iface;
    if (!manage) return E_POINTER;
    *manage = NULL;
    return E_NOTIMPL;
}

static const ICertExit2Vtbl exit_vtbl = {
    exit_QueryInterface, exit_AddRef, exit_Release,
    exit_GetTypeInfoCount, exit_GetTypeInfo, exit_GetIDsOfNames, exit_Invoke,
    exit_Initialize, exit_Notify, exit_GetDescription, exit_GetManageModule,
};

static struct probe *impl_from_ISupportErrorInfo(ISupportErrorInfo *iface)
{
    return CONTAINING_RECORD(iface, struct probe, ISupportErrorInfo_iface);
}

static HRESULT WINAPI support_QueryInterface(ISupportErrorInfo *iface, REFIID iid, void **out)
{
    return exit_QueryInterface(&impl_from_ISupportErrorInfo(iface)->ICertExit2_iface, iid, out);
}

static ULONG WINAPI support_AddRef(ISupportErrorInfo *iface)
{
    return exit_AddRef(&impl_from_ISupportErrorInfo(iface)->ICertExit2_iface);
}

static ULONG WINAPI support_Release(ISupportErrorInfo *iface)
{
    return exit_Release(&impl_from_ISupportErrorInfo(iface)->ICertExit2_iface);
}

static HRESULT WINAPI support_InterfaceSupportsErrorInfo(ISupportErrorInfo *iface, REFIID iid)
{
    (void)iface;
    if (!iid) return E_POINTER;
    return IsEqualIID(iid, &IID_ICertExit) ? S_OK : S_FALSE;
}

static const ISupportErrorInfoVtbl support_vtbl = {
    support_QueryInterface, support_AddRef, support_Release, support_InterfaceSupportsErrorInfo,
};

/* The DLL. */

struct factory {
    IClassFactory IClassFactory_iface;
    int class;
};

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    struct probe *probe;
    HRESULT hr;

    if (!out) return E_POINTER;
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (!(probe = calloc(1, sizeof *probe))) return E_OUTOFMEMORY;
    InterlockedIncrement(&objects);
    probe->ICertExit2_iface.lpVtbl = &exit_vtbl;
    probe->ISupportErrorInfo_iface.lpVtbl = &support_vtbl;
    probe->ref = 1;
    probe->class = CONTAINING_RECORD(iface, struct factory, IClassFactory_iface)->class;
    hr = exit_QueryInterface(&probe->ICertExit2_iface, iid, out);
    exit_Release(&probe->ICertExit2_iface);
    return hr;
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface, (void)lock;
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    factory_QueryInterface, factory_AddRef, factory_Release, factory_CreateInstance, factory_LockServer,
};

static struct factory factories[CLASSES] = {{{&factory_vtbl}, 0}, {{&factory_vtbl}, 1}};

__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    for (int i = 0; i < CLASSES; i++) {
        if (IsEqualCLSID(clsid, &classes[i]))
            return factory_QueryInterface(&factories[i].IClassFactory_iface, iid, out);
    }
    return CLASS_E_CLASSNOTAVAILABLE;
}

__declspec(dllexport) HRESULT WINAPI DllCanUnloadNow(void)
{
    return objects || pinned ? S_FALSE : S_OK;
}

static void key_path(int class, const WCHAR *below, WCHAR *path)
{
    WCHAR id[40];

    StringFromGUID2(&classes[class], id, 40);
    wcscat(wcscat(wcscpy(path, L"Software\\Classes\\CLSID\\"), id), below);
}

static void set_text(const WCHAR *path, const WCHAR *name, const WCHAR *text)
{
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, path, name, REG_SZ, text, (DWORD)((wcslen(text) + 1) * sizeof *text));
}

__declspec(dllexport) HRESULT WINAPI DllRegisterServer(void)
{
    WCHAR dll[MAX_PATH], path[200], id[40];

    GetModuleFileNameW(instance, dll, MAX_PATH);
    for (int i = 0; i < CLASSES; i++) {
        key_path(i, L"\\InprocServer32", path);
        set_text(path, NULL, dll);
        set_text(path, L"ThreadingModel", L"Both");
        StringFromGUID2(&classes[i], id, 40);
        wcscat(wcscat(wcscpy(path, L"Software\\Classes\\"), progids[i]), L"\\CLSID");
        set_text(path, NULL, id);
    }
    return S_OK;
}

__declspec(dllexport) HRESULT WINAPI DllUnregisterServer(void)
{
    WCHAR path[200];

    for (int i = 0; i < CLASSES; i++) {
        key_path(i, L"", path);
        RegDeleteTreeW(HKEY_LOCAL_MACHINE, path);
        wcscat(wcscpy(path, L"Software\\Classes\\"), progids[i]);
        RegDeleteTreeW(HKEY_LOCAL_MACHINE, path);
    }
    return S_OK;
}

BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) instance = dll;
    return TRUE;
}
