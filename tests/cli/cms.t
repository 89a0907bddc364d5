#!/usr/bin/python3
"""Requests that come in CMS (PKCS #7, CMC), and bundles of certificates: `certwitness cert`, `show` and `export` on what openssl made and on what
Windows clients send, made by hand from the prose (RFC 5652, RFC 5272, MS-WCCE); openssl reads every one of them, too."""
import sys; sys.path[0] += "/../lib"
import base64, hashlib, json, os, re, shutil, subprocess, tempfile

from chains import hash_of, line, name, write
from cmcmake import *
from openssl import openssl
from tap import run as run_tests, test

PROGRAM = os.path.abspath("build/native/src/cli/certwitness")
ROOT = tempfile.mkdtemp()
SECRET, SEALED = "geheim-4711", bytes(range(200, 232))

def at(*names): return os.path.join(ROOT, *names)

def put(path, data):
    with open(at(path), "wb") as file: file.write(data)
    return at(path)

def run(*command, data=None):
    done = subprocess.run([PROGRAM, *command], capture_output=True, input=data or b"")
    assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode(), done.stderr.decode()

def shown(der, want=0, told=""):
    """What `cert --json` says of it; standard error has to be `told`."""
    code, said, error = run("cert", "--json", "-", data=der)
    assert code == want and error == (told and f"certwitness: standard input: {told}\n"), (code, said[:300], error)
    return [json.loads(one) for one in said.splitlines()]

def text(der): return run("cert", "-", data=der)[1]

def openssl_reads(der): return openssl("cms", "-cmsout", "-print", "-noout", "-inform", "der", data=der).decode()

# --- what they are made of ---
for key in "key", "old": openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at(key))

def certificate(cn, key="key", *extensions):
    openssl("req", "-new", "-x509", "-utf8", "-key", at(key), "-subj", "/CN=" + cn, "-days", "900", *sum((["-addext", e] for e in extensions), []), "-out", at(cn))
    return openssl("x509", "-in", at(cn), "-outform", "der")

def request(subject, *more):
    return openssl("req", "-new", "-utf8", "-key", at("key"), "-subj", subject, *more, "-outform", "der")

def name_of(der):                               # a new certificate's issuer, which is its subject
    return seq(tlv(0x31, seq(oid("2.5.4.3"), utf8(openssl("x509", "-inform", "der", "-noout", "-subject", "-nameopt", "multiline", data=der).decode().split("= ")[1].strip()))))

def serial_of(der): return int(openssl("x509", "-inform", "der", "-noout", "-serial", data=der).decode().split("=")[1], 16)

PLAIN = request("/CN=alice/O=Demo", "-addext", "subjectAltName=DNS:a.example")
put("challenge.conf", f"[req]\ndistinguished_name=d\nattributes=a\nprompt=no\n[d]\nCN=bob\n[a]\nchallengePassword={SECRET}\n".encode())
CHALLENGED = openssl("req", "-new", "-key", at("key"), "-config", at("challenge.conf"), "-outform", "der")
AGENT = certificate("agent", "old", "extendedKeyUsage=1.3.6.1.4.1.311.20.2.1")
OLD = certificate("alice", "old")
KEY_ID = hashlib.sha1(key_bits(openssl("ec", "-in", at("key"), "-pubout", "-outform", "der"))).digest()

def renewal():                                  # openssl writes no such attribute: the request made by hand, with its signature left wrong
    version, subject = integer(0), name_of(OLD)
    info = seq(version, subject, openssl("ec", "-in", at("key"), "-pubout", "-outform", "der"), tlv(0xa0, attribute(MS + "13.1", OLD)))
    return seq(info, seq(oid("1.2.840.10045.4.3.2")), tlv(0x03, b"\0" + b"\x5a" * 64))

def signed_by_openssl(data, cert, key, *more):
    return openssl("cms", "-sign", "-signer", at(cert), "-inkey", at(key), "-nodetach", "-binary", "-outform", "der", *more, data=data)

RENEWAL = signed_by_openssl(renewal(), "alice", "old")
BY_AGENT = signed_by_openssl(PLAIN, "agent", "old")
CMC_OPENSSL = signed_by_openssl(pki_data(requests=[tagged(1, PLAIN)]), "agent", "old", "-econtent_type", PKI_DATA, "-keyid")

# What autoenrollment sends: signed with the new key, what the client adds, and a key to be archived.
ADDED = [client_info("pc17.demo.example", "DEMO\\alice", "taskhostw.exe", 6), os_version("10.0.22631.2"), name_value("CertificateTemplate", "User"),
         name_value("Challenge", SECRET), attribute("1.2.840.113549.1.9.7", utf8(SECRET)), attribute(MS + "21.21", octets(b"\x11" * 20))]
WINDOWS = cms(PKI_DATA, pki_data(
    controls=[add_attributes(2, [1], *ADDED), add_extensions(3, [1], extension("2.5.29.15", b"\x03\x02\x05\xa0"), extension(MS + "21.7", seq(oid(MS + "21.8.1"), integer(100), integer(3)))),
              reg_info(4, f"CertificateTemplate=User&C%48allenge={SECRET}&rmd=pc17.demo.example&exp-ected_challenge={SECRET}&&challenge:{SECRET}&x"),
              control(5, CMC + "5", integer(4711)), control(6, CMC + "6", octets(b"\xa1\xb2\xc3\xd4")), control(7, CMC + "3", octets(SEALED)),
              control(8, CMC + "2", utf8("alice\x1b[31m")), control(9, CMC + "17", seq(octets(SEALED))), control(10, "1.2.3", ia5("x"))],
    requests=[tagged(1, PLAIN), tagged(0xffffffff, CHALLENGED), tlv(0xa1, seq(integer(9))), tlv(0xa2, integer(12), oid("1.2.3"), seq())],
    others=[seq(integer(11), oid("1.2.3.4"), seq())]),
    [signer(key_id=KEY_ID, signed=[attribute("1.2.840.113549.1.9.3", oid(PKI_DATA)), attribute("1.2.840.113549.1.9.4", octets(b"\x07" * 32)),
                                   attribute("1.2.840.113549.1.9.5", tlv(0x17, b"261121100000Z"))],
            unsigned=[attribute(MS + "21.13", content_info(seq(octets(SEALED)), "1.2.840.113549.1.7.3"))])])

# An agent's around the client's, as it is and as PKCS #7 has it; CMC in CMC.
NESTED = cms(SIGNED, signed_data(DATA, PLAIN, [signer(key_id=KEY_ID)], version=1), [signer(name_of(AGENT), serial_of(AGENT), signed=[name_value("requestername", "DEMO\\bob")])], [AGENT])
NESTED_INFO = cms(DATA, cms(PKI_DATA, pki_data(requests=[tagged(1, PLAIN)])), version=1)
NESTED_RAW = cms(SIGNED, signed_data(DATA, PLAIN, version=1), version=1, raw=True)
CMC_IN_CMC = cms(PKI_DATA, pki_data(messages=[message(3, NESTED)]))

def onions(count, core):
    for _ in range(count): core = cms(DATA, core, version=1)
    return core

@test
def a_renewal_in_pkcs_7_shows_its_request_and_its_signer_as_the_certificate_to_be_renewed():
    [one] = shown(RENEWAL)
    [who], [inner] = one["signers"], one["requests"]
    assert one["type"] == "cms" and one["contentType"]["oid"] == DATA and one["sha256"] == hashlib.sha256(RENEWAL).hexdigest()
    assert who["issuer"] == who["subject"] == "CN=alice" and int(who["serialNumber"], 16) == serial_of(OLD) and who["renewed"] is True
    assert "requestAgent" not in who and "ownKey" not in who
    assert inner["type"] == "request" and inner["subject"] == "CN=alice" and inner["sha256"] == hashlib.sha256(renewal()).hexdigest()
    assert inner["attributes"][0]["name"] == "renewalCertificate"
    assert [c["subject"] for c in one["certificates"]] == ["CN=alice"] and one["certificates"][0]["sha256"] == hashlib.sha256(OLD).hexdigest()

@test
def a_request_signed_by_an_agent_says_no_more_than_that_the_certificate_is_for_an_agent():
    [who] = shown(BY_AGENT)[0]["signers"]
    assert who["subject"] == "CN=agent" and who["requestAgent"] is True and "renewed" not in who and "ownKey" not in who
    printed = openssl_reads(BY_AGENT)
    assert {a["oid"] for a in who["signedAttributes"]} >= {"1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"}
    digest = [a["hash"] for a in who["signedAttributes"] if a.get("name") == "messageDigest"]
    assert digest == [hashlib.sha256(PLAIN).hexdigest()] and digest[0][:16] in re.sub(r"[^0-9a-f]", "", printed.split("messageDigest")[1].split("0000 - ")[1])
    assert "Certificate is for a request agent: yes\n" in text(BY_AGENT)

@test
def the_request_inside_is_shown_as_it_is_by_itself():
    alone = shown(PLAIN)[0]
    for der in RENEWAL, BY_AGENT, CMC_OPENSSL, WINDOWS: openssl_reads(der)
    for der in BY_AGENT, CMC_OPENSSL, WINDOWS:
        inner = shown(der)[0]["requests"][0]
        assert inner.pop("from", None) in (None, "body part 1") and inner == alone, inner
    lines = text(PLAIN).splitlines()
    assert "\n".join("        " + l for l in lines) + "\n" in text(BY_AGENT)

@test
def cmc_shows_what_the_client_adds_to_the_request():
    one = shown(WINDOWS)[0]
    assert one["contentType"] == {"oid": PKI_DATA, "name": "CMC request"} and one["version"] == 3
    controls = {c["bodyPartId"]: c for c in one["controls"]}
    assert [c.get("name") for c in one["controls"]] == ["cmcAddAttributes", "addExtensions", "regInfo", "transactionId", "senderNonce", "identityProof",
                                                        "identification", "revokeRequest", None]
    added = {a.get("name"): a for a in controls[2]["attributes"]}
    assert controls[2]["requests"] == [1] and added["osVersion"]["version"] == "10.0.22631.2" and added["encryptedKeyHash"]["hash"] == "11" * 20
    assert (added["clientInfo"]["machine"], added["clientInfo"]["user"], added["clientInfo"]["process"]) == ("pc17.demo.example", "DEMO\\alice", "taskhostw.exe")
    assert [e["name"] for e in controls[3]["extensions"]] == ["keyUsage", "templateInformation"]
    assert controls[5]["value"] == 4711 and controls[6]["value"] == "a1b2c3d4" and controls[8]["value"] == "alice\x1b[31m"
    assert controls[7]["bytes"] == len(octets(SEALED)) and set(controls[7]) == {"bodyPartId", "oid", "name", "bytes"}
    assert controls[10]["oid"] == "1.2.3" and controls[10]["values"] == ["x"]
    assert [r["type"] for r in one["requests"]] == ["request", "request", "CRMF", "other"] and one["requests"][1]["from"] == "body part 4294967295"
    assert one["otherMessages"] == [{"bodyPartId": 11, "messageType": {"oid": "1.2.3.4"}, "bytes": 2}]
    said = text(WINDOWS)
    assert "\x1b" not in said and "Machine: pc17.demo.example\n" in said and "        Transaction ID:\n            Body part: 5\n            Value: 4711\n" in said

@test
def a_signature_by_the_requests_own_key_is_recognized_by_its_sha_1():
    [who] = shown(WINDOWS)[0]["signers"]
    assert who["keyIdentifier"] == KEY_ID.hex() and who["ownKey"] is True and "issuer" not in who and "subject" not in who
    assert "ownKey" not in shown(cms(DATA, PLAIN, [signer(key_id=KEY_ID[1:] + b"x")]))[0]["signers"][0]
    assert shown(CMC_OPENSSL)[0]["signers"][0]["subject"] == "CN=agent"

@test
def passwords_and_archived_keys_and_shared_secret_proofs_are_named_and_never_shown():
    one = shown(WINDOWS)[0]
    pairs = [c for c in one["controls"] if c.get("name") == "regInfo"][0]["pairs"]
    assert pairs == [{"name": "CertificateTemplate", "value": "User"}, {"name": "CHallenge", "rawName": "C%48allenge", "hidden": "(a password, not shown)"},
                     {"name": "rmd", "value": "pc17.demo.example"}, {"name": "exp-ected_challenge", "hidden": "(a password, not shown)"},
                     {"hidden": "(a password, not shown)"}, {"name": "x", "value": ""}], pairs
    [key] = one["signers"][0]["unsignedAttributes"]
    assert key["name"] == "archivedKey" and key["bytes"] == len(content_info(seq(octets(SEALED)), "1.2.840.113549.1.7.3")) and set(key) == {"oid", "name", "bytes"}
    assert one["requests"][1]["attributes"] == [{"oid": "1.2.840.113549.1.9.7", "name": "challengePassword", "bytes": len(SECRET)}]
    challenge = [a for c in one["controls"][:1] for a in c["attributes"] if a.get("name") == "challengePassword"]
    assert challenge == [{"oid": "1.2.840.113549.1.9.7", "name": "challengePassword", "bytes": len(SECRET)}]
    for how in [], ["--full"], ["--json"], ["--json", "--full"]:
        said = run("cert", *how, "-", data=WINDOWS)[1]
        packed = re.sub(r"[^0-9a-f]", "", said.lower())
        for secret in SECRET.encode(), SECRET.encode("utf-16-be"), SEALED: assert secret.hex() not in packed
        assert SECRET not in said

@test
def secrets_are_not_shown_where_their_holder_is_refused_or_they_lie_in_another_place():
    added = seq(integer(0), seq(), set_of(attribute("1.2.840.113549.1.9.7", utf8(SECRET))), ia5(SECRET))
    sealed = attribute(MS + "21.13", octets(SEALED))
    info = seq(integer(0), name_of(OLD), openssl("ec", "-in", at("key"), "-pubout", "-outform", "der"), tlv(0xa0, sealed))
    der = cms(PKI_DATA, pki_data(controls=[control(2, MS + "10.10.1", added), control(3, CMC + "18", utf8("Challenge=" + SECRET)), add_attributes(4, [1], sealed)],
                                 requests=[tagged(1, seq(info, seq(oid("1.2.840.10045.4.3.2")), tlv(0x03, b"\0" + b"\x5a" * 64)))]),
              [signer(key_id=KEY_ID, signed=[sealed, attribute("1.2.840.113549.1.9.7", utf8(SECRET))])])
    [one] = shown(der)
    assert one["controls"][0]["attributes"][0]["name"] == "challengePassword" and "error" in one["controls"][1] and one["controls"][2]["attributes"][0]["bytes"] == len(octets(SEALED))
    assert one["requests"][0]["attributes"][0]["name"] == "archivedKey" and {a["name"] for a in one["signers"][0]["signedAttributes"]} == {"archivedKey", "challengePassword"}
    for how in [], ["--full"], ["--json"]:
        said = run("cert", *how, "-", data=der)[1]
        assert SECRET not in said and not any(secret.hex() in re.sub(r"[^0-9a-f]", "", said.lower()) for secret in (SECRET.encode(), SEALED))

@test
def a_nested_message_is_shown_inside_its_holder():
    outer = shown(NESTED)[0]
    [inner] = outer["messages"]
    assert outer["signers"][0]["requestAgent"] is True and outer["signers"][0]["signedAttributes"][0]["pairs"] == [{"name": "requestername", "value": "DEMO\\bob"}]
    assert inner["type"] == "cms" and inner["signers"][0]["ownKey"] is True and inner["requests"][0]["subject"] == "O=Demo, CN=alice"
    assert shown(NESTED_RAW)[0]["messages"][0]["requests"][0]["subject"] == "O=Demo, CN=alice"
    assert shown(NESTED_INFO)[0]["messages"][0]["requests"][0]["subject"] == "O=Demo, CN=alice"
    [third] = shown(CMC_IN_CMC)[0]["messages"]
    assert third["from"] == "body part 3" and third["messages"][0]["requests"][0]["subject"] == "O=Demo, CN=alice"

@test
def four_messages_may_be_nested_and_a_fifth_is_refused():
    one = shown(onions(4, PLAIN))[0]
    for _ in range(3): [one] = one["messages"]
    assert one["requests"][0]["subject"] == "O=Demo, CN=alice"
    deep = onions(5, PLAIN)
    told = f"the signed data is nested too deeply at byte {deep.index(onions(1, PLAIN))}"
    one = shown(deep, 1, told)[0]
    for _ in range(4): [one] = one["messages"]
    assert one == {"error": told, "bytes": len(onions(1, PLAIN))}

@test
def the_certificates_of_a_bundle_are_shown_one_after_the_other_like_blocks_of_a_file():
    for n, which in enumerate(["alice", "agent"]): put(f"{n}.pem", openssl("x509", "-in", at(which)))
    both = openssl("crl2pkcs7", "-nocrl", "-certfile", at("0.pem"), "-certfile", at("1.pem"), "-outform", "der")
    assert [(one["from"], one["subject"]) for one in shown(both)] == [("certificate 1", "CN=alice"), ("certificate 2", "CN=agent")]
    alone = openssl("crl2pkcs7", "-nocrl", "-certfile", at("0.pem"), "-outform", "der")
    assert shown(alone) == shown(OLD)
    crl = seq(seq(integer(1), seq(oid(RSA_SHA256)), name_of(AGENT), tlv(0x17, b"261121100000Z")), seq(oid(RSA_SHA256)), tlv(0x03, b"\0\0"))
    mixed = shown(cms(DATA, None, certificates=[OLD], crls=[crl]))
    assert [(one["from"], one["type"]) for one in mixed] == [("certificate 1", "certificate"), ("CRL 1", "crl")]
    pem = openssl("crl2pkcs7", "-nocrl", "-certfile", at("0.pem"), "-certfile", at("1.pem")) + openssl("x509", "-in", at("agent"))
    assert [one["from"] for one in shown(pem)] == ["block 1, PKCS7, certificate 1", "block 1, PKCS7, certificate 2", "block 2, CERTIFICATE"]
    assert shown(cms(DATA, None), 1, "it is CMS (PKCS #7, CMC) with nothing in it") == []

@test
def a_refused_certificate_of_a_bundle_does_not_hide_the_others():
    code, said, told = run("cert", "--json", "-", data=cms(DATA, None, certificates=[OLD, seq(), AGENT]))
    assert code == 1 and told == "certwitness: standard input, certificate 2: the certificate info is missing at byte 2\n", told
    assert [json.loads(one)["from"] for one in said.splitlines()] == ["certificate 1", "certificate 3"]

@test
def what_is_odd_in_a_bundle_itself_follows_its_parts_in_text_and_in_json():
    odd = cms(DATA, b"hello", certificates=[OLD, AGENT], version=2) + b"\0\0"
    *parts, last = shown(odd)
    assert [one["from"] for one in parts] == ["certificate 1", "certificate 2"] and not any("remarks" in one for one in parts)
    assert last == {"type": "bundle", "certificates": 2, "crls": 0, "unsignedContentBytes": 5,
                    "remarks": [{"text": "bytes follow the CMS", "offset": len(odd) - 2}, {"text": "the version is unknown", "offset": odd.index(b"\2\1\2")}]}, last
    code, said, told = run("cert", "-", data=odd)
    assert (code, told) == (0, "") and said.endswith(f"""
Bundle:
    Certificates: 2
    CRLs: 0
    Bytes of content that nobody signed, not shown: 5
    Remark: bytes follow the CMS, offset {len(odd) - 2}
    Remark: the version is unknown, offset {odd.index(bytes([2, 1, 2]))}
"""), said[-400:]
    ber = bytes([0x30, 0x80]) + cms(DATA, None, certificates=[OLD])[4:] + b"\0\0"
    assert [one.get("remarks") for one in shown(ber)] == [None, [{"text": "the bundle is written in BER, and shown as the DER that it stands for", "offset": 0}]]
    pem = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(odd) + b"-----END PKCS7-----\n" + openssl("x509", "-in", at("agent"))
    assert [one["from"] for one in shown(pem)][2:] == ["block 1, PKCS7", "block 2, CERTIFICATE"]

@test
def ber_is_shown_as_der_what_is_odd_with_a_remark_and_other_kinds_are_named():
    streamed = signed_by_openssl(PLAIN, "agent", "old", "-stream", "-indef")
    assert streamed[1] == 0x80 and openssl_reads(streamed)
    [one] = shown(streamed)
    assert one["requests"][0]["subject"] == "O=Demo, CN=alice" and one["sha256"] == hashlib.sha256(streamed).hexdigest()
    assert one["remarks"][0] == {"text": "the CMS is written in BER, and shown as the DER that it stands for", "offset": 0}
    whole = tlv(0x24, octets(PLAIN[:9]), tlv(0x24, octets(PLAIN[9:100]), octets(b"")), octets(PLAIN[100:]))
    pieces = content_info(seq(integer(1), set_of(), seq(oid(DATA), tlv(0xa0, whole)), set_of()))
    [one] = shown(pieces)
    assert one["requests"][0]["sha256"] == hashlib.sha256(PLAIN).hexdigest() and one["remarks"][0]["offset"] == pieces.index(whole)
    inner = bytes([0x30, 0x80]) + oid(SIGNED) + bytes([0xa0, 0x80]) + signed_data(DATA, PLAIN) + b"\0\0\0\0"
    [one] = shown(cms(DATA, inner))
    assert one["messages"][0]["requests"][0]["subject"] == "O=Demo, CN=alice" and "BER" in one["remarks"][0]["text"]
    enveloped = openssl("cms", "-encrypt", "-binary", "-outform", "der", "-secretkey", "00" * 16, "-secretkeyid", "00", "-aes128", data=PLAIN)
    [one] = shown(enveloped)
    assert (one["type"], one["kind"], one["notTakenApart"]) == ("cms", "enveloped data", "not taken apart"), one
    [one] = shown(content_info(seq(integer(2), set_of(), seq(oid(DATA), tlv(0xa0, octets(PLAIN))), set_of())))
    assert one["version"] == 2 and one["remarks"] == [{"text": "the version is unknown", "offset": 23}], one["remarks"]
    [one] = shown(content_info(seq(integer(1), set_of(), seq(oid(DATA), tlv(0xa0, PLAIN)), set_of())))
    assert one["requests"][0]["subject"] == "O=Demo, CN=alice" and one["remarks"][0]["text"] == "the content is of a kind that does not exist"
    [one] = shown(BY_AGENT + b"\0")
    assert one["remarks"] == [{"text": "bytes follow the CMS", "offset": len(BY_AGENT)}]
    [one] = shown(cms(DATA, None, [signer(key_id=b"x")] * 17))
    assert len(one["signers"]) == 16 and one["remarks"][0]["text"] == "the list of signers has too many elements"
    code, said, error = run("cert", "-", data=cms(PKI_DATA, b"")[:-1])
    assert code == 1 and not said and re.fullmatch(r"certwitness: standard input: .* at byte \d+\n", error), (code, said, error)

@test
def refused_content_is_shown_with_the_reason_and_the_exit_code_says_so():
    der = cms(PKI_DATA, pki_data(requests=[tagged(1, PLAIN), tagged(2, seq(seq()))]))
    told = f"the version is missing at byte {der.rindex(seq(seq())) + 4}"
    one = shown(der, 1, told)[0]
    assert one["requests"][0]["subject"] == "O=Demo, CN=alice" and one["requests"][1] == {"error": told, "bytes": 4}
    assert shown(cms(DATA, b"\x30hello"), 1, f"the length of the request runs past the end at byte {cms(DATA, b'0hello').index(b'0hello') + 1}")[0]["requests"][0]["bytes"] == 6
    assert shown(cms(DATA, b"hello"))[0]["content"] == "text"
    assert shown(cms(DATA, b"Content-Type: text/plain\r\n\r\nhello", [signer(key_id=b"x")]))[0]["content"] == "a mail message (S/MIME)"
    assert shown(cms(DATA, OLD, [signer(key_id=b"x")]))[0]["contentCertificates"][0]["subject"] == "CN=alice"
    shown(cms(PKI_DATA, seq(seq(), seq(), seq())), 1, f"the other messages is missing at byte {len(cms(PKI_DATA, seq(seq(), seq(), seq()))) - 2}")
    response = shown(cms(PKI_RESPONSE, seq(), certificates=[OLD]))[0]
    assert response["contentType"]["name"] == "CMC response" and response["notTakenApart"] and response["certificates"][0]["subject"] == "CN=alice"

# --- in a journal ---
def b64(data): return base64.b64encode(data).decode()
CRMF = cms(PKI_DATA, pki_data(requests=[tlv(0xa1, seq(integer(9)))]))
HALF = cms(DATA, PLAIN[:-1])
CERTIFICATE = cms(DATA, OLD, [signer(key_id=b"x")])
raws = [RENEWAL, WINDOWS, NESTED, PLAIN, CRMF, HALF, CERTIFICATE]
lines, previous = [], "0" * 64
for n, raw in enumerate(raws, 1):
    data = {"event": 1, "context": 1, "request": {"RequestID": n, "RequestType": 0x40400, "RequesterName": "DEMO\\alice", "RawRequest": b64(raw)}}
    lines.append(line(n, previous, data=json.dumps(data), type="certificate.pending", subject=f'"subject":"request/{n}",'))
    previous = hash_of(lines[-1])
write(at("journal"), {name(1): b"".join(lines)})

@test
def cert_of_a_request_shows_the_same_from_an_event():
    for n, raw in [(1, RENEWAL), (2, WINDOWS), (3, NESTED)]:
        code, said, told = run("cert", "--request", str(n), "--json", at("journal"))
        one = json.loads(said)
        assert code == 0 and not told and one.pop("from") == f"event {n}, request {n}: RawRequest" and one == shown(raw)[0]
    code, said, told = run("cert", "--request", "5", at("journal"))
    assert code == 1 and "Not taken apart: CRMF\n" in said and re.search(r"RawRequest: the request is another than what is read here at byte \d+\n", told), told
    code, said, told = run("cert", "--request", "6", at("journal"))
    assert code == 1 and "Not readable: the length of the request runs past the end" in said and told.count("\n") == 1, told

@test
def a_certificate_where_a_request_was_expected_is_shown_as_one_and_the_request_is_missed():
    code, said, told = run("cert", "--request", "7", "--json", at("journal"))
    one = json.loads(said)
    assert code == 1 and told.endswith(f"RawRequest: the request is missing at byte {CERTIFICATE.index(OLD)}\n"), (code, told)
    assert [each["subject"] for each in one["contentCertificates"]] == ["CN=alice"] and "requests" not in one, one
    assert "contentCertificates" in shown(CERTIFICATE)[0]              # a file may be anything

@test
def show_has_the_subject_of_the_request_inside_and_all_of_it_with_full():
    code, said, told = run("show", "--subject", "*alice*", "--json", at("journal"))
    assert code == 0 and [json.loads(l)["data"]["request"]["RequestID"] for l in said.splitlines()] == [1, 2, 3, 4], (code, told)
    code, said, told = run("show", "--request", "2", "--full", at("journal"))
    assert code == 0 and "Machine: pc17.demo.example\n" in said and "Subject: O=Demo, CN=alice\n" in said and SECRET not in said
    code, said, told = run("show", "--request", "2", "--full", "--json", at("journal"))
    assert json.loads(said)["decoded"]["request"] == shown(WINDOWS)[0]
    assert run("show", "--request", "6", "--full", at("journal"))[0] == 0

@test
def export_keeps_the_bytes_as_p7m_with_the_subject_of_the_request_inside():
    code, said, told = run("export", at("journal"), "--out", at("out"))
    with open(at("out", "index.json")) as file: rows = json.load(file)
    assert [(r["file"][-4:], r.get("subject"), "problem" in r) for r in rows] == [
        (".p7m", "CN=alice", False), (".p7m", "O=Demo, CN=alice", False), (".p7m", "O=Demo, CN=alice", False), (".req", "O=Demo, CN=alice", False),
        (".p7m", None, True), (".p7m", None, True), (".p7m", None, True)], rows
    for row, raw in zip(rows, raws):
        with open(at("out", row["file"]), "rb") as file: assert file.read() == raw
        assert row["sha256"] == hashlib.sha256(raw).hexdigest()
    assert "the request is another than what is read here at byte" in rows[4]["problem"] and "runs past the end at byte" in rows[5]["problem"]

@test
def bytes_changed_at_random_are_shown_or_refused_with_the_reason_and_the_byte():
    import random
    draw = random.Random(5)
    outcomes = {0: 0, 1: 0}
    for _ in range(150):
        der = bytearray(draw.choice([WINDOWS, NESTED, RENEWAL, CMC_IN_CMC]))
        for _ in range(draw.randint(1, 3)): der[draw.randrange(len(der))] ^= 1 << draw.randrange(8)
        put("changed", der)
        code, said, told = run("cert", "--json", at("changed"))
        assert code == bool(told) and (said or told), (code, told)
        if told: assert re.fullmatch(r"certwitness: [^:]*: .* at byte \d+", told.strip()), told
        outcomes[code] += 1
    print(f"# {outcomes[0]} shown, {outcomes[1]} refused or in part")
    assert min(outcomes.values()) > 10

run_tests(finish=lambda: shutil.rmtree(ROOT))
