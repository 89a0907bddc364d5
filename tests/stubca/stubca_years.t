#!/usr/bin/python3
"""wine/scenarios/years.scenario with CertWitness as the module: two years with renewals, and the attacks on AD CS by name, all with true signatures.

Each attack has to stand in the journal as the attack that its name says, and its near miss as none: openssl and the bytes are asked, no program of
ours. A serial number that the journal never saw issued is in its CRLs.
"""
import sys; sys.path[0] += "/../lib"
import base64, os, re, shutil, threading

from cmcmake import MS, PKI_DATA, attribute, client_info, extension, name_value, octets, oid, os_version, pki_data, reg_info, seq, tagged, tlv, utf8
from cms_signed import certificate_der, extension_request, key_der, name, pkcs10, signed_cms, signer
from commands import run, wine
from machine import on_machine
from openssl import openssl
from probe import found
from tap import check, run as run_tests, same, test
from verify import verify

on_machine("stub")
WORK, NAME, SCENARIO = "build/years", "Years CA", "wine/scenarios/years.scenario"
JOURNAL = os.path.join(os.environ["WINEPREFIX"], "drive_c/ProgramData/CertWitness", NAME)
CLIENT, SERVER, AGENT, ANY = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1", MS + "20.2.1", "2.5.29.37.0"
POLICY, OTHER_POLICY = "1.3.6.1.4.1.311.21.8.7638.1390.400", "1.3.6.1.4.1.311.21.8.7638.1390.401"
SID = "S-1-5-21-1-2-3-"

def path(file): return f"{WORK}/{file}"
def write(file, data): open(path(file), "wb").write(data)
def key(who):
    if not os.path.exists(path(who + ".key")): openssl("genrsa", "-out", path(who + ".key"), *{"short": ["1024"], "exponent": ["-3", "2048"]}.get(who, ["2048"]))
    return path(who + ".key")

# --- what is asked for ---
def other_name(number, value): return tlv(0xa0, oid(number), tlv(0xa0, value))
def upn(text): return other_name(MS + "20.2.3", utf8(text))
def dns(text): return tlv(0x82, text.encode())
def san(*names): return extension("2.5.29.17", seq(*names))
def sid(rid): return extension(MS + "25.2", seq(other_name(MS + "25.2.1", octets((SID + rid).encode()))))
def policies(number, *oids): return extension(number, seq(*[seq(oid(each)) for each in oids]))
def basic(is_ca): return extension("2.5.29.19", seq(tlv(1, b"\xff")) if is_ca else seq())
def client(machine, user): return [os_version("10.0.26100.2"), client_info(machine, user, "taskhostw.exe", 6)]

def ask(file, who, *extensions, more=(), cn=None):
    write(file + ".csr", pkcs10(key(who), name(("O", "Corp"), ("CN", cn or file)), [*more, *([extension_request(*extensions)] if extensions else [])]))

def signed_with_sha1(who):
    info = seq(tlv(2, b"\0"), name(("CN", who)), key_der(key(who)), tlv(0xa0))
    with open(path("info"), "wb") as out: out.write(info)
    return seq(info, seq(oid("1.2.840.113549.1.1.5"), b"\5\0"), tlv(3, b"\0", openssl("dgst", "-sha1", "-sign", key(who), path("info"))))

def make_requests():
    for who in "alice", "agent", "bob", "olga", "svc1", "vlang", "nora", "noel", "mallory", "new", "evil", "dc09": ask(who, who)
    for who in "pc9", "pc17", "pc18": ask(who, who, more=client(who + ".corp.example", f"CORP\\{who.upper()}$"))
    ask("pc18-bare", "pc18b")
    for file, who, names in (("web", "web", ["www"]), ("web2", "web2", ["www"]), ("node1", "node1", ["app"]), ("node2", "node2", ["app"]), ("node1b", "node1b", ["app"]),
                             ("shop", "shop", ["shop"]), ("shop2", "shop2", ["shop", "cart"]), ("vpn", "mallory", ["vpn"]), ("mail", "web", ["mail"]), ("intranet", "trudy", ["intranet"])):
        ask(file, who, san(*[dns(each + ".corp.example") for each in names]), cn=names[0])
    ask("as-alice", "mallory", san(upn("alice@corp.example")))
    for rid in "500", "1105": ask("sid-" + rid, "mallory", san(upn("mallory@corp.example")), sid(rid))
    ask("sub-ca", "mallory", basic(True)), ask("no-ca", "web", basic(False))
    for file, number in ("app-policy", CLIENT), ("app-policy-near", SERVER): ask(file, "mallory", san(dns("shop2.corp.example")), policies(MS + "21.10", number))
    for file, number in ("policy", POLICY), ("other-policy", OTHER_POLICY): ask(file, "web", san(dns(file + ".corp.example")), policies("2.5.29.32", number))
    for who in "short", "exponent": ask(who, who)
    write("sha1.csr", signed_with_sha1("sha1"))
    write("several.csr", pkcs10(key("mallory"), name(("CN", "mallory")), [extension_request(each) for each in (san(upn("mallory@corp.example")), policies(MS + "21.10", AGENT))]))
    for file in "foreign", "foreign2": openssl("req", "-new", "-x509", "-key", key("new"), "-subj", "/CN=" + file, "-out", path(file + ".cer"))

def renewal(who, old_key, new_key, certificate):
    request = pkcs10(key(new_key), name(("O", "Corp"), ("CN", who)), [attribute(MS + "13.1", certificate)])
    return request, signed_cms(request, [signer(key(old_key), request, certificate)], certificates=[certificate])

def make_signed_requests():
    alice, agent, pc17 = (certificate_der(found(path(f"pki/{who}.cer"))) for who in ("alice", "agent", "pc17"))
    write("renewal.p7", renewal("alice", "alice", "alice2", alice)[1])
    request = renewal("pc17", "pc17", "pc17b", pc17)[0]
    content = pki_data([reg_info(2, "CertificateTemplate=Machine")], [tagged(1, request)])
    write("renewal.cmc", signed_cms(content, [signer(key("pc17b"), content, type=PKI_DATA), signer(key("pc17"), content, pc17, type=PKI_DATA)], PKI_DATA, certificates=[pc17]))
    target = pkcs10(key("administrator"), name(("CN", "administrator")))
    pairs = [name_value("requestername", "CORP\\administrator"), name_value("CertificateTemplate", "SmartcardUser")]
    write("behalf.p7", signed_cms(target, [signer(key("agent"), target, agent, signed=pairs)], certificates=[agent]))
    open(path("ready.txt"), "w").close()
    write("renewal2.p7", renewal("alice", "alice2", "alice3", certificate_der(found(path("pki/alice2.cer"))))[1])
    open(path("again.txt"), "w").close()

def play():
    shutil.rmtree(WORK, ignore_errors=True), shutil.rmtree(JOURNAL, ignore_errors=True)
    os.makedirs(WORK)
    make_requests()
    wine("regsvr32.exe", "/s", "build/bin/certwitness.dll")
    threading.Thread(target=make_signed_requests, daemon=True).start()
    code, said = wine("build/bin/stubca.exe", "run", SCENARIO)
    wine("regsvr32.exe", "/u", "/s", "build/bin/certwitness.dll")
    try: return code, said, verify(JOURNAL)
    except (OSError, SystemExit) as fault: return code, said + str(fault), []

CODE, SAID, LINES = play()
EVENTS = [line["data"] | {"type": line["type"].removeprefix("certwitness.")} for line in LINES]

class Step:
    """A certificate that the scenario names: its bytes, and the event that tells of it."""
    def __init__(self, name):
        self.name, self.der = name, certificate_der(path(f"pki/{name}.cer"))
        self.event = next((e for e in EVENTS if e["type"] == "certificate.issued" and base64.b64decode(e["certificate"]["RawCertificate"]) == self.der), None)
        check(self.event, f"{name}: no event has its certificate")
        self.request = self.event["request"] if self.event else {}
        self.raw = base64.b64decode(self.request.get("RawRequest", ""))
        self.text = openssl("x509", "-inform", "DER", "-noout", "-text", data=self.der).decode()
    def has(self, *values): return all((each.encode() if isinstance(each, str) else each) in self.der for each in values)
    def asked(self, value): return (value.encode() if isinstance(value, str) else value) in self.raw

def both(name, near, of):
    """Whether the step and its near miss are told apart by `of`."""
    check(of(Step(name)), f"{name} is no such attack"), check(not of(Step(near)), f"{near} is one")

@test("the scenario plays to its end, and every line of the journal is whole")
def plays():
    check(CODE == 0, "\n".join(line for line in SAID.split("\n") if not line.startswith("ok"))[:3000])
    code, text = run("build/native/certwitness", "verify", JOURNAL)
    check(code == 0, text)
    for event in EVENTS: check(not event.get("missing"), event)
    steps = set(re.findall(r"(?m)^(?:submit|import) +([a-z0-9-]+)", open(SCENARIO).read()))
    check(len(steps) > 60, steps)

@test
def names_and_sids_are_where_the_attacks_put_them():
    both("san-attribute", "san-attribute-near", lambda step: step.has("administrator@corp.example") and not step.asked("administrator"))
    both("foreign-upn-supplied", "foreign-upn-near", lambda step: step.has("alice@corp.example") and step.asked("alice@corp.example"))
    check(Step("svc1").has("svc1@corp.example") and Step("foreign-upn-changed").has("backup@corp.example"), "the UPN of svc1 does not change")
    both("privileged-sid", "privileged-sid-near", lambda step: step.has(octets((SID + "500").encode())))
    both("sid-supplied", "sid-supplied-near", lambda step: step.asked(SID + "1105") and step.has(SID + "1105"))
    both("sid-of-another", "sid-of-another-near", lambda step: step.has(SID + "1106") and step.request["RequesterName"].lower() != "corp\\bob")
    both("name-of-another", "name-of-another-near", lambda step: "dc09.corp.example" in step.text.lower() and step.request["RequesterName"] != "CORP\\DC09$")
    both("rmd-of-a-dc", "rmd-near", lambda step: "rmd:dc01" in step.request["RequestAttributes"] and "DNS:dc01" in step.text)
    both("no-sid", "privileged-sid-near", lambda step: not step.has(oid(MS + "25.2")))

@test
def purposes_and_policies_are_what_the_attacks_want():
    both("any-purpose", "agent-certificate-near", lambda step: step.has(oid(ANY)))
    both("no-purpose", "any-purpose", lambda step: "Extended Key Usage" not in step.text)
    both("agent-certificate", "agent-certificate-near", lambda step: step.has(oid(AGENT)))
    both("ca-certificate", "ca-certificate-near", lambda step: "CA:TRUE" in step.text)
    check(Step("ca-certificate-near").has(oid("2.5.29.19")), "the near miss has no basicConstraints")
    both("app-policy", "app-policy-near", lambda step: step.has(oid(CLIENT)))
    both("issuance-policy", "issuance-policy-near", lambda step: step.has(oid(OTHER_POLICY)))
    check(Step("vouched").has(oid(POLICY)), "its history")

@test
def keys_and_requests_are_as_weak_and_odd_as_the_attacks_have_them():
    both("weak-key-short", "weak-key-exponent", lambda step: "(1024 bit)" in step.text)
    both("weak-key-exponent", "weak-key-short", lambda step: "Exponent: 3 " in step.text)
    both("weak-hash", "weak-key-short", lambda step: step.asked(oid("1.2.840.113549.1.1.5")))
    public = key_der(path("bob.key"))
    both("key-shared", "key-shared-near", lambda step: step.has(public) and step.request["RequesterName"] != "CORP\\bob")
    both("odd-request", "foreign-upn-supplied", lambda step: step.raw.count(oid("1.2.840.113549.1.9.14")) > 1)
    both("client-changed", "pc18", lambda step: not step.asked(oid(MS + "21.20")))

@test
def what_was_denied_first_what_was_pending_and_the_burst_are_told_apart():
    def kinds(name):
        id = Step(name).request["RequestID"]
        return [e["type"].removeprefix("certificate.") for e in EVENTS if e.get("request", {}).get("RequestID") == id]
    same(kinds("denied-then-issued"), ["pending", "denied", "issued"])
    same(kinds("denied-then-issued-near"), ["pending", "issued"])
    denied = [e["request"] for e in EVENTS if e["type"] == "certificate.denied" and e["request"]["RequesterName"] == "CORP\\mallory"]
    same(sum("VPN-Old" in each["RequestAttributes"] for each in denied), 30, "the burst")
    same(sum("VPN-Legacy" in each["RequestAttributes"] for each in denied), 1, "the bait")
    same([e["request"]["CallerName"] for e in EVENTS if e["type"] == "certificate.imported"], ["CORP\\eve", "CORP\\olga"], "who imported")
    web = [e["request"]["RequesterName"] for e in EVENTS if e["type"] == "certificate.issued" and e["certificate"]["CertificateTemplate"] == "WebServer"]
    check(web.count("CORP\\trudy") == 1 and web.count("CORP\\webadm1") > 4, web)

@test
def renewals_name_the_certificate_that_they_renew_and_its_validity_is_nearly_over():
    for new, old, flags in ("alice2", "alice", 2), ("alice3", "alice2", 2), ("pc17b", "pc17", 2), ("on-behalf-of-administrator", "agent", 0x10):
        step = Step(new)
        same(step.request["RequestFlags"] & 0x12, flags, new)
        serial = openssl("x509", "-in", path(f"pki/{old}.cer"), "-noout", "-serial").decode().strip().partition("=")[2]
        check(bytes.fromhex(serial) in step.raw, f"{new} does not name {old}")
    same([Step("on-behalf-of-administrator").request[each] for each in ("RequesterName", "CallerName")], ["CORP\\administrator", "CORP\\desk1"])
    for new, old in ("web2", "web"), ("node1b", "node1"), ("alice2", "alice"):
        later, earlier = Step(new).event["certificate"], Step(old).event["certificate"]
        check(earlier["NotBefore"] < later["NotBefore"] < earlier["NotAfter"] < later["NotAfter"], (new, later, earlier))
        same(later["DistinguishedName"], earlier["DistinguishedName"], new)

@test
def a_serial_number_that_the_journal_never_saw_issued_is_in_its_crl():
    published = [e for e in EVENTS if e["type"] == "crl.issued"]
    same(len(published), 4, "CRLs")
    issued = {e["certificate"]["SerialNumber"].lower() for e in EVENTS if e.get("certificate", {}).get("SerialNumber")}
    for event in published[0], published[1]:
        out = openssl("crl", "-inform", "DER", "-noout", "-text", data=base64.b64decode(event["ca"]["keys"][0]["RawCRL"]["base64"])).decode()
        unseen = {each.lower() for each in re.findall("Serial Number: ([0-9A-F]+)", out)} - issued
        serial = openssl("x509", "-in", path("pki/unseen.cer"), "-noout", "-serial").decode().strip().partition("=")[2]
        same(unseen, {serial.lower()}, "serial numbers that nobody saw")

@test
def openssl_verifies_every_certificate_that_was_issued():
    count = 0
    for event in EVENTS:
        if event["type"] != "certificate.issued": continue
        write("one.pem", openssl("x509", "-inform", "DER", data=base64.b64decode(event["certificate"]["RawCertificate"])))
        code, text = run("openssl", "verify", "-no_check_time", "-CAfile", path("pki/ca.cer"), path("one.pem"))
        check(code == 0, text)
        count += 1
    check(count > 55, f"{count} were looked at")

run_tests()
