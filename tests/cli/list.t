#!/usr/bin/python3
"""certwitness list, on the build under sanitizers: each certificate with what the CA, the request and later events say of it. The journals are made
here; openssl made one certificate and its request, and says what is in them."""
import sys; sys.path[0] += "/../lib"
import base64, csv, hashlib, io, json, os, re, shutil, subprocess, tempfile, unicodedata

from issued import *
from openssl import openssl
from tap import run as run_tests, same, check, test

PROGRAM, ROOT = os.path.abspath("build/native/src/cli/certwitness"), tempfile.mkdtemp()
SID = "S-1-5-21-1004336348-1177238915-682003330-1105"
FORMULA, ODD = "=cmd|'/c calc'!A1", "a,\"b\"\x1b[31m\x07\u202e\nX"
made = 0

def folder(issued):
    global made
    made += 1
    return issued.write(f"{ROOT}/{made}")

def run(*words, code=0, env={}):
    done = subprocess.run([PROGRAM, "list", *map(str, words)], capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, "TZ": "UTC", **env})
    assert done.returncode == code, (words, done.returncode, done.stderr.decode()[-2000:])
    return done.stdout.decode("utf-8-sig"), done.stderr.decode()

def rows(journal, *words, now=date(10)): return [json.loads(line) for line in run(journal, "--json", "--now", now, *words)[0].splitlines()]
def ids(journal, *words, **how): return [row["requestId"] for row in rows(journal, *words, **how)]

def plain():
    ca = Issued()
    ca.issue(on=0, days=365, names=["www.corp.example"], csr_names=["www.corp.example"], caller="CORP\\desk1")
    ca.issue(on=1, days=20, requester="CORP\\PC1$", names=["pc1.corp.example"], subject="pc1", template=MS + "21.8.1",
             attributes="CertificateTemplate:Machine\nrmd:pc1.corp.example\ncdc:dc1.corp.example", purposes=[CLIENT, SERVER], csr=None,
             client=("pc1.corp.example", "CORP\\PC1$", "taskhostw.exe", 6), key=ec_key("1.2.840.10045.3.1.7", 32))
    ca.issue(on=2, days=5, requester="CORP\\bob", names=[upn("bob@corp.example")], extensions=[sid(SID)], purposes=[CLIENT], key=rsa_key(128), subject="bob")
    return ca

@test
def each_certificate_is_a_row_with_what_the_ca_and_the_request_say():
    one, two, three = rows(folder(plain()))
    same([one[name] for name in ("requester", "caller", "template", "subject", "notBefore", "notAfter", "state")],
         ["CORP\\alice", "CORP\\desk1", "WebServer", "CN=www", date(0), date(365), "valid"])
    same(one["names"], [{"kind": "DNS", "value": "www.corp.example", "from": "enrollee"}])
    same((two["template"], two["templateKnownAs"], two["key"]["name"], two["signature"], two["eku"]), (MS + "21.8.1", "Machine", "P-256", "sha256RSA", [CLIENT, SERVER]))
    same(two["client"], {"process": "taskhostw.exe", "machine": "pc1.corp.example", "user": "CORP\\PC1$", "id": 6})
    same((three["upn"], three["sid"], three["sidFrom"], three["state"], three["key"]["bits"]), ("bob@corp.example", SID, "CA", "expired", 1024))

@test
def what_the_client_says_of_itself_is_no_name_that_it_asks_for():
    two = rows(folder(plain()))[1]
    same(two["names"], [{"kind": "DNS", "value": "pc1.corp.example", "from": "CA"}])

@test
def certificates_of_one_serial_number_are_told_apart_by_every_digit_of_their_hash():
    for at in range(0, 40, 3):
        ca = Issued()
        for _ in range(2): made = ca.issue(serial=77, without=("certificate",))
        told = [each[2]["certificate"] for each in ca.events]
        told[1]["CertificateHash"] = made.hash
        told[0]["CertificateHash"] = made.hash[:at] + "0123456789abcdef"[int(made.hash[at], 16) ^ 1] + made.hash[at + 1:]
        ca.revoke(made, 5, 1)
        same([row["state"] for row in rows(folder(ca))], ["valid", "revoked"], at)

def source(expected, text="admin@corp.example", **how):
    """The source of a UPN in a certificate whose request is as told."""
    ca = Issued()
    ca.issue(names=[upn(text)], subject="x", **how)
    found = rows(folder(ca))[0]["names"][0]["from"]
    check(found == expected, f"{how}: {found}, expected {expected}")

def upn_in_pieces(text): return tlv(0xa0, oid(MS + "20.2.3"), tlv(0xa0, tlv(0x2c, utf8(text[:9]), utf8(text[9:]))))
def dns_in_pieces(text): return tlv(0xa2, octets(text[:5].encode()), octets(text[5:].encode()))
def sid_in_pieces(text): return ext(MS + "25.2", seq(tlv(0xa0, oid(MS + "25.2.1"), tlv(0xa0, tlv(0x24, octets(text[:9].encode()), octets(text[9:].encode()))))))

@test
def a_name_is_the_enrollees_wherever_in_the_request_it_stands():
    name, asked = "admin@corp.example", request(cn("x"))
    old = certificate(serial=integer(5), subject=cn("old"), extensions=[san(upn(name))])
    source("CA")
    source("enrollee", csr_names=[upn(name)])
    source("enrollee", csr_names=[upn(name.upper())])
    source("enrollee", csr=request(cn("x"), name_value("SAN", "upn=" + name)))
    source("enrollee", csr=request(cn("x"), attribute(MS + "2.1.14", seq(san(upn(name))))))
    source("enrollee", csr=request(cn("x"), asks(sid(SID)), asks(san(upn(name)))))
    source("enrollee", csr=request(cn(name)))
    source("enrollee", csr=request(seq(set_of(seq(oid("2.5.4.3"), bmp(name))))))
    source("enrollee", attributes="CertificateTemplate:User\nSAN:upn=" + name)
    source("enrollee", csr=cms(PKI_DATA, pki_data([reg_info(1, "san=upn%3Dadmin%40corp.example")], [tagged(1, asked)]), [signer(key_id=b"1")]))
    source("enrollee", csr=cms(PKI_DATA, pki_data([add_extensions(2, [1], san(upn(name)))], [tagged(1, asked)]), [signer(key_id=b"1")]))
    source("enrollee", raw_request=indefinite(cms(DATA, request(cn("x"), asks(san(upn(name)))), [signer(cn("ca"), 1)])))
    source("CA", csr=cms(DATA, asked, [signer(cn("ca"), 5)], [old], version=1))
    source("CA", csr=request(cn("x"), attribute(MS + "13.1", old)))
    source("CA", attributes="rmd:" + name, csr=request(cn("x"), name_value("rmd", name)))

@test
def without_a_request_that_can_be_read_no_name_is_the_cas():
    source("unknown", without=["request"])
    source("unknown", raw_request=b"no request")
    source("unknown", kind="certificate.imported", without=["request"])
    source("enrollee", raw_request=b"no request", attributes="san:upn=admin@corp.example")
    source("enrollee", raw_request=b"no request, but it has admin@corp.example in it")

@test
def where_the_request_asks_for_names_that_cannot_be_read_no_name_is_the_cas():
    name = "admin@corp.example"
    for asked in san(upn_in_pieces(name)), san(dns("x"), upn_in_pieces(name)), ext("2.5.29.17", b"none"), sid_in_pieces(SID):
        source("unknown", csr=request(cn("x"), asks(asked)))
        source("unknown", csr=request(cn("x"), attribute(MS + "2.1.14", seq(asked))))
        source("unknown", csr=cms(DATA, request(cn("x"), asks(asked)), [signer(cn("ca"), 1)], version=1))
        added = pki_data([add_extensions(2, [1], asked)], [tagged(1, request(cn("x")))])
        source("unknown", csr=cms(PKI_DATA, added, [signer(key_id=b"1")]))
        source("unknown", csr=cms(DATA, cms(PKI_DATA, added, [signer(key_id=b"1")]), [signer(cn("ca"), 1)]))
        source("unknown", csr=cms(PKI_DATA, pki_data(messages=[message(1, cms(PKI_DATA, added, [signer(key_id=b"1")]))]), [signer(cn("ca"), 1)]))
    pieces = tlv(0x3e, bmp("upn=" + name[:9]), bmp(name[9:]))
    for pair in seq(bmp("SAN"), pieces), seq(tlv(0x3e, bmp("S"), bmp("AN")), bmp("upn=x")), seq(bmp("SAN"), octets(b"x")), seq(bmp("SAN")), bmp("SAN"):
        for pairs in [pair], [seq(bmp("a"), bmp("b")), pair]:
            source("unknown", csr=request(cn("x"), attribute(MS + "13.2.1", *pairs)))
            source("unknown", csr=cms(PKI_DATA, pki_data([add_attributes(2, [1], attribute(MS + "13.2.1", *pairs))], [tagged(1, request(cn("x")))]), [signer(key_id=b"1")]))
    source("CA", csr=request(cn("x"), attribute(MS + "13.2.1", seq(bmp("a"), bmp("b")), seq(bmp("SAN"), bmp("dns=other.example")), seq(bmp("Challenge"), bmp("x")))))
    source("CA", csr=cms(PKI_DATA, pki_data([add_attributes(2, [1], name_value("a", "b"))], [tagged(1, request(cn("x")))]), [signer(key_id=b"1")]))
    source("enrollee", csr=request(cn("x"), asks(san(dns_in_pieces("other.example"))), name_value("SAN", "upn=" + name)))
    source("CA", csr=cms(PKI_DATA, pki_data([add_extensions(2, [1], san(dns("other.example")))], [tagged(1, request(cn("x")))]), [signer(key_id=b"1")]))

@test
def an_address_is_found_in_its_bytes_and_as_it_is_typed():
    for how, expected in (({"csr_names": [tlv(0x87, bytes([192, 0, 2, 7]))]}, "enrollee"), ({"attributes": "san:ipaddress=192.0.2.7"}, "enrollee"), ({}, "CA")):
        ca = Issued()
        ca.issue(names=[tlv(0x87, bytes([192, 0, 2, 7]))], **how)
        same(rows(folder(ca))[0]["names"], [{"kind": "IP", "value": "192.0.2.7", "from": expected}])

@test
def a_name_that_is_no_text_is_not_the_cas_where_an_attribute_may_ask_for_it():
    administrator, guid = tlv(0xa4, cn("administrator")), tlv(0xa0, oid(MS + "25.1") + tlv(0xa0, tlv(4, bytes(range(16)))))
    for name, asked in (administrator, "dn=CN=Administrator"), (tlv(0x88, oid("1.2.3.4")[2:]), "oid=1.2.3.4"), (guid, "guid=03020100-0504-0706-0809-0a0b0c0d0e0f"):
        for how, told in (({}, {"CA"}), ({"csr_names": [name]}, {"enrollee"}), ({"attributes": "CertificateTemplate:User\nsan:" + asked}, {"enrollee", "unknown"}),
                          ({"csr": request(cn("x"), name_value("SAN", asked))}, {"enrollee", "unknown"}), ({"attributes": "CertificateTemplate:User\n SAN : " + asked}, {"enrollee", "unknown"}),
                          ({"csr": cms(PKI_DATA, pki_data([reg_info(1, "san=" + asked.replace("=", "%3D"))], [tagged(1, request(cn("x")))]), [signer(key_id=b"1")])}, {"enrollee", "unknown"})):
            ca = Issued()
            ca.issue(names=[name], **how)
            found = rows(folder(ca))[0]["names"][0]["from"]
            check(found in told, (asked, how, found))
    source("enrollee", "müller@corp.example", csr=request(seq(set_of(seq(oid("2.5.4.3"), tlv(0x14, "Müller@Corp.example".encode("latin-1")))))))
    source("CA", "möller@corp.example", csr=request(seq(set_of(seq(oid("2.5.4.3"), tlv(0x14, "Müller@Corp.example".encode("latin-1")))))))

@test
def openssls_certificate_has_what_openssl_says():
    key, pem, req = (os.path.join(ROOT, name) for name in ("key", "pem", "req"))
    names = "subjectAltName=DNS:a.corp.example,DNS:b.corp.example,email:a@corp.example,URI:http://x/,IP:2001:db8::17"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-keyout", key, "-subj", "/O=Demo/CN=a", "-days", "30", "-addext", names,
            "-addext", "extendedKeyUsage=clientAuth,codeSigning", "-sha384", "-out", pem)
    openssl("req", "-new", "-key", key, "-subj", "/CN=a", "-addext", "subjectAltName=DNS:b.corp.example", "-out", req, "-outform", "der")
    der = openssl("x509", "-in", pem, "-outform", "der")
    ca = Issued()
    ca.of_request("certificate.issued", 0, 1, 1, {"RequesterName": "CORP\\a", "RawRequest": base64.b64encode(open(req, "rb").read()).decode()},
                  {"RawCertificate": base64.b64encode(der).decode()})
    row = rows(folder(ca))[0]
    def ask(*what): return openssl("x509", "-in", pem, "-noout", *what).decode()
    same(row["serial"].upper(), ask("-serial").strip().split("=")[1].lstrip("0"))
    same(row["thumbprint"].upper(), ask("-fingerprint", "-sha1").strip().split("=")[1].replace(":", ""))
    same([row["notBefore"], row["notAfter"]], [each.split("=")[1].replace(" ", "T") for each in ask("-startdate", "-enddate", "-dateopt", "iso_8601").splitlines()])
    same((row["key"]["name"], row["key"]["bits"], row["signature"].lower(), row["subject"]), ("P-384", 384, "sha384ecdsa", "CN=a, O=Demo"))
    same([(each["kind"], each["value"], each["from"]) for each in row["names"]],
         [("DNS", "a.corp.example", "CA"), ("DNS", "b.corp.example", "enrollee"), ("email", "a@corp.example", "CA"), ("URI", "http://x/", "CA"), ("IP", "2001:db8:0:0:0:0:0:17", "CA")])

@test
def a_revocation_is_told_and_a_release_takes_it_back():
    ca = Issued()
    one, two, three = ca.issue(on=0), ca.issue(on=0), ca.issue(on=0)
    ca.revoke(one, 3, 1), ca.revoke(two, 3, 6), ca.revoke(three, 3, 6), ca.revoke(two, 4, 8, release=True)
    found = rows(folder(ca))
    same([row["state"] for row in found], ["revoked", "valid", "revoked"])
    same([row.get("revoked") for row in found], [{"sequence": 4, "when": date(3), "reason": 1}, None, {"sequence": 6, "when": date(3), "reason": 6}])

@test
def a_request_id_that_a_restored_ca_gives_again_is_another_certificate():
    ca = Issued()
    one = ca.issue(on=0, id=7)
    ca.issue(on=1, id=7)
    ca.revoke(one, 2)
    same([row["state"] for row in rows(folder(ca))], ["revoked", "valid"])

@test
def a_certificate_that_was_imported_is_listed_once_though_it_had_been_issued():
    ca = Issued()
    one = ca.issue(on=0)
    kind, _, data, subject = ca.events[0]
    ca.events.append(("certificate.imported", 3, {**data, "event": 512}, subject))
    same(len(rows(folder(ca))), 1)

def renewal(*issued): return [(row["requestId"], row.get("renewedBy", {}).get("ground"), row.get("renewedBy", {}).get("requestId")) for row in rows(folder(issued[0]), now=date(0))]

@test
def a_renewal_is_certain_where_the_ca_says_that_the_old_key_signed_or_requester_and_template_are_equal():
    ca = Issued()
    one = ca.issue(on=0)
    ca.issue(on=1, renews=one, subject="other", names=["other.corp.example"])
    same(renewal(ca), [(1, "certain", 2), (2, None, None)])
    for flags, ground in (2, "certain"), (0x12, None), (0, None), (None, None):
        ca = Issued()
        one = ca.issue(on=0)
        ca.issue(on=1, cms_renews=one, flags=flags, subject="other", template="Other", requester="CORP\\bob")
        same(renewal(ca)[0][1], ground, f"RequestFlags {flags}")

class Forged:
    def __init__(self, serial, issuer="Demo CA"): self.der, self.serial = certificate(serial=integer(serial), issuer=cn(issuer), subject=cn("junk"), extensions=[]), serial

@test
def what_another_requesters_or_templates_request_names_is_only_said_to_be_renewed():
    for how in ({"requester": "CORP\\mallory"}, {"template": "User"}, {"requester": "CORP\\mallory", "template": "User"}, {"requester": "CORP\\mallory", "flags": 2}, {"made_up": True}):
        ca, how = Issued(), dict(how)
        one = ca.issue(on=0)
        ca.issue(on=1, days=900, subject="m", names=["m"], renews=Forged(one.serial) if how.pop("made_up", False) else one, **how)
        first = rows(folder(ca), now=date(0))[0]
        same((first.get("renewedBy"), first["saidRenewedBy"]), (None, {"sequence": 2, "requestId": 2, "requester": how.get("requester", "CORP\\alice")}), how)
        note = list(csv.reader(io.StringIO(run(folder(ca), "--csv", "--columns", "renewedBy,renewal,note", "--now", date(0))[0])))[1]
        same(note, ["", "said", f"said to be renewed by request 2 of {how.get('requester', 'CORP' + chr(92) + 'alice')}"], how)

@test
def a_renewal_that_is_signed_is_of_the_certificate_that_signed_whatever_its_attribute_has():
    ca = Issued()
    own, victim = ca.issue(on=0, requester="CORP\\mallory", names=["m"]), ca.issue(on=0)
    asked = cms(DATA, request(seq(), attribute(MS + "13.1", victim.der)), [signer(ca.issuer, own.serial)], [own.der], version=1)
    ca.issue(on=1, requester="CORP\\mallory", names=["m"], days=900, raw_request=asked, flags=2)
    same(renewal(ca)[:2], [(1, "certain", 3), (2, None, None)])
    asked = cms(DATA, request(seq()), [signer(ca.issuer, victim.serial), signer(ca.issuer, own.serial)], [own.der], version=1)
    ca.issue(on=1, requester="CORP\\mallory", names=["m"], days=950, raw_request=asked, flags=2)
    same(renewal(ca)[:2], [(1, "certain", 3), (2, None, None)], "two signers")

@test
def what_is_only_said_hides_no_true_renewal():
    ca = Issued()
    one = ca.issue(on=0)
    ca.issue(on=1, days=900, requester="CORP\\mallory", template="User", names=["m"], renews=one), ca.issue(on=350)
    same(renewal(ca)[0], (1, "same", 3))
    ca = Issued()
    one = ca.issue(on=0)
    ca.issue(on=1, days=900, requester="CORP\\mallory", template="User", names=["m"], renews=one), ca.issue(on=350, requester="CORP\\bob")
    same(renewal(ca)[0], (1, "probable", 3))

@test
def a_certificate_of_another_ca_with_the_same_serial_number_is_not_what_is_renewed():
    ca, other = Issued(), Issued("Other CA")
    one, foreign = ca.issue(on=0), other.issue(on=0)
    ca.issue(on=350, renews=foreign, names=["x.corp.example"])
    same(renewal(ca), [(1, None, None), (2, None, None)])

@test
def a_renewal_is_the_same_by_requester_template_and_names_in_the_last_third():
    for on, ground in (240, None), (244, "same"), (400, "same"):
        ca = Issued()
        ca.issue(on=0, requester="CORP\\Web", names=["a.corp.example", "b.corp.example"])
        ca.issue(on=on, requester="corp\\web", names=["B.corp.example", "a.corp.example"], subject="WWW")
        same(renewal(ca)[0][1], ground, f"issued on day {on}")

def on_node(n): return {"client": (f"NODE{n}", "CORP\\\\webadmin", "certreq.exe", 9)}

@test
def on_another_client_machine_it_is_probable_and_each_machine_renews_its_own():
    ca = Issued()
    ca.issue(on=0, **on_node(1)), ca.issue(on=250, **on_node(2))
    same(renewal(ca), [(1, "probable", 2), (2, None, None)])
    ca.issue(on=360, **on_node(1))
    same(renewal(ca), [(1, "same", 3), (2, None, None), (3, None, None)])
    ca.issue(on=600, **on_node(2))
    same(renewal(ca)[:2], [(1, "same", 3), (2, "same", 4)])
    for one, other in ({}, on_node(2)), (on_node(1), {}), (on_node(1), on_node(1)):
        ca = Issued()
        ca.issue(on=0, **one), ca.issue(on=250, **other)
        same(renewal(ca)[0], (1, "same", 2), (one, other))

@test
def a_certificate_that_is_not_revoked_is_renewed_before_one_that_is():
    ca = Issued()
    old = ca.issue(on=0)
    ca.revoke(old, 5, 1), ca.issue(on=5), ca.issue(on=340)
    same(renewal(ca), [(1, None, None), (2, "same", 3), (3, None, None)])

@test
def near_misses_renew_nothing():
    for how in ({"template": "Other"}, {"subject": "w"}, {"names": ["www.corp.example", "x"]}, {"names": []}, {"requester": "CORP\\bob", "names": ["w"]}, {"days": 10}):
        ca = Issued()
        ca.issue(on=0)
        ca.issue(on=350, **how)
        same(renewal(ca)[0][1], None, how)

@test
def of_another_requester_it_is_probable_if_all_names_are_there():
    for names, ground in (["a", "b"], "probable"), (["c", "A", "b"], "probable"), (["a"], None), (["c"], None):
        ca = Issued()
        ca.issue(on=0, names=["a", "b"])
        ca.issue(on=350, names=names, requester="CORP\\bob", subject="whatever")
        same(renewal(ca)[0][1], ground, names)
    ca = Issued()
    ca.issue(on=0, names=[])
    ca.issue(on=350, names=["a"], requester="CORP\\bob")
    same(renewal(ca)[0][1], None, "a certificate without names")

@test
def a_certificate_whose_renewal_was_revoked_is_not_renewed():
    for how in "certain", "same", "probable":
        ca = Issued()
        one = ca.issue(on=0)
        two = ca.issue(on=350, **({"renews": one} if how == "certain" else {"requester": "CORP\\bob"} if how == "probable" else {}))
        same(renewal(ca)[0][1], how)
        ca.revoke(two, 351)
        same(renewal(ca)[0][1], None, how)

@test
def a_chain_of_three_has_two_renewals():
    ca = Issued()
    one = ca.issue(on=0, requester="CORP\\WEB$")
    two = ca.issue(on=300, requester="CORP\\WEB$")
    ca.issue(on=600, requester="CORP\\WEB$", renews=two)
    same(renewal(ca), [(1, "same", 2), (2, "certain", 3), (3, None, None)])
    same([row.get("routine") for row in rows(folder(ca))], [True] * 3)
    ca = Issued()
    for on in 0, 300: ca.issue(on=on, requester="CORP\\WEB$")
    same([row.get("routine") for row in rows(folder(ca))], [None] * 2)

@test
def of_two_servers_with_equal_names_each_renews_its_own():
    ca = Issued()
    ca.issue(on=0), ca.issue(on=7), ca.issue(on=340)
    same(renewal(ca), [(1, "same", 3), (2, None, None), (3, None, None)])
    ca.issue(on=347)
    same(renewal(ca), [(1, "same", 3), (2, "same", 4), (3, None, None), (4, None, None)])

@test
def a_renewal_that_names_a_certificate_renews_no_other_whether_or_not_that_one_is_known():
    before = Issued()
    before.last = 900
    old, other = before.issue(on=-7), before.issue(on=-6)
    key = request(cn("www"))
    for how in ({"renews": old}, {"cms_renews": old, "flags": 2}, {"renews": old, "cms_renews": other, "flags": 0x12}, {"csr": request(cn("www"), attribute(MS + "13.1", octets(b"none")))},
                {"csr": cms(DATA, key, [signer(cn("Demo CA"), old.serial), signer(cn("Demo CA"), other.serial)], [], version=1), "flags": 2}):
        ca = Issued()
        ca.issue(on=0), ca.issue(on=340, **how)
        same(renewal(ca), [(1, None, None), (2, None, None)], list(how))
    for days in 55, 365:
        ca = Issued()
        one = ca.issue(on=0, days=400)
        ca.issue(on=7), ca.issue(on=340, days=days, renews=one)
        same(renewal(ca)[:2], [(1, *(("certain", 3) if days > 60 else (None, None))), (2, None, None)], f"{days} days")

@test
def a_certificate_that_replaces_a_lost_key_early_renews_nothing():
    ca = Issued()
    ca.issue(on=0), ca.issue(on=30)
    same(renewal(ca), [(1, None, None), (2, None, None)])

@test
def options_choose_certificates():
    journal = folder(plain())
    for words, found in ((["--valid"], [1, 2]), (["--valid", "--expires-within", "15d"], [2]), (["--expires-within", date(40)], [2]), (["--expires-within", "1y"], [1, 2]),
                         (["--eku", "server"], [1, 2]), (["--eku", CLIENT], [2, 3]), (["--eku", "clientAuth"], [2, 3]), (["--eku", "SERVERAUTH", "--eku", "ocspsigning"], [1, 2]),
                         (["--eku", "*nt auth*"], [2, 3]), (["--eku", "1.3.6.1.5.5.7.3.?"], [1, 2, 3]), (["--eku", "9.9.9"], []), (["--eku", "codeSigning"], []), (["--eku", "*"], [1, 2, 3]), (["--key", "rsa<2048"], [3]), (["--key", "rsa>=1024"], [1, 3]), (["--key", "<=256"], [2]),
                         (["--key", "p-256", "--key", "rsa=1024"], [2, 3]), (["--key", "ec>=384"], []), (["--name", "bob@"], [3]), (["--name", "*.corp.example"], [1, 2]),
                         (["--name", SID], [3]), (["--caller", "desk"], [1]), (["--supplied"], [1, 2, 3]), (["--template", "WebServer"], [1, 3]), (["--request", "2-3"], [2, 3]),
                         (["--requester", "pc1", "--valid"], [2]), (["--since", date(1.5)], [3])):
        same(ids(journal, *words), found, words)
    ca = Issued()
    ca.issue(subject="", names=[upn("x@y")]), ca.issue(subject="", names=[upn("x@y")], csr_names=[upn("x@y")])
    same(ids(folder(ca), "--supplied"), [2])

@test
def a_name_or_a_purpose_is_not_hidden_behind_a_hundred_others():
    many, long = [f"n{n}.corp.example" for n in range(100)], "x" * 300 + ".corp.example"
    ca = Issued()
    ca.issue(names=[*many, "dc01.corp.example"]), ca.issue(names=many), ca.issue(names=["dc01." + long, "a.corp.example"])
    ca.issue(names=["dc01.corp.example"]), ca.issue(purposes=[f"1.2.3.{n}" for n in range(100)] + [CLIENT]), ca.issue(purposes=[f"1.2.3.{n}" for n in range(99)] + [SERVER])
    journal = folder(ca)
    for words, found, unsure in ((["--name", "dc01.corp.example"], [1, 3, 4], 2), (["--name", "n7.corp"], [1, 2, 3], 1), (["--name", "elsewhere"], [1, 3], 2), (["--eku", CLIENT], [5], 1),
                                 (["--eku", "1.2.3.7"], [5, 6], 0), (["--valid"], [1, 2, 3, 4, 5, 6], 0)):
        same(ids(journal, *words), found, words)
        err = run(journal, "--json", *words)[1]
        check(f"{unsure} of them {'is' if unsure == 1 else 'are'} shown because" in err if unsure else "because" not in err, (words, err))

@test
def a_name_that_cannot_be_read_hides_no_certificate_and_is_marked():
    ca, administrator = Issued(), "administrator@corp.example"
    for names in ([upn_in_pieces(administrator)], [dns("harmless.x"), upn_in_pieces(administrator)], [dns_in_pieces("dc01.corp.example")], [dns("harmless.x"), dns_in_pieces("dc01.corp.example")],
                  [dns("harmless.x"), upn(administrator)]):
        ca.issue(names=[], subject=f"x{ca.last + 1}", extensions=[san(*names)], csr=request(cn("a"), asks(san(*names))))
    ca.issue(names=[], subject="x6", extensions=[ext("2.5.29.17", b"none")]), ca.issue(names=[], subject="x7", extensions=[sid_in_pieces(SID)])
    ca.issue(names=["harmless.x"], subject="x8"), ca.issue(names=["harmless.x"], subject="x9", extensions=[san(upn_in_pieces(administrator))])
    journal, hidden = folder(ca), {1, 2, 3, 4, 6, 7, 9}
    for words, found, unsure in (["--name", "administrator"], hidden | {5}, 7), (["--name", "dc01"], hidden, 7), (["--name", "harmless"], hidden | {5, 8}, 4), (["--supplied"], {*range(1, 10)}, 2):
        same(set(ids(journal, *words)), found, words)
        check(f"{unsure} of them are shown because" in run(journal, "--json", *words)[1], (words, run(journal, "--json", *words)[1]))
    same([row["requestId"] for row in rows(journal) if row.get("namesUnread")], sorted(hidden))
    cells = list(csv.reader(io.StringIO(run(journal, "--csv", "--columns", "name,names,namesFrom,sidFrom", "--now", date(0))[0])))[1:]
    same(cells[:4], [["CN=x1 (+?)", "(not readable)", "unknown", ""], ["harmless.x (+?)", "DNS:harmless.x, (not readable)", "enrollee", ""], ["CN=x3 (+?)", "(not readable)", "unknown", ""],
                     ["harmless.x (+?)", "DNS:harmless.x, (not readable)", "enrollee", ""]])
    same([cells[n] for n in (5, 6, 8)], [["CN=x6 (+?)", "(not readable)", "unknown", ""], ["CN=x7 (+?)", "(not readable)", "", "unknown"],
                                         ["harmless.x (+?)", "DNS:harmless.x, (not readable)", "unknown", ""]])

@test
def a_upn_of_another_type_than_utf8_hides_no_certificate():
    def upn_of(value): return tlv(0xa0, oid(MS + "20.2.3"), tlv(0xa0, value))
    ca, name = Issued(), "administrator@corp.example"
    for value in ia5(name), bmp(name), tlv(0x13, name.encode()), octets(name.encode()), seq(utf8(name)): ca.issue(names=[upn_of(value)], csr_names=[upn_of(value)], subject="x")
    ca.issue(names=[upn_of(bmp(name))], csr=request(cn("x"))), ca.issue(names=[tlv(0xa0, oid(MS + "25.2.1"), tlv(0xa0, utf8(SID)))])
    journal = folder(ca)
    for words, found in (["--name", "administrator"], [1, 2, 3, 4, 5, 6, 7]), (["--name", "elsewhere"], [4, 5, 7]): same(ids(journal, *words), found, words)
    same([row["names"] for row in rows(journal)[:3]], 3 * [[{"kind": "UPN", "value": name, "from": "enrollee"}]])
    same((rows(journal)[5]["names"][0]["from"], [row.get("namesUnread") for row in rows(journal)]), ("CA", [None, None, None, True, True, None, True]))

@test
def a_name_with_what_is_no_character_is_the_enrollees_and_is_like_no_other():
    def upn_as(tag, value): return tlv(0xa0, oid(MS + "20.2.3"), tlv(0xa0, tlv(tag, value)))
    def wide(text): return text.encode("utf-16-be")
    name = "administrator@corp.example"
    pairs = [[make(end) for end in ends] for make, ends in (
        (lambda end: upn_as(0x16, name.encode() + end), (b"\x80", b"\x81")), (lambda end: upn_as(0x1e, wide(name) + end), (b"\xd8\0", b"\xd8\1")),
        (lambda end: upn_as(0x1e, wide(name) + end), (b"\0", b"\1")), (lambda end: upn_as(0xc, name.encode() + end), (b"\xff", b"\xfe")),
        (lambda end: upn_as(*end), ((0x16, b"a\xd8\0"), (0xc, b"a\xd8\0"))), (lambda end: tlv(0x82, end), ("\u00e4.corp".encode(), "\u00f6.corp".encode())))]
    ca = Issued()
    for one, _ in pairs: ca.issue(names=[one], csr_names=[one])
    for one, _ in pairs: ca.issue(names=[one], csr=request(cn("x")))
    many, journal = len(pairs), folder(ca)
    found = rows(journal)
    same([(row["names"][0]["from"], row.get("namesUnread")) for row in found], many * [("enrollee", None)] + many * [("unknown", True)])
    check(all("\ufffd" in row["names"][0]["value"] for row in found), found)
    same(ids(journal, "--supplied"), [*range(1, 2 * many + 1)])
    same(ids(journal, "--name", "\u00e4.corp"), [*range(1, 2 * many + 1)])
    for one, other in pairs:
        for second, ground in (other, None), (one, "same"):
            ca = Issued()
            for n, each in enumerate((one, second)): ca.issue(on=340 * n, names=[each], csr_names=[each])
            same(renewal(ca)[0][1], ground, (one, second))

@test
def a_subject_or_a_sid_with_what_is_no_character_is_the_enrollees_and_is_like_no_other():
    def named(end): return seq(set_of(seq(oid("2.5.4.3"), tlv(0x13, b"node" + end))))
    def sid_of(text): return ext(MS + "25.2", seq(tlv(0xa0, oid(MS + "25.2.1"), tlv(0xa0, octets(text)))))
    for second, ground in (b"\x81", None), (b"\x80", "same"):
        ca = Issued()
        for n, end in enumerate((b"\x80", second)): ca.issue(on=340 * n, subject=named(end))
        found = rows(folder(ca))
        same([row["subjectFrom"] for row in found], 2 * ["enrollee"])
        same(renewal(ca)[0][1], ground, second)
    ca = Issued()
    for text in SID.encode() + b"\xff", SID.encode() + b"x" * 300: ca.issue(names=["a.x"], extensions=[sid_of(text)], csr=request(cn("a"), asks(san(dns("b.x")), sid_of(text))))
    same([(row["sidFrom"], row.get("namesUnread")) for row in rows(folder(ca))], 2 * [("unknown", True)])

@test
def the_one_name_of_a_row_says_that_others_cannot_be_read():
    def upn_of(value): return tlv(0xa0, oid(MS + "20.2.3"), tlv(0xa0, value))
    ca, name = Issued(), "administrator@corp.example"
    general, nested, bad = upn_of(tlv(0x1b, name.encode())), upn_of(seq(utf8(name))), tlv(0x82, b"\xff.x")
    for names in [general], ["harmless.x", nested], ["harmless.x", tlv(0xa0, oid(MS + "25.2.1"), tlv(0xa0, utf8(SID)))], ["harmless.x", bad]: ca.issue(names=names)
    ca.issue(names=["harmless.x"], extensions=[sid_in_pieces(SID)])
    ca.issue(names=["harmless.x", bad], csr_names=[bad]), ca.issue(names=["harmless.x", upn_of(ia5(name))]), ca.issue(names=[upn_of(bmp(name))]), ca.issue(names=["harmless.x"], extensions=[sid(SID)])
    journal = folder(ca)
    unread = [MS + "20.2.3 (+?)", *4 * ["harmless.x (+?)"]]
    same([cells[0] for cells in csv.reader(io.StringIO(run(journal, "--csv", "--columns", "name", "--now", date(0))[0]))][1:],
         [*unread, "harmless.x (+1)", name + " (+1)", name, "harmless.x"])
    found = rows(journal)
    same([row.get("namesUnread") for row in found], 5 * [True] + 4 * [None])
    same([row.get("upn") for row in found], 6 * [None] + [name, name, None])

@test
def with_names_that_cannot_be_read_nothing_is_the_same_and_nothing_has_all_of_them():
    for names in ("first.corp.example", "other.corp.example"), ("first.corp.example", "first.corp.example"):
        for requester in "CORP\\alice", "CORP\\bob":
            for whole in 0, 1, None:
                ca = Issued()
                for n in range(2): ca.issue(on=340 * n, names=[], requester=requester if n else "CORP\\alice", extensions=[san(dns("lb.x"), *([] if n == whole else [dns_in_pieces(names[n])]))])
                same(renewal(ca)[0], (1, None, None), (names, requester, whole))

@test
def an_extended_key_usage_that_cannot_be_read_hides_no_certificate_and_is_marked():
    ca, server, agent, odd = Issued(), oid(SERVER), oid(AGENT_OID), tlv(0x26, b"\x06\x01\x2a")
    for values in [seq(server, odd, agent)], [seq(server, tlv(6, b"\x2a" + b"\xff" * 100 + b"\x7f"), agent)], [b"none"], [seq(server), seq(agent)], [seq(server, agent)], [seq(server)]:
        ca.issue(purposes=[], extensions=[ext("2.5.29.37", each) for each in values])
    journal = folder(ca)
    for words, found, unsure in (["--eku", AGENT_OID], [1, 2, 3, 4, 5], 2), (["--eku", SERVER], [1, 2, 3, 4, 5, 6], 1):
        same(ids(journal, *words), found, words)
        check(f"{unsure} of them {'is' if unsure == 1 else 'are'} shown because" in run(journal, "--json", *words)[1], (words, run(journal, "--json", *words)[1]))
    same([row.get("ekuMore") for row in rows(journal)], [True, True, True, None, None, None])
    cells = list(csv.reader(io.StringIO(run(journal, "--csv", "--columns", "eku", "--now", date(0))[0])))[1:]
    same([cells[0][0][-11:], cells[2][0]], [", (not all)", "(not all)"])

@test
def what_the_journal_does_not_have_of_a_certificate_hides_it_from_no_option():
    ca = Issued()
    ca.issue(names=["dc01.corp.example"], purposes=[AGENT_OID], without=("certificate",)), ca.issue(requester="CORP\\bob", names=["x"]), ca.issue(names=["dc01.corp.example"], purposes=[AGENT_OID])
    ca.events[0][2]["certificate"]["DistinguishedName"] = "CN=told"
    journal = folder(ca)
    for words, found, unsure in ((["--name", "dc01"], [1, 3], 1), (["--name", "told"], [1], 0), (["--eku", AGENT_OID], [1, 3], 1), (["--key", "rsa<8192"], [1, 2, 3], 1), (["--key", "P-256"], [1], 1),
                                 (["--key", "<100"], [1], 1), (["--key", "ec>1"], [1], 1), (["--name", "told", "--key", "RSA 2048"], [1], 1), (["--requester", "bob", "--name", "dc01"], [], 0),
                                 (["--name", "dc01", "--caller", "bob"], [], 0), ([], [1, 2, 3], 0)):
        same(ids(journal, *words), found, words)
        err = run(journal, "--json", *words)[1]
        check(f"{unsure} of them is shown because" in err if unsure else "because" not in err, (words, err))

@test
def a_key_of_unknown_length_is_hidden_from_no_option_that_asks_for_its_kind():
    ca = Issued()
    for key in rsa_key(key=b"none"), spki(algorithm("1.2.840.10045.2.1", NULL), b"\4"), spki(algorithm("2.16.840.1.101.3.4.3.17"), b"\1"), rsa_key(256), ec_key("1.2.840.10045.3.1.7", 32): ca.issue(key=key)
    journal = folder(ca)
    for words, found, unsure in (("rsa<2048", [1], 1), ("rsa>=2048", [1, 4], 1), ("ec>=256", [2, 5], 1), ("<1024", [1, 2, 3, 5], 3), ("RSA 4096", [1, 2], 2), ("P-256", [1, 2, 5], 2)):
        same(ids(journal, "--key", words), found, words)
        err = run(journal, "--json", "--key", words)[1]
        check(f"{unsure} of them {'is' if unsure == 1 else 'are'} shown because" in err if unsure else "because" not in err, (words, err))

@test
def of_how_many_others_it_is_not_known_who_a_name_is_from_is_told_with_those_that_are_supplied():
    ca = Issued()
    ca.issue(csr_names=["www.corp.example"]), ca.issue(csr=request(cn("x"))), ca.issue(without=("request",)), ca.issue(without=("certificate",)), ca.issue(subject="", names=[])
    ca.issue(csr=request(cn("x"), asks(san(upn_in_pieces("admin@corp.example")))), requester="CORP\\bob")
    journal = folder(ca)
    for words, found, others in ([], [1], 3), (["--requester", "alice"], [1], 2), (["--request", "1-2"], [1], 0), (["--eku", "9.9"], [], 1), (["--name", "nowhere"], [], 1):
        same(ids(journal, "--supplied", *words), found, words)
        err = run(journal, "--json", "--supplied", *words)[1]
        check(f"Of {others} {'other' if others == 1 else 'others'} it is not known who a name is from" in err if others else "not known who" not in err, (words, err))
    check("not known who" not in run(journal, "--json")[1], "without --supplied")

@test
def a_certificate_whose_end_is_not_known_may_end_within_any_time_and_counts_as_no_valid_one():
    ca = Issued()
    ca.issue(without=("certificate", "NotAfter")), ca.issue(days=900), ca.revoke(ca.issue(without=("certificate", "NotAfter")), 1)
    journal = folder(ca)
    for words, expected in (["--expires-within", "30d"], [1]), (["--valid"], [2]), ([], [1, 2, 3]): same(ids(journal, *words), expected, words)
    same(rows(journal)[0]["state"], "unknown")

@test
def later_events_count_whatever_now_is_and_the_help_says_so():
    ca = Issued()
    ca.revoke(ca.issue(), 100), ca.issue(on=200)
    same([row["state"] for row in rows(folder(ca), now=date(30))], ["revoked", "not yet valid"])
    for command in "list", "expiry":
        told = subprocess.run([PROGRAM, command, "--help"], capture_output=True, stdin=subprocess.DEVNULL).stdout.decode()
        check("as if it were this time; later events count all the same" in " ".join(told.split()), told)

@test
def what_cannot_be_an_option_is_refused_with_what_would_be_right():
    journal = folder(plain())
    for words, said in ((["--expires-within", "soon"], "90d"), (["--expires-within", "2020-01-01"], "a date to come"), (["--key", "rsa<>5"], '"rsa<2048"'), (["--key", "foo<5"], "P-256"),
                        (["--key", "rsa<"], "P-256"), (["--now", "never"], "These are times"), (["--columns", "nmae"], 'Did you mean "name"?'), (["--eku", ""], "not empty"),
                        (["--eku", "serverAuthn"], "serverAuth, "), (["--eku", "server", "--eku", "tls"], '"tls"'), (["--eku", "auth*"], "These are right"), (["--eku", "RSA"], "\"Server Auth"),
                        (["--eku", "1.3.6,1"], "1.3.6.1.5.5.7.3.1"),
                        (["--json", "--csv"], "one of the two")):
        out, err = run(journal, *words, code=2)
        check(not out and said in err, (words, err))

@test
def what_the_journal_says_it_lost_or_was_set_to_leave_out_is_told():
    ca = Issued()
    ca.ca(0), ca.issue(on=0)
    for form in ((), ("--json",), ("--csv",)): check("lost" not in "".join(run(folder(ca), *form)), form)
    for events in 3, 1, -5, "x", 2 ** 63 - 1: ca.event("journal.gap", 1, {"events": events, "cause": {}})
    ca.ca(2), ca.ca(3)
    ca.events[-1][2]["module"]["eventMask"] = 1
    ca.events[-2][2]["module"]["eventMask"] = 0x3fb
    journal = folder(ca)
    for form in ((), ("--json",), ("--csv",)):
        out, err = run(journal, *form)
        said = " ".join((err if form else out).split())
        check(f"It records that {2 ** 63 + 3} events were lost (journal.gap)" in said and "At 1 start of the module EventMask left out" in said, (form, said))

@test
def the_journals_beginning_is_told_with_the_table_and_beside_json():
    journal = folder(plain())
    out, err = run(journal, "--now", date(10))
    check(not err and "The journal begins at 2026-01-01 00:00:00" in " ".join(out.split()) and "3 certificates, 2 of them valid." in out, out)
    out, err = run(journal, "--json")
    check("The journal begins at 2026-01-01 00:00:00" in err and "begins" not in out, err)

@test
def hostile_names_steer_no_terminal_and_are_no_formula():
    ca = Issued()
    for text in FORMULA, ODD, "x" * 70000, "\u65e5" * 3000, "a\0":
        ca.issue(names=[upn(text)], subject=text[:500], requester=text[:200] + "$", template=text[:100], attributes="CertificateTemplate:" + text[:100],
                 client=(text[:100], text[:100], text[:100]), csr_names=[upn(text)])
    ca.issue(names=[dns(f"n{i}.corp.example") for i in range(2500)], csr_names=[f"n{i}.corp.example" for i in range(500)])
    journal = folder(ca)
    for words in [], ["--csv"], ["--columns", "names,user,machine,process,requester,template,subject"]:
        for env in {}, {"COLUMNS": "80"}:
            out = run(journal, *words, env=env)[0]
            for line in out.splitlines(): check(line.isprintable(), repr(line)[:200])
    for row in csv.DictReader(io.StringIO(run(journal, "--csv")[0], newline="")):
        for cell in row.values():
            for piece in re.split("[,;\"|\t\n\r]", cell): check(not piece.strip(" ").startswith(tuple("=+-@")), f"a formula: {cell[:100]!r}")
    found = rows(journal)
    same(found[0]["requester"], FORMULA + "$", "in JSON it is exact")
    same((len(found[5]["names"]), found[5]["namesMore"]), (100, 2400))

def wide():
    ca = Issued()
    one = ca.issue(on=0, names=["server-01.example"], requester="CORP\\webadmin001", template="CorpServerTLS")
    ca.issue(on=9, cms_renews=one, flags=2, names=[upn("\u65e5\u672c" * 20), "b"])
    ca.issue(on=9, names=["a" * 80], requester="R" * 80, template="T" * 80)
    ca.revoke(ca.issue(on=9), 9, 1)
    ca.issue(on=30)
    return folder(ca)

def columns_of(line): return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)

@test
def a_table_fits_its_terminal_and_its_columns_stand_below_their_heads():
    journal = wide()
    for width, heads in (80, "REQUEST STATE UNTIL REQUESTER NAME NOTE"), (100, "REQUEST STATE UNTIL REQUESTER TEMPLATE NAME NOTE"), \
                        (132, "REQUEST STATE UNTIL REQUESTER TEMPLATE NAME KEY NOTE"), (200, "REQUEST STATE UNTIL REQUESTER TEMPLATE NAME KEY NOTE"), (20, "REQUEST STATE UNTIL REQUESTER NAME"):
        head, *lines = run(journal, "--now", date(10), env={"COLUMNS": str(width)})[0].split("\n\n")[0].splitlines()
        same(head.split(), heads.split(), f"{width} columns")
        starts = [head.index(name) for name in heads.split()[:4]]
        for line in lines:
            check(columns_of(line) <= max(width, 62), (width, line))
            check(all(line[at - 1] == " " != line[at] for at in starts[1:]), (width, line))

@test
def at_80_columns_a_name_of_18_and_what_became_of_it_stand_in_full():
    lines = run(wide(), "--now", date(10), env={"COLUMNS": "80"})[0].splitlines()
    same(lines[1].split(), ["1", "valid", "2027-01-01", "CORP\\webadmin001", "server-01.example", "renewed", "by", "2"])
    check(lines[4].endswith("key compromise"), lines[4])

@test
def a_word_that_is_too_wide_for_a_terminal_has_a_shorter_one():
    journal = wide()
    for width, state, renewal in ("80", "not yet 2", "renewed by 2"), ("200", "not yet 2", "renewed by request 2"), (None, "not yet valid 2", "renewed by request 2"):
        out = run(journal, "--now", date(10), env={"COLUMNS": width} if width else {})[0]
        check(re.search("^5 +" + state, out, re.M) and renewal + "\n" in out, out)
    same(rows(journal)[4]["state"], "not yet valid")

@test
def columns_that_were_asked_for_are_all_there_however_narrow_the_terminal():
    out = run(wide(), "--columns", "requester,templateName,name,key,note,eku,subject,names,caller,serial", "--now", date(10), env={"COLUMNS": "80"})[0]
    same(out.splitlines()[0].split(), "REQUEST… TEMPLATE NAME KEY NOTE EKU SUBJECT NAMES CALLER SERIAL".split())

@test
def a_certificate_whose_bytes_are_not_there_has_what_the_ca_told():
    ca = Issued()
    one = ca.issue(on=0, without=["certificate"])
    ca.revoke(one, 2)
    row = rows(folder(ca))[0]
    same((row["notAfter"], row["serial"], row["template"], row["state"], row["names"]), (date(365), f"{one.serial:x}", "WebServer", "revoked", []))
    check("key" not in row and row["subjectFrom"] == "unknown", row)

@test
def a_damaged_journal_is_listed_as_far_as_it_can_be_read():
    journal = folder(plain())
    segment = os.path.join(journal, sorted(os.listdir(journal))[0])
    lines = open(segment, "rb").read().splitlines(keepends=True)
    open(segment, "wb").write(lines[0] + lines[1].replace(b"CORP", b"EVIL") + lines[2])
    out, err = run(journal, "--json", code=1)
    same(len(out.splitlines()), 2)
    check("hash" in err, err)
    run(os.path.join(ROOT, "nowhere"), code=2)

@test
def what_cannot_be_written_or_kept_is_told():
    journal = folder(plain())
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "list", journal], stdout=full, stderr=subprocess.PIPE)
    check(done.returncode == 2 and b"could be written" in done.stderr, done)

@test
def a_journal_without_issuances_has_no_rows_and_says_so():
    ca = Issued()
    ca.deny(0)
    out, err = run(folder(ca), "--json")
    check(not out and "0 certificates" in err, err)

run_tests(finish=lambda: shutil.rmtree(ROOT))
