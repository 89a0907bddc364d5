#!/usr/bin/python3
"""The stub CA from outside: what it prints, what it writes, and what a module sees of it.

The module is tests/modules/probe.c, which writes down everything it is told and can ask. Judges are openssl and the
contract; nothing of the stub CA is used to judge it.
"""
import sys; sys.path[0] += "/../lib"
import datetime, os, re, shutil

from commands import finished
from machine import on_machine
from openssl import openssl
from tap import check, run as run_tests, same, test

on_machine("stub")
WORK = "build/tests/stubca/stubca"
PROBE = "build/tests/modules/probe.dll"
STUBCA = "build/bin/stubca.exe"
SERVICE = r"HKLM\System\CurrentControlSet\Services\CertSvc"
LONG, DATE, TEXT = "3", "7", "8"
EMPTY, INVALID = "80094004", "80070057"

def wine(*command, **more):
    return finished("wine/run", *command, **more)

def path(name):
    return f"{WORK}/{name}"

# Requests, made once.

REQUESTS = {
    "alice": ("rsa:2048", r"/C=DE/O=Müller \& Söhne/OU=Eins/OU=Zwei/CN=Zoë Müller", "@alice"),
    "big": ("rsa:3072", "/DC=example/DC=demo/CN=big.demo.example",
            "DNS:big.demo.example,DNS:b.demo.example,IP:192.0.2.1"),
    "curve": ("ec", "/O=Demo/CN=Łódź/serialNumber=0007/emailAddress=curve@demo.example", None),
    "hostile": ("ec", "/O=a\nb\x1b[31m/CN=\x07\x9b\u202e<&>'\"\\\\ \U0001f512", None),
    "empty": ("ec", "/", "DNS:only.demo.example"),
}

CONFIG = """[req]
distinguished_name = subject
[subject]
[extensions]
subjectAltName = NAMES
[alice]
otherName = 1.3.6.1.4.1.311.20.2.3;FORMAT:UTF8,UTF8:zoë@demo.example
email = zoe@demo.example
"""

def make_requests():
    for name, (key, subject, names) in REQUESTS.items():
        kind = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else [key]
        open(path("openssl.cnf"), "w").write(CONFIG.replace("NAMES", names or "DNS:none"))
        openssl("req", "-new", "-utf8", "-nodes", "-newkey", *kind, "-config", path("openssl.cnf"),
                "-keyout", path(name + ".key"), "-out", path(name + ".csr"), "-subj", subject,
                *(["-reqexts", "extensions"] if names else []))
    der = bytearray(openssl("req", "-in", path("alice.csr"), "-outform", "DER"))
    open(path("alice.der"), "wb").write(der)
    der[-1] ^= 1
    open(path("forged.csr"), "wb").write(der)
    open(path("cut.csr"), "wb").write(der[:200])
    open(path("garbage.csr"), "wb").write(b"-----BEGIN CERTIFICATE REQUEST-----\n\x1b[31m!!\n"
                                          b"-----END CERTIFICATE REQUEST-----\n")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-days", "3650",
            "-keyout", path("foreign.key"), "-out", path("foreign.crt"), "-subj", "/O=Fremd/CN=Fremde Stelle")

def submit(name, request, more="", template="User"):
    """A step of a scenario."""
    return f'submit {name} request={path(request)}.csr template={template} requester="DEMO\\{name}" {more}'.rstrip()

# Playing, and what the module wrote.

HEAD = 'ca "Probe CA" dns=ca01.demo.example out={out}\ntemplate User eku=clientAuth days=365\n' \
       'template Slow eku=serverAuth days=730 approval=manager oid=1.3.6.1.4.1.311.21.8.1.2.3\n'

def alice():
    """One request, as a real one is, and everything asked about it. Played once for all tests that look at it."""
    if not alice.played:
        attributes = ("ccm:pc17.demo.example", " c-d c : dc01:x ", "no value", ":no name", "CCM:pc18")
        more = 'caller="DEMO\\web$" ' + " ".join(f'attribute="{text}"' for text in attributes)
        alice.played = Played(submit("alice", "alice", more) + "\n" + submit("big", "big"),
                              "module StubProbe.Exit Rules=1", name="alice")
    return alice.played.ok()
alice.played = None

LOCATION = r"SYSTEM\CurrentControlSet\Services\CertSvc\Configuration\Probe CA\ExitModules\StubProbe.Exit"
SILENT = "module StubProbe.Exit Silent=1"          # where only the events matter

class Played:
    """A scenario that has been played: exit code, output, certificates' folder, what the probe wrote."""
    def __init__(self, text, modules="module StubProbe.Exit", head=HEAD, name="played", raw=None):
        self.out, self.file, probe = path(name + ".pki"), path(name + ".scenario"), path(name + ".txt")
        shutil.rmtree(self.out, ignore_errors=True)
        if os.path.exists(probe): os.remove(probe)
        whole = raw if raw is not None else (head + modules + "\nstart\n" + text + "\nstop\n").replace("{out}",
                self.out).encode()
        open(self.file, "wb").write(whole)
        done = wine(STUBCA, "run", self.file, env={"PROBE_FILE": probe})
        self.code, self.raw, self.errors = done.returncode, done.stdout, done.stderr.decode()
        self.text = done.stdout.decode()
        self.lines = [line.split("\t") for line in open(probe,
                encoding="utf-8").read().split("\n")] if os.path.exists(probe) else []

    def ok(self):
        check(self.code == 0, f"exit code {self.code}:\n{self.text}{self.errors}")
        return self

    def events(self, module="0"):
        """(event, context, properties, attributes, extensions) in the order in which they came."""
        events = []
        for line in self.lines:
            if line[0] == "event" and line[1] == module: events.append((int(line[2], 16), int(line[3]), {}, [], {}))
            elif not events or line[1:2] != [module]: continue
            elif line[0] == "property": events[-1][2][line[2], line[3]] = tuple(line[5:8])
            elif line[0] == "attribute": events[-1][3].append((text(line[2]), text(line[3])))
            elif line[0] == "extension": events[-1][4][line[2]] = (int(line[3], 16), line[4])
        return events

    def rules(self, module="0"):
        found = {}
        for line in self.lines:
            if line[0] == "rule" and line[1] == module: found.setdefault(line[2], line[3:])
        return found

    def certificate(self, name):
        return f"{self.out}/{name}.cer"

def text(value):
    return None if value == "NULL" else "" if value == "-" else bytes.fromhex(value).decode("utf-16-le")

def value(properties, getter, name):
    """As Python has it; None for no value; the HRESULT for anything else that failed."""
    hr, kind, shown = properties[getter, name]
    if hr != "00000000":
        check(kind == "0", f"{name} failed with {hr} and is not VT_EMPTY but {kind}")
        return None if hr == EMPTY else hr
    if kind == LONG: return int(shown)
    if kind == DATE: return float(shown)
    if name.split(".")[-1].startswith("Raw") or name.split(".")[0].startswith("Raw"): return bytes.fromhex(shown)
    return text(shown)

def date(days):
    return datetime.datetime(1899, 12, 30) + datetime.timedelta(seconds=round(days * 86400))

def recent(days):
    return days is not None and abs((date(days) - datetime.datetime.utcnow()).total_seconds()) < 120

def openssl_says(certificate):
    """A certificate in openssl's words."""
    says = openssl("x509", "-in", certificate, "-noout", "-serial", "-fingerprint", "-sha1", "-dates", "-text").decode()
    names = openssl("x509", "-in", certificate, "-noout", "-subject", "-nameopt",
            "multiline,utf8,-esc_msb,-esc_ctrl").decode()
    spki = openssl("pkey", "-pubin", "-outform", "DER", data=openssl("x509", "-in", certificate, "-noout", "-pubkey"))
    when = lambda word: datetime.datetime.strptime(re.search(word + "=(.*) GMT", says)[1], "%b %d %H:%M:%S %Y")
    return {
        "serial": re.search("serial=(.*)", says)[1].lower().lstrip("0"), "hash": re.search("Fingerprint=(.*)",
                says)[1].lower().replace(":", ""),
        "before": when("notBefore"), "after": when("notAfter"), "bits": int(re.search(r"Public-Key: \((\d+) bit",
                says)[1]),
        "spki": spki, "der": openssl("x509", "-in", certificate, "-outform", "DER"), "text": says,
        "names": re.findall(r"^    (\w+) +=[ ](.*)$", names, re.M),
        "ski": re.search(r"Subject Key Identifier: *\n *([0-9A-F:]+)", says)[1].replace(":", "").lower(),
    }

COLUMNS = {"commonName": "CommonName", "organizationName": "Organization", "organizationalUnitName": "OrgUnit",
           "countryName": "Country", "domainComponent": "DomainComponent", "emailAddress": "EMail",
           "serialNumber": "DeviceSerialNumber"}

def check_certificate(properties, certificate):
    """The certificate's half of a row, against openssl's reading of the file."""
    says = openssl_says(certificate)
    get = lambda name: value(properties, "C", name)
    same(get("RawCertificate"), says["der"], "RawCertificate")
    same(get("SerialNumber").lstrip("0"), says["serial"], "SerialNumber")
    same(get("CertificateHash"), bytes.fromhex(says["hash"]).hex(" "), "CertificateHash")
    same(date(get("NotBefore")), says["before"], "NotBefore")
    same(date(get("NotAfter")), says["after"], "NotAfter")
    same(get("PublicKeyLength"), says["bits"], "PublicKeyLength")
    same(get("SubjectKeyIdentifier"), bytes.fromhex(says["ski"]).hex(" "), "SubjectKeyIdentifier")
    check(says["spki"].endswith(get("RawPublicKey")), "RawPublicKey is not the end of the SubjectPublicKeyInfo")
    check(get("RawPublicKeyAlgorithmParameters") in says["spki"], "RawPublicKeyAlgorithmParameters")
    for name in set(name for name, _ in says["names"]):
        want = "\n".join(text for other, text in says["names"] if other == name)
        same(get(COLUMNS[name]), want, name)
        same(get("Subject." + COLUMNS[name]), want, "Subject." + name)
    for column in ("CommonName", "Locality", "Title"):
        if column not in [COLUMNS[name] for name, _ in says["names"]]: same(get(column), None, column)
    return says

def add(key, name, value, kind="REG_SZ"):
    wine("reg.exe", "add", key, "/v", name, "/t", kind, "/d", value, "/f")

def registry_is_clean():
    return wine("reg.exe", "query", SERVICE).returncode != 0

# Tests. Each is a sentence.

@test
def an_issued_certificate_reads_the_same_in_the_row_and_in_openssl():
    curve = Played(submit("curve", "curve")).ok()
    for played, number, name in ((alice(), 0, "alice"), (alice(), 1, "big"), (curve, 0, "curve")):
        event, context, properties, *_ = played.events()[number]
        same(event, 1, "event")
        check(context != 0, "context is 0")
        check_certificate(properties, played.certificate(name))
        check(b": OK" in finished("openssl", "verify", "-CAfile", f"{played.out}/ca.cer", played.certificate(name)).stdout,
                "openssl verify")

@test
def the_requests_half_says_what_was_asked_by_whom_and_when():
    _, _, properties, attributes, _ = alice().events()[0]
    get = lambda name: value(properties, "R", name)
    same(get("RawRequest"), open(path("alice.der"), "rb").read(), "RawRequest")
    same([get(n) for n in ("RequestID", "RequestType", "StatusCode", "Disposition")], [1, 0x40100, 0, 20], "numbers")
    same([get("RequesterName"), get("CallerName")], ["DEMO\\alice", "DEMO\\web$"], "who")
    check(recent(get("SubmittedWhen")) and recent(get("ResolvedWhen")), "SubmittedWhen or ResolvedWhen")
    same([get("RevokedWhen"), get("RevokedReason"), get("RevokedEffectiveWhen")], [None] * 3, "revocation")
    same(get("DispositionMessage"), "Issued", "DispositionMessage")
    same(attributes, [("CertificateTemplate", "User"), ("CCM", "pc18"), ("cdc", "dc01:x")], "attributes")
    same(get("RequestAttributes"), "CertificateTemplate:User\nCCM:pc18\ncdc:dc01:x", "RequestAttributes")
    same(get("Request.OrgUnit"), "Eins\nZwei", "Request.OrgUnit")
    same(get("Request.DistinguishedName"), 'CN=Zoë Müller, OU=Zwei, OU=Eins, O=Müller & Söhne, C=DE',
            "Request.DistinguishedName")
    same(get("Request.RequesterName"), "DEMO\\alice", "Request.RequesterName")
    check(get("Request.RawName") in get("RawRequest"), "Request.RawName")
    same(value(properties, "C", "UPN"), "zoë@demo.example", "UPN")
    same(value(properties, "C", "CertificateTemplate"), "User", "CertificateTemplate")
    same(value(properties, "C", "PublicKeyAlgorithm"), "1.2.840.113549.1.1.1", "PublicKeyAlgorithm")

@test
def other_spellings_of_a_property_are_the_same_property():
    properties = alice().events()[0][2]
    for alias, name in (("CN", "CommonName"), ("2.5.4.3", "CommonName"), ("subject.commonname", "CommonName"),
            ("ou", "OrgUnit"),
                        ("Org", "Organization"), ("O", "Organization"), ("C", "Country"), ("DC",
                                "DomainComponent"), ("E", "EMail")):
        for getter in "RC": same(properties[getter, alias], properties[getter, name], f"{getter} {alias}")
    same(properties["C", "requestid"], properties["R", "RequestID"], "requestid")

@test
def the_columns_of_a_real_database_that_can_have_a_value_have_one():
    properties = alice().events()[0][2]
    for getter, names in (
        ("R", """RequestID RawRequest RequestAttributes RequestType RequestFlags StatusCode Disposition
            DispositionMessage SubmittedWhen ResolvedWhen RequesterName CallerName PublishExpiredCertInCRL
            Request.DistinguishedName Request.RawName Request.Country Request.Organization Request.OrgUnit
            Request.CommonName"""),
        ("C", """RequestID RawCertificate CertificateHash CertificateTemplate EnrollmentFlags GeneralFlags
            PrivateKeyFlags SerialNumber IssuerNameId NotBefore NotAfter SubjectKeyIdentifier RawPublicKey
            PublicKeyLength PublicKeyAlgorithm RawPublicKeyAlgorithmParameters UPN RequesterCAAccess KeyArchived
            DistinguishedName RawName Country Organization OrgUnit CommonName""")):
        for name in names.split(): same(properties[getter, name][0], "00000000", name)
    for getter, name in properties:             # and what has none says so, in the one way there is
        if name == "Request.PublishExpiredCertInCRL": same(properties[getter, name][0], INVALID,
                name)     # it is the certificate's
        elif properties[getter, name][0] != "00000000": same(properties[getter, name][0] in (EMPTY, "80070002"), True,
                name)

@test
def extensions_stand_with_flags_and_origin_as_openssl_reads_them():
    played = Played(submit("big", "big", "expect=pending", template="Slow") + "\napprove big").ok()
    pending, issued = played.events()[0][4], played.events()[1][4]
    same({oid: flags for oid, (flags, _) in pending.items()}, {"2.5.29.17": 0x10000}, "of the pending request")
    same({oid: flags for oid, (flags, _) in issued.items()},
         {"2.5.29.17": 0x10000, "2.5.29.15": 0x20001, "2.5.29.37": 0x20000, "1.3.6.1.4.1.311.21.7": 0x20000,
          "2.5.29.14": 0x40000, "2.5.29.35": 0x20000, "1.3.6.1.4.1.311.21.10": 0x20000, "2.5.29.19": 0x20003}, "of the certificate")
    says = openssl_says(played.certificate("big"))
    same(issued["2.5.29.14"][1], "0414" + says["ski"], "SKI")
    same(issued.pop("2.5.29.19")[1], "3000", "basic constraints, disabled")
    for _, der in issued.values(): check(bytes.fromhex(der) in says["der"], f"{der} does not stand in the certificate")
    check("Basic Constraints" not in says["text"], "what is disabled stands in the certificate")
    for words in ("DNS:big.demo.example, DNS:b.demo.example, IP Address:192.0.2.1", "TLS Web Server Authentication",
                  "Digital Signature, Key Encipherment"): check(words in says["text"], words)

@test
def what_the_policy_does_not_let_through_is_on_record_and_disabled():
    config = path("wish.cnf")
    open(config, "w").write("[req]\ndistinguished_name=d\nreq_extensions=e\nprompt=no\n[d]\nCN=wish\n"
                            "[e]\nbasicConstraints=critical,CA:true\nkeyUsage=keyCertSign\n")
    openssl("req", "-new", "-key", path("alice.key"), "-config", config, "-out", path("wish.csr"))
    played = Played(submit("wish", "wish")).ok()
    extensions = played.events()[0][4]
    same(extensions["2.5.29.19"][0], 0x10003, "basicConstraints: of the request, critical, disabled")
    same(extensions["2.5.29.15"], (0x20001, "030205a0"), "keyUsage is the template's")
    check("CA:TRUE" not in openssl_says(played.certificate("wish"))["text"], "the certificate is a CA's")

@test
def a_pending_request_has_a_key_and_no_certificate():
    played = Played(submit("big", "big", "expect=pending", template="Slow")).ok()
    event, _, properties, *_ = played.events()[0]
    same([event, value(properties, "R", "Disposition")], [2, 9], "event and disposition")
    same(value(properties, "C", "CertificateTemplate"), "1.3.6.1.4.1.311.21.8.1.2.3", "CertificateTemplate")
    same(value(properties, "C", "EnrollmentFlags"), 2, "EnrollmentFlags")
    same(value(properties, "C", "PublicKeyLength"), 3072, "PublicKeyLength")
    for name in "RawCertificate SerialNumber CertificateHash UPN DistinguishedName RawName".split():
        same(value(properties, "C", name), None, name)
    same([value(properties, "C", n) for n in ("CommonName", "DomainComponent")], ["big.demo.example", "example\ndemo"], "names")
    same((date(value(properties, "C", "NotAfter")) - date(value(properties, "C", "NotBefore"))).days, 730, "dates")
    same(value(properties, "R", "ResolvedWhen"), None, "ResolvedWhen")
    same(value(properties, "R", "DispositionMessage"), "Taken Under Submission", "DispositionMessage")
    check(not os.path.exists(played.certificate("big")), "there is a certificate")

@test
def a_day_gives_the_events_of_the_contract_one_bit_each():
    played = Played(f'''submit alice request={path("alice.csr")} template=User requester="DEMO\\alice"
submit big request={path("big.csr")} template=Slow requester="DEMO\\big" expect=pending
submit curve request={path("curve.csr")} template=Slow requester="DEMO\\curve" expect=pending
retrieve big expect=pending
approve big by="DEMO\\olga"
deny curve by="DEMO\\olga" status=0x80094014
retrieve curve expect=denied
approve curve
retrieve big
revoke alice reason=keyCompromise by="DEMO\\olga"
retrieve alice expect=revoked
revoke alice reason=superseded
hold big
release big
crl base
crl base delta
import foreign file={path("foreign.crt")} by="DEMO\\olga"''').ok()
    rows = [(event, value(p, "R", "RequestID"), value(p, "R", "Disposition"), value(p, "R", "RevokedReason"),
             value(p, "R", "DispositionMessage")) for event, _, p, _, _ in played.events()]
    same(rows, [(1, 1, 20, None, "Issued"), (2, 2, 9, None, "Taken Under Submission"),
            (2, 3, 9, None, "Taken Under Submission"),
                (1, 2, 20, None, "Issued  Resubmitted by DEMO\\olga"), (4, 3, 31, None, "Denied by DEMO\\olga"),
                (1, 3, 20, None, "Issued  Resubmitted by NT AUTHORITY\\SYSTEM"),
                (16, 2, 20, None, "Issued  Resubmitted by DEMO\\olga"),
                (8, 1, 21, 1, "Revoked by DEMO\\olga"), (8, 1, 21, 4, "Revoked by NT AUTHORITY\\SYSTEM"),
                (8, 2, 21, 6, "Revoked by NT AUTHORITY\\SYSTEM"), (8, 2, 20, -1, "Revoked by NT AUTHORITY\\SYSTEM"),
                (0x20,) + (None,) * 4, (0x20,) + (None,) * 4, (0x200, 4, 12, None,
                        "certificate issued"), (0x40,) + (None,) * 4], "the day")
    same(value(played.events()[4][2], "R", "StatusCode"), 0x80094014 - (1 << 32), "StatusCode of the denied")
    for event, context, properties, attributes, extensions in played.events():
        if event in (0x20, 0x40): same((context, attributes, extensions), (0, [], {}),
                "context, attributes and extensions of the CA's events")
        if event == 8: check(recent(value(properties, "R", "RevokedWhen")) and recent(value(properties, "R",
                "RevokedEffectiveWhen")), "RevokedWhen")
    same([line[5] for line in played.lines if line[0] == "event"], ["MTA"] * 15, "apartments")

@test
def an_imported_certificate_is_what_openssl_says_it_is():
    played = Played(f'import foreign file={path("foreign.crt")} by="DEMO\\olga"\n'
                    f'import again file={path("foreign.crt")} expect=refused status=0x80092005\n'
                    + submit("alice", "alice") + "\n"
                    + 'import own file={out}/alice.cer expect=refused').ok()
    _, _, properties, attributes, extensions = played.events()[0]
    check_certificate(properties, path("foreign.crt"))
    same([value(properties, "R", n) for n in ("RawRequest", "RequesterName", "CallerName")],
            [None, "DEMO\\olga", "DEMO\\olga"], "request")
    same({flags & 0xf0000 for flags, _ in extensions.values()}, {0x60000}, "origin")
    same(len(played.events()), 3, "events: imported, issued, shutdown")

@test
def ca_level_properties_are_there_at_initialize_and_at_context_0():
    played = Played("crl base").ok()
    der = openssl("x509", "-in", f"{played.out}/ca.cer", "-outform", "DER")
    crl, delta = (openssl("crl", "-in", f"{played.out}/{n}.crl", "-outform", "DER") for n in ("base", "delta"))
    first = [line[0] for line in played.lines].index("event")
    at_start = {(line[2], line[3]): tuple(line[5:8]) for line in played.lines[:first]
                if line[0] == "property"}
    for properties, number in ((at_start, 0), (played.events()[0][2], 1)):
        get = lambda name: value(properties, "C", name)
        same([get(n) for n in ("CAType", "fUseDS", "fDeltaCRLsDisabled", "CertCount", "CertState", "CertState.0",
                "CRLState", "CRLIndex.0")],
             [0, 1, 0, 1, 3, 3, 3, 0], "numbers")
        same([get(n) for n in ("SanitizedCAName", "SanitizedShortName", "MachineDNSName", "ConfigDN", "DomainDN",
                "CertSuffix", "CRLSuffix.0")],
             ["Probe CA", "Probe CA", "ca01.demo.example", "CN=Configuration,DC=demo,DC=example", "DC=demo,DC=example",
                     "", ""], "names")
        same(get("ModuleRegistryLocation"),
                LOCATION, "location")
        same([get("RawCACertificate"), get("RawCACertificate.0"), get("RawCACertificate.1")], [der, der, "80070002"],
                "RawCACertificate")
        same([get("RawCRL"), get("RawDeltaCRL")], [crl, delta] if number else [None, "80070002"], "CRLs")
        same([get(f"LocalizedTimePeriodUnits.{n}") for n in (0, 6, 7)], ["Seconds", "Years", "80070002"], "units")
        same(get("EventLogTerse"), None, "settable")

@test
def every_rule_of_icertserverexit_holds():
    ok = ["00000000"]
    want = {
        "SetContext": ok, "context that never was": [INVALID], "negative context": [INVALID],
        "unknown name": [INVALID, "0"], "unknown name in the certificate": [INVALID, "0"],
        "name that is not ASCII": [INVALID, "0"], "empty name": [INVALID, "0"], "wrong type": [INVALID, "0"],
        "type 0": [INVALID, "0"], "type with flags above": ok + ["3"], "no value": [EMPTY, "0"],
        "wrong table": [EMPTY, "0"], "wrong table, the other way": [EMPTY, "0"],
        "CA property through the request": [EMPTY, "0"], "CA certificate through the request": ok + ["8"],
        "settable only": [EMPTY, "0"], "index out of range": ["80070002", "0"], "index out of range at context 0": ["80070002", "0"],
        "index of what has none": [INVALID, "0"], "index that is no number": [INVALID, "0"],
        "index too long for a number": [INVALID, "0"], "alias with Subject.": [INVALID, "0"],
        "Subject. of what is no name": [INVALID, "0"], "Request. of the certificate's": [INVALID, "0"],
        "column of the database's CRL table": [INVALID, "0"], "NULL name": [INVALID], "NULL name clears": ok,
        "NULL out": ["80004003"], "next before setup": ["8000ffff"], "next before setup gives NULL": ok,
        "close while closed": ok, "setup with flag 1": ok, "setup with flag 2": [INVALID],
        "setup of the other kind": ok, "end": ["00000001"], "end again": ["00000001"], "end gives NULL": ok,
        "other kind goes on": ok, "SetContext closes": ["8000ffff"], "NULL out of next": ["80004003"],
        "attribute by another spelling": ok, "no such attribute": [EMPTY], "no such attribute gives NULL": ok,
        "flags of no extension": [EMPTY], "no such extension": [EMPTY], "no such extension clears": ok,
        "extension that is no number": [INVALID], "extension of type 9": [INVALID], "IDispatch": ok,
        "GetIDsOfNames": ok, "dispid": ["60020001"], "Invoke": ok, "Invoke's type": ["00000003"], "IMarshal": ok,
        "identity": ok, "another interface": ["80004002"], "another interface gives NULL": ok,
        "aggregation": ["80040110"], "on another thread": ok, "context 0": ok,
        "request property at context 0": [EMPTY, "0"], "CA property at context 0": ok + ["3"],
        "dead context": [INVALID], "after SHUTDOWN": ok + ["3"], "object bound to a dead context": [INVALID, "0"], "binding it again": ok,
        "object bound again": ok + ["3"],
    }
    rules = alice().rules()
    for name in sorted(set(want) | set(rules)): same(rules.get(name), want.get(name), name)

@test
def the_class_is_found_by_threads_of_every_kind():
    played = Played("crl base", "module StubProbe.Exit Threads=1 Silent=1").ok()
    found = {line[2]: line[3:5] + [text(line[5]), text(line[6])] for line in played.lines if line[0] == "class"}
    location = LOCATION
    same(found, {"same": ["MTA", "00000000", "Probe CA", location], "STA": ["STA", "00000000", "Probe CA", location],
                 "MTA": ["MTA", "00000000", "Probe CA", location], "none": ["implicit", "00000000", "Probe CA",
                         location]}, "class")

@test
def crls_say_what_openssl_must_hear():
    played = Played("\n".join(submit(name, "curve") for name in "abcd") + '''
crl base
revoke a reason=keyCompromise
hold b
crl delta
release b
revoke c reason=unspecified
crl delta
crl base delta
hold d''').ok()
    serial = {n: openssl_says(played.certificate(n))["serial"] for n in "abcd"}
    crls = [(value(p, "C", "RawCRL"), value(p, "C", "RawDeltaCRL")) for event, _, p,
            *_ in played.events() if event == 0x20]
    def entries(der):
        """What openssl reads: number, base number, {serial: reason}; it must hold with the CA's key."""
        done = finished("openssl", "crl", "-inform", "DER", "-CAfile", f"{played.out}/ca.cer", "-noout", "-text", data=der)
        check(b"verify OK" in done.stderr, "openssl crl -CAfile: " + done.stderr.decode())
        says = done.stdout.decode()
        number = lambda words: (re.search(words + r":[^\n]*\n +(?:0x)?([0-9A-F]+)", says) or [None, None])[1]
        found = {}
        for part in says.split("Serial Number: ")[1:]:
            reason = re.search(r"Reason Code: *\n +(.*)", part)
            found[part.split()[0].lower().lstrip("0")] = reason[1].strip() if reason else None
        return int(number("CRL Number"), 16), number("Delta CRL Indicator"), found
    same(entries(crls[0][0]), (1, None, {}), "the first base")
    same(entries(crls[1][1]), (2, "1", {serial["a"]: "Key Compromise", serial["b"]: "Certificate Hold"}),
            "the first delta")
    same(entries(crls[2][1]), (3, "1",
            {serial["a"]: "Key Compromise", serial["b"]: "Remove From CRL", serial["c"]: None}), "the second delta")
    same(entries(crls[3][0]), (4, None, {serial["a"]: "Key Compromise", serial["c"]: None}), "the second base")
    same(entries(crls[3][1]), (4, "4", {}), "a delta with nothing new")
    same([crls[3][n] for n in (0, 1)],
            [openssl("crl", "-in", f"{played.out}/{n}.crl", "-outform", "DER") for n in ("base", "delta")], "files")

@test
def modules_are_called_in_order_with_their_own_events_and_keys():
    played = Played(submit("a", "curve") + "\ncrl base\nrevoke a",
                    "module StubProbe2.Exit Mask=0x29 Silent=1\nmodule StubProbe.Exit Mask=0x48 Silent=1").ok()
    same([(line[1], line[2]) for line in played.lines if line[0] in ("event",)],
            [("1", "1"), ("1", "20"), ("1", "8"), ("0", "8"), ("0", "40")], "events")
    same([line[1] for line in played.lines if line[0] == "start"], ["1", "0"], "order of loading")
    same([line[1] for line in played.lines if line[0] == "released"], ["0", "1"], "releases")
    contexts = [line[3] for line in played.lines if line[0] == "event"]
    check(contexts[2] == contexts[3] != contexts[0],
            f"contexts {contexts}: one for both modules, another for each event")

@test
def a_module_that_fails_is_logged_and_changes_nothing():
    step = submit("a", "curve")
    module = "module StubProbe.Exit NotifyFails=0x1 Silent=1\nmodule StubProbe2.Exit Silent=1"
    played = Played(step, module)
    same(played.code, 1, "exit code with an entry that nobody expects")
    check("# event 46: The \"Probe\" Exit Module \"Notify\" method returned an error." in played.text, played.text)
    check("0x80070005" in played.text, played.text)
    check("The probe\ufffdwas töld \ufffd[31mto fail." in played.text,
            "the module's own words, made harmless: " + played.text)
    check("\x1b" not in played.text, "control characters in the output")
    check(re.search(r"^not ok \d+ - the event log holds nothing", played.text, re.M), "the last line")
    check(os.path.exists(played.certificate("a")), "there is no certificate")
    same([(line[1], line[2]) for line in played.lines if line[0] == "event"],
            [("0", "1"), ("1", "1"), ("0", "40"), ("1", "40")], "events")
    Played(step + '\nlog 46 "töld"', module).ok()
    same(Played(step + '\nlog 46 "something else"', module).code, 1, "exit code with other words")
    same(Played(step + '\nlog 46\nlog 46', module).code, 1, "exit code with one entry too few")

@test
def a_text_that_one_module_left_behind_is_not_anothers():
    played = Played("crl base\nlog 46", "module StubProbe.Exit NotifyLeavesText=0x20 Silent=1\n"
                    "module StubProbe2.Exit NotifyFailsMutely=0x20 Silent=1").ok()
    check('# event 46: The "Second probe" Exit Module "Notify"' in played.text, played.text)
    check("Left behind" not in played.text, played.text)

@test
def a_module_that_cannot_begin_is_left_out():
    step = submit("a", "curve") + "\nlog 46"
    played = Played(step + ' "The probe was told not to begin."',
            "module StubProbe.Exit InitializeFails=0x80070005 Silent=1").ok()
    same([line[0] for line in played.lines], ["start", "fails", "released", ""], "what it was told")
    played = Played(step + " StubNothing.Exit", "module StubNothing.Exit\nmodule StubProbe.Exit Silent=1").ok()
    same(len(played.events()), 2, "events of the other module")

@test
def a_module_that_hangs_ends_the_program_with_its_name():
    played = Played("crl base", "setting call-seconds=5\nmodule StubProbe.Exit NotifyHangs=0x20 Silent=1")
    same(played.code, 2, "exit code")
    check(f"Bail out! {played.file}:7: StubProbe.Exit has not returned from Notify within 5 s" in played.text,
            played.text)
    check(registry_is_clean(), "keys are left in the registry")

@test
def a_dll_that_stays_loaded_is_a_failure_of_stop():
    played = Played("crl base", "setting call-seconds=5\nmodule StubProbe.Exit StaysLoaded=1 Silent=1")
    same(played.code, 1, "exit code")
    check(f"# {played.file}:8: the DLL of StubProbe.Exit is still loaded" in played.text, played.text)
    played = Played("stop\nstart\ncrl base\nstop\nstart", SILENT).ok()
    same([line[0] for line in played.lines if line[0] in ("start", "released")], ["start", "released"] * 3,
            "loaded three times")

@test
def startup_is_told_of_where_the_setting_says_so():
    same([e[0] for e in Played("crl base", SILENT).ok().events()], [0x20, 0x40], "without")
    same([e[0] for e in Played("crl base", "setting startup=on\nmodule StubProbe.Exit Silent=1").ok().events()],
            [0x80, 0x20, 0x40], "with")

@test
def the_name_is_sanitized_for_keys_and_initialize():
    head = 'ca "Ä&B ""1"" [x]" dns=ca01 out={out}\n'
    played = Played("crl base", head=head).ok()
    name = "!00c4!0026B !00221!0022 !005bx!005d"
    same(text([line for line in played.lines if line[0] == "start"][0][2]), name, "strConfig")
    properties = played.events()[0][2]
    same([value(properties, "C", n) for n in ("SanitizedCAName", "SanitizedShortName", "ConfigDN")],
            [name, name, None], "properties")
    check(f"\\{name}\\ExitModules\\" in value(properties, "C", "ModuleRegistryLocation"), "location")
    check("CN = \u00c4&B \\\"1\\\" [x]" in openssl("x509", "-in", f"{played.out}/ca.cer", "-noout", "-subject",
            "-nameopt", "oneline,utf8,-esc_msb").decode(), "subject")
    played = Played("crl base", "setting config-name=raw\nmodule StubProbe.Exit Silent=1", head=head).ok()
    same(text([line for line in played.lines if line[0] == "start"][0][2]), 'Ä&B "1" [x]', "strConfig, raw")
    long_name = "N" * 55 + "ä" * 3
    short = value(Played("crl base", head=f"ca {long_name} dns=ca01.x out={{out}}\n").ok().events()[0][2], "C",
            "SanitizedShortName")
    check(re.fullmatch("N{55}-[0-9]{5}", short), f"short name {short}")

@test
def the_registry_is_as_before():
    Played("crl base", SILENT).ok()
    check(registry_is_clean(), "keys are left in the registry")
    key = SERVICE + r"\Configuration"
    add(key + r"\Real CA", "CommonName", "Real CA")
    add(key, "Active", "Real CA")
    before = wine("reg.exe", "query", key, "/s").stdout
    played = Played("crl base")
    same([played.code, wine("reg.exe", "query", key, "/s").stdout], [2, before], "a machine with a CA of its own")
    check("this machine has a CA of its own" in played.text, played.text)
    wine("reg.exe", "delete", SERVICE, "/f")
    add(key + r"\Probe CA\ExitModules\StubProbe.Exit", "Mask", "0", "REG_DWORD")
    add(key + r"\Probe CA", "StubCA", "1", "REG_DWORD")
    add(key, "Active", "Probe CA")
    same(len(Played("crl base").ok().events()), 2, "events after clearing away what a killed one left")
    wine("reg.exe", "delete", SERVICE, "/f")

# Bad input.

@test
def a_request_that_does_not_parse_is_named_with_file_and_line():
    bad = {"cut": "is no request", "garbage": "is no request", "nowhere": "cannot be opened"}
    played = Played("\n".join(f'submit {n} request={path(n)}.csr template=User requester="DEMO\\x"' for n in bad),
            SILENT)
    same(played.code, 1, "exit code")
    for line, (name, why) in enumerate(bad.items(), 6):
        where = f"# {played.file}:{line}: submit {name} is "
        words = rf"^{re.escape(where)}.*{re.escape(path(name))}.csr {why}.*; expected issued"
        check(re.search(words, played.text, re.M), played.text)
    check("\x1b" not in played.text, "control characters in the output")
    same(sorted(os.listdir(played.out)), ["ca.cer"], "files")
    same([e[0] for e in played.events()], [0x40], "events")
    played = Played(submit("bad", "cut", "expect=refused") + "\n"
                    + submit("bad2", "nowhere", "expect=refused"), SILENT)
    same(re.findall("^(not ok|ok) .*submit", played.text, re.M), ["ok", "not ok"],
            "what may be expected: " + played.text)

@test
def an_unknown_template_is_named_with_file_and_line():
    submit = f'submit bad request={path("alice.csr")} requester="DEMO\\x"'
    played = Played(submit + ' template="No \x1b[31mSuch"')
    same(played.code, 1, "exit code")
    words = 'submit bad is denied (0x80094800): template "No \ufffd[31mSuch" is unknown; expected issued'
    check(f"# {played.file}:6: {words}\n" in played.text, played.text)
    same(sorted(os.listdir(played.out)), ["ca.cer"], "files")
    event, _, properties, *_ = played.events()[0]
    same([event, value(properties, "R", "Disposition"), value(properties, "R", "StatusCode"),
            value(properties, "R", "DispositionMessage")],
         [4, 31, 0x80094800 - (1 << 32), "Denied by Policy Module  0x80094800, The request was for a certificate template that is "
                  "not supported by the Active Directory Certificate Services policy: No \x1b[31mSuch."], "the row")
    Played(submit + " expect=denied status=0x80094801").ok()

@test
def a_forged_request_fails():
    played = Played(submit("bad", "forged", "expect=failed status=0x80090006")).ok()
    event, _, properties, *_ = played.events()[0]
    same([event, value(properties, "R", "Disposition"), value(properties, "R", "StatusCode")],
            [4, 30, 0x80090006 - (1 << 32)], "the row")
    same(sorted(os.listdir(played.out)), ["ca.cer"], "files")

@test
def a_certificate_that_cannot_be_written_leaves_nothing_half_written():
    out = path("played.pki")
    played = Played(submit("ok", "curve"), SILENT)
    text = open(played.file).read()
    os.remove(played.certificate("ok"))
    os.mkdir(played.certificate("ok"))          # a folder of the certificate's name
    done = wine(STUBCA, "run", played.file, env={"PROBE_FILE": path("played.txt")})
    same(done.returncode, 1, "exit code")
    check(re.search(rb"played.scenario:6: .*ok.cer cannot be written", done.stdout), done.stdout.decode())
    same(sorted(os.listdir(out)), ["ca.cer", "ok.cer"], "files")
    same(os.listdir(played.certificate("ok")), [], "the folder")

@test
def what_an_earlier_run_left_is_not_taken_for_this_ones():
    played = Played(submit("a", "curve") + "\ncrl base delta",
            SILENT).ok()
    same(sorted(os.listdir(played.out)), ["a.cer", "base.crl", "ca.cer", "delta.crl"], "files")
    again = open(played.file).read().replace("template=User requester",
            "template=None requester").replace("crl base delta", "")
    open(played.file, "w").write(again)
    wine(STUBCA, "run", played.file, env={"PROBE_FILE": path("played.txt")})
    same(os.listdir(played.out), ["ca.cer"], "files after a denied request")

@test
def a_hostile_subject_reaches_the_module_as_it_is_and_the_terminal_not_at_all():
    step = submit("bad", "hostile", 'attribute="ccm:\x1b]0;x\x07"')
    played = Played(step.replace("DEMO\\bad", "DEMO\\\x1b[31m")).ok()
    _, _, properties, attributes, _ = played.events()[0]
    same(value(properties, "C", "CommonName"), "\x07\x9b\u202e<&>'\"\\ \U0001f512", "CommonName")
    same(value(properties, "R", "Request.Organization"), "a\nb\x1b[31m", "Organization")
    same(value(properties, "R", "RequesterName"), "DEMO\\\x1b[31m", "RequesterName")
    same(attributes[1], ("ccm", "\x1b]0;x\x07"), "attribute")
    check(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", played.raw), "control characters in the output")

@test
def a_request_without_a_subject_is_a_request():
    played = Played(submit("empty", "empty")).ok()
    properties = played.events()[0][2]
    same([value(properties, "R", n) for n in ("Request.DistinguishedName", "Request.CommonName", "Request.RawName")],
            [None, None, b"0\0"], "names")

@test
def operations_the_ca_would_refuse_are_refused_and_told_to_nobody():
    step = submit("a", "curve") + "\n" \
           + submit("s", "curve", "expect=pending", template="Slow") + "\n"
    played = Played(step + '''approve a expect=refused status=0x80094003
deny a expect=refused status=0x80094003
release a expect=refused status=0x80094003
revoke s expect=refused status=0x80094003
hold s expect=refused
crl delta expect=refused
revoke a
release a expect=refused
deny s
deny s expect=refused''', SILENT).ok()
    same([e[0] for e in played.events()], [1, 2, 8, 4, 0x40], "events")
    head = 'ca "Probe CA" dns=ca01.demo.example out={out} deltas=off\n'
    played = Played("crl base\ncrl delta expect=refused\ncrl base delta expect=refused", head=head).ok()
    same([value(played.events()[0][2], "C", n) for n in ("fDeltaCRLsDisabled", "RawDeltaCRL")], [1, "80070002"],
            "deltas off")
    played = Played(submit("a", "cut", "expect=refused") + "\napprove a",
            SILENT)
    same(played.code, 1, "what came to nothing has no request")

@test
def an_expectation_that_fails_says_what_was_and_what_was_expected():
    step = submit("a", "curve")
    played = Played(step + " expect=pending", SILENT)
    check(f"# {played.file}:6: submit a is issued (0x00000000); expected pending" in played.text, played.text)
    same(played.code, 1, "exit code")
    played = Played(step + "\nrevoke a status=5", SILENT)
    check(f"# {played.file}:7: revoke a is revoked (0x00000000); expected revoked with status 5" in played.text,
            played.text)
    same(len(re.findall("^not ok", played.text, re.M)), 1, "lines that fail")

@test
def a_syntax_error_is_found_before_anything_is_played():
    ca = 'ca A dns=d out={out}\n'
    running = ca + "start\n"
    wrong = []
    submit = 'submit a request=r requester=x\n'
    for lines, line, words in (
            ("sumbit a\n", 1, '"sumbit" is no step, expected ca, template,'),
            ('ca "A dns=d\n', 1, "a quote is opened and not closed"),
            ("ca A dns=d\n", 1, "out is missing, expected ca NAME out="),
            ("ca A dns=d out=o out=p\n", 1, "out= stands here twice"),
            ("ca A dns=d out=o colour=red\n", 1, 'ca has no key "colour", expected dns, out, days, deltas, crl-url, aia-url, '
                    "interface-flags, cert-enroll, parent, parent-crl-url or parent-aia-url"),
            ("ca A B dns=d out=o\n", 1, '"B" is one word too many'),
            ("ca dns=d out=o\n", 1, "NAME is missing"),
            ("ca A dns=d out=o days=0\n", 1, "days=0, expected a number of days from 1 to 36500"),
            ("ca A dns=d out=o days=1e3\n", 1, "days=1e3, expected"),
            ("ca A dns= out=o\n", 1, "dns=, expected a value"),
            ("ca A dns=d out=o deltas=maybe\n", 1, "deltas=maybe, expected on or off"),
            (ca + ca, 2, "ca for a second time"),
            ("\n# nothing\n  \nstart\n", 4, "start before the CA is there, expected ca first"),
            (ca + submit, 2, "submit while the CA does not run, expected start first"),
            (running + "start\n", 3, "start while the CA runs"),
            (running + "module X.Exit\n", 3, "module while the CA runs, expected it before start"),
            (running + "approve nobody\n", 3, 'there is no "nobody" yet'),
            (running + submit + submit, 4, '"a" is taken since {file}:3'),
            (running + submit.replace(" a ", " ../a "), 3, '"../a" cannot name a file'),
            (running + submit.replace(" a ", " NUL "), 3, '"NUL" cannot name a file'),
            (running + submit.replace(" a ", " parent "), 3, '"parent" cannot name a file'),
            (ca + "parent moves\n", 2, '"moves", expected crl or revoke'),
            (ca + "parent revoke index=x\n", 2, "index=x, expected a number from 0 on"),
            (running + submit.replace(" a ", " ca "), 3, '"ca" cannot name a file'),
            (running + submit.strip() + " expect=perhaps\n", 3,
                    "expect=perhaps, expected issued, pending, denied, failed or refused"),
            (running + submit.strip() + " status=x\n", 3, "status=x, expected a number"),
            (running + submit + "revoke a reason=boredom\n", 4, "reason=boredom, expected unspecified, keyCompromise"),
            (running + "crl all\n", 3, '"all", expected base or delta'),
            (running + "log now\n", 3, '"now", expected the number of an event'),
            (ca + "template T days=5 eku=some\n", 2, "eku=some, expected usages"),
            (ca + "template T days=5 eku=serverAuth,1..2\n", 2, "eku=serverAuth,1..2, expected usages"),
            (ca + "template T days=5 oid=3.1\n", 2, "oid=3.1, expected an OID"),
            (ca + "template T days=5 schema=5\n", 2, "schema=5, expected a schema version from 1 to 4"),
            (ca + "template T days=5 schema=2\n", 2, "oid is missing"),
            (ca + "template T days=5 version=1\n", 2, "version=1, expected a version such as 100.3"),
            (ca + "setting dates=lunar\n", 2, "dates=lunar, expected utc or local"),
            (ca + "setting moon=full\n", 2, 'setting has no key "moon", expected startup, config-name'),
            (ca + "clock days=-1\n", 2, "days=-1, expected"),
            (ca + "renew it\n", 2, '"it", expected same-key or new-key'),
            (running + "renew new-key\n", 3, "renew while the CA runs"),
            (running + "together threads=2\n" + submit + "revoke a\napart\n", 5, '"a" is made at the same time'),
            (running + "together threads=2\nstop\napart\n", 4, "stop between together and apart"),
            (running + "together threads=2\n", 0, "together is opened and not closed"),
            (running + "apart\n", 3, "apart with nothing together"),
            (running + "kill\nstop\n", 4, "stop after kill, expected kill to be the last step"),
            (ca + "kill\n", 2, "kill while the CA does not run"),
            (ca + "disk broken\n", 2, '"broken", expected stall, full, failing or normal'),
            (running + "property Moon value=1\n", 3, 'there is no property "Moon"'),
            (running + "property Disposition value=x\n", 3, "value=x, expected a number"),
            (running + "property NotAfter value=tomorrow\n", 3, "value=tomorrow, expected a date such as"),
            (running + "property RawCRL value=5\n", 3, "value=5, expected bytes in hex"),
            (running + "property DCName value=x\n", 3, "value=x, expected no value"),
            (running + "property UPN value=x size=3\n", 3, "value= and size=, expected one of them"),
            (running + submit + "change a extension=1.2.3 der=5\n", 4, "der=5, expected bytes in hex"),
            (running + submit + "revoke a effective=soon\n", 4, "effective=soon, expected a number of days"),
            (ca + "start expect=refused\n" + submit, 3, "submit while the CA does not run"),
            (ca + "template T days=5 usage=digitalSignature,\n", 2, "usage=digitalSignature,, expected usages"),
            (ca + "include {file}\n", 1, "ca for a second time"),
            (ca + "include nowhere.scenario\n", 2, "nowhere.scenario cannot be opened"),
            ("# nothing but a comment\n", 0, "there is no CA in it"),
            ("ca \xff dns=d out=o\n", 1, "these bytes are no UTF-8"),
            ("ca A dns=d out=o\0\n", 0, "holds a NUL")):
        file = path(f"syntax{len(wrong)}.scenario")
        open(file, "wb").write(lines.replace("{out}", path("syntax.pki")).replace("{file}", file).encode("latin-1"))
        wrong.append((file, f"{file}:{line}: " if line else f"{file}: ", words.replace("{file}", file)))
    done = wine(STUBCA, "run", *[file for file, _, _ in wrong])
    same([done.returncode, done.stdout], [2, b""], "exit code and standard output")
    for file, where, words in wrong:
        errors = [line for line in done.stderr.decode().split("\n") if line.startswith(file + ":")] or [""]
        check(errors[0].startswith(where) and words in errors[0], f"{errors[0]}: expected {where}{words}")
    check(not os.path.exists(path("syntax.pki")), "something was made")
    same(wine(STUBCA, "run", wrong[0][0]).returncode, 2, "exit code of one alone")

@test
def errors_in_an_included_file_name_that_file():
    open(path("inner.scenario"), "w").write("# one\ntemplate T\n")
    played = Played(f"include {path('inner.scenario')}", SILENT, name="outer")
    same(played.code, 2, "exit code")
    check(played.errors.startswith(f"{path('inner.scenario')}:2: days is missing"), played.errors)
    open(path("inner.scenario"), "w").write(f'\n\nsubmit i request={path("cut.csr")} requester=x template=User\n')
    played = Played(f"include {path('inner.scenario')}", SILENT, name="outer")
    check(f"# {path('inner.scenario')}:3: submit i is refused" in played.text, played.text)

@test
def quotes_comments_marks_and_line_ends_are_read_as_written():
    raw = '\ufeff# a mark in front\r\nca "A ""b"" #c" dns="d" out={out}\t# a comment\r\n' + SILENT + '\r\nstart\r\nstop'
    played = Played("", raw=raw.replace("{out}", path("played.pki")).encode()).ok()
    same(text(played.lines[0][2]), 'A !0022b!0022 !0023c', "the name")

@test
def several_files_are_one_run():
    first = Played("crl base", SILENT, name="first")
    second = Played(f'submit a request={path("cut.csr")} template=User requester=x', SILENT, name="second")
    done = wine(STUBCA, "run", first.file, second.file, env={"PROBE_FILE": path("both.txt")})
    lines = done.stdout.decode().split("\n")
    same([lines[0], done.returncode], ["1..16", 1], "plan and exit code")
    same([int(re.sub(r"^(not )?ok (\d+).*", r"\2", line)) for line in lines if re.match("(not )?ok ", line)],
            list(range(1, 17)), "numbers")

@test
def help_and_usage():
    done = wine(STUBCA, "--help")
    same(done.returncode, 0, "exit code of --help")
    for word in ("submit NAME", "expect=issued|pending|denied|failed|refused", "attribute=",
            "log NUMBER"): check(word in done.stdout.decode(), word)
    check(max(len(line) for line in done.stdout.decode().split("\n")) <= 79, "the width of the help")
    check(b"\r" not in done.stdout, "a CR in the output")
    for arguments in ((), ("run",), ("fly", "x"), ("--help", "x")):
        done = wine(STUBCA, *arguments)
        same([done.returncode, done.stdout], [2, b""], "usage")
        check(b"expected `stubca run FILE...`" in done.stderr, done.stderr.decode())
    done = wine(STUBCA, "run", path("nowhere.scenario"))
    check(done.returncode == 2 and b"nowhere.scenario cannot be opened" in done.stderr, done.stderr.decode())

@test
def a_renamed_exe_says_so():
    shutil.copy(STUBCA, path("renamed.exe"))
    done = wine(path("renamed.exe"), "run", path("played.scenario"))
    same(done.returncode, 2, "exit code")
    check(b"must be called stubca.exe" in done.stderr, done.stderr.decode())
    os.makedirs(path("elsewhere"), exist_ok=True)
    shutil.copy(STUBCA, path("elsewhere/StubCA.EXE"))           # Windows does not care for the case
    same(wine("wine", path("elsewhere/StubCA.EXE"), "--help").returncode, 0, "exit code of another case")

@test
def a_folder_that_cannot_be_made_ends_it():
    open(path("file"), "w").close()
    played = Played("crl base", head='ca A dns=d out=' + path("file/pki") + "\n")
    same(played.code, 2, "exit code")
    check("Bail out! " in played.text and "cannot be made a folder" in played.text, played.text)

shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
make_requests()
wine("reg.exe", "delete", SERVICE, "/f")        # what a run that was cut off may have left
wine("regsvr32.exe", "/s", PROBE)
run_tests(finish=lambda: wine("regsvr32.exe", "/u", "/s", PROBE))
