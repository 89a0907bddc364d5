#!/usr/bin/python3
"""openssl judges what the stub CA's authority makes: certificates for requests of every kind, a base and a delta CRL. And the authority
judges openssl's requests, the ones whose signature is false among them."""
import sys; sys.path[0] += "/../lib"
import atexit, functools, os, re, shutil, subprocess, tempfile

from commands import run_apart
from openssl import openssl
from tap import check, run as run_tests, same, test

PROGRAM = "build/tests/stubca/stubca_authority_test.exe"
WORK = tempfile.mkdtemp()
atexit.register(shutil.rmtree, WORK)
os.environ["LC_ALL"] = "C.UTF-8"
UPN = "zoë@corp.example"
CONFIGURATION = f"""[req]
distinguished_name = name
prompt = no
string_mask = utf8only
req_extensions = wanted
[name]
C = DE
O = "Müller, Söhne & Co"
0.OU = Eins
1.OU = Zwei
CN = Zoë Müller
[wanted]
subjectAltName = @names
[names]
DNS.1 = www.example.org
DNS.2 = *.example.org
DNS.3 = xn--mller-kva.example
otherName = 1.3.6.1.4.1.311.20.2.3;FORMAT:UTF8,UTF8:{UPN}
"""

def at(name): return f"{WORK}/{name}"
def text(*command): return openssl(*command).decode().strip()

# --- requests: a key of each kind, with the hashes that go with it ---
RSA = "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:%s"
EC = "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:%s"
KEYS = {"rsa2048": (RSA, 2048), "rsa3072": (RSA, 3072), "p256": (EC, "P-256"),
        "p384": (EC, "P-384"), "p521": (EC, "P-521"),
        "ed25519": (("-algorithm", "ED25519"), "")}

HASHES = {"rsa2048": "256", "rsa3072": "384", "p256": "256", "p384": "384", "p521": "512"}

def request(name, key, *more):
    openssl("req", "-new", "-utf8", "-config", at("full.cnf"), "-key", at(key + ".key"), *more,
            "-out", at(name + ".req"))

def value(data, start):
    """Where the contents of the value at `start` begin and end."""
    size, head = data[start + 1], 2
    if size & 0x80:
        head, size = 2 + (size & 0x7f), int.from_bytes(data[start + 2:start + 2 + (size & 0x7f)],
                                                       "big")
    return start + head, start + head + size

def splice(info, signature, out):
    """A false request: the info of one, with algorithm and signature of another."""
    ours, theirs = (openssl("req", "-in", at(name + ".req"), "-outform", "DER")
                    for name in (info, signature))
    def end_of_info(data): return value(data, value(data, 0)[0])[1]
    body = ours[value(ours, 0)[0]:end_of_info(ours)] + theirs[end_of_info(theirs):]
    size = len(body).to_bytes(2, "big").lstrip(b"\0")
    with open(at(out + ".req"), "wb") as file:
        file.write(b"\x30" + bytes([0x80 + len(size)]) + size + body)

def make_requests():
    with open(at("full.cnf"), "w") as file: file.write(CONFIGURATION)
    for name, (kind, size) in KEYS.items():
        openssl("genpkey", *(word.replace("%s", str(size)) for word in kind), "-out",
                at(name + ".key"))
    for key, hash in HASHES.items(): request(key, key, "-sha" + hash)
    request("ed25519", "ed25519")
    for hash in "sha1", "sha512":
        request(f"rsa-{hash}", "rsa2048", "-" + hash)
        request(f"p256-{hash}", "p256", "-" + hash)
    request("pss", "rsa2048", "-sigopt", "rsa_padding_mode:pss")
    openssl("req", "-in", at("p256.req"), "-outform", "DER", "-out", at("p256-der.req"))
    for kind in "rsa2048", "p256":              # of the same key, but for another subject
        openssl("req", "-new", "-subj", "/CN=mallory", "-key", at(kind + ".key"), "-sha256", "-out",
                at("mallory.req"))
        splice("mallory", kind, kind + "-false")
    splice("rsa3072", "rsa2048", "short")

def verified(*names):
    """What the authority says of each request: "HRESULT reason"."""
    code, said, errors = run_apart("wine/run", PROGRAM, "verify",
                                   *(at(name + ".req") for name in names))
    lines = said.replace("\r", "").splitlines()
    check(len(lines) == len(names),
          f"{len(lines)} lines for {len(names)} requests; exit code {code}: {errors}")
    return lines

@test
def requests_signed_by_their_keys_are_verified():
    names = ["rsa2048", "rsa3072", "rsa-sha1", "rsa-sha512", "p256", "p256-der", "p256-sha1",
             "p256-sha512", "p384"]
    for name, said in zip(names, verified(*names)): same(said.split()[0], "0x00000000", name)

@test
def a_request_with_the_signature_of_another_is_not_verified():
    for said in verified("rsa2048-false", "p256-false"):
        same(said.split("(")[0], "0x80090006 the request's signature is not made by its key ",
             "the verdict")

@test
def a_signature_of_another_length_than_the_key_is_refused_at_once():
    same(verified("short"), ["0x80090006 the request's signature is not as long as its key"],
         "the verdict")

@test
def an_algorithm_that_cannot_be_verified_is_named():
    same(verified("ed25519", "pss"),
         ["0x80090008 a request signed with 1.3.101.112 cannot be verified",
                                      "0x80090008 a request signed with 1.2.840.113549.1.1.10 cannot be verified"], "the verdicts")

@test
def p_521_is_refused_as_unknown_to_this_system_and_not_as_badly_signed():
    """A known gap of Wine 8: should it close, this says so, and P-521 belongs to those that are verified."""
    same(verified("p521"),
         ["0x80090008 this system cannot verify such a key's signatures (0xc0000002)"],
         "the verdict")

# --- what the authority makes: certificates for three requests, and three CRLs ---
ISSUED = "rsa2048", "rsa3072", "p256"
CRLS = "empty", "base", "delta"

@functools.cache
def issued():
    code, said, errors = run_apart("wine/run", PROGRAM, "issue", WORK, *ISSUED)
    assert code == 0, (said, errors)
    for name in "ca", *ISSUED:
        openssl("x509", "-inform", "DER", "-in", at(name + ".cer"), "-out", at(name + ".pem"))
    for name in CRLS:
        openssl("crl", "-inform", "DER", "-in", at(name + ".crl"), "-out", at(name + ".crl.pem"))

def of(name, *what):
    """What openssl reads in a certificate."""
    issued()
    return text("x509", "-in", at(name + ".pem"), "-noout", *what)

def of_crl(name, *what):
    issued()
    return text("crl", "-in", at(name + ".crl.pem"), "-noout", *what)

def of_request(name, *what): return text("req", "-in", at(name + ".req"), "-noout", *what)

def openssl_verifies(name, *how):
    issued()
    openssl("verify", "-x509_strict", *how, "-CAfile", at("ca.pem"), at(name + ".pem"))

@test
def three_requests_are_issued(): issued()

@test
def the_ca_certificate_is_signed_by_itself(): openssl_verifies("ca", "-check_ss_sig")

@test
def the_ca_carries_its_name():
    same(of("ca", "-subject", "-nameopt", "utf8,sep_comma_plus"), "subject=CN=Prüf-CA",
         "the subject")

@test
def openssl_verifies_each_certificate():
    for name in ISSUED:
        openssl_verifies(name, "-purpose", "sslserver", "-verify_hostname", "a.example.org")

@test
def a_certificate_has_the_key_of_its_request():
    for name in ISSUED: same(of(name, "-pubkey"), of_request(name, "-pubkey"), f"the key of {name}")

@test
def a_certificate_has_the_subject_of_its_request():
    for name in ISSUED:
        same(of(name, "-subject", "-nameopt", "RFC2253"),
             of_request(name, "-subject", "-nameopt", "RFC2253"), f"the subject of {name}")

@test
def a_certificate_has_the_alternative_names_of_its_request_with_the_upn():
    want = f"DNS:www.example.org, DNS:*.example.org, DNS:xn--mller-kva.example, othername: UPN:{UPN}"
    for name in ISSUED:
        said = of(name, "-ext", "subjectAltName").splitlines()[-1].strip()
        same(said.replace("UPN::", "UPN:"), want, f"what {name} is for")        # openssl 3.0 writes two colons

def has_extension(name, sentence):
    said = of("p256", "-ext", name)
    check(sentence in said, said)

@test
def extended_key_usage_is_there():
    has_extension("extendedKeyUsage", "TLS Web Server Authentication, TLS Web Client")

@test
def key_usage_is_critical(): has_extension("keyUsage", "Key Usage: critical")

@test
def the_distribution_point_is_there():
    has_extension("crlDistributionPoints", "URI:http://ca.example/base.crl")

@test
def openssl_verifies_each_crl():
    issued()
    for name in CRLS:
        done = subprocess.run(["openssl", "crl", "-in", at(name + ".crl.pem"), "-CAfile",
                               at("ca.pem"), "-noout"], capture_output=True, text=True)
        check("verify OK" in (done.stdout + done.stderr).splitlines(), f"{name}: {done.stderr}")

@test
def an_empty_crl_has_no_list_of_entries_at_all():
    """Behind its two times come the extensions."""
    issued()
    lines = text("asn1parse", "-in", at("empty.crl.pem")).splitlines()
    after_times = lines[max(n for n, line in enumerate(lines) if "UTCTIME" in line) + 1]
    check("cont [ 0 ]" in after_times, after_times)

@test
def the_crls_are_numbered():
    same([of_crl(name, "-crlnumber") for name in ("base", "delta")],
         ["crlNumber=0x7F", "crlNumber=0x80"], "the numbers")

def reasons(name): return re.findall(r"Reason Code: *\n *(.*)", of_crl(name, "-text"))

@test
def a_delta_crl_says_so_critically():
    check("Delta CRL Indicator: critical" in (said := of_crl("delta", "-text")), said)

@test
def the_base_crl_gives_reasons():
    same(reasons("base"), ["Key Compromise", "Certificate Hold"], "the reasons")

@test
def the_delta_crl_has_two_entries_and_one_of_them_removes_from_the_base():
    same(of_crl("delta", "-text").count("Serial Number"), 2, "the number of entries")
    same(reasons("delta"), ["Remove From CRL"], "the reasons, of which the other entry gives none,")

# --- what openssl makes of certificates and CRLs together ---
def is_revoked(name, *how):
    issued()
    done = subprocess.run(["openssl", "verify", "-crl_check", "-CAfile", at("ca.pem"), "-CRLfile",
                           at("base.crl.pem"), *how, at(name + ".pem")],
                          capture_output=True, text=True)
    said = done.stdout + done.stderr
    check((done.returncode == 0) != ("certificate revoked" in said), said)
    return done.returncode != 0

@test
def by_the_base_crl_the_first_is_revoked_and_the_second_on_hold_and_the_third_good():
    same([is_revoked(name) for name in ISSUED], [True, True, False], "what is revoked")

@test
def with_the_delta_crl_the_second_is_released_and_the_third_revoked():
    delta = "-extended_crl", "-use_deltas", "-CRLfile", at("delta.crl.pem")
    same([is_revoked(name, *delta) for name in ISSUED], [True, False, True], "what is revoked")

make_requests()
run_tests()
