#!/usr/bin/python3
"""Requests of every form that a CA takes: PKCS #7, CMC and KEYGEN, renewals, requests on behalf of others; and what a strict CA refuses.

The module is tests/modules/probe.c. Requests are openssl's, or are built by tests/lib/cms_signed.py, byte by byte, and judged by openssl
before the stub CA sees them. Those that are signed with a certificate of the CA's are made while the scenario plays.
"""
import sys; sys.path[0] += "/../lib"
import base64, hashlib, os, re, shutil

from cmcmake import (DATA, MS, PKI_DATA, SIGNED, add_attributes, add_extensions, attribute, extension, integer, name_value, octets, oid, os_version, pki_data,
                     reg_info, seq, signed_data, tagged, tlv, utf8)
from cms_signed import certificate_der, issuer_and_serial, extension_request, key_id, name, pkcs10, signed_cms, signer
from commands import finished, wine
from machine import on_machine
import published
from openssl import openssl
from probe import DLL, Played, found
from tap import check, run as run_tests, same, test

on_machine("stub")
WORK = "build/tests/stubca/requests"
EMPTY = "80094004"
AGENT = "1.3.6.1.4.1.311.20.2.1"

def path(file): return f"{WORK}/{file}"
def write(file, data): open(path(file), "wb").write(data)

HEAD = '''ca "Requests CA" dns=ca01.demo.example out={out}
template User eku=clientAuth days=365
template Agent eku=enrollmentAgent days=365
template Short eku=enrollmentAgent days=1
template Bare eku=clientAuth days=365 san=none
'''

def play(name, steps, meanwhile=None, module="module StubProbe.Exit", code=0):
    return Played(WORK, name, f"{HEAD}{module}\n{steps}\n", code, meanwhile)

def submit(name, request, more="", template="User", requester=None):
    return f'submit {name} request={path(request)} template={template} requester="DEMO\\{requester or name}" {more}'.rstrip()

def keys():
    for key in "alice", "agent", "new", "other", "short": openssl("genrsa", "-out", path(key + ".key"), "2048")
    for key in "alice", "agent", "other", "short": write(key + ".csr", pkcs10(path(key + ".key"), name(("O", "Demo"), ("CN", key))))
    openssl("req", "-x509", "-key", path("other.key"), "-days", "9", "-subj", "/CN=Foreign agent", "-addext", "extendedKeyUsage=" + AGENT,
            "-out", path("foreign.crt"))

def verifies(request, *more):
    """openssl, on a request in CMS: what was signed, if the signature holds."""
    return openssl("cms", "-verify", "-inform", "DER", "-in", path(request), "-noverify", "-binary", *more)

def renewal(out, who="alice", old=None, key="new", signs=None):
    """A PKCS #7 renewal, as MS-WCCE has it: the old certificate is an attribute of the request, and signs it."""
    certificate = certificate_der(found(f"{out}/{who}.cer"))
    request = pkcs10(path(key + ".key"), name(("O", "Demo"), ("CN", who)), [attribute(MS + "13.1", old or certificate)])
    return request, signed_cms(request, [signer(path((signs or who) + ".key"), request, certificate)], certificates=[certificate])

def on_behalf(out, of, who="agent", key="new", certificate=None, certificates=True, signs=None):
    """Who may ask for others signs their name and their request."""
    certificate = certificate or certificate_der(found(f"{out}/{who}.cer"))
    request = pkcs10(path(key + ".key"), name(("O", "Demo"), ("CN", of)))
    signed = [name_value("requestername", "DEMO\\" + of), name_value("CertificateTemplate", "User")]
    return signed_cms(request, [signer(path((signs or who) + ".key"), request, certificate, signed=signed)], certificates=[certificate] if certificates else ())

@test
def a_renewal_has_the_flag_and_the_old_certificate():
    def make(out):
        request, whole = renewal(out)
        write("renewal.p7", whole)
        same(verifies("renewal.p7"), request, "what openssl finds signed")
    played = play("renewal", f'start\n{submit("alice", "alice.csr")}\n{{wait}}\n{submit("again", "renewal.p7", requester="alice")}\nstop', make)
    first, again = played.runs[0].only(1)
    same([again.value(n) for n in ("RequestType", "RequestFlags", "Disposition", "StatusCode")], [0x40300, 0x22, 20, 0], "the row")
    same(again.value("RawOldCertificate"), certificate_der(played.certificate("alice")), "RawOldCertificate")
    same([again.value(n) for n in ("RawRequest", "RequesterName", "CallerName")], [open(path("renewal.p7"), "rb").read(), "DEMO\\alice", "DEMO\\alice"], "request")
    same(again.value("SignerApplicationPolicies"), "1.3.6.1.5.5.7.3.2", "the signer's purposes")
    same([again.value("Request.DistinguishedName"), again.certificate("DistinguishedName")], ["CN=alice, O=Demo"] * 2, "subject of the request within")
    same([first.value(n) for n in ("RequestFlags", "RawOldCertificate", "SignerApplicationPolicies", "RequestType")], [0x20, EMPTY, EMPTY, 0x40100], "the first one's")
    check(b": OK" in finished("openssl", "verify", "-CAfile", f"{played.out}/ca.cer", played.certificate("again")).stdout, "openssl verify")
    same(openssl("x509", "-in", played.certificate("again"), "-noout", "-pubkey"), openssl("pkey", "-in", path("new.key"), "-pubout"), "its key")

@test
def a_request_on_behalf_of_another_has_the_flag_and_both_names():
    def make(out):
        write("behalf.p7", on_behalf(out, "boss"))
        write("without.p7", on_behalf(out, "chief", certificates=False))
        verifies("behalf.p7"), verifies("without.p7", "-certfile", f"{out}/agent.cer")
    played = play("behalf", f'''start
{submit("agent", "agent.csr", template="Agent")}
{{wait}}
submit boss request={path("behalf.p7")} requester="DEMO\\agent"
{submit("chief", "without.p7", requester="agent")}
stop''', make)
    for event, who in zip(played.runs[0].only(1)[1:], ("boss", "chief")):
        same([event.value(n) for n in ("RequestType", "RequestFlags", "RequesterName", "CallerName", "SignerApplicationPolicies", "RawOldCertificate")],
             [0x40300, 0x30, "DEMO\\" + who, "DEMO\\agent", AGENT, EMPTY], who)
        same({n.lower(): v for n, v in event.attributes.items()}["certificatetemplate"], "User", "the template that the agent signed, or the call names")

@test
def signers_are_checked_one_by_one():
    """Each of these was signed by somebody, and for each there is a reason not to believe it."""
    def make(out):
        good = on_behalf(out, "boss")
        agent, alice = certificate_der(found(f"{out}/agent.cer")), certificate_der(found(f"{out}/alice.cer"))
        foreign = certificate_der(path("foreign.crt"))
        write("good.p7", good)
        write("plain.p7", on_behalf(out, "boss", "alice"))
        write("foreign.p7", on_behalf(out, "boss", certificate=foreign, signs="other"))
        write("another.p7", on_behalf(out, "boss", signs="other"))
        write("content.p7", good.replace(b"\x0c\x04boss1" if b"\x0c\x04boss1" in good else b"\x0c\x04boss", b"\x0c\x04bass", 1))
        write("wrong.p7", renewal(out, old=agent)[1])
        write("nobody.p7", on_behalf(out, "boss", certificate=foreign, certificates=False, signs="other"))
        write("short.p7", on_behalf(out, "boss", "short"))
        mine = pkcs10(path("other.key"), name(("CN", "mallory")))
        write("swapped.p7", signed_cms(mine, [signer(path("agent.key"), pkcs10(path("new.key"), name(("CN", "boss"))), agent,
                                                     signed=[name_value("requestername", "DEMO\\boss")])], certificates=[agent]))
        for bad in "another.p7", "content.p7", "swapped.p7":
            check(finished("openssl", "cms", "-verify", "-inform", "DER", "-in", path(bad), "-noverify", "-binary").returncode != 0, f"openssl takes {bad}")
        for fine in "good.p7", "plain.p7", "foreign.p7", "wrong.p7", "short.p7": verifies(fine)
    by = lambda name, file, more: submit(name, file, more, requester="agent")
    played = play("checked", f'''start
{submit("agent", "agent.csr", template="Agent")}
{submit("alice", "alice.csr")}
{submit("short", "short.csr", template="Short")}
{{wait}}
{by("good", "good.p7", "")}
{by("plain", "plain.p7", "expect=denied status=0x8009480b")}
{by("foreign", "foreign.p7", "expect=failed status=0x800b0109")}
{by("another", "another.p7", "expect=failed status=0x80090006")}
{by("content", "content.p7", "expect=failed status=0x80090006")}
{by("swapped", "swapped.p7", "expect=failed status=0x80091007")}
{by("wrong", "wrong.p7", "expect=failed status=0x8009400e")}
{by("nobody", "nobody.p7", "expect=failed status=0x8009100e")}
revoke agent
{by("revoked", "good.p7", "expect=failed status=0x80092010")}
clock days=2
{by("late", "short.p7", "expect=failed status=0x800b0101")}
stop
setting signers=any
start
{by("foreign2", "foreign.p7", "")}
{by("revoked2", "good.p7", "expect=failed status=0x80092010")}
stop''', make)
    failed = played.runs[0].only(4)
    same([e.value("Disposition") for e in failed], [31] + [30] * 8, "dispositions")
    same({e.value("RequesterName") for e in failed}, {"DEMO\\agent"}, "no name is believed that nobody vouches for")
    same([e.value("RequestFlags") for e in failed], [0] * 9, "nor a flag")
    same({e.value("DispositionMessage") for e in failed[1:]}, {"Error Verifying Request Signature or Signing Certificate"}, "messages")
    check(failed[0].value("DispositionMessage").startswith("Denied by Policy Module  0x8009480b, "), failed[0].value("DispositionMessage"))

def cmc(file, controls=(), signed=(), unsigned=(), none=False, extensions=()):
    """A full CMC request as a client makes it: signed with the new key, by its identifier, or by nobody."""
    request = pkcs10(path("new.key"), name(("O", "Demo"), ("CN", "cmc")), [extension_request(*extensions)] if extensions else ())
    content = pki_data(controls, [tagged(1, request)])
    whole = signed_cms(content, [signer(path("new.key"), content, type=PKI_DATA, signed=signed, unsigned=unsigned, none=none)], PKI_DATA)
    write(file, whole)
    return request, content, whole

SID = lambda text: seq(tlv(0xa0, oid("1.3.6.1.4.1.311.25.2.1"), tlv(0xa0, octets(text.encode()))))

@test
def a_cmc_request_brings_attributes_and_extensions_along():
    alternative = seq(tlv(0x82, b"cmc.demo.example"))
    cmc("cmc.der", [reg_info(2, "CertificateTemplate=User&note=a%26b%0ac:d&Challenge=secret"),
                    add_attributes(3, [1], os_version("10.0.26100.2"), name_value("from", "control\0")),
                    add_extensions(4, [1], extension("2.5.29.17", alternative))],
        signed=[name_value("signed", "by the key")], extensions=[extension("2.5.29.17", seq(tlv(0x82, b"asked.demo.example")))])
    cmc("none.der", none=True)
    openssl("cms", "-cmsout", "-print", "-inform", "DER", "-in", path("cmc.der"))
    played = play("cmc", f'start\nsubmit a request={path("cmc.der")} requester="DEMO\\a"\n{submit("b", "none.der")}\nstop')
    a, b = played.runs[0].only(1)
    same([e.value(n) for e in (a, b) for n in ("RequestType", "RequestFlags", "Request.CommonName")], [0x40400, 0x20, "cmc"] * 2, "rows")
    same({n: v.rstrip("\ufffd") for n, v in a.attributes.items()},
         {"CertificateTemplate": "User", "note": "a&b c:d", "RequestOSVersion": "10.0.26100.2", "from": "control", "signed": "by the key"}, "attributes, and no password")
    same([a.extensions["2.5.29.17"], a.values["2.5.29.17"]], [0x80000, alternative.hex()], "what CMC adds takes the place of what was asked for")
    check("DNS:cmc.demo.example" in openssl("x509", "-in", played.certificate("a"), "-noout", "-text").decode(), "in the certificate")

@test
def an_archived_key_comes_along_in_cmc():
    key = seq(oid("1.2.840.113549.1.7.3"), tlv(0xa0, seq(octets(b"\x5a" * 99))))
    request = lambda good: pkcs10(path("new.key"), name(("CN", "archived")), [attribute(MS + "21.21", octets(hashlib.sha1(key if good else b"").digest()))])
    for file, good in ("archived.der", True), ("mismatch.der", False):
        content = pki_data((), [tagged(1, request(good))])
        write(file, signed_cms(content, [signer(path("new.key"), content, type=PKI_DATA, unsigned=[attribute(MS + "21.13", key)])], PKI_DATA))
    played = Played(WORK, "archived", HEAD.replace("out={out}", "out={out} interface-flags=0x841")
                    + f'module StubProbe.Exit\nstart\n{submit("a", "archived.der")}\n{submit("b", "mismatch.der")}\nrecover a\nstop\n')
    a, b = played.runs[0].only(1)
    same([a.value("RawArchivedKey"), a.certificate("KeyArchived"), a.value("RequestFlags"), b.value("RequestFlags")], [key, 1, 0x60, 0x20], "the key")

@test
def an_agents_signature_around_a_cmc_request_is_one_on_behalf_of_another():
    def make(out):
        certificate = certificate_der(found(f"{out}/agent.cer"))
        _, _, inner = cmc("inner.der")
        inside = inner                                # a whole ContentInfo, as signed data in signed data
        write("nested.p7", signed_cms(inside, [signer(path("agent.key"), inside, certificate, SIGNED, [name_value("requestername", "DEMO\\boss")])],
                                      SIGNED, [certificate]))
        content = pki_data((), [tagged(1, pkcs10(path("new.key"), name(("CN", "within"))))])
        within = signed_cms(content, [signer(path("other.key"), content, type=PKI_DATA)], PKI_DATA)      # a key that nobody knows
        write("within.p7", signed_cms(within, [signer(path("agent.key"), within, certificate, SIGNED)], SIGNED, [certificate]))
    played = play("nested", f'start\n{submit("agent", "agent.csr", template="Agent")}\n{{wait}}\n{submit("boss", "nested.p7", requester="agent")}\n'
                  f'{submit("within", "within.p7", "expect=failed status=0x8009100e", requester="agent")}\nstop', make)
    event = played.runs[0].only(1)[1]
    same([event.value(n) for n in ("RequestType", "RequestFlags", "RequesterName", "CallerName")], [0x40300, 0x30, "DEMO\\boss", "DEMO\\agent"], "the row")

@test
def an_agent_vouches_only_for_the_names_in_the_layer_that_it_signed():
    """Each of these has a true signature of the agent's, and names its requester elsewhere, or elsewhere as well."""
    root = name_value("requestername", "DEMO\\root")
    registration = reg_info(2, "requestername=DEMO%5Croot")
    def make(out):
        agent, alice = certificate_der(found(f"{out}/agent.cer")), certificate_der(found(f"{out}/alice.cer"))
        by_agent = lambda content, type, signed=(): signer(path("agent.key"), content, agent, type, signed)
        by_alice = lambda content, type, signed=(): signer(path("alice.key"), content, alice, type, signed)
        boss = on_behalf(out, "boss")
        write("outside.p7", signed_cms(boss, [by_alice(boss, SIGNED, [root])], SIGNED, [alice]))
        around = pki_data([registration], messages=[seq(integer(7), boss)])
        write("around.cmc", signed_cms(around, [by_alice(around, PKI_DATA)], PKI_DATA, [alice]))
        _, _, unsigned = cmc("unsigned.der", [registration], none=True)
        write("inside.p7", signed_cms(unsigned, [by_agent(unsigned, SIGNED)], SIGNED, [agent]))
        request = pkcs10(path("new.key"), name(("CN", "beside")))
        write("beside.p7", signed_cms(request, [by_agent(request, DATA), by_alice(request, DATA, [root])], certificates=[agent, alice]))
        content = pki_data([registration], [tagged(1, pkcs10(path("new.key"), name(("CN", "signed"))))])
        write("signed.cmc", signed_cms(content, [by_agent(content, PKI_DATA)], PKI_DATA, [agent]))
        for file in "outside.p7", "around.cmc", "inside.p7", "beside.p7", "signed.cmc": verifies(file)
    denied = "outside.p7", "around.cmc", "inside.p7", "beside.p7"
    played = play("vouched", f'''start
{submit("agent", "agent.csr", template="Agent")}
{submit("alice", "alice.csr")}
{{wait}}
''' + "\n".join(submit(file.partition(".")[0], file, "expect=denied status=0x8009480b", requester="alice") for file in denied) + f'''
{submit("signed", "signed.cmc", requester="agent")}
stop''', make)
    events = played.runs[0].only(4)
    same([event.value("RequesterName") for event in events], ["DEMO\\alice"] * len(denied), "requesters of what is denied")
    same([event.value("RequestFlags") for event in events], [0] * len(denied), "their flags")
    event = played.runs[0].only(1)[2]
    same([event.value(n) for n in ("RequestFlags", "RequesterName", "CallerName")], [0x30, "DEMO\\root", "DEMO\\agent"], "a name in CMC's controls that the agent signed")

@test
def thousands_of_names_around_a_request_are_kept_one_by_one():
    pairs = [f"{n:x}g={n % 10}" for n in range(6000)]
    cmc("names.der", [reg_info(2, "&".join(pairs + ["CertificateTemplate=User", "1G=again"]))])
    played = play("names", f'start\nsubmit a request={path("names.der")} requester="DEMO\\a"\nstop')
    kept = dict(line.split(":", 1) for line in played.runs[0].only(1)[0].value("RequestAttributes").split("\n"))       # the probe lists a thousand
    same(len(kept), 6001, "attributes")
    same([kept.get("1G"), kept.get("1g"), kept.get("176fg")], ["again", None, "9"], "one that is given again in another case; the last one")

@test
def openssls_own_cms_is_taken_and_its_ber_where_the_ca_is_lenient():
    """I-32."""
    def make(out):
        found(f"{out}/agent.cer")
        for file, more in ("openssl.p7", ["-noindef"]), ("ber.p7", ["-stream", "-indef"]):
            openssl("cms", "-sign", "-binary", "-nodetach", "-in", path("alice.csr"), "-signer", f"{out}/agent.cer", "-inkey", path("agent.key"),
                    "-md", "sha256", "-outform", "DER", "-out", path(file), *more)
        write("pem.p7", openssl("cms", "-cmsout", "-inform", "DER", "-in", path("openssl.p7"), "-outform", "PEM"))
    played = play("openssl", f'''start
{submit("agent", "agent.csr", template="Agent")}
{{wait}}
{submit("a", "openssl.p7")}
{submit("p", "pem.p7")}
{submit("b", "ber.p7", "expect=refused status=0x80093100")}
stop
setting der=lenient
start
{submit("c", "ber.p7")}
stop''', make)
    check(re.search(r"^ok \d+ - submit b: refused", played.text, re.M), played.text)
    same([e.value("RequestType") for run in played.runs for e in run.only(1)], [0x40100, 0x40300, 0x40300, 0x40300], "types")
    same(played.runs[1].only(1)[0].value("RawRequest"), open(path("ber.p7"), "rb").read(), "RawRequest: as it came")

@test
def keygens_requests_have_the_name_that_the_call_gives():
    text = openssl("spkac", "-key", path("new.key"), "-challenge", "secret", "-digest", "sha256")
    write("keygen.spkac", text)
    der = bytearray(base64.b64decode(text.split(b"=", 1)[1]))
    write("keygen.der", der)
    der[-1] ^= 1
    write("forged.der", der)
    name_ = 'attribute="Challenge:secret" attribute="CN:Zoë" attribute="O:Demo & Söhne" attribute="C:DE" attribute="E:zoe@demo.example" attribute="OU:Eins"'
    played = play("keygen", f'start\n{submit("a", "keygen.spkac", name_)}\n{submit("b", "keygen.der", "attribute=Challenge:secret")}\n'
                  f'{submit("c", "forged.der", "expect=failed status=0x80090006")}\n{submit("d", "keygen.der", "attribute=Challenge:secret attribute=CN:pending")}\nstop')
    a, b, _ = played.runs[0].only(1)
    same([a.value("RequestType"), a.value("RawRequest")], [0x40200, open(path("keygen.der"), "rb").read()], "the row")
    same([a.value(n) for n in ("Request.DistinguishedName", "Request.RawName", "Request.CommonName")], [EMPTY] * 3, "names of the request: none")
    same(a.certificate("DistinguishedName"), "E=zoe@demo.example, CN=Zoë, OU=Eins, O=Demo & Söhne, C=DE", "the certificate's")
    same(b.certificate("DistinguishedName"), EMPTY, "one that nobody named")
    same(openssl("x509", "-in", played.certificate("a"), "-noout", "-pubkey"), openssl("pkey", "-in", path("new.key"), "-pubout"), "its key")

@test
def a_keygen_challenge_is_compared_with_the_attribute_of_the_call():
    """I-36; MS-WCCE 3.2.1.4.2.1.4.1.4."""
    for file, challenge in ("secret", "secret"), ("none", ""), ("lines", "one\nCertificateTemplate:Agent"):
        write(file + ".spkac", openssl("spkac", "-key", path("new.key"), "-challenge", challenge, "-digest", "sha256"))
    wrong = "expect=failed status=0x8007000d"
    played = play("challenge", f'''start
{submit("a", "secret.spkac", "attribute=challenge:secret")}
{submit("b", "none.spkac")}
{submit("c", "none.spkac", "attribute=Challenge:anything")}
{submit("d", "secret.spkac", "attribute=Challenge:Secret " + wrong)}
{submit("e", "secret.spkac", wrong)}
{submit("f", "lines.spkac", wrong)}
stop
setting challenge=ignored
start
{submit("g", "secret.spkac", "attribute=Challenge:Secret")}
{submit("h", "secret.spkac")}
stop''')
    same([len(run.only(kind)) for run in played.runs for kind in (1, 4)], [3, 3, 2, 0], "issued and failed")
    wrongly = played.runs[0].only(4)
    same([e.attributes.get("ExpectedChallenge") for e in wrongly], ["secret", "secret", "one CertificateTemplate:Agent"], "what would have been right")
    same({e.attributes["CertificateTemplate"] for e in wrongly}, {"User"}, "a challenge adds no attribute of another name")
    same([(e.value("Disposition"), e.value("StatusCode") & 0xffffffff) for e in wrongly], [(30, 0x8007000d)] * 3, "rows")
    same([e.attributes.get("ExpectedChallenge") for run in played.runs for e in run.only(1)], [None] * 5, "nothing of it where all is well")

def issued_by(issuer, out, subject, *extensions, key="other", days=30, file=None):
    """A certificate that another CA than ours makes: `issuer` is its certificate's file, and its key's name."""
    write("made.cnf", "\n".join(extensions).encode())
    write(out + ".request", pkcs10(path(key + ".key"), name(("O", "Demo"), ("CN", subject))))
    openssl("x509", "-req", "-inform", "DER", "-in", path(out + ".request"), "-CA", issuer[0], "-CAkey", path(issuer[1] + ".key"), "-days", str(days),
            "-set_serial", "0x5" + str(len(out)), "-extfile", path("made.cnf"), "-out", path(out + ".crt"))
    return certificate_der(path(out + ".crt"))

@test
def signers_of_a_ca_below_are_taken_where_chains_are_built_and_each_chain_is_checked():
    """I-33."""
    is_ca = extension_request(extension("2.5.29.19", seq(b"\1\1\xff")))
    for key in "sub", "limited": openssl("genrsa", "-out", path(key + ".key"), "2048")
    for key in "sub", "limited": write(key + ".csr", pkcs10(path(key + ".key"), name(("O", "Demo"), ("CN", key)), [is_ca]))
    agent = f"extendedKeyUsage={AGENT}"
    def signed(file, certificate, *others):
        request = pkcs10(path("new.key"), name(("O", "Demo"), ("CN", "boss")))
        write(file, signed_cms(request, [signer(path("other.key"), request, certificate, signed=[name_value("requestername", "DEMO\\boss")])],
                               certificates=[certificate, *others]))
        verifies(file)
    def make(out):
        ours = {who: f"{out}/{who}.cer" for who in ("sub", "limited", "alice")}
        for file in ours.values(): found(file)
        sub, limited, alice = (certificate_der(file) for file in ours.values())
        good, late = issued_by((ours["sub"], "sub"), "good", "agent", agent), issued_by((ours["sub"], "sub"), "late", "agent", agent, days=1)
        signed("chain.p7", good, sub)
        signed("alone.p7", good)
        signed("late.p7", late, sub)
        signed("plain.p7", issued_by((ours["sub"], "sub"), "plain", "plain", "extendedKeyUsage=clientAuth"), sub)
        signed("policies.p7", issued_by((ours["sub"], "sub"), "policies", "policies", "1.3.6.1.4.1.311.21.10=DER:" + seq(seq(oid(AGENT))).hex()), sub)
        signed("limited.p7", issued_by((ours["limited"], "limited"), "under", "agent", agent), limited)
        signed("user.p7", issued_by((ours["alice"], "alice"), "byalice", "agent", agent), alice)
        openssl("req", "-x509", "-key", path("short.key"), "-days", "9", "-subj", "/O=Demo/CN=sub", "-addext", "subjectKeyIdentifier=" + key_id(path("sub.key")).hex(),
                "-out", path("fake.crt"))
        signed("fake.p7", issued_by((path("fake.crt"), "short"), "faked", "agent", agent), sub)
        signed("self.p7", certificate_der(path("foreign.crt")))
        deeper = issued_by((ours["sub"], "sub"), "deeper", "deeper", "basicConstraints=critical,CA:true,pathlen:0", "keyUsage=keyCertSign", key="short")
        lower = issued_by((path("deeper.crt"), "short"), "lower", "lower", "basicConstraints=critical,CA:true", key="new")
        signed("deep.p7", issued_by((path("deeper.crt"), "short"), "deep", "agent", agent), sub, deeper)
        signed("path.p7", issued_by((path("lower.crt"), "new"), "path", "agent", agent), lower, sub, deeper)
        no_sign = issued_by((ours["sub"], "sub"), "nosign", "nosign", "basicConstraints=CA:true", "keyUsage=cRLSign", key="short")
        signed("usage.p7", issued_by((path("nosign.crt"), "short"), "usage", "agent", agent), sub, no_sign)
    by = lambda name, file, more="": submit(name, file, more, requester="agent")
    fails = lambda name, status, as_="": by(as_ or name, name + ".p7", f"expect=failed status=0x{status}")
    played = play("chains", f'''template Sub days=365 usage=keyCertSign takes=2.5.29.19
template Limited days=365 usage=keyCertSign eku=clientAuth takes=2.5.29.19
start
{submit("sub", "sub.csr", template="Sub")}
{submit("limited", "limited.csr", template="Limited")}
{submit("alice", "alice.csr")}
{{wait}}
{fails("chain", "800b0109", "known")}
stop
setting signers=chained
start
{by("chain", "chain.p7")}
{by("deep", "deep.p7")}
{by("policies", "policies.p7")}
{fails("alone", "800b010a")}
{fails("user", "80096019")}
{fails("path", "80096019")}
{fails("usage", "80096019")}
{fails("fake", "80096004")}
{fails("self", "800b0109")}
{by("plain", "plain.p7", "expect=denied status=0x8009480b")}
{by("limited2", "limited.p7", "expect=denied status=0x8009480b")}
{by("early", "late.p7")}
stop
setting signers=any
start
{by("alone2", "alone.p7")}
{by("self2", "self.p7")}
stop
setting signers=chained
start
clock days=2
{fails("late", "800b0101")}
{by("chain2", "chain.p7")}
revoke sub
{fails("chain", "80092010", "chain3")}
stop''', make)
    same([[e.value("RequesterName") for e in run.only(1)][3 * (n == 0):] for n, run in enumerate(played.runs)],
         [[], ["DEMO\\boss"] * 4, ["DEMO\\boss"] * 2, ["DEMO\\boss"]], "issued on behalf of")
    same({e.value("SignerApplicationPolicies") for e in played.runs[1].only(1)}, {AGENT}, "what the agents' certificates are for")

@test
def signers_are_known_by_every_key_of_the_ca_until_its_own_certificate_is_revoked():
    def make(out): write("agent.p7", on_behalf(out, "boss"))
    played = Played(WORK, "own", HEAD.replace("out={out}", 'out={out} parent="Above"') + f'''module StubProbe.Exit
start
{submit("agent", "agent.csr", template="Agent")}
{{wait}}
stop
renew new-key
start
{submit("a", "agent.p7", requester="agent")}
stop
parent revoke index=1
start
{submit("b", "agent.p7", requester="agent")}
stop
parent revoke index=0
start
{submit("c", "agent.p7", "expect=failed status=0x80092010", requester="agent")}
stop
''', 0, make)
    same([[e.value("RequesterName") for e in run.only(1)] for run in played.runs], [["DEMO\\agent"], ["DEMO\\boss"], ["DEMO\\boss"], []], "issued")

@test
def microsofts_sample_requests_are_taken_where_they_are_truly_signed():
    """tests/lib/published.py: the same bytes, but for keys, signatures and certificates."""
    hand = {who: published.Hand.of(path(who + ".key")) for who in ("new", "alice", "agent")}
    def make(out):
        def by(who):
            certificate = certificate_der(found(f"{out}/{who}.cer"))
            issuer, serial = issuer_and_serial(certificate)
            return certificate, issuer, int.from_bytes(serial[2:], "big")
        write("ms-renewal.p7", published.renewal(hand["new"], hand["alice"], by("alice")))
        write("ms-behalf.p7", published.on_behalf_of(hand["new"], hand["agent"], by("agent")))
        write("ms-behalf.cmc", published.cmc_on_behalf_of(hand["new"], hand["agent"], by("agent")))
        write("ms-renewal.cmc", published.cmc_renewal(hand["new"], by("alice")[0]))
        for file in "ms-renewal.p7", "ms-behalf.p7": verifies(file)
    write("ms.csr", published.enrolment(hand["new"]))
    write("ms.cmc", published.cmc(hand["new"]))
    write("ms-key.cmc", published.cmc_with_key_archival(hand["new"]))
    write("ms-other.cmc", published.cmc_with_key_archival(hand["new"], hash=b"\5" * 20))
    openssl("req", "-inform", "DER", "-in", path("ms.csr"), "-noout", "-verify")
    bare = lambda name, file, more="": f'submit {name} request={path(file)} requester="DEMO\\agent" {more}'.rstrip()
    played = play("samples", f'''start
{submit("agent", "agent.csr", template="Agent")}
{submit("alice", "alice.csr")}
{{wait}}
{bare("a", "ms.csr")}
{bare("b", "ms.cmc")}
{bare("c", "ms-key.cmc")}
{bare("d", "ms-other.cmc")}
{bare("e", "ms-behalf.p7")}
{bare("f", "ms-behalf.cmc")}
{submit("g", "ms-renewal.p7")}
{submit("h", "ms-renewal.cmc", "expect=failed status=0x8009400e")}
stop''', make)
    rows = played.runs[0].only(1)[2:]
    same([(e.value("RequestType"), e.value("RequestFlags"), e.value("RequesterName")) for e in rows],
         [(0x40100, 0x20, "DEMO\\agent"), (0x40400, 0x20, "DEMO\\agent"), (0x40400, 0x60, "DEMO\\agent"), (0x40400, 0x20, "DEMO\\agent"),
          (0x40300, 0x30, "Domain\\TargetUser"), (0x40400, 0x30, "Domain\\TargetUser"), (0x40300, 0x22, "DEMO\\g")], "rows")
    same({(e.attributes["RequestOSVersion"], e.attributes["CertificateTemplate"], e.attributes["ccm"]) for e in rows},
         {("6.0.5361.2", "User", "vich3d.jdomcsc.nttest.microsoft.com")}, "attributes")
    same({e.attributes["RequestCSPProvider"] for e in rows[:6]}, {"Microsoft Enhanced Cryptographic Provider v1.0"}, "the provider")
    same([e.value("Request.DistinguishedName") for e in rows[:2]], ["O=TestOrg, CN=TestCN"] * 2, "the name")

@test
def the_attribute_san_is_honoured_where_the_policy_says_so():
    """I-35: EDITF_ATTRIBUTESUBJECTALTNAME2."""
    wish = 'attribute="san:dns=a.demo.example&upn=admin@demo.example&email=a@demo.example&url=http://x/&ipaddress=192.0.2.7&oid=1.2.3&guid=' \
           + "ab" * 16 + '&1.2.3.4={utf8}x"'
    bad = ["dns", "dns=", "ipaddress=1.2.3", "ipaddress=1.2.3.256", "ipaddress=1.2.3.4444444444", "ipaddress=1.2.3.-4", "ipaddress=1.2.3.4.5", "spn=x", "guid=zz", "dns=é", "oid=x", "1.2.3={octet}x", ""]
    played = play("san", f'start\n{submit("off", "alice.csr", wish)}\nstop\nsetting san-attribute=on\nstart\n{submit("on", "alice.csr", wish, template="Bare")}\n'
                  + "\n".join(submit(f"bad{n}", "alice.csr", f'attribute="san:{text}" expect=denied status=0x80070057') for n, text in enumerate(bad)) + "\nstop")
    off, on = (run.only(1)[0] for run in played.runs)
    check("2.5.29.17" not in off.extensions and "admin" not in openssl("x509", "-in", played.certificate("off"), "-noout", "-text").decode(), "off")
    same(on.extensions["2.5.29.17"], 0x20000, "on: the policy's extension, although the template has no names")
    says = openssl("x509", "-in", played.certificate("on"), "-noout", "-text").decode().replace("UPN::", "UPN:")       # openssl 3.0 writes two colons
    for words in "DNS:a.demo.example", "UPN:admin@demo.example", "email:a@demo.example", "URI:http://x/", "IP Address:192.0.2.7", "Registered ID:1.2.3":
        check(words in says, f"{words} is not in {says}")
    same(on.certificate("UPN"), "admin@demo.example", "UPN")
    same(len(played.runs[1].only(4)), len(bad), "what cannot be written is denied")

@test
def templates_take_extensions_from_the_request_that_they_name():
    sid, policies = SID("S-1-5-21-1-2-3-500"), seq(seq(oid(AGENT)))
    write("takes.csr", pkcs10(path("new.key"), name(("CN", "takes")),
                              [extension_request(extension("1.3.6.1.4.1.311.25.2", sid), extension("1.3.6.1.4.1.311.21.10", policies), extension("1.2.3.4", b"\5\0"))]))
    played = play("takes", f'''template Old eku=clientAuth days=9 schema=1 takes=policies
template Both eku=clientAuth days=9 oid=1.3.6.1.4.1.311.21.8.1 takes=sid,1.2.3.4
start
{submit("none", "takes.csr", "sid=S-1-5-21-9-9-9-1105")}
{submit("old", "takes.csr", "sid=S-1-5-21-9-9-9-1105", template="Old")}
{submit("both", "takes.csr", "sid=S-1-5-21-9-9-9-1105", template="Both")}
stop''')
    own = SID("S-1-5-21-9-9-9-1105")
    for event, wanted in zip(played.runs[0].only(1), ((own, None, 0x10002), (own, policies, 0x10002), (sid, seq(seq(oid("1.3.6.1.5.5.7.3.2"))), 0x10000))):
        der = certificate_der(played.certificate(event.value("RequesterName")[5:]))
        for number, value in ("1.3.6.1.4.1.311.25.2", wanted[0]), ("1.3.6.1.4.1.311.21.10", wanted[1]):
            check((oid(number) in der) == (value is not None) and (value is None or oid(number) + octets(value) in der), f"{number} of {event.value('RequesterName')}")
        same(event.extensions["1.2.3.4"], wanted[2], "an extension of the request's own")
    same([e.extensions["1.3.6.1.4.1.311.21.10"] for e in played.runs[0].only(1)], [0x10002, 0x10000, 0x20000], "origins")

@test
def what_cannot_be_read_is_told_with_its_offset_and_recorded_where_the_ca_does_so():
    """I-34."""
    whole = open(path("alice.csr"), "rb").read()
    request = pkcs10(path("new.key"), name(("CN", "x")))
    write("cut.csr", whole[:200])
    write("cut.p7", signed_cms(request[:100], []))
    write("text.csr", b"this is no request\n")
    files = {"cut.csr": "at byte", "cut.p7": "at byte", "text.csr": "wrong at byte "}
    steps = lambda more: "\n".join(submit(f"{more[7:9]}{n}", file, more) for n, file in enumerate(files))
    played = play("unreadable", f'start\n{steps("expect=refused")}\nstop\nsetting unreadable=recorded\nstart\n{steps("expect=failed")}\nstop'.replace("re0", "a0"))
    same([len(run.only(4)) for run in played.runs], [0, 3], "events")
    for event, (file, words) in zip(played.runs[1].only(4), files.items()):
        message = event.value("DispositionMessage")
        check(message.startswith("Error Parsing Request  0x80092002" if "text" in file else "Error Parsing Request  0x80093100, not a ") and words in message, message)
        same([event.value(n) for n in ("Disposition", "RawRequest", "RequesterName")],
             [30, open(path(file), "rb").read(), event.value("RequesterName")], file)
        check(event.value("StatusCode") < 0, "StatusCode")
    told = play("told", f'start\n{submit("a", "cut.p7")}\nstop', code=1)
    inner = open(path("cut.p7"), "rb").read().index(request[:100])
    at = re.search(r"submit a is refused \(0x80093100\): .*cut.p7 is no request: not a CMS request: .* at byte (\d+); expected issued", told.text)
    check(at and inner <= int(at[1]) < inner + 4, f"the request that is cut begins at byte {inner}: {told.text}")

@test
def what_a_strict_ca_refuses_a_lenient_one_reads_as_what_it_means():
    """I-32: one attribute for each extension, as some tools write; a default that is written out."""
    names, usage = extension("2.5.29.17", seq(tlv(0x82, b"odd.demo.example"))), extension("1.2.3.4", b"\5\0")
    critical = seq(oid("2.5.29.17"), b"\1\1\0", octets(seq(tlv(0x82, b"odd.demo.example"))))
    write("several.csr", pkcs10(path("new.key"), name(("CN", "several")), [extension_request(usage), extension_request(names)]))
    write("default.csr", pkcs10(path("new.key"), name(("CN", "default")), [extension_request(critical)]))
    write("address.csr", pkcs10(path("new.key"), name(("CN", "address")), [extension_request(extension("2.5.29.17", seq(tlv(0x82, b"odd.demo.example"), tlv(0x87, b"\1\2\3\4\5"))))]))
    openssl("req", "-inform", "DER", "-in", path("several.csr"), "-noout", "-verify")
    played = play("odd", f'''start
{submit("a", "several.csr", "expect=refused")}
{submit("b", "default.csr", "expect=refused")}
{submit("e", "address.csr", "expect=refused")}
stop
setting der=lenient
start
{submit("c", "several.csr")}
{submit("d", "default.csr")}
{submit("f", "address.csr")}
stop''')
    same([run.events and [e.kind for e in run.events] for run in played.runs], [[0x40], [1, 1, 1, 0x40]], "events")
    c, d, _ = played.runs[1].only(1)
    same(c.extensions["1.2.3.4"], 0x10002, "the first attribute's extension")
    for who in "cdf": check("DNS:odd.demo.example" in openssl("x509", "-in", played.certificate(who), "-noout", "-text").decode(), who)

shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
keys()
wine("regsvr32.exe", "/s", DLL)
run_tests(finish=lambda: wine("regsvr32.exe", "/u", "/s", DLL))
