#!/usr/bin/python3
"""`certwitness cert` of files: what it says of certificates, requests and CRLs against what openssl's own program says, of the system's
roots and of new ones; and what it takes for a file of certificates."""
import sys; sys.path[0] += "/../lib"
import atexit, datetime, glob, hashlib, json, os, re, shutil, subprocess, tempfile

from commands import windows
from openssl import openssl
from tap import Skip, check, run as run_tests, same, test

PROGRAM = os.path.abspath("build/native/src/cli/certwitness")
WORK = tempfile.mkdtemp()
atexit.register(shutil.rmtree, WORK)

def at(name): return f"{WORK}/{name}"

def put(name, data):
    with open(at(name), "wb") as file: file.write(data)
    return at(name)

def get(name):
    with open(at(name), "rb") as file: return file.read()

def cert(*words, data=b""):
    """Exit code, standard output and error."""
    done = subprocess.run([PROGRAM, "cert", *words], input=data, capture_output=True)
    assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode(), done.stderr.decode()

def shown(*words, data=b"", want=0):
    """What `cert --json` says of each thing that it finds."""
    code, said, errors = cert("--json", *words, data=data)
    same(code, want, f"the exit code for {words}, with {errors!r},")
    return [json.loads(line) for line in said.splitlines()]

def text(*command, data=b""): return openssl(*command, data=data).decode()

# --- a key, a CA with its CRL, a request ---
openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at("key"))
openssl("req", "-new", "-x509", "-key", at("key"), "-subj", "/CN=ca", "-out", at("ca.pem"))
put("conf",
    f"[ca]\ndefault_ca=d\n[d]\ndatabase={WORK}/index\ncrlnumber={WORK}/number\ndefault_md=sha256\ndefault_crl_days=7\n".encode())
put("index",
    b"R\t300101000000Z\t260101000000Z,keyCompromise\t0A\tunknown\t/CN=a\nR\t300101000000Z\t260102000000Z\t0B\tunknown\t/CN=b\n")
put("number", b"4D\n")
openssl("ca", "-gencrl", "-config", at("conf"), "-keyfile", at("key"), "-cert", at("ca.pem"),
        "-out", at("crl.pem"))
CA_PEM, CRL_PEM = get("ca.pem"), get("crl.pem")
CA = openssl("x509", "-in", at("ca.pem"), "-outform", "der")
CRL = openssl("crl", "-in", at("crl.pem"), "-outform", "der")
REQUEST = openssl("req", "-new", "-key", at("key"), "-subj", "/CN=r", "-addext",
                  "keyUsage=digitalSignature", "-outform", "der")

def plain(text): return text.split("=", 1)[1].strip().replace(":", "").lower()

def seconds(text): return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))

def compare(der, name):
    """Fingerprints, dates and serial number of a certificate."""
    def theirs(*what): return text("x509", "-inform", "der", "-noout", *what, data=der)
    (ours,) = shown("-", data=der)
    for field, hash in ("sha256", "-sha256"), ("sha1", "-sha1"):
        same(ours[field], plain(theirs("-fingerprint", hash)), f"{field} of {name}")
    for field, date in ("notBefore", "-startdate"), ("notAfter", "-enddate"):
        same(seconds(ours[field]),
             seconds(theirs(date, "-dateopt", "iso_8601").strip().split("=")[1]),
             f"{field} of {name}")
    same(ours["serialNumber"].lstrip("0"), plain(theirs("-serial")).lstrip("0"),
         f"serialNumber of {name}")
    return ours

@test
def root_certificates_have_openssls_serial_numbers_dates_and_fingerprints():
    roots = sorted(glob.glob("/usr/share/ca-certificates/mozilla/*.crt"))[:12]
    check(len(roots) == 12, f"{len(roots)} roots")
    for root in roots: compare(openssl("x509", "-in", root, "-outform", "der"), root)

@test
def a_new_certificate_has_them_too_and_its_subject_and_user_principal_name():
    upn = "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@corp.example"
    new = compare(openssl("req", "-new", "-x509", "-key", at("key"), "-subj", "/C=DE/O=Demo/CN=a",
                          "-addext", f"subjectAltName={upn},DNS:a.example",
                          "-days", "20", "-outform", "der"), "a new certificate")
    same(new["subject"], "CN=a, O=Demo, C=DE", "the subject")
    (names,) = [one["names"] for one in new["extensions"] if one["name"] == "subjectAltName"]
    same([(one["type"], one["value"]) for one in names],
         [("upn", "a@corp.example"), ("dns", "a.example")], "the alternative names")

@test
def a_request_shows_what_it_asks_for():
    (request,) = shown("-", data=REQUEST)
    (attribute,) = request["attributes"]
    same((request["type"], request["subject"], attribute["name"]),
         ("request", "CN=r", "extensionRequest"), "the request")
    same(attribute["extensions"][0]["usages"], ["Digital Signature"], "what the key is for")

@test
def a_crl_shows_its_number_and_its_entries():
    (crl,) = shown("--entries", "10", "-", data=CRL)
    same((crl["type"], crl["issuer"], crl["count"]), ("crl", "CN=ca", 2), "the CRL")
    same([one["serialNumber"] for one in crl["entries"]], ["0a", "0b"], "what is revoked")
    same([one["number"] for one in crl["extensions"] if one["name"] == "cRLNumber"], [77],
         "the number")

@test
def a_file_that_is_cut_off_is_refused_with_the_reason_and_its_name_cannot_steer_a_terminal():
    put("c\x1b[31mut", CRL[:100])
    same(cert(at("c\x1b[31mut")),
         (1, "", f"certwitness: {WORK}/c\\u{{1b}}[31mut: the length of the certificate runs past the end at byte 1\n"), "the refusal")

# --- the forms that files come in ---
def base64(der, width=60):
    one = subprocess.run(["base64", "-w", str(width)], input=der, capture_output=True,
                         check=True).stdout
    return one.replace(b"\n", b"\r\n") if width else one

NEW_PEM = b"\xef\xbb\xbf-----BEGIN NEW CERTIFICATE REQUEST-----\r\n" + base64(REQUEST) + b"-----END NEW CERTIFICATE REQUEST-----\r\n"
FORMS = [("r.der", REQUEST, REQUEST), ("base64", base64(REQUEST, 0), REQUEST),
         ("base64.crlf", base64(REQUEST), REQUEST), ("new.pem", NEW_PEM, REQUEST),
         ("new.16", NEW_PEM.decode().encode("utf-16-le"), REQUEST), ("ca.pem", CA_PEM, CA),
         ("ca.der", CA, CA),
         ("label.pem", CA_PEM.replace(b" CERTIFICATE", b" ANY LABEL AT ALL"), CA),
         ("ca.16", b"\xfe\xff" + CA_PEM.decode().encode("utf-16-be"), CA)]
KINDS = {CA: "certificate", CRL: "crl", REQUEST: "request"}
SEVERAL = b"subject=CN = ca\n" + CA_PEM + CRL_PEM + NEW_PEM
STAR = CA_PEM.replace(b"\nM", b"\n*", 1)        # its base64 is wrong

def holds(name, *things, data=b"", want=0):
    """These and no others are found in the file."""
    same([(one["type"], one["sha256"]) for one in shown(name, data=data, want=want)],
         [(KINDS[thing], hashlib.sha256(thing).hexdigest()) for thing in things], name)

@test
def der_and_pem_with_any_label_and_base64_alone_and_utf_16_and_standard_input_are_the_same():
    for name, data, thing in FORMS: holds(put(name, data), thing)
    holds("-", CRL, data=CRL)
    holds("-", CA, data=CA_PEM)

@test
def several_blocks_and_several_files_are_shown_one_after_the_other():
    holds(put("several", SEVERAL), CA, CRL, REQUEST)
    code, said, _ = cert(at("several"))
    same((code, said.splitlines().count("")), (0, 2), "the exit code, and the empty lines between")
    same(re.findall(r"^    From: (.*)$", said, re.M),
         ["block 1, CERTIFICATE", "block 2, X509 CRL", "block 3, NEW CERTIFICATE REQUEST"],
         "where they are from")
    same([one["type"] for one in shown(put("ca.der", CA), put("crl", CRL_PEM))],
         ["certificate", "crl"], "what is in two files")

@test
def a_file_of_no_certificate_is_refused_at_the_byte_that_offends():
    unended = b"".join(CA_PEM.splitlines(True)[:3])
    for name, data, reason in (("empty", b"", "it is empty, at byte 0"),
                               ("odd", b"MAA=\1", "it is neither DER nor base64, at byte 4"),
                               ("mark", b"\xff\xfe", "it is empty, at byte 0"),
                               ("nothing", b"MAA=", "the certificate info is missing at byte 2"),
                               ("unended", unended,
                                "it has no END line that says the same, at byte 27"),
                               ("star", STAR, "its base64 is wrong, at byte 28")):
        same(cert(put(name, data)), (1, "", f"certwitness: {at(name)}: {reason}\n"), name)

@test
def a_private_key_is_refused_and_never_shown():
    code, said, errors = cert(at("key"))
    check(code != 0 and "private key, and no business" in errors, (code, errors))
    for line in get("key").decode().splitlines()[1:-1]:
        check(line not in said + errors, "a line of the key is shown")

@test
def blocks_after_a_refused_one_are_shown_and_so_is_a_bundle():
    holds(put("half", STAR + CA_PEM), CA, want=1)
    holds(put("p7b", openssl("crl2pkcs7", "-nocrl", "-certfile", at("ca.pem"), "-outform", "der")),
          CA)

@test
def a_command_that_cannot_be_carried_out_ends_with_2_and_says_so():
    put("ca.der", CA)
    same(cert(at("none")),
         (2, "", f"certwitness: {at('none')}: cannot be read: there is no such file or folder\n"),
         "of no file")
    for words, sentence in ((), ""), (("--entries", "x", at("ca.der")),
                                      ""), (("--sequence", "1", "--serial", "2", "/tmp"), ""), \
                           (("--sequence", "1", WORK), "no journal in this folder"):
        code, said, errors = cert(*words)
        check(code == 2 and not said and errors and sentence in errors, (words, code, said, errors))

@test
def long_values_are_shortened_and_whole_with_full_as_openssl_has_them():
    brief, full = cert(put("ca.der", CA))[1], cert("--full", at("ca.der"))[1]
    for line in brief.splitlines(): check(len(line) <= 100, f"{len(line)} columns: {line}")
    signature = "".join(text("x509", "-noout", "-text",
                             data=CA_PEM).split("Signature Value:")[1].split())
    whole = re.search(r"^    Signature:\n((?: {8}.*\n)+)", full, re.M)
    check(whole and "".join(whole[1].split()) == signature, full)
    check(re.search(rf"^    Signature: {re.escape(signature[:47])}\.\.\. \(\d+ bytes\)$", brief,
                    re.M), brief)

@test
def the_windows_program_says_the_same_of_files_and_standard_input():
    if "WINEPREFIX" not in os.environ or not os.path.exists("build/bin/certwitness.exe"):
        raise Skip("outside of wine/run")
    utf_16 = NEW_PEM.decode().encode("utf-16-le")
    for name, data in ("several", SEVERAL), ("new.16", utf_16), ("star", STAR):
        done = subprocess.run(["wine/run", "build/bin/certwitness.exe", "cert", "--json",
                               windows(put(name, data))], capture_output=True)
        same((done.returncode, done.stdout.decode()), cert("--json", at(name))[:2], name)
    done = subprocess.run(["wine/run", "build/bin/certwitness.exe", "cert", "--json", "-"],
                          input=CRL, capture_output=True)
    same((done.returncode, done.stdout.decode()), cert("--json", "-", data=CRL)[:2],
         "standard input")

run_tests()
