#!/usr/bin/python3
"""`certwitness export`, and `certwitness cert` of events: on a journal made from the prose, with certificates of openssl's and everything in it that an
enrollee or a forger could write; openssl reads every file, Python's csv and json the index."""
import sys; sys.path[0] += "/../lib"
import base64, csv, glob, hashlib, json, os, re, resource, shutil, signal, subprocess, tempfile

from chains import hash_of, line, name, write
from commands import windows, wine
from openssl import openssl
from tap import Skip, run as run_tests, sentence_of, test

PROGRAM = os.path.abspath("build/native/src/cli/certwitness")
ROOT = tempfile.mkdtemp()
CMD = "=cmd|'/c calc'!A1"
HOSTILE = "../../etc/passwd;=1+1\x1b[31m\u202e\uff1dx,\"-2\"\n=3 \t@S"

def at(*names): return os.path.join(ROOT, *names)

def put(path, data):
    with open(path, "wb") as file: file.write(data if isinstance(data, bytes) else data.encode())
    return path

def get(path):
    with open(path, "rb") as file: return file.read()

# --- the certificates: one CA with its CRL, one foreign CA ---
openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at("key"))

def escaped(text): return "".join("\\" + c if c in "/+=\\" else c for c in text)

def authority(cn):
    openssl("req", "-new", "-x509", "-utf8", "-key", at("key"), "-subj", "/CN=" + cn, "-days", "900", "-out", at(cn))
    return openssl("x509", "-in", at(cn), "-outform", "der")

def request(subject):
    return openssl("req", "-new", "-utf8", "-key", at("key"), "-subj", subject, "-outform", "der")

def certificate(ca, subject, serial):
    put(at("csr"), request(subject))
    return openssl("x509", "-req", "-inform", "der", "-in", at("csr"), "-CA", at(ca), "-CAkey", at("key"), "-set_serial", hex(serial), "-days", "30",
                   "-outform", "der")

CA, FOREIGN = authority("Our CA"), authority("Their CA")
names = ["/CN=alice", "/CN=" + escaped(CMD), "/O=" + escaped(HOSTILE) + "/CN=@x", "/CN=con/CN=nul.cer", "/"]
requests = [request(subject) for subject in names]
serials = [0x6D000000, 0x8000000000000001, (1 << 159) - 1, 7, 0xF1]
certificates = [certificate("Our CA", subject, serial) for subject, serial in zip(names, serials)]
imported, foreign = certificate("Our CA", "/CN=imported", 99), certificate("Their CA", "/CN=foreign", 7)
put(at("conf"), f"[ca]\ndefault_ca=d\n[d]\ndatabase={ROOT}/db\ncrlnumber={ROOT}/number\ndefault_md=sha256\ndefault_crl_days=7\n")
put(at("db"), "R\t300101000000Z\t260101000000Z,keyCompromise\t0A\tunknown\t/CN=a\n")
put(at("number"), "4D")
openssl("ca", "-gencrl", "-config", at("conf"), "-keyfile", at("key"), "-cert", at("Our CA"), "-out", at("crl.pem"))
CRL = openssl("crl", "-in", at("crl.pem"), "-outform", "der")
CMS = openssl("cms", "-sign", "-signer", at("Our CA"), "-inkey", at("key"), "-nodetach", "-binary", "-outform", "der", data=requests[0])

# --- the journal ---
def b64(data): return base64.b64encode(data).decode()
def with_hash(data): return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "base64": b64(data)}

def serial_of(der):
    return openssl("x509", "-inform", "der", "-noout", "-serial", data=der).decode().strip().split("=")[1].lower()

events = []
def event(type, data, subject=None): events.append((type, data, subject)); return len(events)

def of_request(type, id, raw=None, der=None, certificate=None, **request):
    data = {"event": 1, "context": 1, "request": {"RequestID": id, "RequesterName": request.pop("requester", "DEMO\\alice"), **request}}
    if raw is not None: data["request"]["RawRequest"] = b64(raw)
    if der is not None:
        data["certificate"] = {"SerialNumber": serial_of(der), "CertificateHash": hashlib.sha1(der).hexdigest(), "CertificateTemplate": CMD, "RawCertificate": b64(der)}
    if certificate is not None: data["certificate"] = certificate
    return event("certificate." + type, data, id)

def of_crl(*keys): return event("crl.issued", {"event": 32, "context": 0, "ca": {"CertCount": 1, "keys": list(keys)}})

started = event("module.started", {"module": {}, "settings": {}, "ca": {"certificates": [{"index": 0, "RawCACertificate": with_hash(CA)}]}})
issued = [of_request("issued", i + 1, raw, der, requester=CMD if i == 1 else HOSTILE if i == 2 else "DEMO\\alice")
          for i, (raw, der) in enumerate(zip(requests, certificates))]
renewed = of_request("pending", 6, CMS)
of_request("denied", 7, requests[1])
of_request("revoked", 2, requests[1], certificates[1], RevokedReason=1)
of_request("revoked", 3, requests[2], certificates[2], RevokedReason=6)
of_request("unrevoked", 3, requests[2], certificates[2])
of_request("retrieved", 1, requests[0], certificates[0])
of_request("revoked", 4, requests[3], certificates[3], RevokedReason=4711)
of_request("imported", 8, None, imported)
of_request("imported", 9, None, foreign)
published = of_crl({"index": 0, "RawCRL": with_hash(CRL), "RawDeltaCRL": {"size": 99999, "sha256": "ab" * 32}})
again = of_crl({"index": 0, "RawCRL": {"unchanged": hashlib.sha256(CRL).hexdigest()}})
sound = len(events)

wrong = {}                                      # sequence: what the index has to say
def forged(problem, sequence): wrong[sequence] = problem
big = bytes(range(256)) * 2800                  # 700 KiB: a line of nearly 1 MiB
forged("it is no base64", of_request("issued", 20, None, None, {"RawCertificate": "MII!", "SerialNumber": "1"}))
forged("it is no base64", of_request("issued", 21, None, None, {"RawCertificate": 5}))
forged("it is empty", of_request("issued", 22, None, None, {"RawCertificate": ""}))
forged("the certificate has the reserved tag 00 at byte 0", of_request("issued", 23, None, None, {"RawCertificate": b64(big)}))
forged("the length of the certificate runs past the end at byte 1", of_request("issued", 24, None, None, {"RawCertificate": b64(certificates[0][:-1])}))
forged("CertificateHash is not that of the bytes", of_request("issued", 25, None, None, {"RawCertificate": b64(certificates[0]), "CertificateHash": "00"}))
forged("SerialNumber is not that of the certificate", of_request("issued", 26, None, None, {"RawCertificate": b64(certificates[0]), "SerialNumber": "6d000001"}))
forged("it is not as long as its size says", of_crl({"index": 0, "RawCRL": dict(with_hash(CRL), size=1)}))
forged("its SHA-256 is not that of the bytes", of_crl({"index": 0, "RawCRL": dict(with_hash(CRL), sha256="00" * 32)}))
forged("it has no SHA-256", of_crl({"index": 0, "RawDeltaCRL": {"unchanged": HOSTILE}}))
forged("the CRL has tag 02, not 30, at byte 0", of_crl({"index": 10**18, "RawCRL": with_hash(b"\x02\x01\x00")}))
forged("the request has tag 2E, not 30, at byte 0", of_request("denied", -2147483648, HOSTILE.encode()))

def journal(where, events, segments=((1, 10**6),), **how):
    previous, lines = "0" * 64, []
    for n, (type, data, id) in enumerate(events, 1):
        lines.append(line(n, previous, data=json.dumps(data, ensure_ascii=False, separators=(",", ":")), type=type, subject=f'"subject":"request/{id}",' if id is not None else "", **how))
        previous = hash_of(lines[-1])
    write(where, {name(first): b"".join(lines[first - 1:last]) for first, last in segments})
    return lines

journal(at("sound"), events[:sound])
journal(at("forged"), events)
journal(at("other"), events[:2], source="/adcs/ca/Another")

# --- running it ---
def run(*command, limit=None):
    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    done = subprocess.run([PROGRAM, *command], capture_output=True, stdin=subprocess.DEVNULL, preexec_fn=before if limit else None)
    assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode(), done.stderr.decode()

def export(which, out, *options, want=0):
    return judged(*run("export", at(which), "--out", os.path.join(ROOT, out), *options), want)

def judged(code, said, told, want=0):
    assert code == want, (code, said, told)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", said + told), ascii(said + told)
    return said, told

def files(out):
    return {os.path.relpath(path, at(out)): path for path in glob.glob(at(out, "**"), recursive=True) if os.path.isfile(path)}

def rows(out):
    with open(at(out, "index.json"), encoding="utf-8") as file: return json.load(file)

# What most of the tests look at.
before = set(os.listdir(ROOT))
FIRST = run("export", at("sound"), "--out", at("x"))
MADE = set(os.listdir(ROOT)) - before

@test
def each_certificate_request_and_crl_becomes_a_file_of_its_bytes_that_openssl_reads():
    said, told = judged(*FIRST)
    assert MADE == {"x"} and not told, told
    found = files("x")
    bytes_of = {path: get(real) for path, real in found.items()}
    def those(folder, end): return sorted(data for path, data in bytes_of.items() if re.fullmatch(folder + "/[-0-9a-z]+" + end, path))
    assert those("certificates", r"\.cer") == sorted(certificates + [imported, foreign])
    assert those("requests", r"\.req") == sorted(requests + [requests[1]])
    assert those("requests", r"\.p7m") == [CMS] and those("crls", r"\.crl") == [CRL] and those("ca", r"\.cer") == [CA]
    assert len(found) == 7 + 6 + 1 + 1 + 1 + 4, sorted(found)
    for path in found:
        kind = path.split(".")[-1]
        if kind == "cer": openssl("x509", "-inform", "der", "-noout", "-in", found[path])
        if kind == "req": openssl("req", "-inform", "der", "-noout", "-in", found[path])
        if kind == "crl": openssl("crl", "-inform", "der", "-noout", "-in", found[path])
    assert said.startswith("Certificates: 7, requests: 7, CRLs: 1, certificates of the CA: 1; from 17 events. New files: 16.\n"), said

@test
def file_names_hold_numbers_and_hex_digits_and_tell_serial_number_request_and_hash():
    for path, real in files("x").items():
        base = os.path.basename(path)
        assert re.fullmatch(r"[-0-9a-z]+\.(cer|req|p7m|crl)|export\.json|index\.(csv|json)|importcert\.cmd", base) and len(path) < 100, path
        if path.startswith("certificates/"):
            assert base.split("-")[0].lstrip("0") == serial_of(get(real)).lstrip("0"), path
            assert hashlib.sha256(get(real)).hexdigest().startswith(base.split("-")[1][:-4]), path
    assert glob.glob(at("x", "requests", "3-*.req")) and glob.glob(at("x", "crls", "0-base-77-*.crl"))

COLUMNS = ("sequence time type request item key file serial subject issuer notBefore notAfter requester template sha1 sha256 size problem remark unverified "
           "caller flags san upn sid eku publicKey algorithm").split()

@test
def index_json_has_a_row_for_each_file_of_each_event_as_openssl_reads_it():
    found = rows("x")
    assert [row["sequence"] for row in found] == sorted(row["sequence"] for row in found)
    assert all(set(row) <= set(COLUMNS) and list(row) == [c for c in COLUMNS if c in row] for row in found)
    assert len(found) == 1 + 10 + 1 + 1 + 10 + 2 + 2 + 1, len(found)
    for row in found:
        if not row.get("file"): continue
        data = get(at("x", row["file"]))
        assert row["sha256"] == hashlib.sha256(data).hexdigest() and row["sha1"] == hashlib.sha1(data).hexdigest() and row["size"] == len(data)
        if row["item"] != "certificate": continue
        text = openssl("x509", "-inform", "der", "-noout", "-startdate", "-enddate", "-dateopt", "iso_8601", data=data).decode()
        assert [part.split("=")[1].replace(" ", "T") for part in text.splitlines()] == [row["notBefore"], row["notAfter"]], text
    third = next(row for row in found if row["sequence"] == issued[2] and row["item"] == "certificate")
    assert third["requester"] == HOSTILE and HOSTILE.split("\x1b")[0] in third["subject"] and third["template"] == CMD, third
    assert [row.get("remark") for row in found if row["sequence"] in (published, again)] == [None, "only size and SHA-256 are in the journal", "the same as in an earlier event"]
    assert not any("problem" in row for row in found)
    assert all((row["type"], row.get("request")) == (events[row["sequence"] - 1][0], events[row["sequence"] - 1][2]) for row in found)

@test
def index_csv_says_the_same_and_no_spreadsheet_finds_a_formula_in_it():
    text = get(at("x", "index.csv"))
    assert text.startswith(b"\xef\xbb\xbf") and text.count(b"\n") == text.count(b"\r\n") and not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", text)
    found = list(csv.DictReader(text.decode("utf-8-sig").splitlines(keepends=True)))
    assert list(found[0]) == COLUMNS and len(found) == len(rows("x"))
    plain = lambda value: "".join(f"\\u{{{ord(c):x}}}" if ord(c) < 32 or c == "\u202e" else c for c in str(value))
    for ours, theirs in zip(found, rows("x")):
        for column in COLUMNS:
            want, got = plain(theirs.get(column, "")), ours[column]
            assert got == want or ("'" in got and got.replace("'", "") == want.replace("'", "")), (column, got, want)
            for separator in ",;\"|\t":             # whatever another spreadsheet splits at
                for cell in got.split(separator): assert not cell.strip(" ").startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20")), (column, got)

@test
def the_import_list_has_each_certificate_of_this_ca_once_with_its_revocation():
    text = get(at("x", "importcert.cmd"))
    assert text.isascii() and text.count(b"\n") == text.count(b"\r\n")
    lines = text.decode().split("\r\n")
    assert lines[0] == "@echo off" and lines[-1] == ""
    done = [entry for entry in lines if not entry.startswith("rem ") and entry != "rem"][1:-1]
    assert done[:3] == ["setlocal EnableExtensions DisableDelayedExpansion", "set failed=0", "set errorlevel="], done[:3]
    assert done[-3].startswith("echo %failed% of these 10 commands failed") and done[-2:] == ["if not %failed%==0 exit /b 1", "exit /b 0"], done[-3:]
    imports, tool = [], r'"%SystemRoot%\\System32\\certutil\.exe" '
    assert set(done[4:-3:2]) == {"if not %errorlevel%==0 set /a failed+=1"}, done
    for entry in done[3:-3:2]:
        found = re.fullmatch(tool + r'-importcert "%~dp0(certificates\\[-0-9a-f]+\.cer)"', entry)
        if found: imports.append(get(at("x", found[1].replace("\\", "/"))))
        else: assert re.fullmatch(tool + r"-revoke [0-9a-f]+ (-1|\d+)", entry), entry
    assert sorted(imports) == sorted(certificates + [imported])
    revoked = [entry.split()[2:4] for entry in done if " -revoke " in entry]
    assert revoked == [[f"{serials[1]:x}", "1"], [f"{serials[2]:x}", "6"], [f"{serials[2]:x}", "-1"], [f"{serials[3]:02x}", "0"]], revoked
    assert done.index(f'"%SystemRoot%\\System32\\certutil.exe" -revoke {serials[1]:x} 1') > 3

@test
def a_serial_number_that_no_ca_gives_gets_a_remark_in_place_of_a_line_of_the_import_list():
    kept, events[:] = list(events), []
    odd, fit = [1 << 160, int("7f" * 6000, 16), 0, -1, -(1 << 158)], [(1 << 160) - 1, 1]
    for number in odd + fit:
        der = certificate("Our CA", "/CN=odd", number)
        for kind in "issued", "revoked": of_request(kind, len(events), None, None, {"RawCertificate": b64(der)})
    journal(at("odd"), events)
    events[:] = kept
    export("odd", "o")
    lines = get(at("o", "importcert.cmd")).decode().split("\r\n")
    assert max(map(len, lines)) < 400 and len([entry for entry in lines if "-revoke " in entry and entry[0] == '"']) == len(fit), lines
    assert [entry.split(",")[1] for entry in lines if entry.startswith("rem left out")] == [f" event {n + 1}" for n in range(2 * len(odd))], lines
    remarks = [row.get("remark") for row in rows("o")]
    assert remarks == ["not imported, as its serial number is over 20 octets long, zero or negative"] * 2 * len(odd) + [None] * 2 * len(fit), remarks

@test
def the_import_list_runs_the_systems_certutil_from_any_folder_and_its_exit_code_tells_failures():
    drive = os.environ["WINEPREFIX"] + "/drive_c"
    folder, tool, log = f"{drive}/list of export.t", f"{drive}/windows/system32/certutil.exe", f"{drive}/log of export.t.txt"
    shutil.copytree(at("x"), folder)
    theirs = os.path.exists(tool) and get(tool)
    try:
        for code in 0, 3:
            put(tool, get("build/tests/lib/helper.exe"))
            put(folder + "/certutil.cmd", f"@echo wrong>>{windows(log)}\r\n@exit /b 0\r\n")
            said = wine("cmd.exe", "/c", windows(folder + "/importcert.cmd"), env={
                "HELPER_LOG": windows(log), "HELPER_CODE": str(code), "WINEDLLOVERRIDES": os.environ["WINEDLLOVERRIDES"] + ";certutil.exe=n"})      # not Wine's own
            assert os.path.exists(log), said
            told, want = get(log).decode("utf-8").splitlines(), windows(folder).replace("/", "\\")
            os.remove(log)
            assert said[0] == (1 if code else 0) and len(told) == 10 and "wrong" not in told, (said, told)
            for entry in told:
                verb, path = entry.split("\t")[:2]
                assert verb == "-revoke" or verb == "-importcert" and path.replace("C:", windows(drive)).startswith(want + "\\certificates\\"), (entry, want)
    finally:
        shutil.rmtree(folder)
        put(tool, theirs) if theirs else os.remove(tool)

@test
def a_revocation_without_a_certificate_is_of_the_listed_one_not_of_whoever_had_its_requestid():
    def told(der, **more): return {"SerialNumber": serial_of(der).lstrip("0"), "CertificateHash": hashlib.sha1(der).hexdigest(), **more}
    kept, events[:] = list(events), []
    for id, der in (1, certificates[1]), (1, certificates[3]), (2, certificates[4]): of_request("issued", id, None, der)      # two have the RequestID 1
    of_request("revoked", 1, certificate=told(certificates[3]), RevokedReason=4)
    of_request("revoked", 9, certificate={"SerialNumber": serial_of(certificates[4])}, RevokedReason=5)
    of_request("unrevoked", 9, certificate={"CertificateHash": "11" * 20, "SerialNumber": serial_of(certificates[4])})
    of_request("revoked", 1, certificate=told(certificates[0]))                 # not listed, as one that was issued before the journal began
    of_request("revoked", 1, certificate={"SerialNumber": CMD})
    of_request("revoked", 1)
    of_request("unrevoked", 1, certificate=told(certificates[3]))
    journal(at("bare"), events)
    events[:] = kept
    export("bare", "b")
    lines = get(at("b", "importcert.cmd")).decode().split("\r\n")
    revoked = [entry.split()[2:4] for entry in lines if " -revoke " in entry and not entry.startswith("rem")]
    assert revoked == [["07", "4"], ["f1", "5"], ["07", "-1"]], revoked

@test
def a_second_run_writes_only_the_lists_anew_and_mends_a_damaged_file():
    times = {path: os.stat(real).st_mtime_ns for path, real in files("x").items()}
    lists = {"index.csv", "index.json", "importcert.cmd"}
    contents = {path: get(at("x", path)) for path in lists}
    hurt = next(path for path in times if path.startswith("certificates/"))
    put(at("x", hurt), b"damaged")
    put(at("x", hurt + ".part"), b"half")
    said, told = export("sound", "x")
    assert "New files: 1." in said and get(at("x", hurt))[0] == 0x30 and not os.path.exists(at("x", hurt + ".part")), said
    assert all(os.stat(at("x", path)).st_mtime_ns == time for path, time in times.items() if path not in lists and path != hurt)
    assert all(get(at("x", path)) == text for path, text in contents.items())

@test
def with_json_the_counts_of_what_was_done_are_one_object():
    said, told = export("sound", "x", "--json")
    assert json.loads(said) == {"certificate": 7, "request": 7, "caCertificate": 1, "crl": 1, "deltaCrl": 0, "events": 17, "newFiles": 0, "imports": 6, "problems": 0}

@test
def a_filter_takes_a_part_and_the_import_list_still_knows_whose_the_certificates_are():
    export("sound", "some", "--type", "imported")
    assert {path.split("/")[0] for path in files("some") if "/" in path} == {"certificates"} and len(rows("some")) == 2
    assert get(at("some", "importcert.cmd")).count(b"-importcert \"") == 1

@test
def a_forged_event_is_named_in_the_index_and_the_exit_code_and_odd_bytes_become_bin_files():
    said, told = export("forged", "y", want=1)
    found = {row["sequence"]: row for row in rows("y") if "problem" in row}
    assert {n: row["problem"] for n, row in found.items()} == wrong, {n: row["problem"] for n, row in found.items()}
    assert f'something is wrong with {len(wrong)} of them; the column "problem" of the index says what' in told, told
    bins = [path for path in files("y") if path.endswith(".bin")]
    assert sorted(get(at("y", path)) for path in bins) == sorted([big, certificates[0][:-1], b"\x02\x01\x00", HOSTILE.encode()])
    assert get(at("y", "importcert.cmd")) == get(at("x", "importcert.cmd"))
    assert all(re.fullmatch(r"[-0-9a-z/]+\.[a-z0-9]+", path) for path in files("y"))

@test
def a_folder_with_anything_else_in_it_is_refused_and_left_as_it_is():
    os.mkdir(at("full"))
    put(at("full", ".hidden"), b"x")
    assert "has something in it that no export left" in export("sound", "full", want=2)[1]
    put(at("full", "export.json"), b'{"format":1}')
    assert "has something in it that no export left" in export("sound", "full", want=2)[1]
    assert set(os.listdir(at("full"))) == {".hidden", "export.json"}
    assert "holds an export of another journal" in export("other", "x", want=2)[1]
    put(at("file"), b"x")
    assert "the folder cannot be used: a file stands where a folder has to be" in export("sound", "file", want=2)[1]
    assert "the folder cannot be used: there is no such file or folder" in export("sound", "no/where", want=2)[1]
    assert "has something in it that no export left" in run("export", at("sound"), "--out", at("sound"))[2]
    assert run("export", at("sound"))[0] == 2 and run("export", at("none"), "--out", at("z"))[0] == 2 and not os.path.exists(at("z"))

def export_windows(which, out, want=0):
    code, said = wine("build/bin/certwitness.exe", "export", windows(at(which)), "--out", windows(ROOT) + "\\" + out.replace("/", "\\"))
    return judged(code, said.replace("\r", ""), "", want)[0]

def each_program(function):
    """A test of why a folder is refused: by the program for Linux, and by the one for Windows, under paths of Windows."""
    def natively(): function(lambda *words, **more: export(*words, **more)[1])
    def under_wine():
        if not os.environ.get("WINEPREFIX"): raise Skip("outside of wine/run")
        function(export_windows)
    test(sentence_of(function))(natively)
    test(sentence_of(function) + " by the Windows program")(under_wine)
    return function

def copied(out):
    shutil.rmtree(at(out), ignore_errors=True)
    shutil.copytree(at("x"), at(out))

@each_program
def links_are_neither_followed_nor_replaced(export):
    theirs, other = put(at("theirs"), b"theirs"), at("other folder")
    os.makedirs(other, exist_ok=True)
    paths = ["index.csv.part", "index.csv", "importcert.cmd.part", next(path for path in files("x") if path.startswith("requests/")),
             next(path for path in files("x") if path.startswith("ca/")) + ".part"]
    for path in paths:
        for link in lambda to: os.symlink(theirs, to), lambda to: os.link(theirs, to), lambda to: os.symlink(at("nowhere"), to):
            copied("l")
            if not path.endswith(".part"): os.remove(at("l", path))
            elif "/" in path: os.remove(at("l", path[:-5]))
            link(at("l", path))
            # Wine tells of no symbolic link to a file, and follows it even where a file is deleted: there is nothing to be seen of ours.
            if export is export_windows and os.path.islink(at("l", path)): continue
            told = export("sound", "l", want=2)
            assert "it is a link, which leads to another place" in told and get(theirs) == b"theirs" and not os.path.exists(at("nowhere")), (path, told)
            assert os.path.islink(at("l", path)) or os.stat(at("l", path)).st_nlink > 1, path
    for path, spelled in ("certificates", "l"), ("requests", "l"), ("", "l"), ("", "l/"), ("", "l//"), ("", "l/."), ("", "l/./"):
        copied("l")
        shutil.rmtree(at("l", path))
        os.symlink(other, at("l", path).rstrip("/"))
        told = export("sound", spelled, want=2)
        assert "it is a link" in told and not os.listdir(other), (path, spelled, told)
        os.remove(at("l", path).rstrip("/"))

@each_program
def a_folder_that_others_may_write_to_or_that_is_anothers_is_refused(export):
    copied("own")
    for path in "", "requests":
        for mode in 0o770, 0o702:
            if mode == 0o770 and export is export_windows: continue     # Wine knows no rights of a group
            os.chmod(at("own", path), mode)
            told = export("sound", "own", want=2)
            assert "others may write to it" in told, (path, mode, told)
            os.chmod(at("own", path), 0o755)
            export("sound", "own")
    if os.getuid() == 0:
        os.chown(at("own"), 4711, -1)
        told = export("sound", "own", want=2)
        assert "somebody else owns it" in told, told

@test
def the_folder_and_its_files_are_for_their_owner_alone():
    was = os.umask(0)
    try: export("sound", "alone")
    finally: os.umask(was)
    for folder, folders, names in os.walk(at("alone")):
        assert os.stat(folder).st_mode & 0o777 == 0o700, folder
        for path in names: assert os.stat(os.path.join(folder, path)).st_mode & 0o777 == 0o600, path

@test
def a_disk_that_refuses_to_write_is_reported_and_leaves_no_list_and_no_half_file():
    code, said, told = run("export", at("sound"), "--out", at("w"), limit=600)
    assert code == 2 and not said and re.search(r": requests/6-[-0-9a-f]+\.p7m cannot be written: ", told), (code, told)
    assert not any(path.endswith(("part", "csv", "cmd")) or path == "index.json" for path in files("w")), files("w")
    for path, real in files("w").items():
        if path.endswith(".cer"): openssl("x509", "-inform", "der", "-noout", "-in", real)
    path = next(real for path, real in files("x").items() if path.startswith("requests/1-")).replace(at("x"), at("w"))
    os.remove(path)
    os.makedirs(path + "/x")                    # only this one cannot be written: the lists could, and must not be
    assert "requests/1-" in export("sound", "w", want=2)[1] and not os.path.exists(at("w", "index.csv")) and not glob.glob(at("w", "*.part"))
    shutil.rmtree(path)
    said, told = export("sound", "w")
    assert {path: get(real) for path, real in files("w").items()} == {path: get(real) for path, real in files("x").items()}

@test
def after_damage_it_goes_on_with_the_next_whole_line_and_ends_with_1():
    lines = journal(at("hurt"), events[:sound], ((1, 3), (4, 8), (9, sound)))
    path = at("hurt", name(4))
    put(path, get(path).replace(b'"RequestID":4', b'"RequestID":5', 1))
    told = export("hurt", "h", want=1)[1]
    assert f"{name(4)}, line 2 (byte {len(lines[3])}): event 5 was changed: what is in its place is not a line" in told, told
    assert {row["sequence"] for row in rows("h")} == set(range(1, sound + 1)) - {5}, {row["sequence"] for row in rows("h")}
    for n in (4, 6, sound): assert run("cert", "--sequence", str(n), at("hurt"))[0] != 2, n
    assert "there is no event 5" in run("cert", "--sequence", "5", at("hurt"))[2]

@test
def where_two_lines_were_swapped_cert_finds_each_of_them():
    lines = journal(at("swapped"), events[:sound], ((1, sound),))
    path = at("swapped", name(1))
    put(path, b"".join(lines[:3] + [lines[4], lines[3]] + lines[5:]))
    for n in (4, 5): assert f"event {n}," in run("cert", "--json", "--sequence", str(n), at("swapped"))[1], n

@test
def cert_shows_what_the_journal_has_of_a_request_each_thing_once():
    code, said, told = run("cert", "--json", "--request", "3", at("forged"))
    shown = [json.loads(text) for text in said.splitlines()]
    assert code == 0 and [(one["type"], one["from"]) for one in shown] == [
        ("request", f"event {issued[2]}, request 3: RawRequest"), ("certificate", f"event {issued[2]}, request 3: RawCertificate")], (said, told)
    assert shown[1]["sha256"] == hashlib.sha256(certificates[2]).hexdigest()

@test
def cert_finds_a_certificate_by_its_serial_number_however_it_is_written():
    for written in ("8000000000000001", "0x80:00:00:00:00:00:00:01", "00 80 00 00 00 00 00 00 01"):
        code, said, told = run("cert", "--json", "--serial", written, at("sound"))
        assert code == 0 and [json.loads(text)["sha256"] for text in said.splitlines()] == [hashlib.sha256(certificates[1]).hexdigest()], told
    assert run("cert", "--serial", "8000000000000002", at("sound"))[0] == 2

@test
def cert_shows_all_that_one_event_carries_with_crls_and_the_cas_certificates():
    code, said, told = run("cert", "--json", "--sequence", str(published), at("sound"))
    assert code == 0 and json.loads(said)["type"] == "crl" and "delta CRL of key 0: too long for the journal" in told, (said, told)
    code, said, told = run("cert", "--json", "--sequence", str(started), at("sound"))
    assert code == 0 and json.loads(said)["from"] == f"event {started}: CA certificate 0", (said, told)
    code, said, told = run("cert", "--sequence", str(again), at("sound"))
    assert code == 0 and not said and "CRL of key 0: the same as in an earlier event" in told, (said, told)
    for n, problem in wrong.items():
        code, said, told = run("cert", "--sequence", str(n), at("forged"))
        assert code == (1 if said else code) and code in (1, 2) and problem in told, (n, code, told)
    assert run("cert", "--sequence", str(len(events) + 1), at("forged"))[0] == 2

@test
def the_text_that_cert_prints_of_hostile_names_steers_no_terminal():
    code, said, told = run("cert", "--request", "1-9", at("sound"))
    assert "\\u{1b}[31m\\u{202e}" in said and not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", said + told), ascii(said)

@test
def the_windows_program_writes_the_same_to_paths_beyond_260_characters_too():
    if not os.environ.get("WINEPREFIX"): raise Skip("outside of wine/run")
    deep = os.path.abspath(os.path.join("build/tmp/export", "d" * 120, "e" * 120))
    shutil.rmtree("build/tmp/export", ignore_errors=True)
    os.makedirs(deep)
    code, said = wine("build/bin/certwitness.exe", "export", windows(at("sound")), "--out", windows(deep + "/x"))
    found = {os.path.relpath(real, deep + "/x"): get(real) for real in glob.glob(deep + "/x/**", recursive=True) if os.path.isfile(real)}
    shutil.rmtree("build/tmp/export")
    want = {path: get(real) for path, real in files("x").items()}
    assert code == 0 and set(found) == set(want), (code, said, sorted(found))
    assert found == want, [pair for path in found for pair in zip(found[path].splitlines(), want[path].splitlines()) if pair[0] != pair[1]][:2]

@test
def for_a_request_kept_as_a_hash_only_the_index_has_the_hash_and_cert_says_where_its_bytes_are():
    raw = hashlib.sha256(requests[0]).hexdigest()
    def left(id, request={}, **note):
        return ("certificate.pending", {"event": 2, "context": 1, "request": {"RequestID": id, **request}, "certificate": {}, "missing": [{"name": "RawRequest", "size": 300, **note}]}, id)
    journal(at("hashed"), [left(1, sha256=raw, why="flood"), left(2, sha256="ab" * 32, why="lowSpace"), left(3, sha256="cd" * 32), left(4), left(5, offset=10, sha256=raw, why="flood"),
                           left(6, sha256=HOSTILE, why=HOSTILE), left(7, {"RawRequest": b64(requests[0])}, sha256=raw), left(1, {"RawRequest": b64(requests[0])})])
    export("hashed", "hashed-out")
    told = [(row["request"], row.get("file"), row.get("sha256"), row.get("remark"), row.get("problem")) for row in rows("hashed-out")]
    only, file = "only size and SHA-256 are in the journal", f"requests/{{}}-{raw[:32]}.req"
    assert told == [(1, None, raw, only, None), (2, None, "ab" * 32, only, None), (3, None, "cd" * 32, only, None), (4, None, None, "only its size is in the journal", None),
                    (6, None, None, "only its size is in the journal", None), (7, file.format(7), raw, None, None), (1, file.format(1), raw, None, None)], told
    for id, why, hash in (2, "little space was left", "ab" * 32), (3, "it was too long", "cd" * 32), (4, "it was too long", None):
        code, said, note = run("cert", "--request", str(id), at("hashed"))
        assert code == 0 and not said and f"not recorded, since {why}. The CA's database has its bytes" in note and (not hash or f"if their SHA-256 is {hash}" in note), (code, said, note)
    code, said, note = run("cert", "--request", "1", at("hashed"))
    assert code == 0 and "CN=alice" in said and f"request 1: RawRequest: not recorded, since its requester made many. " in note and raw in note, (code, said, note)
    code, said, note = run("cert", "--request", "6", at("hashed"))
    assert code == 0 and not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", note), ascii(note)

run_tests(finish=lambda: shutil.rmtree(ROOT))
