#!/usr/bin/python3
"""`make sign`, with a CA, a time stamp server and a token of our own. Judges: osslsigncode, and WinVerifyTrust as Wine has it.

Wine 8 sees that a file was changed, or has no signature. It takes any root, and does not see that somebody wrote the digest of a changed file
into its signature: these two only osslsigncode sees. Our root is in the store all the same, since Windows asks for it.
The packages that are signed are made in build/tmp, so that nobody's build/signed is lost; `make sign` itself is only asked to refuse.
"""
import sys; sys.path[0] += "/../lib"
import atexit
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import zipfile

import olefile

import commands
from machine import on_machine
from tap import run as run_tests, test

on_machine("install")
DIST, SIGNED = pathlib.Path("build/dist"), pathlib.Path("build/tmp/signed")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="certwitness-sign-"))
SETUP = "certwitness_setup.dll"                 # the MSI's own, in no other package
JUDGE = "build/tests/build/signing/win_verify_trust.exe"
TOKEN = "/usr/lib/softhsm/libsofthsm2.so"
GOOD, NO_SIGNATURE, BAD_DIGEST = "00000000", "800b0100", "80096010"

for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "V", "CERT", "KEY", "PASSFILE", "PKCS11", "TSA"): os.environ.pop(name, None)
os.environ["SOFTHSM2_CONF"] = str(WORK / "softhsm.conf")
OPENSSL = f"""
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[code]
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
[web]
extendedKeyUsage = serverAuth
[stamps]
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = stamps_of_tests
[stamps_of_tests]
serial = {WORK}/serial
signer_cert = {WORK}/stamps.pem
signer_key = {WORK}/stamps.key
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
"""


def run(*command, **variables):
    return commands.run(*command, env={name: str(value) for name, value in variables.items()})


def must(*command, **variables):
    code, said = run(*command, **variables)
    assert code == 0, f"{command}: exit code {code}\n{said}"
    return said


# What a publisher has: a key and its certificate for code signing; and some that will not do.
def make_root(name):
    must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", WORK / f"{name}.key", "-subj", f"/O=CertWitness tests/CN={name}",
         "-days", "40", "-config", WORK / "openssl.cnf", "-extensions", "root", "-out", WORK / f"{name}.pem")
    must("openssl", "x509", "-in", WORK / f"{name}.pem", "-outform", "DER", "-out", WORK / f"{name}.der")


def make_certificate(name, profile, key, begins="+0d"):
    must("faketime", "-f", begins, "openssl", "req", "-new", "-key", WORK / key, "-subj", f"/O=CertWitness tests/CN={name}",
         "-config", WORK / "openssl.cnf", "-out", WORK / "request")
    must("faketime", "-f", begins, "openssl", "x509", "-req", "-in", WORK / "request", "-CA", WORK / "root.pem", "-CAkey", WORK / "root.key",
         "-CAcreateserial", "-days", "9", "-extfile", WORK / "openssl.cnf", "-extensions", profile, "-out", WORK / f"{name}.pem")


def make_token():
    (WORK / "tokens").mkdir()
    (WORK / "softhsm.conf").write_text(f"directories.tokendir = {WORK}/tokens\nobjectstore.backend = file\n")
    (WORK / "pin").write_text("4711 äh\n")
    must("softhsm2-util", "--init-token", "--free", "--label", "release", "--pin", "4711 äh", "--so-pin", "12345678")
    must("softhsm2-util", "--import", WORK / "code.key", "--token", "release", "--label", "code", "--id", "01", "--pin", "4711 äh")


def set_up():
    (WORK / "openssl.cnf").write_text(OPENSSL)
    (WORK / "serial").write_text("01\n")
    (WORK / "pass").write_text("geheim & Söhne\n")
    for name in ("root", "stranger"): make_root(name)
    for name in ("code", "stamps"): must("openssl", "genrsa", "-out", WORK / f"{name}.key", "2048")
    must("openssl", "pkcs8", "-topk8", "-in", WORK / "code.key", "-passout", f"file:{WORK}/pass", "-out", WORK / "encrypted key ü.pem")
    make_certificate("code", "code", "code.key")
    (WORK / "chain.pem").write_text((WORK / "code.pem").read_text() + (WORK / "root.pem").read_text())
    make_certificate("ended", "code", "code.key", begins="-10d")
    make_certificate("web", "web", "code.key")
    make_certificate("stamps", "stamps", "stamps.key")
    make_token()
    shutil.copy(DIST.parent / "bin/certexitps.dll", WORK / "small.dll")


class StampServer(http.server.BaseHTTPRequestHandler):
    """RFC 3161 over HTTP; openssl makes the stamps."""
    def do_POST(self):
        (WORK / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        reply = subprocess.run(["openssl", "ts", "-reply", "-config", WORK / "openssl.cnf", "-section", "stamps_of_tests", "-queryfile", WORK / "query"],
                               capture_output=True).stdout
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_): pass


def stamp_server():
    server = http.server.HTTPServer(("127.0.0.1", 0), StampServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def sign_all():
    must("src/packaging/sign", "--check", **WITH_A_FILE)
    must("src/packaging/dist", SIGNED, "src/packaging/sign", **WITH_A_FILE)


def sign_copy(name="copy.dll", **variables):
    """Signs a copy of a small DLL. Returns its path, exit code and what was said."""
    copy = WORK / name
    shutil.copy(WORK / "small.dll", copy)
    return copy, *run("src/packaging/sign", copy, **variables)


def programs():
    return sorted([*SIGNED.glob("*/bin/*"), *SIGNED.glob("*-lab/*.dll"), *SIGNED.glob("*-lab/*.exe")])


def package_of(program):
    """Its folder, which lies beside the zip."""
    return SIGNED / program.relative_to(SIGNED).parts[0]


def built(program):
    return next(path for path in (pathlib.Path("build", folder, program.name) for folder in ("bin", "lab")) if path.exists())


def osslsigncode(file, root="root"):
    return run("osslsigncode", "verify", "-CAfile", WORK / f"{root}.pem", "-TSA-CAfile", WORK / "root.pem", "-in", file)


def windows(*files):
    """WinVerifyTrust's answers, in the order of the files."""
    said = must("wine/run", JUDGE, WORK / "root.der", *files)
    answers = [line.split()[0] for line in said.splitlines()]
    assert len(answers) == len(files), said
    return answers


def streams(msi):
    with olefile.OleFileIO(msi) as file:
        return {tuple(name): file.openstream(name).read() for name in file.listdir()}


def signature_of(file):
    """The CMS that osslsigncode put in."""
    if file.suffix == ".msi": return streams(file)[("\x05DigitalSignature",)]
    data = file.read_bytes()
    place, size = struct.unpack_from("<II", data, struct.unpack_from("<I", data, 0x3c)[0] + 24 + 144)
    return data[place + 8:place + size]


def time_stamp(file):
    """The signature of a file, and where in it lie what was stamped, which is the value of the signature, and the token that is its stamp.

    osslsigncode 2.5 tells of who made the stamp his issuer and serial number, later ones his name: here openssl is the judge.
    """
    signature = signature_of(file)
    (WORK / "cms").write_bytes(signature)
    parsed = re.findall(r"(\d+):d=(\d+) +hl=(\d+) +l= *(\d+) (?:prim|cons): *(.*)", must("openssl", "asn1parse", "-inform", "DER", "-in", WORK / "cms"))
    parsed = [(int(start), int(depth), int(head), int(size), what) for start, depth, head, size, what in parsed]
    mark, = (i for i, row in enumerate(parsed) if row[4].endswith(":1.3.6.1.4.1.311.3.3.1"))
    value = max(i for i, row in enumerate(parsed[:mark]) if row[4].startswith("OCTET STRING") and row[1] == parsed[mark][1] - 2)
    start, _, head, size, _ = parsed[value]
    token = parsed[mark + 2]                    # behind a SET
    return signature, slice(start + head, start + head + size), slice(token[0], token[0] + token[2] + token[3])


def changed(program, place, name):
    """A copy with one bit turned."""
    data = bytearray(program.read_bytes())
    data[place] ^= 1
    (WORK / name).write_bytes(data)
    return WORK / name


def forge(changed):
    """Writes the digest of a changed file into its signature, as somebody without the key would."""
    said = osslsigncode(changed)[1]
    old, new = (bytes.fromhex(re.search(rf"{which} message digest +: (\w+)", said)[1]) for which in ("Current", "Calculated"))
    data = changed.read_bytes()
    assert old != new and data.count(old) == 1, said
    (WORK / "forged.dll").write_bytes(data.replace(old, new))
    return WORK / "forged.dll"


# Tests. Each yields what is wrong.
@test
def everything_that_windows_runs_is_signed_in_folder_and_package():
    built_here = {path.name for folder in ("bin", "lab") for path in pathlib.Path("build", folder).iterdir() if path.suffix in (".dll", ".exe")}
    if {program.name for program in programs()} | {SETUP} != built_here: yield "not all, or more"
    for program in programs():
        code, said = osslsigncode(program)
        if code: yield f"{program}: {said}"
        package = package_of(program)
        with zipfile.ZipFile(f"{package}.zip") as archive:
            if archive.read(str(program.relative_to(SIGNED))) != program.read_bytes(): yield f"{program} is another one in the zip"


@test
def what_differs_from_the_file_that_was_built_is_the_signature_alone():
    for program in programs():
        before, after = built(program).read_bytes(), program.read_bytes()
        header = struct.unpack_from("<I", before, 0x3c)[0] + 24
        own = {*range(header + 64, header + 68), *range(header + 144, header + 152)}    # check sum, and where the signature is
        strange = [place for place in range(len(before)) if before[place] != after[place] and place not in own]
        if strange: yield f"{program} differs at {strange[:8]}"
        if struct.unpack_from("<II", after, header + 144) != (len(before), len(after) - len(before)):
            yield f"{program}: the signature is not all that follows"
        bare = WORK / f"bare-{program.name}"
        must("osslsigncode", "remove-signature", "-in", program, "-out", bare)
        if bare.read_bytes() != before: yield f"{program} without its signature is not {built(program)}"


@test
def windows_takes_them_and_not_those_that_were_only_built():
    bare = [built(program) for program in programs()]
    answers = windows(*programs(), *bare)
    if answers != [GOOD] * len(bare) + [NO_SIGNATURE] * len(bare): yield f"{answers}"


@test
def a_stranger_s_root_will_not_do():
    if not osslsigncode(programs()[0], root="stranger")[0]: yield "it does"


@test
def a_bit_that_is_changed_anywhere_is_noticed_by_both():
    program = next(program for program in programs() if program.name == "certwitness.dll")
    size = built(program).stat().st_size
    places = [0x40, struct.unpack_from("<I", program.read_bytes(), 0x3c)[0] + 8, 0x400, size // 4, size // 2, size * 3 // 4, size - 512, size - 1]
    copies = [changed(program, place, f"changed-{place}.dll") for place in places]
    for place, copy, answer in zip(places, copies, windows(*copies)):
        if answer != BAD_DIGEST: yield f"at {place} of {size}: WinVerifyTrust says {answer}"
        if osslsigncode(copy)[0] == 0: yield f"at {place} of {size}: osslsigncode takes it"
    forged = forge(copies[0])
    if osslsigncode(forged)[0] == 0: yield "osslsigncode takes a new digest that is written over the old one"


@test
def a_time_stamp_is_in_each_and_was_made_by_the_server():
    for file in [*programs(), *SIGNED.glob("*.msi")]:
        signature, signed, token = time_stamp(file)
        for name, data in ("signature", signature[signed]), ("token", signature[token]): (WORK / name).write_bytes(data)
        code, said = run("openssl", "ts", "-verify", "-token_in", "-in", WORK / "token", "-data", WORK / "signature", "-CAfile", WORK / "root.pem")
        if code: yield f"{file}: its time stamp is no good: {said}"
        must("openssl", "cms", "-verify", "-inform", "DER", "-in", WORK / "token", "-CAfile", WORK / "root.pem", "-purpose", "timestampsign",
             "-signer", WORK / "stamper.pem", "-out", WORK / "info")
        who = [must("openssl", "x509", "-in", WORK / name, "-noout", "-fingerprint") for name in ("stamper.pem", "stamps.pem")]
        if who[0] != who[1]: yield f"{file}: somebody else made its time stamp"
        if osslsigncode(file)[0]: yield f"{file}: osslsigncode does not take it"
    copy, code, said = sign_copy(**{**WITH_A_FILE, "TSA": "http://127.0.0.1:9/"})
    if not code or copy.read_bytes() != (WORK / "small.dll").read_bytes(): yield f"with no server there: exit code {code}, {said}"


@test
def sums_and_sbom_are_those_of_the_signed_files():
    code, said = run("sh", "-c", f"cd {SIGNED} && sha256sum -c SHA256SUMS")
    if code: yield said
    bom = json.loads(next(SIGNED.glob("*.cdx.json")).read_text())
    listed = {file["bom-ref"]: file["hashes"][0]["content"] for package in bom["components"] for file in package.get("components", [])}
    for program in programs():
        folder = package_of(program)
        if listed.get(f"{folder.name}.zip/{program.relative_to(folder)}") != hashlib.sha256(program.read_bytes()).hexdigest():
            yield f"{program} stands in the SBOM with another hash, or not at all"


@test
def the_msi_is_signed_and_so_is_what_it_installs_and_runs():
    for msi in SIGNED.glob("*.msi"):
        code, said = osslsigncode(msi)
        if code or windows(msi) != [GOOD]: yield said
        folder = WORK / "msi"
        must("msiextract", "-C", folder, msi)
        for file in (path for path in folder.rglob("*") if path.suffix in (".dll", ".exe")):
            if file.read_bytes() not in (program.read_bytes() for program in programs()): yield f"{file.name} in it is not a signed one"
        setup = WORK / SETUP    # it runs as SYSTEM, out of a stream of the MSI
        setup.write_bytes(subprocess.run(["msiinfo", "extract", msi, "Binary.Setup"], check=True, capture_output=True).stdout)
        code, said = osslsigncode(setup)
        if code or windows(setup) != [GOOD]: yield f"its custom actions: {said}"
        bare = WORK / "bare.msi"
        must("osslsigncode", "remove-signature", "-in", msi, "-out", bare)
        after, before = streams(msi), streams(bare)
        if set(after) - set(before) != {("\x05DigitalSignature",)}: yield f"it differs in {set(after) ^ set(before)}"
        if any(before[name] != after[name] for name in before): yield "a stream differs"
    if len(list(SIGNED.glob("*.msi"))) != 1: yield "there is not one"


@test
def a_key_in_a_token_signs_and_needs_the_right_pin():
    token = {"CERT": WORK / "code.pem", "KEY": "pkcs11:token=release;object=code", "PKCS11": TOKEN, "PASSFILE": WORK / "pin"}
    must("src/packaging/sign", "--check", **token)
    copy, code, said = sign_copy(**token)
    if code or windows(copy) != [GOOD]: yield f"exit code {code}, {said}"
    for change, why in (({"PASSFILE": WORK / "pass"}, "cannot be used"), ({"KEY": "pkcs11:token=release;object=none"}, "cannot be used"),
                        ({"CERT": WORK / "stamps.pem"}, "not for code signing"), ({"PKCS11": "/no/such/library.so"}, "no library")):
        code, said = run("src/packaging/sign", "--check", **{**token, **change})
        if code != 1 or why not in said: yield f"{change}: exit code {code}, {said}"


@test
def a_key_with_a_password_signs_if_a_file_says_it():
    encrypted = {**WITH_A_FILE, "KEY": WORK / "encrypted key ü.pem", "PASSFILE": WORK / "pass"}
    must("src/packaging/sign", "--check", **encrypted)
    copy, code, said = sign_copy("with a space, ü.dll", **encrypted)
    if code or osslsigncode(copy)[0]: yield f"exit code {code}, {said}"
    for passfile in ("", WORK / "pin"):
        code, said = run("src/packaging/sign", "--check", **{**encrypted, "PASSFILE": passfile})
        if code != 1 or "PASSFILE" not in said: yield f"PASSFILE={passfile}: exit code {code}, {said}"


@test
def it_refuses_what_windows_would_not_take_and_says_why():
    for change, why in (({"CERT": "", "KEY": ""}, "make sign CERT="), ({"KEY": ""}, "make sign CERT="),
                        ({"CERT": WORK / "none.pem"}, "there is no file"), ({"KEY": WORK / "none.key"}, "there is no file"),
                        ({"CERT": WORK / "code.key"}, "no certificate in PEM"), ({"KEY": WORK / "code.pem"}, "cannot be used"),
                        ({"CERT": WORK / "web.pem"}, "not for code signing"), ({"KEY": WORK / "root.key"}, "not the key of"),
                        ({"PASSFILE": WORK / "none"}, "there is no file")):
        code, said = run("src/packaging/sign", "--check", **{**WITH_A_FILE, **change})
        if code != 1 or why not in said or "Traceback" in said: yield f"{change}: exit code {code}, {said}"
    code, said = run("make", "-s", "sign")
    if not code or "make sign CERT=" not in said: yield f"make sign: exit code {code}, {said}"


@test
def it_warns_of_a_certificate_that_has_ended_and_of_a_missing_time_stamp():
    code, said = run("src/packaging/sign", "--check", **{**WITH_A_FILE, "CERT": WORK / "ended.pem"})
    if code or "the certificate ended on" not in said: yield f"exit code {code}, {said}"
    code, said = run("src/packaging/sign", "--check", **{**WITH_A_FILE, "TSA": ""})
    if code or "no time stamp" not in said: yield f"exit code {code}, {said}"
    code, said = run("src/packaging/sign", "--check", **WITH_A_FILE)
    if code or said: yield f"where nothing is wrong: exit code {code}, {said}"


@test
def a_file_that_cannot_be_signed_is_left_alone_and_nothing_is_packed():
    (WORK / "text.dll").write_text("no program\n")
    code, said = run("src/packaging/sign", WORK / "text.dll", **WITH_A_FILE)
    if code != 1 or "text.dll is not signed" not in said or (WORK / "text.dll").read_text() != "no program\n": yield f"exit code {code}, {said}"
    code, said = run("src/packaging/dist", WORK / "half", "src/packaging/sign", **{**WITH_A_FILE, "KEY": WORK / "none.key"})
    left = list(WORK.glob("half*"))
    if not code or left: yield f"with a key that is not there: exit code {code}, left are {left}"


atexit.register(shutil.rmtree, WORK, ignore_errors=True)
WITH_A_FILE = {"CERT": WORK / "chain.pem", "KEY": WORK / "code.key", "TSA": stamp_server()}
set_up()
sign_all()
run_tests()
