#!/usr/bin/python3
"""Forms of certificates, requests, CRLs and signed data (tests/lib/forms.py), sound and odd: `certwitness cert` shows each, with the right values
and with the remarks that are due, and no others; openssl reads what it is said to read, and finds the same serial numbers and hashes.

CERTWITNESS names another program to count with: how many of them an earlier build shows."""
import sys; sys.path[0] += "/../lib"
import base64, collections, hashlib, json, os, shutil, subprocess, tempfile

from chains import hash_of, line, name as name_of, write
from cmcmake import *
from forms import *
from tap import check, complain, run as run_tests, same, test

PROGRAM = os.environ.get("CERTWITNESS", "build/native/src/cli/certwitness")
ROOT = tempfile.mkdtemp()
FORMS = list(forms())

def run(*command, data=b""):
    done = subprocess.run(command, input=data, capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")

def values(value, path):
    """What stands at a path: one value, or with `*` a list of all that are there."""
    if not path: return value
    first, rest = path[0], path[1:]
    if first == "*": return [found for each in value for found in [values(each, rest)] if found is not None]
    if isinstance(value, list): return values(value[int(first)], rest) if int(first) < len(value) else None
    return values(value.get(first), rest) if isinstance(value, dict) else None

def seen(objects, path):
    first, *rest = path.split(".")
    return values(objects[int(first)], rest) if first.isdigit() and int(first) < len(objects) else values(objects[0], [first, *rest])

def remarks_in(value):
    if isinstance(value, list): return [text for each in value for text in remarks_in(each)]
    if not isinstance(value, dict): return []
    return [each["text"] for each in value.get("remarks", [])] + [text for key, each in value.items() if key != "remarks" for text in remarks_in(each)]

def errors_in(value):
    if isinstance(value, list): return [text for each in value for text in errors_in(each)]
    return ([value["error"]] if "error" in value else []) + [text for each in value.values() for text in errors_in(each)] if isinstance(value, dict) else []

def wrong_with(form):
    """What is not as it should be; nothing where all is."""
    code, said, told = run(PROGRAM, "cert", "--json", "-", data=form.data)
    if code or "Sanitizer" in told or "runtime error" in told: return f"exit code {code}: {told}"
    objects = [json.loads(line) for line in said.decode().splitlines()]
    for path, want in form.see.items():
        if (got := seen(objects, path)) != want: return f"{path} is {got!r}, expected {want!r}"
    if errors_in(objects): return f"not readable: {errors_in(objects)}"
    if sorted(remarks_in(objects)) != sorted(form.remarks): return f"the remarks are {remarks_in(objects)}, expected {form.remarks}"
    return ""

def openssl_takes(form):
    data = base64.b64decode(b"".join(form.data.splitlines()[1:-1])) if form.data.startswith(b"-----") else form.data
    if form.kind == "spkac":
        path = os.path.join(ROOT, "spkac")
        with open(path, "wb") as file: file.write(data if data.startswith(b"SPKAC=") else b"SPKAC=" + base64.b64encode(data) + b"\n")
        return run("openssl", "spkac", "-in", path, "-noout")[0] == 0
    command = ["cms", "-cmsout", "-print", "-noout"] if form.kind == "cms" else [form.kind, "-noout", "-text"]
    code, said, _ = run("openssl", *command, "-inform", "DER", data=data)
    return code == 0

@test
def there_are_more_than_three_hundred_forms_and_each_has_a_name_of_its_own():
    check(len(FORMS) > 300, len(FORMS))
    same([name for name, count in collections.Counter(form.name for form in FORMS).items() if count > 1], [], "names that stand there twice")

@test
def every_form_is_shown_with_its_values_and_its_remarks():
    shown = 0
    for form in FORMS:
        if what := wrong_with(form): complain(f"{form.name}: {what}")
        else: shown += 1
    print(f"# {shown} of {len(FORMS)} shown")

@test
def openssl_reads_what_it_is_said_to_read():
    for form in FORMS:
        if form.openssl: check(openssl_takes(form), f"{form.name}: openssl {form.kind} refuses it")
    read = sum(form.openssl for form in FORMS)
    check(read > 250, f"only {read} of {len(FORMS)} are openssl's to read")
    print(f"# {read} of {len(FORMS)}")

@test
def certificates_have_openssls_serial_numbers_and_hashes():
    compared = 0
    for form in FORMS:
        if form.kind != "x509" or not form.openssl or form.data.startswith(b"-----"): continue
        _, said, _ = run("openssl", "x509", "-inform", "DER", "-noout", "-serial", "-fingerprint", "-sha256", data=form.data)
        theirs = [line.split("=")[1].replace(":", "").lower() for line in said.decode().splitlines()]
        _, said, _ = run(PROGRAM, "cert", "--json", "-", data=form.data)
        ours = json.loads(said) if said else {}
        if any(what in form.name for what in ("BER", "pieces", "length of the whole")): theirs[1] = hashlib.sha256(form.data).hexdigest()  # openssl hashes the DER that it makes
        if "negative" not in form.name: same(ours.get("serialNumber", "").lstrip("0"), theirs[0].lstrip("0"), f"the serial number of {form.name}")
        same(ours.get("sha256"), theirs[1], f"the hash of {form.name}")
        compared += 1
    check(compared > 150, f"only {compared} were compared")

@test
def as_text_a_remark_has_its_offset_and_long_lists_are_counted():
    odd = next(form for form in FORMS if form.name == "critical FALSE")
    _, said, _ = run(PROGRAM, "cert", "-", data=odd.data)
    check(f"    Remark: {odd.remarks[0]}, offset {odd.data.index(bytes.fromhex('0603551d11010100')) + 5}\n" in said.decode(), said.decode())
    many = request(cn("a"), raw=tlv(0xa0, *[asks()] * 30))
    code, said, _ = run(PROGRAM, "cert", "-", data=many)
    check(code == 0 and said.decode().count("Remark: ") == 16 and "More remarks, left out: 43\n" in said.decode(), said.decode()[-2000:])
    _, said, _ = run(PROGRAM, "cert", "--json", "-", data=many)
    same((len(json.loads(said)["remarks"]), json.loads(said)["remarksLeftOut"]), (16, 43), "the remarks in JSON")

# --- in a journal ---
def odd_journal():
    """What a strict reader would refuse: requests and certificates in events, and what is due of each in the index."""
    empty, host = seq(), san(dns("second.example"))
    requests = [("CN=a", ".req", request(cn("a"), raw=tlv(0xa0, asks(sid("S-1-5-21-1-2-3-500")), asks(host)))), ("CN=a", ".req", request(cn("a"), asks())),
                ("CN=a", ".p7m", indefinite(cms(DATA, request(cn("a")), [by_agent()]))), (None, ".spkac", spkac()), ("CN=a", ".req", request(cn("a"), version=1) + b"\0"),
                (None, ".req", request(empty, raw=tlv(0xa0, asks(sid("S-1-5-21-1-2-3-500")), asks(host))))]
    certificates = [certificate(outer=SHA1RSA), certificate(extensions=[]), certificate(validity=seq(utc("2601010000Z"), utc("260230000000Z"))), indefinite(certificate())]
    lines, previous, due = [], "0" * 64, []
    def add(type, data, subject):
        nonlocal previous
        lines.append(line(len(lines) + 1, previous, data=json.dumps(data), type=type, subject=f'"subject":"request/{subject}",'))
        previous = hash_of(lines[-1])
    for n, (subject, ending, raw) in enumerate(requests, 1):
        add("certificate.pending", {"event": 1, "context": 1, "request": {"RequestID": n, "RawRequest": base64.b64encode(raw).decode()}}, n)
        due.append((subject, ending))
    for n, raw in enumerate(certificates, 11):
        add("certificate.issued", {"event": 1, "context": 1, "request": {"RequestID": n}, "certificate": {"RawCertificate": base64.b64encode(raw).decode()}}, n)
        due.append(("CN=a", ".cer"))
    write(os.path.join(ROOT, "journal"), {name_of(1): b"".join(lines)})
    return os.path.join(ROOT, "journal"), due

@test
def in_a_journal_what_is_odd_is_found_counted_and_exported():
    journal, due = odd_journal()
    code, said, told = run(PROGRAM, "show", "--subject", "*CN=a*", "--json", journal)
    same((code, told, len(said.splitlines())), (0, "", sum(subject == "CN=a" for subject, _ in due)), "what `show` finds by its subject")
    code, said, told = run(PROGRAM, "show", "--subject", "second.example", "--json", journal)
    same([json.loads(each)["data"]["request"]["RequestID"] for each in said.splitlines()], [1, 6], "what it finds by a name in a second extension request")
    code, said, told = run(PROGRAM, "show", "--full", journal)
    check(code == 0 and b"Cannot be decoded" not in said and said.count(b"Remark: ") >= 8, said[-2000:])
    code, said, told = run(PROGRAM, "export", journal, "--out", os.path.join(ROOT, "out"))
    with open(os.path.join(ROOT, "out", "index.json")) as file: rows = json.load(file)
    same(sorted((row.get("subject") or "", os.path.splitext(row["file"])[1], "problem" in row) for row in rows), sorted((subject or "", ending, False) for subject, ending in due), "the index")
    code, said, told = run(PROGRAM, "stats", "--json", journal)
    check(code == 0, told)

run_tests(finish=lambda: shutil.rmtree(ROOT))
