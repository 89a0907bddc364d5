#!/usr/bin/python3
"""certwitness-delivery for Windows, under Wine: http with Schannel, mail, copy, program, secrets. No Windows has run it."""
import sys; sys.path[0] += "/../lib"
import http.server as http_server, os, pefile, re, threading

from commands import run, windows
from deliveries import Delivery
from far_end import far_end
from helper import HELPER
from proxy import proxy
from relp_end import DROP, LOST, relp_end, syslog_end
from rfc5424 import Message
from mail_end import mail_end
from tap import check, run as run_tests, same, test
import tls

class Windows(Delivery):
    program = "wine/run", "build/bin/certwitness-delivery.exe"
    path = staticmethod(windows)

IMPORT = "build/tests/delivery/store_import.exe"

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
def a_folder_is_known_in_another_case_by_a_short_name_and_through_a_link():
    d = Windows("Windows Folders")
    os.symlink(d.journal, d.folder + "/link")
    d.grow(1)
    short = run("wine/run", HELPER, "short", windows(d.folder))[1].strip()
    check("~" in short and " " not in short, short)
    whole, drive = windows(d.folder), windows(d.folder)[:2]
    paths = {whole.upper() + "\\JOURNAL": True, whole.replace("\\", "/") + "/Journal/new": True, whole + "\\x\\..\\journal": True, short + "\\journal": True, short + "\\Journal\\new": True,
             short + "\\new": False, whole + "\\link": True, whole + "\\link\\new\\copy": True, "\\\\?\\" + whole + "\\journal": True, drive + "\\": True, whole + "\\journal2": False}
    d.configure(**{f"c{n}": f"kind = copy\npath = {path}\nstartAt = now\n" for n, path in enumerate(paths)})
    code, out, err = d.command("check")
    for n, (path, is_journal) in enumerate(paths.items()):
        same(f"the folder of [to c{n}], {path}, is that of [journal]," in err, is_journal, f"whether {path} is told to be the journal's ({err[:300]})")
    check("new, is that of [state]" not in err, err)

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
def a_program_that_says_much_on_standard_error_gets_its_lines_or_is_ended_and_what_it_leaves_behind_holds_nothing_up():
    d = Windows("windows-talker")
    def talker(*words, **more):
        keys = [("kind", "program"), ("program", windows(os.path.abspath("build/tests/delivery/talker.exe"))), *(("argument", word) for word in words), ("startAt", "oldest"), *more.items()]
        return "".join(f"{name} = {value}\n" for name, value in keys)
    d.configure(much=talker("much", windows(d.folder) + "\\much"), leaves=talker("leaves", windows(d.folder) + "\\left"), floods=talker("flood", timeout=2))
    d.grow(200)
    code, out, err = d.once()
    same(code, 1, "the exit code")
    for name in "much", "leaves": check(f"[to {name}] C:" in err.replace("Z:", "C:") and "ended with exit code 3: the last words" in err.split(f"[to {name}]", 2)[2], (name, err))
    check("did not end within 2 s and was ended" in err and "It wrote last: xxx" in err, err[-600:])
    same({name: each["sequence"] for name, each in d.status()[1].items()}, {"much": 200, "leaves": 200, "floods": 0}, "the positions")
    for name in "much", "left": same(open(f"{d.folder}/{name}", "rb").read(), b"".join(d.lines) * 2, name)

@test
def a_secret_is_kept_encrypted_and_sent():
    with far_end(lambda request: 200 if request.headers["Authorization"] == "Bearer s3cret" else 401) as far:
        d = Windows("windows-secret", hub=http(far, auth="bearer"))
        d.grow(2)
        same(d.command("secret", "set", "hub", data=b"s3cret\r\n")[0], 0, "secret set")
        check(b"s3cret" not in open(d.state + "/hub.secret", "rb").read(), "it is plain text")
        same(d.once()[0], 0, "the exit code")
        same(far.sequences(), [1, 2], "what came")

def tried(name, ca, clients=None, **more):
    """Exit code of test, and how many requests came. By name: curl compares no addresses where it verifies by CertGetCertificateChain."""
    with far_end(tls=tls.context(name, clients)) as far:
        d = Windows("windows-tls", hub=http(far, url=far.url.replace("127.0.0.1", "localhost"), **({"ca": windows(f"{tls.FOLDER}/{ca}.pem")} if ca else {}), timeout=20, **more))
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

class Crl:
    """A web server that has one CRL, or has none; counts how often it was asked."""
    def __init__(self):
        class Handler(http_server.BaseHTTPRequestHandler):
            def log_message(self, *words): pass
            def do_GET(handler):
                self.asked += 1
                handler.send_response(200 if self.data else 404)
                handler.send_header("Content-Length", str(len(self.data)))
                handler.end_headers()
                handler.wfile.write(self.data)
        self.asked, self.data, self.server = 0, b"", http_server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
    def names(self, leaf):
        tls.leaf(leaf, "root", f"subjectAltName=DNS:localhost\ncrlDistributionPoints=URI:http://127.0.0.1:{self.server.server_address[1]}/{leaf}.crl")

@test
def a_certificate_that_is_on_a_crl_that_can_be_had_gets_nothing_unless_revocation_is_off():
    crl, on_it = Crl(), ("revoked", "revoked2", "revoked3")     # Wine keeps what it has learnt of one, and forgets that it was revoked
    for name in "good", *on_it: crl.names(name)
    crl.data = tls.crl("root", *on_it)
    same(tried("good", "root"), (0, 1), "one that is not on it")
    check(crl.asked, "nobody asked for the CRL")
    same(tried("good", "root", revocation="hard"), (0, 1), "one that is not on it, hard")
    same(tried("revoked", "root"), (1, 0), "one that is on it")
    same(tried("revoked2", "root", revocation="hard"), (1, 0), "one that is on it, hard")
    same(tried("revoked3", "root", revocation="off"), (0, 1), "one that is on it, off")

@test
def a_crl_that_cannot_be_had_matters_if_revocation_is_hard_alone():
    crl = Crl()
    crl.names("unsure")
    same(tried("unsure", "root"), (0, 1), "best effort")
    same(tried("unsure", "root", revocation="hard"), (1, 0), "hard")
    same(tried("unsure", "root", revocation="off"), (0, 1), "off")

@test
def the_proxy_that_is_configured_is_asked_and_no_other():
    with proxy() as ours, proxy() as other:
        same(tried("right", "root", proxy=ours.url), (0, 1), "what came")
        check(len(ours.asked) == 1 and re.fullmatch(r"CONNECT localhost:\d+ HTTP/1.1", ours.asked[0]), ours.asked)
        with far_end() as far:
            d = Windows("windows-proxy", hub=http(far))
            d.grow(1)
            same(d.command("test", "hub", env={"http_proxy": other.url, "HTTPS_PROXY": other.url, "ALL_PROXY": other.url})[0], 0, "test")
            same((len(far.requests), other.asked), (1, []), "the environment's")

@test
def a_client_certificate_comes_from_the_machines_store_or_from_a_pkcs12_file():
    tls.leaf("clientrsa", "root", "extendedKeyUsage=clientAuth", key=tls.RSA)
    tls.leaf("intruderrsa", "stranger", "extendedKeyUsage=clientAuth", key=tls.RSA)
    for name in "clientrsa", "intruderrsa": tls.pkcs12(name)
    same(tried("right", "root", clients="root"), (1, 0), "none")
    same(tried("right", "root", clients="root", clientCertificate=windows(f"{tls.FOLDER}/clientrsa.p12")), (0, 1), "from a file")
    same(tried("right", "root", clients="root", clientCertificate=windows(f"{tls.FOLDER}/intruderrsa.p12")), (1, 0), "a stranger's from a file")
    same(tried("right", "root", clients="root", clientCertificate=windows(f"{tls.FOLDER}/nowhere.p12")), (1, 0), "a file that is not there")
    code, sha1 = run("wine/run", IMPORT, windows(f"{tls.FOLDER}/clientrsa.p12"))
    same(code, 0, f"the import ({sha1})")
    sha1 = sha1.split()[-1]
    try: same(tried("right", "root", clients="root", clientCertificate=f"LocalMachine\\My\\{sha1}"), (0, 1), "from the store")
    finally: same(run("wine/run", IMPORT, "--remove", sha1), (0, ""), "taking it out")
    same(tried("right", "root", clients="root", clientCertificate=f"LocalMachine\\My\\{sha1}"), (1, 0), "from the store, where it is not any more")

def stream(kind, far, ca="root", **more):
    keys = {"kind": kind, "server": far.server.replace("127.0.0.1", "localhost"), "startAt": "oldest", "timeout": 20,
            **({"ca": windows(f"{tls.FOLDER}/{ca}.pem")} if far.tls else {"allowPlain": "yes"}), **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def lines(far): return [Message(message).text + b"\n" for message in far.taken]

@test
def relp_takes_each_line_with_TLS_and_without_and_what_breaks_comes_again():
    for context in tls.context("right"), None:
        drop = [True]
        def behave(message):
            if b'sequence="70"' not in message or not drop.pop(): return 200
            drop.append(False)
            return DROP
        with relp_end(behave, tls=context) as far:
            d = Windows("windows-relp", hub=stream("relp", far))
            d.grow(120)
            d.grow(2, data='{"event":1,"request":{"RequestAttributes":"' + "\\u00fc\u00fc\u6f22" * 92000 + '"}}')
            code, out, err = d.once()
            same((code, far.faults), (0, []), f"the exit code, and what the far end found wrong ({err})")
            same(lines(far), d.lines, "what came")

@test
def syslog_comes_again_where_the_connection_breaks():
    for context in tls.context("right"), None:
        with syslog_end(lambda message: LOST if b'sequence="40"' in message else 200, tls=context) as far:
            d = Windows("windows-syslog", hub=stream("syslog", far))
            d.grow(40)
            code, out, err = d.once()
            same((code, far.faults, lines(far)), (1, [], d.lines * 5), f"what came ({err})")

@test
def an_unknown_root_a_wrong_name_and_an_expired_certificate_get_no_line_by_relp_or_syslog():
    for kind, end in ("relp", relp_end), ("syslog", syslog_end):
        for name, ca in ("right", "stranger"), ("wrong", "root"), ("expired", "root"):
            with end(tls=tls.context(name)) as far:
                d = Windows("windows-relp-tls", hub=stream(kind, far, ca))
                d.grow(1)
                code, out, err = d.command("test", "hub")
                print("#", kind, name, ca, err.strip()[-150:])
                same((code, far.taken), (1, []), f"{kind} to {name} with the root {ca}: exit code and what came")

@test
def mail_goes_by_starttls_with_a_password_to_a_server_that_is_known_alone():
    for name, ca, want in ("right", "root", (0, 2)), ("right", "stranger", (1, 0)), ("wrong", "root", (1, 0)):
        for mode in "starttls", "smtps":
            with mail_end(mode=mode, tls=tls.context(name), password=("ca01", "s3cret")) as far:
                d = Windows("windows-mail", approvers=f"kind = mail\nserver = localhost:{far.port}\ntls = {mode}\nca = {windows(f'{tls.FOLDER}/{ca}.pem')}\nuser = ca01\nfrom = ca01@corp.example\n"
                                                      "to = pki@corp.example, second@corp.example\natMost = 5 an hour\nstartAt = oldest\ntimeout = 20\n")
                d.grow(1)
                d.command("secret", "set", "approvers", data=b"s3cret")
                code, out, err = d.once() if want[0] == 0 else d.command("test", "approvers")
                same((code, len(far.messages)), want, f"{mode}, {name} with the root {ca}: exit code and what came ({err})")
                same([(message.user, message.tls, message.parsed.defects) for message in far.messages], [("ca01", True, [])] * want[1], "how")
                check(want[1] or not any(said.startswith(("AUTH", "MAIL")) for said in far.commands), far.commands)

@test
def it_imports_the_systems_dlls_alone():
    image = pefile.PE("build/bin/certwitness-delivery.exe")
    same(sorted((one.dll.decode() for one in image.DIRECTORY_ENTRY_IMPORT), key=str.lower),
         ["ADVAPI32.dll", "api-ms-win-core-synch-l1-2-0.dll", "bcrypt.dll", "CRYPT32.dll", "KERNEL32.dll", "msvcrt.dll", "WS2_32.dll"], "what it imports")

run_tests()
