#!/usr/bin/python3
"""wine/scenarios/field.scenario with CertWitness as the module: what the field sends is recorded as it came, and read back.

The requests are built byte by byte (tests/lib/cms_signed.py); the journal is judged by a second reader, by openssl, and by what the
program shows, finds and exports.
"""
import sys; sys.path[0] += "/../lib"
import base64, csv, hashlib, os, re, shutil, threading

from cmcmake import MS, PKI_DATA, attribute, client_info, extension, name_value, octets, oid, os_version, pki_data, reg_info, seq, tagged, tlv
from cms_signed import certificate_der, extension_request, name, pkcs10, signed_cms, signer
from commands import run, wine
from machine import on_machine
from openssl import openssl
from probe import found
from tap import check, run as run_tests, same, test
from verify import verify

on_machine("stub")
WORK, NAME = "build/field", "Field CA"
PROGRAM = "build/native/certwitness"
JOURNAL = os.path.join(os.environ["WINEPREFIX"], "drive_c/ProgramData/CertWitness", NAME)
AGENT = "1.3.6.1.4.1.311.20.2.1"

def path(file): return f"{WORK}/{file}"
def write(file, data): open(path(file), "wb").write(data)

def make_requests():
    for key in "alice", "agent", "new": openssl("genrsa", "-out", path(key + ".key"), "2048")
    for who, key in ("alice", "alice"), ("bob", "new"), ("agent", "agent"), ("vpn", "new"):
        write(who + ".csr", pkcs10(path(key + ".key"), name(("O", "Corp"), ("CN", who)), [os_version("10.0.26100.2")]))
    inner = pkcs10(path("new.key"), name(("CN", "pc17")), [os_version("10.0.26100.2"), client_info("PC17.corp.example", "CORP\\PC17$", "taskhostw.exe")])
    content = pki_data([reg_info(2, "CertificateTemplate=Machine")], [tagged(1, inner)])
    write("pc17.der", signed_cms(content, [signer(path("new.key"), content, type=PKI_DATA)], PKI_DATA))
    write("browser.spkac", openssl("spkac", "-key", path("new.key"), "-digest", "sha256"))
    sid = seq(tlv(0xa0, oid("1.3.6.1.4.1.311.25.2.1"), tlv(0xa0, octets(b"S-1-5-21-1-2-3-500"))))
    write("several.der", pkcs10(path("new.key"), name(("CN", "mallory")), [extension_request(extension(number, value)) for number, value in (
        ("2.5.29.17", seq(tlv(0x82, b"dc01.corp.example"))), ("1.3.6.1.4.1.311.25.2", sid), ("1.3.6.1.4.1.311.21.10", seq(seq(oid(AGENT)))))]))
    write("cut.p7", open(path("pc17.der"), "rb").read()[:300])

def signed(who, request, certificate, *pairs):
    return signed_cms(request, [signer(path(who + ".key"), request, certificate, signed=[name_value(*pair) for pair in pairs])], certificates=[certificate])

def make_signed_requests():
    alice, agent = (certificate_der(found(path(f"pki/{who}.cer"))) for who in ("alice", "agent"))
    write("renewal.p7", signed("alice", pkcs10(path("new.key"), name(("CN", "alice")), [attribute(MS + "13.1", alice)]), alice))
    behalf = pkcs10(path("new.key"), name(("CN", "boss")))
    write("behalf.p7", signed("agent", behalf, agent, ("requestername", "CORP\\boss"), ("CertificateTemplate", "SmartcardUser")))
    write("false.p7", signed("alice", behalf, alice, ("requestername", "CORP\\administrator"), ("CertificateTemplate", "User")))
    open(path("ready.txt"), "w").close()

def play():
    shutil.rmtree(WORK, ignore_errors=True), shutil.rmtree(JOURNAL, ignore_errors=True)
    os.makedirs(WORK)
    make_requests()
    wine("regsvr32.exe", "/s", "build/bin/certwitness.dll")
    threading.Thread(target=make_signed_requests, daemon=True).start()
    code, said = wine("build/bin/stubca.exe", "run", "wine/scenarios/field.scenario")
    wine("regsvr32.exe", "/u", "/s", "build/bin/certwitness.dll")
    try: return code, said, verify(JOURNAL)
    except (OSError, SystemExit) as fault: return code, said + str(fault), []

code, said, lines = play()
EVENTS = [line["data"] | {"type": line["type"].removeprefix("certwitness.")} for line in lines]
def row(who, kind="certificate.issued"):
    return next(e for e in EVENTS if e["type"] == kind and e["request"]["RequesterName"] == "CORP\\" + who)
def rows(who, kind="certificate.issued"): return [e for e in EVENTS if e["type"] == kind and e["request"]["RequesterName"] == "CORP\\" + who]
def raw(text): return base64.b64decode(text, validate=True)
def certwitness(*arguments): return run(PROGRAM, *arguments)

@test("the scenario plays to its end, and the journal has every event")
def plays():
    check(code == 0, said)
    kinds = [e["type"].removeprefix("certificate.") for e in EVENTS]
    same(kinds, ["module.started", *["issued"] * 10, *["denied"] * 3, "pending", "denied", "issued", "retrieved", "revoked", "revoked", "crl.issued",
                 "unrevoked", "crl.issued", "ca.stopping", "module.stopped"], "events")
    for event in EVENTS: check(not event.get("missing"), event)
    code_, text = certwitness("verify", JOURNAL)
    check(code_ == 0, text)

@test("forms, flags and names are recorded as the CA has them")
def flags():
    for who, number, form, flag, caller in (("alice", 0, 0x40100, 0x20, "alice"), ("alice", 1, 0x40300, 0x22, "alice"), ("boss", 0, 0x40300, 0x30, "agnes"),
                                            ("PC17$", 0, 0x40400, 0x20, "PC17$"), ("carol", 0, 0x40200, 0x20, "carol"), ("mallory", 0, 0x40100, 0x20, "mallory")):
        request = rows(who)[number]["request"]
        same([request[n] for n in ("RequestType", "RequestFlags", "CallerName")], [form, flag, "CORP\\" + caller], f"{who} {number}")
    same(row("bob")["request"]["DispositionMessage"][:30], "Issued  0x80094004, The Enroll", "a warning")
    same(row("VPN01$")["request"]["DispositionMessage"], "Issued  Resubmitted by CORP\\olga", "second thoughts")
    same(row("carol")["certificate"]["DistinguishedName"], "CN=Carol, O=Corp", "KEYGEN's name")
    check("Request.DistinguishedName" not in row("carol")["request"], row("carol")["request"])
    pending = row("VPN01$", "certificate.pending")
    check(pending["certificate"]["NotBefore"] and "RawCertificate" not in pending["certificate"], pending["certificate"])

@test("requests are recorded byte for byte, one that cannot be read too")
def byte_for_byte():
    for file, event in (("pc17.der", row("PC17$")), ("renewal.p7", rows("alice")[1]), ("behalf.p7", row("boss")), ("several.der", rows("mallory")[1]),
                        ("cut.p7", rows("mallory", "certificate.denied")[1])):
        same(raw(event["request"]["RawRequest"]), open(path(file), "rb").read(), file)
    cut = rows("mallory", "certificate.denied")[1]["request"]
    same([cut["Disposition"], bool(re.match("Error Parsing Request  0x80093100, not a .* at byte", cut["DispositionMessage"]))], [30, True], cut["DispositionMessage"])

@test("hashes with blanks are those of the certificates, and serial numbers find them in any spelling")
def hashes():
    for event in EVENTS:
        certificate = event.get("certificate", {})
        if "RawCertificate" in certificate:
            same(certificate["CertificateHash"], hashlib.sha1(raw(certificate["RawCertificate"])).digest().hex(" "), "CertificateHash")
    serial = row("boss")["certificate"]["SerialNumber"]
    for spelling in serial, serial.upper(), "0x" + serial, bytes.fromhex(serial).hex(" "), bytes.fromhex(serial).hex(":"):
        code_, text = certwitness("show", "--serial", spelling, JOURNAL)
        check(code_ == 0 and text.count("issued") == 1 and "CORP\\boss" in text, text)
        code_, text = certwitness("cert", "--serial", spelling, JOURNAL)
        check(code_ == 0 and "boss@corp.example" in text, text)

@test("every certificate and request is exported, none with a complaint, and openssl verifies them by the CA")
def exported():
    out = path("export")
    code_, text = certwitness("export", "--out", out, JOURNAL)
    index = list(csv.DictReader(open(out + "/index.csv", encoding="utf-8-sig")))
    problems = [r for r in index if any("not that of the bytes" in value for value in r.values() if value)]
    same(problems, [], "hashes that the program doubts")
    certificates = os.listdir(out + "/certificates")
    same(len(certificates), 11, certificates)
    for file in certificates:
        der = openssl("x509", "-inform", "DER", "-in", f"{out}/certificates/{file}", "-outform", "DER")
        check(any(raw(e["certificate"].get("RawCertificate", "")) == der for e in EVENTS if "certificate" in e), file)
        write("one.pem", openssl("x509", "-inform", "DER", "-in", f"{out}/certificates/{file}"))
        code__, verdict = run("openssl", "verify", "-CAfile", path("pki/ca.cer"), path("one.pem"))
        check(code__ == 0, verdict)
    requests = {hashlib.sha256(open(f"{out}/requests/{file}", "rb").read()).digest() for file in os.listdir(out + "/requests")}
    for file in "pc17.der", "renewal.p7", "behalf.p7", "several.der", "false.p7", "cut.p7":
        check(hashlib.sha256(open(path(file), "rb").read()).digest() in requests, f"{file} is not among the files")

@test("shown in full, the request within is decoded, what was asked for stands there, and what cannot be read is told with its place")
def shown():
    def full(event): return certwitness("show", "--full", "--request", str(event["request"]["RequestID"]), JOURNAL)[1]
    for event, *words in ((rows("mallory")[1], "dc01.corp.example", "S-1-5-21-1-2-3-500"), (row("boss"), "CORP\\boss", "CORP\\agnes"), (row("PC17$"), "PC17.corp.example")):
        text = full(event)
        for word in words: check(word in text, f"{word} is not in {text[:3000]}")
    text = full(rows("mallory", "certificate.denied")[1])
    check(re.search(r"at byte \d+", text), text)
    code_, text = certwitness("stats", JOURNAL)
    check(code_ == 0 and "mallory" in text, text)

@test("what somebody got by asking for it stands in his certificate")
def got():
    upn, sid, policies = (raw(e["certificate"]["RawCertificate"]) for e in rows("mallory")[:3])
    check(b"administrator@corp.example" in upn, "a name by the attribute san")
    check(b"S-1-5-21-1-2-3-500" in sid and oid(AGENT) not in sid, "a SID, and no policies")
    check(oid(AGENT) in policies and b"S-1-5-21-1-2-3-500" not in policies, "policies, and no SID")
    denied = rows("mallory", "certificate.denied")[0]["request"]
    same([denied["RequesterName"], denied["RequestFlags"]], ["CORP\\mallory", 0], "a name that no agent vouches for")

run_tests()
