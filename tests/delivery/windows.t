#!/usr/bin/python3
"""certwitness-delivery for Windows, under Wine: http with Schannel, copy, program, secrets. No Windows has run it."""
import sys; sys.path[0] += "/../lib"
import os, re, subprocess

from commands import run, windows
from deliveries import Delivery
from far_end import far_end
from tap import check, run as run_tests, same, test
import tls

class Windows(Delivery):
    program = "wine/run", "build/delivery/certwitness-delivery.exe"
    path = staticmethod(windows)

def http(far, **more):
    keys = {"kind": "http", "url": far.url, "startAt": "oldest", **({} if far.tls else {"allowPlain": "yes"}), **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

@test
def every_line_arrives_once_in_order_and_the_copy_is_the_journal():
    with far_end() as far:
        d = Windows("windows")
        d.configure(hub=http(far), copy=f"kind = copy\npath = {windows(d.folder)}\\copy\nstartAt = oldest\n")
        for _ in range(2):
            d.grow(120)
            code, out, err = d.once()
            same(code, 0, f"the exit code ({err})")
            same(far.sequences(), list(range(1, len(d.lines) + 1)), "what came")
            for name in os.listdir(d.journal):
                if name.endswith(".jsonl"): same(open(f"{d.folder}/copy/{name}", "rb").read(), open(f"{d.journal}/{name}", "rb").read(), name)
        code, status = d.status()
        same((code, status["hub"]["sequence"]), (0, 240), "status")

@test
def a_program_gets_the_lines_and_its_exit_code_counts():
    d = Windows("windows-program")
    d.configure(script=f"kind = program\nprogram = C:\\windows\\system32\\findstr.exe\nargument = sequence\nstartAt = oldest\n",
                absent=f"kind = program\nprogram = C:\\nowhere.exe\nstartAt = oldest\n")
    d.grow(3)
    code, out, err = d.once()
    same(code, 1, "the exit code")
    check("nowhere.exe cannot be run" in err, err)
    same({name: each["sequence"] for name, each in d.status()[1].items()}, {"script": 3, "absent": 0}, "the positions")

@test
def a_secret_is_kept_encrypted_and_sent():
    with far_end(lambda request: 200 if request.headers["Authorization"] == "Bearer s3cret" else 401) as far:
        d = Windows("windows-secret", hub=http(far, auth="bearer"))
        d.grow(2)
        same(d.command("secret", "set", "hub", data=b"s3cret\r\n")[0], 0, "secret set")
        check(b"s3cret" not in open(d.state + "/hub.secret", "rb").read(), "it is plain text")
        same(d.once()[0], 0, "the exit code")
        same(far.sequences(), [1, 2], "what came")

def tried(name, ca):
    """Exit code of test, and how many requests came. By name: curl compares no addresses where it verifies by CertGetCertificateChain."""
    with far_end(tls=tls.context(name)) as far:
        d = Windows("windows-tls", hub=http(far, url=far.url.replace("127.0.0.1", "localhost"), **({"ca": windows(f"{tls.FOLDER}/{ca}.pem")} if ca else {}), timeout=20))
        d.grow(1)
        code, out, err = d.command("test", "hub")
        print("#", name, ca, err.strip()[-150:])
        return code, len(far.requests)

@test
def a_far_end_whose_certificate_is_right_gets_the_events():
    same(tried("right", "root"), (0, 1), "what came")

@test
def an_unknown_root_a_wrong_name_and_an_expired_certificate_get_nothing():
    for name, ca in ("right", "stranger"), ("right", None), ("wrong", "root"), ("expired", "root"):
        same(tried(name, ca), (1, 0), f"{name} with the root {ca}: exit code and what came")

@test
def it_imports_the_systems_dlls_alone():
    told = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", "build/delivery/certwitness-delivery.exe"], check=True, capture_output=True, text=True).stdout
    same(sorted(re.findall(r"DLL Name: (\S+)", told), key=str.lower),
         ["ADVAPI32.dll", "api-ms-win-core-synch-l1-2-0.dll", "bcrypt.dll", "CRYPT32.dll", "KERNEL32.dll", "msvcrt.dll", "WS2_32.dll"], "what it imports")

run_tests()
