#!/usr/bin/python3
"""The demo, judged from outside: what it prints, and what openssl makes of the bytes in the journal that it leaves."""
import sys; sys.path[0] += "/../lib"
import base64, glob, hashlib, re

from commands import run, wine
from openssl import openssl
from tap import run as run_tests, test
from verify import verify

DAY = """module.started certificate.issued certificate.issued certificate.issued certificate.issued certificate.issued
    certificate.pending certificate.pending certificate.issued certificate.denied certificate.retrieved certificate.denied crl.issued
    certificate.revoked certificate.revoked crl.issued certificate.unrevoked crl.issued certificate.imported ca.stopping
    module.stopped""".split()

code, said = wine("wine/demo")
where = re.search(r"^The journal: (.*) \((\d+) lines before today\)$", said, re.M)
folder, before = (where[1], int(where[2])) if where else ("build/none", 0)
everything = []
try:
    everything = verify(folder)
except (OSError, SystemExit) as fault:
    print(f"# {fault}")
lines = everything[before:]

def of(kind): return [line["data"] for line in lines if line["type"] == "certwitness." + kind]
def raw(text): return base64.b64decode(text, validate=True)

@test("the demo ends well")
def ends_well(): assert code == 0, said

@test("an independent reader finds the whole chain, over all demos so far")
def whole_chain(): assert len(everything) == before + len(DAY), f"{len(everything)} lines, {before} of them old"

@test("every event of the day is there, in its order")
def in_order(): assert [line["type"] for line in lines] == ["certwitness." + kind for kind in DAY]

@test("no property is missing")
def nothing_missing():
    for line in lines: assert not line["data"].get("missing"), line

@test("the subject of a line is its request")
def subjects():
    for line in lines:
        request = line["data"].get("request", {}).get("RequestID")
        assert line.get("subject") == (f"request/{request}" if request else None), line

@test("certificates are those that openssl reads: serial, dates, hash")
def certificates():
    for data in of("certificate.issued") + of("certificate.imported") + of("certificate.revoked"):
        certificate, der = data["certificate"], raw(data["certificate"]["RawCertificate"])
        text = openssl("x509", "-inform", "DER", "-noout", "-serial", "-startdate", "-enddate", "-dateopt", "iso_8601", data=der).decode()
        values = dict(line.split("=", 1) for line in text.splitlines())
        assert int(values["serial"], 16) == int(certificate["SerialNumber"], 16), text
        assert values["notBefore"].replace(" ", "T") == certificate["NotBefore"], text
        assert values["notAfter"].replace(" ", "T") == certificate["NotAfter"], text
        assert hashlib.sha1(der).hexdigest() == certificate["CertificateHash"].replace(" ", "").lower()

@test("requests are recorded byte for byte")
def requests():
    names = {data["request"]["RequesterName"]: data for data in of("certificate.issued")}
    for requester, name in (("DEMO\\alice", "alice"), ("DEMO\\WWW01$", "www"), ("DEMO\\VPN01$", "vpn")):
        want = openssl("req", "-in", f"build/demo/requests/{name}.csr", "-outform", "DER")
        assert raw(names[requester]["request"]["RawRequest"]) == want, name
    assert names["DEMO\\alice"]["certificate"]["UPN"] == "alice@demo.example"
    assert "Zo\u00eb" in names["DEMO\\alice"]["certificate"]["DistinguishedName"]

@test("openssl accepts the recorded CRLs")
def crls():
    found = [key for data in of("crl.issued") for key in data["ca"]["keys"]]
    assert len(found) == 3 and "RawDeltaCRL" in found[-1] and "RawCRL" in found[0], found
    told = set()
    for crl in [key[name] for key in found for name in ("RawCRL", "RawDeltaCRL") if name in key]:
        if "unchanged" in crl:
            assert crl["unchanged"] in told, crl
            continue
        der = raw(crl["base64"])
        assert (len(der), hashlib.sha256(der).hexdigest()) == (crl["size"], crl["sha256"])
        judged = run("openssl", "crl", "-inform", "DER", "-CAfile", "build/demo/pki/ca.cer", "-noout", data=der)
        assert judged[0] == 0 and "verify OK" in judged[1], judged
        told.add(crl["sha256"])
    assert "unchanged" in found[1]["RawCRL"], "the base CRL of the morning is told twice"

@test("reasons and status codes are those of the CA")
def reasons():
    revoked, held = of("certificate.revoked")
    assert (revoked["request"]["RevokedReason"], held["request"]["RevokedReason"]) == (1, 6)
    assert of("certificate.unrevoked")[0]["request"]["RevokedReason"] == -1
    assert of("certificate.denied")[0]["request"]["StatusCode"] == 0x80094014 - (1 << 32)

@test("the table fits 80 columns and any terminal")
def table():
    rows = said[said.index("\nUTC "):].strip("\n").split("\n\n")[0].split("\n")
    assert len([row for row in rows[1:] if not re.fullmatch(r"\d{4}-\d\d-\d\d", row)]) == len(DAY), rows
    for row in rows:
        assert len(row) <= 80, row
        assert all(character.isprintable() for character in row), repr(row)
    assert re.search(r"^\d\d:\d\d:\d\d issued +1 +DEMO\\alice +CN=Zo\u00eb", "\n".join(rows), re.M), rows

@test("certwitness verify says that the journal holds, and its head")
def verified():
    assert f"\n  {len(everything)}:{everything[-1]['hash']}\n" in said and "\nThe journal holds: " in said, said[-2000:]

@test("no key and nothing half-written is left")
def no_secret_left():
    assert not glob.glob("build/demo/pki/*.tmp") and not glob.glob("build/demo/pki/*.key")

run_tests()
